//! Every check with every file of its corpus, and with mutations of those.
//!
//! `PONDER_FUZZ_INPUTS=1000000 cargo test --release -p ponder-fuzz-checks` makes up so many for each
//! check; without it 2,000, the same ones every time. libFuzzer, which sees what its inputs reach, is
//! started as the README says.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod mutation;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::{env, fs, thread};

use mutation::{Chance, mutated};
use ponder_fuzz_checks::{CHECKS, Check};

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("a folder can be read").file_name().into_string().expect("a plain name"))
        .collect();
    names.sort();
    names
}

/// The files of a check's corpus: their names and bytes.
fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let dir = fuzz().join("corpus").join(name);
    let read = |name: String| {
        let bytes = fs::read(dir.join(&name)).expect("a seed can be read");
        (name, bytes)
    };
    let files: Vec<_> = names(&dir).into_iter().map(read).collect();
    assert!(!files.is_empty(), "{} is empty", dir.display());
    files
}

/// Calls a check, and says with which bytes where it fails.
fn call(check: Check, name: &str, what: &str, bytes: &[u8]) {
    let called = catch_unwind(AssertUnwindSafe(|| check(bytes)));
    assert!(called.is_ok(), "`{name}` fails with {what}:\n{}", bytes.escape_ascii());
}

#[test]
fn every_check_has_its_target_and_its_corpus() {
    let checks: BTreeSet<String> = CHECKS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let targets = names(&fuzz().join("fuzz_targets")).into_iter();
    let targets: BTreeSet<_> = targets.map(|file| file.strip_suffix(".rs").unwrap().to_owned()).collect();
    assert_eq!(targets, checks, "fuzz/fuzz_targets");
    let folders: BTreeSet<_> = names(&fuzz().join("corpus")).into_iter().collect();
    assert_eq!(folders, checks, "fuzz/corpus");
}

#[test]
fn every_file_of_the_corpus_passes() {
    for (name, check) in CHECKS {
        for (file, bytes) in corpus(name) {
            call(*check, name, &format!("fuzz/corpus/{name}/{file}"), &bytes);
        }
    }
}

#[test]
fn mutations_of_the_corpus_pass() {
    let inputs =
        env::var("PONDER_FUZZ_INPUTS").map_or(2000, |inputs| inputs.parse().expect("a whole number"));
    thread::scope(|scope| {
        for (name, check) in CHECKS {
            scope.spawn(move || {
                let corpus: Vec<_> = corpus(name).into_iter().map(|(_, bytes)| bytes).collect();
                let mut chance = Chance::new(7);
                for input in 0..inputs {
                    call(*check, name, &format!("mutation {input}"), &mutated(&corpus, &mut chance));
                }
            });
        }
    });
}
