//! What a file system can be trusted with, as far as its kind tells.

use std::path::Path;

use self::Kind::{Name, Number};

/// A kind of file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileSystem {
    pub(crate) name: &'static str,
    pub(crate) flush: Flush,
    pub(crate) exchange: Exchange,
}

/// Whether what was flushed survives the loss of power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flush {
    /// It does, if the disk keeps its word.
    Kept,
    /// Nothing does: it is in memory.
    Memory,
    /// Another machine or program has to keep that promise.
    Elsewhere,
    /// The file does; its name and place may be damaged: there is no journal of changes.
    Unordered,
    Unknown,
}

/// Whether two names can be exchanged in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exchange {
    Yes,
    No,
    /// It depends on the version, or on what lies beneath.
    Depends,
}

const fn of(name: &'static str, flush: Flush, exchange: Exchange) -> FileSystem {
    FileSystem { name, flush, exchange }
}

/// How a system tells what kind it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Linux, in `statfs(2)`.
    Number(i64),
    /// macOS, in `statfs(2)`; Windows, in `GetVolumeInformation`; in small letters.
    Name(&'static str),
}

/// All that are known.
const KNOWN: [(Kind, FileSystem); 32] = [
    (Number(0xEF53), of("ext4", Flush::Kept, Exchange::Yes)), // ext2 and ext3 too, by the same driver
    (Number(0x5846_5342), of("xfs", Flush::Kept, Exchange::Yes)),
    (Number(0x9123_683E), of("btrfs", Flush::Kept, Exchange::Yes)),
    (Number(0xF2F5_2010), of("f2fs", Flush::Kept, Exchange::Yes)),
    (Number(0xCA45_1A4E), of("bcachefs", Flush::Kept, Exchange::Yes)),
    (Number(0x2FC1_2FC1), of("zfs", Flush::Kept, Exchange::Depends)),
    (Number(0x794C_7630), of("overlayfs", Flush::Elsewhere, Exchange::Depends)),
    (Number(0x0102_1994), of("tmpfs", Flush::Memory, Exchange::Yes)),
    (Number(0x8584_58F6), of("ramfs", Flush::Memory, Exchange::Depends)),
    (Number(0x6969), of("nfs", Flush::Elsewhere, Exchange::No)),
    (Number(0xFF53_4D42), of("cifs", Flush::Elsewhere, Exchange::No)),
    (Number(0xFE53_4D42), of("smb", Flush::Elsewhere, Exchange::No)),
    (Number(0x517B), of("smb", Flush::Elsewhere, Exchange::No)),
    (Number(0x0102_1997), of("9p", Flush::Elsewhere, Exchange::No)),
    (Number(0x00C3_6400), of("ceph", Flush::Elsewhere, Exchange::No)),
    (Number(0x6573_5546), of("fuse", Flush::Elsewhere, Exchange::Depends)),
    (Number(0x4D44), of("vfat", Flush::Unordered, Exchange::Depends)),
    (Number(0x2011_BAB0), of("exfat", Flush::Unordered, Exchange::No)),
    (Number(0x7366_746E), of("ntfs3", Flush::Kept, Exchange::No)),
    (Number(0x5346_544E), of("ntfs", Flush::Unknown, Exchange::No)),
    (Name("apfs"), of("apfs", Flush::Kept, Exchange::Yes)),
    (Name("hfs"), of("hfs", Flush::Kept, Exchange::Depends)),
    (Name("msdos"), of("msdos", Flush::Unordered, Exchange::No)),
    (Name("exfat"), of("exfat", Flush::Unordered, Exchange::No)),
    (Name("smbfs"), of("smb", Flush::Elsewhere, Exchange::No)),
    (Name("nfs"), of("nfs", Flush::Elsewhere, Exchange::No)),
    (Name("webdav"), of("webdav", Flush::Elsewhere, Exchange::No)),
    (Name("ntfs"), of("NTFS", Flush::Kept, Exchange::No)),
    (Name("refs"), of("ReFS", Flush::Kept, Exchange::No)),
    (Name("fat"), of("FAT", Flush::Unordered, Exchange::No)),
    (Name("fat32"), of("FAT32", Flush::Unordered, Exchange::No)),
    (Name("remote"), of("a network drive", Flush::Elsewhere, Exchange::No)),
];

const UNKNOWN: FileSystem = of("of a kind that ponder does not know", Flush::Unknown, Exchange::Depends);

impl FileSystem {
    /// The file system that a path is on; none if there is nothing at the path.
    pub(crate) fn at(path: &Path) -> Option<Self> {
        let is_kind = is_kind(path)?;
        Some(KNOWN.iter().find(|(known, _)| is_kind(*known)).map_or(UNKNOWN, |(_, found)| *found))
    }

    /// What that means, as the end of a sentence.
    pub(crate) fn told(self) -> String {
        let flush = match self.flush {
            Flush::Kept => "what is flushed stays, if the disk keeps its word",
            Flush::Memory => "in memory, nothing survives a power loss",
            Flush::Elsewhere => "whether what is flushed stays is up to what lies beneath",
            Flush::Unordered => "what is flushed stays, unless a power loss damages the directory",
            Flush::Unknown => "nothing tells whether what is flushed stays",
        };
        let exchange = match self.exchange {
            Exchange::Yes => "names can be exchanged",
            Exchange::No => {
                "names cannot be exchanged: another program's write in that instant can be missed"
            }
            Exchange::Depends => "some versions can exchange names",
        };
        format!("{flush}; {exchange}")
    }
}

/// What tells the kind of what is at a path; nothing if there is nothing.
#[cfg(target_os = "linux")]
#[allow(clippy::useless_conversion, reason = "on some processors it is another type")]
fn is_kind(path: &Path) -> Option<impl Fn(Kind) -> bool> {
    let found = rustix::fs::statfs(path).ok()?;
    let found = i64::from(found.f_type) & 0xFFFF_FFFF; // a number of 32 bits may come with a sign
    Some(move |kind| kind == Number(found))
}

/// What tells the kind of what is at a path; nothing if there is nothing.
#[cfg(not(target_os = "linux"))]
fn is_kind(path: &Path) -> Option<impl Fn(Kind) -> bool> {
    let found = crate::platform::file_system_name(path)?;
    Some(move |kind| matches!(kind, Name(name) if found.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_there_once() {
        for (number, (kind, found)) in KNOWN.iter().enumerate() {
            assert!(KNOWN[number + 1..].iter().all(|(other, _)| other != kind), "{found:?}");
            assert!(matches!(kind, Name(name) if name.to_lowercase() == *name) || matches!(kind, Number(_)));
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_kernel_is_asked() {
        assert_eq!(FileSystem::at(Path::new("/proc")), Some(UNKNOWN));
        assert_eq!(FileSystem::at(Path::new("/no/such/path")), None);
        let tmpfs = FileSystem::at(Path::new("/dev/shm"));
        assert!(tmpfs.is_none_or(|found| found.name == "tmpfs" && found.flush == Flush::Memory));
    }

    #[test]
    fn what_is_in_memory_says_so() {
        let tmpfs = of("tmpfs", Flush::Memory, Exchange::Yes);
        assert!(tmpfs.told().starts_with("in memory, nothing survives"), "{}", tmpfs.told());
    }
}
