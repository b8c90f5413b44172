//! Other programs, on the same cache.

use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::super::{Kind, Rename};
use super::choices::Seeded;
use super::tree::Id;
use super::witness::Who;
use super::world::{Keeper, Node, World};

/// What another program does at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Writes over what is there (`dd conv=notrunc`); the length only grows.
    Overwrite(usize, Vec<u8>),
    /// Adds at the end (`echo >>`), making the file if there is none.
    Append(Vec<u8>),
    /// Cuts off.
    Truncate(usize),
    /// Writes anew in place (`echo >`), making the file if there is none.
    Rewrite(Vec<u8>),
    /// Writes beside it and renames over it, as careful programs do.
    Replace(Vec<u8>),
    /// Removes the name of a file, or an empty directory.
    Delete,
    /// Makes a directory.
    MakeDir,
    /// Gives it another name, in place of what is there.
    RenameTo(PathBuf),
    /// Gives it a second name.
    LinkTo(PathBuf),
    /// Makes a symbolic link here that leads there.
    SymlinkTo(PathBuf),
    /// Sets permission bits.
    SetMode(u32),
    /// Sets what stands for owner and extended attributes.
    SetTag(u64),
    /// Opens it for writing, and keeps it open whatever becomes of the name.
    Open,
    /// Opens it and takes its lock; fails with `WouldBlock` if somebody has it.
    Lock,
    /// Opens it and allows nobody else to write to it, or to give away its names, as programs can on
    /// Windows; fails with `WouldBlock` if somebody has it open for writing, or keeps it.
    Keep,
    /// The same, and allows nobody to read it, either.
    KeepSecret,
    /// Adds at the end of what was opened last by this path.
    LateAppend(Vec<u8>),
    /// Writes over what was opened last by this path.
    LateOverwrite(usize, Vec<u8>),
    /// Closes what was opened last by this path; its lock, and what it is kept from, goes with it.
    Close,
    /// Flushes the file.
    Sync,
    /// Flushes the directory that is here.
    SyncDir,
    /// The system writes back some of everything that is dirty, chosen by a seed.
    WriteBack(u64),
}

/// An act and where.
#[derive(Clone, Debug)]
pub(super) struct Deed {
    pub(super) path: PathBuf,
    pub(super) act: Act,
}

/// What another program has open for writing.
#[derive(Clone, Debug)]
pub(super) struct Hold {
    pub(super) path: PathBuf,
    pub(super) node: Id,
    /// Its owner's name for a lock.
    pub(super) handle: u64,
}

impl World {
    /// Does what another program does. It is not counted and no fault hits it.
    pub(super) fn outsider(&mut self, deed: &Deed) -> io::Result<()> {
        self.observe(Who::Daemon);
        let result = self.act(&deed.path, &deed.act);
        self.expect_change();
        let over = matches!(
            deed.act,
            Act::Overwrite(..) | Act::Truncate(_) | Act::Rewrite(_) | Act::LateOverwrite(..)
        );
        self.observe(if over { Who::Writer } else { Who::Outsider });
        self.trace.event(self.count, || format!("outsider {}: {:?}", deed.path.display(), deed.act));
        if let Err(error) = &result {
            self.trace.failed(error);
        }
        result
    }

