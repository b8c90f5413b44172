//! New versions of entries: made under a temporary name, and exchanged with the old ones.

use std::io;
use std::path::Path;
use std::sync::Arc;

use ponder_endpoint::SIDE_DIR;

use super::Fault;
use super::disk::{Disk, Rename, Stat, has_no_links, is_unsupported};
use super::entries::{Entries, Opened, Place};

/// How the second name of an old version ends, where names cannot be exchanged.
pub(super) const OLD: &str = ".old.tmp";

/// A new version of an entry, whole and flushed, in `.ponder`.
#[derive(Debug)]
pub(super) struct Staged<D: Disk> {
    pub(super) side: Arc<D::Dir>,
    pub(super) name: String,
    pub(super) file: D::File,
    pub(super) stat: Stat,
}

/// Why no version can be staged.
#[derive(Debug)]
pub(super) enum NotStaged {
    /// The directory takes no new file, or one cannot be like the old one: it has to be written over
    /// in its place.
    OnlyInPlace,
    Fault(Fault),
}

impl<D: Disk> Entries<D> {
    /// Writes a new version under a temporary name and flushes it. Without that flush a power cut
    /// leaves an empty entry under the new name: seen on XFS and btrfs.
    pub(super) fn stage(&self, bytes: &[u8], like: Option<&Opened<D>>) -> Result<Staged<D>, NotStaged> {
        if like.is_some_and(|old| old.stat.names > 1) {
            return Err(NotStaged::OnlyInPlace); // its other names are to see the new text, too
        }
        self.stage_apart(bytes, like)
    }

    /// The same also where the old one has other names, which do not see the new text then.
    pub(super) fn stage_apart(&self, bytes: &[u8], like: Option<&Opened<D>>) -> Result<Staged<D>, NotStaged> {
        let in_place =
            |error: &io::Error| like.is_some() && matches!(error.kind(), io::ErrorKind::PermissionDenied);
        let (side, side_path) = match self.side() {
            Err(Fault::Disk { source, .. }) if in_place(&source) => return Err(NotStaged::OnlyInPlace),
            side => side.map_err(NotStaged::Fault)?,
        };
        let name = self.temporary_name();
        let path = side_path.join(&name);
        let file = match self.disk.create(&side, &name, 0o600) {
            Err(error) if in_place(&error) => return Err(NotStaged::OnlyInPlace),
            file => file.map_err(|error| NotStaged::Fault(Fault::at("create", &path)(error)))?,
        };
        let staged = self.fill(&file, bytes, like).and_then(|()| self.disk.stat(&file));
        match staged {
            // Another file system: the entry's directory is a mount point's, behind a link.
            Ok(stat) if like.is_some_and(|old| old.stat.device != stat.device) => {
                self.discard(&side, &name);
                Err(NotStaged::OnlyInPlace)
            }
            Ok(stat) => Ok(Staged { side: Arc::new(side), name, file, stat }),
            Err(error) => {
                self.discard(&side, &name);
                if error.kind() == io::ErrorKind::PermissionDenied && like.is_some() {
                    return Err(NotStaged::OnlyInPlace); // a file of somebody else's, say
                }
                Err(NotStaged::Fault(Fault::at("write", &path)(error)))
            }
        }
    }

    /// Stages the text of an entry that does not exist.
    pub(super) fn stage_new(&self, bytes: &[u8]) -> Result<Staged<D>, Fault> {
        self.stage(bytes, None).map_err(|error| match error {
            NotStaged::Fault(fault) => fault,
            // Only said of an entry that exists.
            NotStaged::OnlyInPlace => {
                Fault::at("create", Path::new(SIDE_DIR))(io::Error::from(io::ErrorKind::PermissionDenied))
            }
        })
    }

    fn fill(&self, file: &D::File, bytes: &[u8], like: Option<&Opened<D>>) -> io::Result<()> {
        self.disk.write(file, 0, bytes)?;
        if let Some(old) = like {
            self.disk.copy_attributes(&old.file, file)?;
        }
        self.disk.sync(file)
    }

    /// Removes a temporary file. One that is left over is judged at the next start.
    pub(super) fn discard(&self, side: &D::Dir, name: &str) {
        let _ = self.disk.unlink(side, name); // see above
    }

    /// Gives a temporary file the name of an entry that does not exist. Says whether it did not.
    pub(super) fn publish_new(&self, staged: &Staged<D>, place: &Place<D>) -> Result<bool, Fault> {
        let renamed = self.disk.rename_new((&staged.side, &staged.name), (&place.dir, &place.name));
        match renamed {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(Fault::at("create", &place.path)(error)),
        }
    }

    /// Lets a temporary file and an entry change places.
    pub(super) fn exchange(&self, side: &D::Dir, name: &str, place: &Place<D>) -> Result<(), Fault> {
        let entry = (&*place.dir, place.name.as_str());
        match self.disk.rename((side, name), entry, Rename::Exchange) {
            Err(error) if is_unsupported(&error) => self.exchange_by_link(side, name, place),
            renamed => renamed.map_err(Fault::at("replace", &place.path)),
        }
    }

    /// For a file system that cannot exchange: the old version gets a second name first, so that it
    /// can still be looked at.
    fn exchange_by_link(&self, side: &D::Dir, name: &str, place: &Place<D>) -> Result<(), Fault> {
        let entry = (&*place.dir, place.name.as_str());
        let failed = Fault::at("replace", &place.path);
        let old = format!("{name}{OLD}");
        let linked = match self.disk.link(entry, (side, &old)) {
            Ok(()) => true,
            Err(error) if has_no_links(&error) => false,
            Err(error) => return Err(failed(error)),
        };
        let replaced = self.disk.rename((side, name), entry, Rename::Replace);
        if !linked {
            return replaced.map_err(failed);
        }
        if let Err(error) = replaced {
            let _ = self.disk.unlink(side, &old); // only our second name of it
            return Err(failed(error));
        }
        if self.disk.look(side, name).map_err(&failed)?.is_some() {
            // The disk had to let the two change places: that is what came out, whoever put it there.
            let _ = self.disk.unlink(side, &old); // of what nobody had replaced it is a second name
            return Ok(());
        }
        // The entry has its new version: nobody is to think that nothing was done.
        let named = self.disk.rename((side, &old), (side, name), Rename::Replace);
        named.map_err(|error| failed(io::Error::other(error)))
    }
}
