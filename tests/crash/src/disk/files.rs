//! The two files as FUSE serves them.

use std::ffi::OsStr;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use fuser::{
    Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo, LockOwner, OpenFlags,
    ReplyAttr, ReplyData, ReplyEmpty, ReplyEntry, ReplyOpen, ReplyWrite, Request, WriteFlags,
};

use super::pages::Pages;
use super::stream::{Op, Stream};
use super::{DISK, IMAGE};

/// How long the kernel may believe a name and a size: they never change.
const FOREVER: Duration = Duration::from_secs(1 << 20);

const DISK_FILE: INodeNo = INodeNo(2);
const IMAGE_FILE: INodeNo = INodeNo(3);

/// What both files hold.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    /// The recorded disk as it is now.
    pub(crate) disk: Pages,
    /// What was done to it.
    pub(crate) stream: Stream,
    /// The image.
    pub(crate) image: Pages,
    /// What was done to it: recovery.
    pub(crate) recovery: Stream,
}

impl Contents {
    /// Makes this the image. Nothing has it mounted.
    pub(crate) fn show(&mut self, image: Pages) {
        self.recovery = Stream::over(image.clone());
        self.image = image;
    }
}

/// The contents, shared between the kernel's requests and the driver's.
#[derive(Clone, Debug)]
pub(crate) struct Shared(Arc<Mutex<Contents>>);

impl Shared {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    /// A request is done whole or not at all, so that a thread that panicked left nothing half done.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The file system: a directory with two files of one size.
#[derive(Debug)]
pub(crate) struct Files {
    pub(crate) contents: Shared,
    pub(crate) size: u64,
}

impl Files {
    fn attr(&self, ino: INodeNo) -> Option<FileAttr> {
        let (kind, size) = match ino {
            INodeNo::ROOT => (FileType::Directory, 0),
            DISK_FILE | IMAGE_FILE => (FileType::RegularFile, self.size),
            _ => return None,
        };
        Some(FileAttr {
            ino,
            size,
            blocks: size / 512,
            atime: UNIX_EPOCH,
            mtime: UNIX_EPOCH,
            ctime: UNIX_EPOCH,
            crtime: UNIX_EPOCH,
            kind,
            perm: 0o700,
            nlink: 1,
            uid: 0,
            gid: 0,
            rdev: 0,
            blksize: 4096,
            flags: 0,
        })
    }

    /// How many of `count` bytes at `offset` are in the file, both as indices.
    fn within(&self, offset: u64, count: usize) -> io::Result<(usize, usize)> {
        let rest = self.size.saturating_sub(offset);
        let count = usize::try_from(rest).map_or(count, |rest| rest.min(count));
        Ok((usize::try_from(offset).map_err(io::Error::other)?, count))
    }
}

impl Filesystem for Files {
    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let ino = match name.to_str() {
            Some(DISK) if parent == INodeNo::ROOT => DISK_FILE,
            Some(IMAGE) if parent == INodeNo::ROOT => IMAGE_FILE,
            _ => return reply.error(Errno::ENOENT),
        };
        match self.attr(ino) {
            Some(attr) => reply.entry(&FOREVER, &attr, Generation(0)),
            None => reply.error(Errno::ENOENT),
        }
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        match self.attr(ino) {
            Some(attr) => reply.attr(&FOREVER, &attr),
            None => reply.error(Errno::ENOENT),
        }
    }

    /// Past the page cache: the kernel would merge, reorder and hide what this is to see.
    fn open(&self, _: &Request, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        reply.opened(FileHandle(0), FopenFlags::FOPEN_DIRECT_IO);
    }

    fn read(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let Ok((offset, count)) = self.within(offset, size as usize) else {
            return reply.error(Errno::EINVAL);
        };
        let contents = self.contents.lock();
        let pages = if ino == DISK_FILE { &contents.disk } else { &contents.image };
        reply.data(&pages.read(offset, count));
    }

    fn write(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let (Ok((offset, count)), Ok(written)) = (self.within(offset, data.len()), u32::try_from(data.len()))
        else {
            return reply.error(Errno::EINVAL);
        };
        if count < data.len() {
            return reply.error(Errno::ENOSPC);
        }
        let mut contents = self.contents.lock();
        let op = Op::Write { offset, bytes: data.into() };
        if ino == DISK_FILE {
            contents.disk.write(offset, data);
            contents.stream.push(op);
        } else {
            contents.image.write(offset, data);
            contents.recovery.push(op);
        }
        drop(contents); // recorded before it is answered
        reply.written(written);
    }

    /// A flush of the loop device is an fsync of its file.
    fn fsync(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        let mut contents = self.contents.lock();
        let stream = if ino == DISK_FILE { &mut contents.stream } else { &mut contents.recovery };
        stream.push(Op::Flush);
        drop(contents);
        reply.ok();
    }

    /// A file is closed; nothing is written late.
    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }
}
