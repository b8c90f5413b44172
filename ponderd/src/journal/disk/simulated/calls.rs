//! The daemon's calls, and what each of them does.

use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::super::{Access, Disk, Kind, OpenError, Rename, Stat};
use super::SimulatedDisk;
use super::enter::{Entered, Twist, noted, to_size};
use super::handle::{Dir, File};
use super::trace::Call;
use super::tree::ROOT;
use super::witness::Who;

impl Disk for SimulatedDisk {
    type Dir = Dir;
    type File = File;

    fn open_root(&self, path: &Path) -> io::Result<Dir> {
        let mut world = self.enter(Call::OpenRoot, false, || path.display().to_string())?.world;
        let node = world.resolve(path).map_err(|error| noted(&mut world, error))?;
        if world.is_dir(node) { Ok(Dir::new(self, &mut world, node)) } else { Err(Errno::NOTDIR.into()) }
    }

    fn is_at(&self, dir: &Dir, path: &Path) -> io::Result<bool> {
        dir.check(self);
        let world = self.enter(Call::IsAt, false, || path.display().to_string())?.world;
        Ok(world.resolve(path)? == dir.node())
    }

    fn open_dir(&self, at: &Dir, name: &str) -> io::Result<Dir> {
        let mut world = self.in_dir(Call::OpenDir, at, name)?;
        let node = world.cached.get(at.node(), name).ok_or(Errno::NOENT)?;
        if world.is_dir(node) { Ok(Dir::new(self, &mut world, node)) } else { Err(Errno::NOTDIR.into()) }
    }

    fn make_dir(&self, at: &Dir, name: &str) -> io::Result<()> {
        let mut world = self.in_dir(Call::MakeDir, at, name)?;
        world.make(at.node(), name, Kind::Dir, 0o700).map_err(|error| noted(&mut world, error))?;
        Ok(())
    }

    fn list(&self, dir: &Dir) -> io::Result<Vec<String>> {
        let world = self.in_dir(Call::List, dir, "")?;
        Ok(world.cached.entries(dir.node()).iter().map(|(name, _)| name.to_string()).collect())
    }

    fn sync_dir(&self, dir: &Dir) -> io::Result<()> {
        dir.check(self);
        let Entered { mut world, twist } = self.enter(Call::SyncDir, false, || dir.label().to_string())?;
        if let Some(Twist::Lose(lost)) = twist {
            let error = world.lose_sync_dir(dir.node(), lost);
            world.observe(Who::Disk);
            return Err(noted(&mut world, error));
        }
        world.sync_dir(dir.node());
        Ok(())
    }

    fn look(&self, at: &Dir, name: &str) -> io::Result<Option<(Kind, u64)>> {
        let world = self.in_dir(Call::Look, at, name)?;
        let found = world.cached.get(at.node(), name).map(|node| &world.nodes[node]);
        Ok(found.map(|node| (node.kind, node.number)))
    }

    fn read_link(&self, at: &Dir, name: &str) -> io::Result<PathBuf> {
        let world = self.in_dir(Call::ReadLink, at, name)?;
        let node = world.cached.get(at.node(), name).ok_or(Errno::NOENT)?;
        match world.nodes[node].kind {
            Kind::Link => Ok(world.nodes[node].target.clone()),
            _ => Err(Errno::INVAL.into()),
        }
    }

    fn open(&self, at: &Dir, name: &str, access: Access) -> Result<Option<File>, OpenError> {
        let call = if access == Access::Read { Call::Open } else { Call::OpenToWrite };
        let mut world = self.in_dir(call, at, name)?;
        let Some(node) = world.cached.get(at.node(), name) else { return Ok(None) };
        match world.nodes[node].kind {
            Kind::File => {}
            Kind::Dir => return Err(OpenError::NotPlain("a directory")),
            Kind::Link => return Err(OpenError::NotPlain("a symbolic link")),
            Kind::Other => return Err(OpenError::NotPlain("a device, FIFO or socket")),
        }
        let needed = if access == Access::Read { 0o400 } else { 0o600 };
        if world.nodes[node].attributes.mode & needed != needed {
            return Err(noted(&mut world, Errno::ACCESS.into()).into());
        }
        Ok(Some(File::new(self, &mut world, node, access)))
    }

    fn create(&self, at: &Dir, name: &str, mode: u32) -> io::Result<File> {
        let mut world = self.in_dir(Call::Create, at, name)?;
        let created = world.make(at.node(), name, Kind::File, mode);
        let node = created.map_err(|error| noted(&mut world, error))?;
        Ok(File::new(self, &mut world, node, Access::Write))
    }

    fn rename(&self, from: (&Dir, &str), to: (&Dir, &str), how: Rename) -> io::Result<()> {
        let call = if how == Rename::Exchange { Call::Exchange } else { Call::Rename };
        let mut world = self.between(call, from, to)?;
        if how != Rename::NoReplace
            && let Some(replaced) = world.cached.get(to.0.node(), to.1)
        {
            world.lays_hands_on(replaced);
        }
        let done = world.rename((from.0.node(), from.1), (to.0.node(), to.1), how);
        done.map_err(|error| noted(&mut world, error))
    }

