//! `docs/security.md` tells the truth about its tests: they are there.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

/// Words of the page with underscores that are no test's.
const OTHERS: [&str; 1] = ["not_yours"];

#[test]
fn every_test_that_the_page_names_is_there() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(package.join("../docs/security.md")).unwrap();
    let files = fs::read_dir(package.join("tests")).unwrap().map(|item| item.unwrap().path());
    let files: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "rs")).collect();
    let sources: Vec<String> = files.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let is_file = |word: &str| files.iter().any(|path| path.file_stem().is_some_and(|stem| stem == word));
    let is_test = |word: &str| sources.iter().any(|source| source.contains(&format!("\nfn {word}() {{\n")));

    let quoted = page.split('`').skip(1).step_by(2);
    let looks_like_one = |word: &&str| {
        word.contains('_') && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    let named: Vec<&str> = quoted.filter(looks_like_one).filter(|word| !OTHERS.contains(word)).collect();
    assert!(named.len() > 20, "the page names few tests: {named:?}");
    for word in named {
        assert!(is_file(word) || is_test(word), "there is no test {word}");
    }
}
