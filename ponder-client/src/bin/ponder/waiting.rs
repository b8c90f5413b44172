//! The line that says why you wait.

use std::io::{self, IsTerminal as _, Write as _};

use ponder_proto::{EntryName, Who};

use crate::people;
use crate::report::Report;

/// What a wait looks like: one line, rewritten in place on a terminal, said once elsewhere.
pub(crate) struct WaitingLine<'a> {
    report: Report,
    entries: &'a [EntryName],
    terminal: bool,
    shown: bool,
}

/// Assumed where the terminal does not tell its width.
const WIDTH: usize = 80;

impl<'a> WaitingLine<'a> {
    pub(crate) fn new(report: Report, entries: &'a [EntryName]) -> Self {
        let terminal = io::stderr().is_terminal();
        Self { report, entries, terminal, shown: false }
    }

    /// Shows, or shows anew, what is ahead.
    pub(crate) fn show(&mut self, ahead: u32, blockers: &[Who]) {
        if self.report.is_quiet() {
            return;
        }
        let text = sentence(self.entries, ahead, blockers);
        if self.terminal {
            // Room for the `^C` that the terminal will print: a line that wraps cannot be erased.
            let columns = width().saturating_sub(3);
            let fits = text.chars().count() <= columns;
            let line = if fits { text } else { short(self.entries, ahead, blockers, columns) };
            let _ = write!(io::stderr(), "\r{line}\x1b[K"); // a terminal that is gone needs no line
        } else if !self.shown {
            self.report.note(&text);
        }
        self.shown = true;
    }

    /// Leaves the terminal as it was.
    pub(crate) fn erase(&mut self) {
        if self.terminal && self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K"); // as above
            self.shown = false;
        }
    }
}

impl Drop for WaitingLine<'_> {
    fn drop(&mut self) {
        self.erase();
    }
}

fn width() -> usize {
    let size = terminal_size::terminal_size_of(io::stderr());
    size.map(|(columns, _)| usize::from(columns.0)).filter(|&columns| columns > 0).unwrap_or(WIDTH)
}

/// Who has it, how many are ahead, how to leave.
fn sentence(entries: &[EntryName], ahead: u32, blockers: &[Who]) -> String {
    let what = people::entries(entries);
    let who = blockers.first().map(|who| format!(": {}", people::clause(who, "it"))).unwrap_or_default();
    format!("waiting for {what}{who}, {ahead} ahead of you; Ctrl-C to leave")
}

/// The same for a narrow terminal. The way out stays, whatever has to go.
fn short(entries: &[EntryName], ahead: u32, blockers: &[Who], columns: usize) -> String {
    let since = |who: &Who| format!(": {} since {}", people::name(who), people::since(who.since));
    let who = people::entries(entries) + &blockers.first().map(since).unwrap_or_default();
    let way_out = format!("; {ahead} ahead, Ctrl-C leaves");
    fit(&who, columns.saturating_sub(way_out.chars().count())) + &way_out
}

/// Cut to that many columns.
fn fit(text: &str, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text.to_owned();
    }
    let kept: String = text.chars().take(columns.saturating_sub(1)).collect();
    if columns == 0 { kept } else { kept + "…" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::tests::vim;

    #[test]
    fn the_line_says_who_since_when_your_place_and_the_way_out() {
        let days = ["20261123".parse().unwrap()];
        let line = sentence(&days, 2, &[vim()]);
        assert!(line.starts_with("waiting for 2026-11-23: vim (pid 4242, pts/3) has it since "), "{line}");
        assert!(line.ends_with(", 2 ahead of you; Ctrl-C to leave"), "{line}");
        assert_eq!(sentence(&days, 1, &[]), "waiting for 2026-11-23, 1 ahead of you; Ctrl-C to leave");
    }

    #[test]
    fn on_a_narrow_terminal_the_way_out_stays() {
        let days = ["20261123".parse().unwrap()];
        let line = short(&days, 2, &[vim()], 77);
        assert!(line.starts_with("2026-11-23: vim (pid 4242, pts/3) since "), "{line}");
        assert!(line.ends_with("; 2 ahead, Ctrl-C leaves"), "{line}");
        assert_eq!(short(&days, 2, &[vim()], 40), "2026-11-23: vim…; 2 ahead, Ctrl-C leaves");
    }

    #[test]
    fn the_line_never_wraps() {
        assert_eq!(fit("waiting", 7), "waiting");
        assert_eq!(fit("waiting", 6), "waiti…");
        assert_eq!(fit("日記日記", 3), "日記…");
        assert_eq!(fit("waiting", 1), "…");
        assert_eq!(fit("waiting", 0), "");
    }
}
