//! What two texts have in common, line by line: for showing, never for deciding.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use ponder_proto::shown;
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline, group_diff_ops};

/// Equal lines around a change.
const CONTEXT: usize = 3;

/// Texts made to be difficult are not compared to the end: what is left then counts as changed.
const PATIENCE: Duration = Duration::from_secs(1);

const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const CYAN: &str = "\x1b[36m";
const PLAIN: &str = "\x1b[0m";

/// The difference of two texts.
pub(crate) struct Difference<'a> {
    old: Vec<&'a [u8]>,
    new: Vec<&'a [u8]>,
    ops: Vec<DiffOp>,
}

impl<'a> Difference<'a> {
    pub(crate) fn of(old: &'a [u8], new: &'a [u8]) -> Self {
        let [old, new] = [old, new].map(lines);
        let deadline = Instant::now() + PATIENCE;
        let ops = capture_diff_slices_deadline(Algorithm::Myers, &old, &new, Some(deadline));
        Self { old, new, ops }
    }

    /// How many lines differ. A line that became another one counts once.
    pub(crate) fn lines(&self) -> usize {
        let differ = |op: &DiffOp| match op {
            DiffOp::Equal { .. } => 0,
            other => other.old_range().len().max(other.new_range().len()),
        };
        self.ops.iter().map(differ).sum()
    }

    /// As `diff -u` writes it, and `patch` reads it; nothing if there is no difference.
    pub(crate) fn unified(&self, from: &Path, to: &Path, coloured: bool) -> Vec<u8> {
        let mut out = Out { bytes: Vec::new(), coloured };
        if self.lines() == 0 {
            return out.bytes;
        }
        out.line(BOLD, "", format!("--- {}", shown(from)).as_bytes());
        out.line(BOLD, "", format!("+++ {}", shown(to)).as_bytes());
        for hunk in group_diff_ops(self.ops.clone(), CONTEXT) {
            self.hunk(&hunk, &mut out);
        }
        out.bytes
    }

    fn hunk(&self, ops: &[DiffOp], out: &mut Out) {
        let (Some(first), Some(last)) = (ops.first(), ops.last()) else { return };
        let [old, new] = [
            range(first.old_range().start, last.old_range().end),
            range(first.new_range().start, last.new_range().end),
        ];
        out.line(CYAN, "", format!("@@ -{old} +{new} @@").as_bytes());
        for op in ops {
            if let DiffOp::Equal { .. } = op {
                self.old[op.old_range()].iter().for_each(|line| out.line("", " ", line));
                continue;
            }
            self.old[op.old_range()].iter().for_each(|line| out.line(RED, "-", line));
            self.new[op.new_range()].iter().for_each(|line| out.line(GREEN, "+", line));
        }
    }
}

struct Out {
    bytes: Vec<u8>,
    coloured: bool,
}

impl Out {
    fn line(&mut self, colour: &str, mark: &str, line: &[u8]) {
        let (on, off) = if self.coloured && !colour.is_empty() { (colour, PLAIN) } else { ("", "") };
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let parts = [on.as_bytes(), mark.as_bytes(), text, off.as_bytes(), b"\n"];
        self.bytes.extend(parts.concat());
        let is_text = !mark.is_empty();
        if is_text && text.len() == line.len() {
            let _ = writeln!(self.bytes, "\\ No newline at end of file"); // writing to a Vec cannot fail
        }
    }
}

/// Lines with their ends.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|&byte| byte == b'\n').collect()
}

/// `first,count`, as `diff -u` writes it: the count is left out where it is one, and no lines are
/// after the one before them.
fn range(start: usize, end: usize) -> String {
    match end - start {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        count => format!("{},{count}", start + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unified(old: &str, new: &str) -> String {
        let difference = Difference::of(old.as_bytes(), new.as_bytes());
        let text = difference.unified(Path::new("/a"), Path::new("/b"), false);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn it_reads_like_diff() {
        assert_eq!(
            unified("one\ntwo\nthree\n", "one\n2\nthree\n"),
            "--- /a\n+++ /b\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"
        );
        assert_eq!(
            unified("", "one\nlast"),
            "--- /a\n+++ /b\n@@ -0,0 +1,2 @@\n+one\n+last\n\\ No newline at end of file\n"
        );
        assert_eq!(unified("one\n", ""), "--- /a\n+++ /b\n@@ -1 +0,0 @@\n-one\n");
        assert_eq!(unified("same\n", "same\n"), "");
    }

    #[test]
    fn what_is_far_apart_is_in_hunks_of_its_own() {
        let old = (0..30).map(|number| number.to_string()).collect::<Vec<_>>().join("\n") + "\n";
        let new = old.replace("\n3\n", "\nthree\n").replace("\n25\n", "\n25\nmore\n");
        let text = unified(&old, &new);
        let heads: Vec<&str> = text.lines().filter(|line| line.starts_with("@@")).collect();
        assert_eq!(heads, ["@@ -1,7 +1,7 @@", "@@ -24,6 +24,7 @@"], "{text}");
    }

    #[test]
    fn lines_that_differ() {
        let differ = |old: &[u8], new: &[u8]| Difference::of(old, new).lines();
        assert_eq!(differ(b"a\nb\n", b"a\nb\n"), 0);
        assert_eq!(differ(b"a\nb\n", b"a\nc\n"), 1);
        assert_eq!(differ(b"a\nb\n", b"a\nc\nd\n"), 2);
        assert_eq!(differ(b"", b"\xff\n\xfe\n"), 2);
        assert_eq!(differ(b"a\n", b"a"), 1);
    }

    #[test]
    fn colour_surrounds_lines_and_not_their_ends() {
        let difference = Difference::of(b"a\n", b"b\n");
        let text = difference.unified(Path::new("/a"), Path::new("/b"), true);
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("\x1b[31m-a\x1b[0m\n\x1b[32m+b\x1b[0m\n"), "{text:?}");
    }
}
