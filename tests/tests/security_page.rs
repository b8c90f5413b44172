//! `docs/security.md` tells the truth about its tests: they are there, in the files that it names.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

/// Words of the page that look like a test's or its file's, and are neither.
const OTHERS: [&str; 3] = ["not_yours", "cat", "flock"];

/// What a page names: a file of tests, or a test and the file that stands before it.
#[derive(Debug, PartialEq, Eq)]
enum Named<'a> {
    File(&'a str),
    Test { file: &'a str, test: &'a str },
}

/// Files stand in a list, and before a colon if tests of theirs follow, up to the end of the sentence or a
/// semicolon. Other words in backquotes stand in the middle of what is said.
fn named(page: &str) -> Vec<Named<'_>> {
    let parts: Vec<&str> = page.split('`').collect();
    let mut all = Vec::new();
    let mut tests_of = None;
    for [word, after] in parts[1..].as_chunks::<2>().0 {
        let is_name = looks_like_one(word);
        if let Some(file) = tests_of.filter(|_| is_name) {
            all.push(Named::Test { file, test: word });
        } else if is_name && (word.contains('_') || after.starts_with([',', '.', ';', ':', ')'])) {
            all.push(Named::File(word));
        }
        if is_name && after.starts_with(':') {
            tests_of = Some(*word);
        } else if after.contains(['.', ';', ':']) {
            tests_of = None;
        }
    }
    all
}

fn looks_like_one(word: &str) -> bool {
    let is_lower = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    !word.is_empty() && word.bytes().all(is_lower) && !OTHERS.contains(&word)
}

#[test]
fn every_test_that_the_page_names_is_in_the_file_that_it_names() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(package.join("../docs/security.md")).unwrap();
    let source = |file: &str| fs::read_to_string(package.join("tests").join(file).with_extension("rs"));
    let all = named(&page);
    let files = all.iter().filter(|named| matches!(named, Named::File(_))).count();
    assert!(files > 20 && all.len() - files >= 10, "the page names few tests: {all:?}");
    for named in all {
        let is_there = match named {
            Named::File(file) => source(file).is_ok(),
            Named::Test { file, test } => {
                source(file).is_ok_and(|source| source.contains(&format!("#[test]\nfn {test}() {{\n")))
            }
        };
        assert!(is_there, "the page names what is not there: {named:?}");
    }
}

#[test]
fn names_are_found_and_other_words_are_not() {
    let page = "A `word` of `ponder status`, of `PATH`. See\n`leaks`, `umask`:\n`it_leaks`,\n`it_does_not` and \
                those beside it. `two`: `a_test`; `three`: `another`. (`logs`) Is `this_one` a `file`, as from `cat`: a `word`?\n";
    let test = |file, test| Named::Test { file, test };
    let expected = [
        Named::File("leaks"),
        Named::File("umask"),
        test("umask", "it_leaks"),
        test("umask", "it_does_not"),
        Named::File("two"),
        test("two", "a_test"),
        Named::File("three"),
        test("three", "another"),
        Named::File("logs"),
        Named::File("this_one"),
        Named::File("file"),
    ];
    assert_eq!(named(page), expected);
}
