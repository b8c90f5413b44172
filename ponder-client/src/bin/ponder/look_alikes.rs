//! Files in a journal that only look like entries: what sync tools and file managers make of one.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;

use ponder_endpoint::Journal;
use ponder_proto::EntryName;

/// All of them, by name. They are never read and never written.
pub(crate) fn of(journal: &Journal) -> Vec<PathBuf> {
    let listed = fs::read_dir(journal.path()).into_iter().flatten().flatten();
    let is_one = |item: &fs::DirEntry| {
        looks_like_an_entry(&item.file_name()) && item.file_type().is_ok_and(|kind| !kind.is_dir())
    };
    let mut found: Vec<PathBuf> = listed.filter(is_one).map(|item| item.path()).collect();
    found.sort_unstable();
    found
}

/// Whether a name begins like an entry's date and ends in `.md`, in any case, and is no entry.
fn looks_like_an_entry(name: &OsStr) -> bool {
    let bytes = name.as_encoded_bytes();
    let Some((date, rest)) = bytes.split_at_checked(8) else { return false };
    let ends_well = rest.len() >= 3 && rest[rest.len() - 3..].eq_ignore_ascii_case(b".md");
    let is_longer_number = rest.first().is_some_and(u8::is_ascii_digit);
    date.iter().all(u8::is_ascii_digit)
        && ends_well
        && !is_longer_number
        && name.to_str().is_none_or(|name| name.parse::<EntryName>().is_err())
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    #[test]
    fn what_looks_like_an_entry_and_is_none() {
        for name in [
            "20261123.sync-conflict-20261124-101112-ABCDEFG.md",
            "20261123 (conflicted copy).md",
            "20261123.MD",
            "20261123.Md",
            "20261123 2.md",
            "20261332.md",
        ] {
            assert!(looks_like_an_entry(name.as_ref()), "{name}");
        }
        assert!(looks_like_an_entry(OsStr::from_bytes(b"20261123\xff.md")));
        for name in
            ["20261123.md", "20261123.md~", "20261123", "notes.md", "202611231.md", "2026112.md", ".md", ""]
        {
            assert!(!looks_like_an_entry(name.as_ref()), "{name}");
        }
    }
}
