//! What is made from the definition of a command line, and stands in `share/` for people who package,
//! install or read it: man pages and completions.
//!
//! The tests of each program make its own, and compare them with what is committed. So neither program
//! has a generator in it, and what is installed is what was looked at. After a change that is meant:
//!
//! ```text
//! PONDER_BLESS=1 cargo test -p ponder-client -p ponderd published
//! git diff share
//! ```

#![allow(clippy::missing_panics_doc, reason = "a test fails by panicking")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod page;

use std::fs;
use std::path::{Path, PathBuf};

pub use page::{Body, Section, page};

/// The repository's `share/`: what a prefix has under that name, laid out alike.
pub fn share() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../share")
}

/// Whether what is there is to be replaced by what it should be.
pub fn blesses() -> bool {
    std::env::var_os("PONDER_BLESS").is_some_and(|bless| bless == "1")
}

/// The file in `share/` holds this text. With `PONDER_BLESS=1` it is written first.
#[track_caller]
pub fn is_published(name: &str, text: &str) {
    let path = share().join(name);
    if blesses() {
        fs::create_dir_all(path.parent().expect("a file in share/")).unwrap();
        fs::write(&path, text).unwrap();
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    if there == text {
        return;
    }
    let differs = |pair: &(&str, &str)| pair.0 != pair.1;
    let first = there.lines().zip(text.lines()).find(differs).unwrap_or_default();
    panic!(
        "share/{name} is not what the command line is: `just bless`, and look at `git diff share`\n- {}\n+ {}",
        first.0, first.1
    );
}
