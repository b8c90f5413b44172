//! Messages for people.

use serde_json::Value;

use crate::Finished;

/// What Debug output, panics and forgotten placeholders look like.
const NOT_FOR_PEOPLE: [&str; 14] = [
    "Os {",
    "kind:",
    "Custom {",
    "Error(",
    "Err(",
    "Some(",
    "None",
    "PermissionDenied",
    "NotFound",
    "NotADirectory",
    "::",
    "panicked",
    "RUST_BACKTRACE",
    "unwrap",
];

/// Asserts that this is one sentence for a person, and that it names all of these.
#[track_caller]
pub fn assert_sentence(text: &str, parts: &[&str]) {
    assert!(!text.trim().is_empty(), "nothing was said");
    assert_eq!(text.trim_end().lines().count(), 1, "more than one line:\n{text}");
    assert!(text.chars().count() < 700, "too long for a sentence:\n{text}");
    for mark in NOT_FOR_PEOPLE {
        assert!(!text.contains(mark), "{mark:?} is not for people:\n{text}");
    }
    for part in parts {
        assert!(text.contains(part), "{part:?} is not named:\n{text}");
    }
}

/// Asserts that a daemon's message is an error with this code and a sentence that names these.
#[track_caller]
pub fn assert_refused(message: &Value, code: &str, parts: &[&str]) {
    assert_eq!(message["event"], "error", "{message}");
    assert_eq!(message["code"], code, "{message}");
    assert_sentence(message["message"].as_str().unwrap_or_default(), parts);
}

impl Finished {
    /// Whether it exited with 0.
    pub fn is_ok(&self) -> bool {
        self.code == Some(0)
    }

    /// All it wrote to standard error is one sentence for a person that names all of these, and
    /// there is no result.
    #[track_caller]
    pub fn explains(self, parts: &[&str]) -> Self {
        assert!(self.stderr.starts_with("ponder: "), "who said this?\n{}", self.stderr);
        assert_sentence(&self.stderr, parts);
        assert_eq!(self.stdout, "", "a result beside the error:\n{}", self.stderr);
        self
    }
}
