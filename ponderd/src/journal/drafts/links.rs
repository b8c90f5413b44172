//! Relative links in a draft: a slot shows what lies beside the entries.

use std::fs;
use std::io;
use std::path::Path;

use ponder_proto::EntryName;

use super::release::left_by_an_editor;
use crate::platform::show;

/// Puts a symbolic link into a slot for each top-level item of the journal that is no entry, so
/// that `![](images/duck.png)` works in a draft as it does in the entry.
///
/// Never for a dot item: a linked `.git` would make the slot a work tree. Nor for what editors leave:
/// a backup that is written through a link would be written into the journal. It reads the whole
/// directory, so it runs beside the writer and after the grant, and a failure only costs the links.
pub fn link_neighbours(journal: &Path, slot: &Path) -> io::Result<()> {
    for item in fs::read_dir(journal)? {
        let name = item?.file_name();
        let shown = name.to_str().is_none_or(|name| {
            let is_entry = name.parse::<EntryName>().is_ok_and(|entry| entry.file_name() == name);
            !left_by_an_editor(name) && !is_entry
        });
        if !shown {
            continue;
        }
        match show(&journal.join(&name), &slot.join(&name)) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_shown_and_entries_and_dot_items_are_not() {
        let (journal, slot) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(journal.path().join("images")).unwrap();
        for name in [".hidden", "20260101.md", "20260101.md~", "20261332.md", "notes.md"] {
            fs::write(journal.path().join(name), name).unwrap();
        }
        fs::create_dir(journal.path().join(".git")).unwrap();
        for _ in 0..2 {
            link_neighbours(journal.path(), slot.path()).unwrap();
        }
        let mut shown: Vec<_> =
            fs::read_dir(slot.path()).unwrap().map(|item| item.unwrap().file_name()).collect();
        shown.sort();
        assert_eq!(shown, ["20261332.md", "images", "notes.md"]);
        assert_eq!(fs::read(slot.path().join("notes.md")).unwrap(), b"notes.md");
    }
}