    fn act(&mut self, path: &Path, act: &Act) -> io::Result<()> {
        match act {
            Act::Overwrite(offset, bytes) => {
                let node = self.writable(path, false)?;
                self.put(node, *offset, bytes);
            }
            Act::Append(bytes) => {
                let node = self.writable(path, true)?;
                self.put(node, self.nodes[node].data.bytes().len(), bytes);
            }
            Act::Truncate(length) => {
                let node = self.writable(path, false)?;
                let now = self.nodes[node].data.bytes().len();
                self.nodes[node].data.truncate(now.min(*length));
                self.touch(node);
            }
            Act::Rewrite(bytes) => {
                let node = self.writable(path, true)?;
                self.nodes[node].data.truncate(0);
                self.put(node, 0, bytes);
            }
            Act::Replace(bytes) => self.replace(path, bytes)?,
            Act::Delete => {
                let (dir, name) = self.place(path)?;
                let directory = self.cached.get(dir, name).is_some_and(|node| self.is_dir(node));
                self.remove(dir, name, directory)?;
            }
            Act::MakeDir => {
                let (dir, name) = self.place(path)?;
                self.make(dir, name, Kind::Dir, 0o755)?;
            }
            Act::RenameTo(to) => self.rename(self.place(path)?, self.place(to)?, Rename::Replace)?,
            Act::LinkTo(to) => self.link(self.place(path)?, self.place(to)?)?,
            Act::SymlinkTo(target) => {
                let (dir, name) = self.place(path)?;
                let node = self.make(dir, name, Kind::Link, 0o777)?;
                self.nodes[node].target.clone_from(target);
            }
            Act::SetMode(mode) => {
                let node = self.resolve(path)?;
                self.nodes[node].attributes.mode = *mode;
            }
            Act::SetTag(tag) => {
                let node = self.resolve(path)?;
                self.nodes[node].attributes.tag = *tag;
            }
            Act::Open => _ = self.hold(path)?,
            Act::Lock => self.lock(path)?,
            Act::Keep => self.keep(path, false)?,
            Act::KeepSecret => self.keep(path, true)?,
            Act::LateAppend(bytes) => {
                let node = self.held(path)?.node;
                self.put_late(path, act, node, self.nodes[node].data.bytes().len(), bytes);
            }
            Act::LateOverwrite(offset, bytes) => {
                let node = self.held(path)?.node;
                self.put_late(path, act, node, *offset, bytes);
            }
            Act::Close => {
                let Hold { node, handle, .. } = self.held(path)?.clone();
                self.holds.retain(|hold| hold.handle != handle);
                let found = &mut self.nodes[node];
                found.lock.take_if(|owner| *owner == handle);
                found.keeper.take_if(|keeper| keeper.handle == handle);
                self.release(node);
            }
            Act::Sync => self.sync(self.resolve(path)?),
            Act::SyncDir => self.sync_dir(self.resolve(path)?),
            Act::WriteBack(seed) => self.write_back(&mut Seeded(*seed)),
        }
        Ok(())
    }

    pub(super) fn put(&mut self, node: Id, offset: usize, bytes: &[u8]) {
        self.nodes[node].data.write(offset, bytes);
        self.touch(node);
    }

    /// A plain file that may be written to, made if it is asked for.
    fn writable(&mut self, path: &Path, make: bool) -> io::Result<Id> {
        let node = match self.resolve(path) {
            Ok(node) => node,
            Err(error) if make && error.kind() == io::ErrorKind::NotFound => {
                let (dir, name) = self.place(path)?;
                self.make(dir, name, Kind::File, 0o644)?
            }
            Err(error) => return Err(error),
        };
        match self.nodes[node].kind {
            Kind::File if self.nodes[node].attributes.mode & 0o200 != 0 => Ok(node),
            Kind::File => Err(Errno::ACCESS.into()),
            _ => Err(Errno::ISDIR.into()),
        }
    }

    fn replace(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let (dir, name) = self.place(path)?;
        let beside = format!(".{name}.outsider");
        let node = self.make(dir, &beside, Kind::File, 0o644)?;
        self.put(node, 0, bytes);
        self.sync(node);
        self.rename((dir, &beside), (dir, name), Rename::Replace)
    }

    fn hold(&mut self, path: &Path) -> io::Result<u64> {
        let node = self.writable(path, false)?;
        self.next_handle += 1;
        self.holds.push(Hold { path: path.to_owned(), node, handle: self.next_handle });
        Ok(self.next_handle)
    }

    fn held(&self, path: &Path) -> io::Result<&Hold> {
        Ok(self.holds.iter().rfind(|hold| hold.path == path).ok_or(Errno::BADF)?)
    }

    fn lock(&mut self, path: &Path) -> io::Result<()> {
        if self.nodes[self.resolve(path)?].lock.is_some() {
            return Err(Errno::WOULDBLOCK.into());
        }
        let handle = self.hold(path)?;
        let node = self.held(path)?.node;
        self.nodes[node].lock = Some(handle);
        Ok(())
    }

    fn keep(&mut self, path: &Path, is_secret: bool) -> io::Result<()> {
        let node = self.resolve(path)?;
        let Node { opens, writers, keeper, .. } = &self.nodes[node];
        if *writers > 0 || keeper.is_some() || (is_secret && *opens > 0) {
            return Err(Errno::WOULDBLOCK.into());
        }
        self.nodes[node].keeper = Some(Keeper { handle: self.hold(path)?, is_secret });
        Ok(())
    }

    /// Whether nobody keeps what stands at a name from the daemon, or only from writing to it.
    pub(super) fn is_given(&self, dir: Id, name: &str, to_be_read: bool) -> io::Result<()> {
        let keeper = self.cached.get(dir, name).and_then(|node| self.nodes[node].keeper.as_ref());
        match keeper {
            Some(keeper) if keeper.is_secret || !to_be_read => Err(Errno::WOULDBLOCK.into()),
            _ => Ok(()),
        }
    }
}