    fn link(&self, from: (&Dir, &str), to: (&Dir, &str)) -> io::Result<()> {
        let mut world = self.between(Call::Link, from, to)?;
        let done = world.link((from.0.node(), from.1), (to.0.node(), to.1));
        done.map_err(|error| noted(&mut world, error))
    }

    fn unlink(&self, at: &Dir, name: &str) -> io::Result<()> {
        let mut world = self.in_dir(Call::Unlink, at, name)?;
        world.remove(at.node(), name, false).map_err(|error| noted(&mut world, error))
    }

    fn remove_dir(&self, at: &Dir, name: &str) -> io::Result<()> {
        let mut world = self.in_dir(Call::RemoveDir, at, name)?;
        world.remove(at.node(), name, true).map_err(|error| noted(&mut world, error))
    }

    fn stat(&self, file: &File) -> io::Result<Stat> {
        let world = self.on_file(Call::Stat, file, "")?;
        let node = &world.nodes[file.node()];
        Ok(Stat {
            device: node.device,
            inode: node.number,
            length: node.data.bytes().len() as u64,
            modified: node.modified,
            mode: node.attributes.mode,
            names: world.cached.names(file.node()).into(),
        })
    }

    fn read(&self, file: &File, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let world = self.on_file(Call::Read, file, "")?;
        let bytes = world.nodes[file.node()].data.bytes();
        let start = to_size(offset).min(bytes.len());
        Ok(bytes[start..start.saturating_add(length).min(bytes.len())].to_vec())
    }

    fn write(&self, file: &File, offset: u64, bytes: &[u8]) -> io::Result<()> {
        // On a file opened to append to, the system ignores the offset.
        assert_eq!(file.access(), Access::Write, "{} is not open to be written anywhere", file.label());
        self.put(Call::Write, file, Some(offset), bytes).map(drop)
    }

    fn append(&self, file: &File, bytes: &[u8]) -> io::Result<usize> {
        // On a file opened to be written anywhere, the system writes at a position nobody has set.
        assert_eq!(file.access(), Access::Append, "{} is not open to append to", file.label());
        self.put(Call::Append, file, None, bytes)
    }

    fn truncate(&self, file: &File, length: u64) -> io::Result<()> {
        assert_ne!(file.access(), Access::Read, "{} is not open to be written", file.label());
        let mut world = self.on_file(Call::Truncate, file, &format!(" to {length}"))?;
        world.nodes[file.node()].data.truncate(to_size(length));
        world.touch(file.node());
        Ok(())
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.check(self);
        let entered = self.enter(Call::Sync, false, || file.label().to_string());
        let Entered { mut world, twist } = entered.inspect_err(|error| {
            if !super::is_stop(error) {
                self.world().flush_failed(file.node(), false);
            }
        })?;
        if file.access() == Access::Read && world.nodes[file.node()].keeper.is_some() {
            return Err(noted(&mut world, Errno::WOULDBLOCK.into())); // it takes the right to write
        }
        world.flushed(file.node());
        if let Some(Twist::Lose(lost)) = twist {
            let error = world.lose_sync(file.node(), lost);
            world.flush_failed(file.node(), true);
            world.observe(Who::Disk);
            return Err(noted(&mut world, error));
        }
        world.sync(file.node());
        Ok(())
    }

    fn set_mode(&self, file: &File, mode: u32) -> io::Result<()> {
        let mut world = self.on_file(Call::SetMode, file, &format!(" to {mode:o}"))?;
        world.nodes[file.node()].attributes.mode = mode;
        Ok(())
    }

    fn sync_file_system(&self, _: &Dir) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn set_modified(&self, _: &File, _: i128) -> io::Result<()> {
        Ok(()) // its times are its own
    }

    fn copy_attributes(&self, from: &File, to: &File) -> io::Result<()> {
        from.check(self);
        let mut world = self.on_file(Call::CopyAttributes, to, "")?;
        world.nodes[to.node()].attributes = world.nodes[from.node()].attributes;
        Ok(())
    }

    fn try_lock(&self, file: &File) -> io::Result<bool> {
        let mut world = self.on_file(Call::TryLock, file, "")?;
        let owner = *world.nodes[file.node()].lock.get_or_insert(file.number());
        Ok(owner == file.number())
    }

    fn is_kept(&self, at: &Dir, name: &str) -> bool {
        self.world().is_given(at.node(), name, false).is_err()
    }

    fn nobody_writes(&self, file: &File) -> io::Result<Option<bool>> {
        let world = self.on_file(Call::NobodyWrites, file, "")?;
        if !world.rules.tells_writers || file.node() == ROOT {
            return Ok(None);
        }
        let others = world.holds.iter().any(|hold| hold.node == file.node());
        Ok(Some(world.nodes[file.node()].writers == 0 && !others))
    }
}
