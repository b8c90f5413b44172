//! What became of the drafts, remembered while the editor has the screen and told afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ponder_endpoint::Journal;
use ponder_proto::{Draft, EntryName, EntryOutcome, KeptDraft, KeptReason, Outcome, Refusal, shown};

use crate::exit::{Exit, Failure};
use crate::hints;
use crate::report::Report;

/// Troubles with texts, in the order in which they came up.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    kept: Vec<KeptDraft>,
    /// Entries whose last commit failed. A later save may still succeed.
    failed: BTreeMap<EntryName, Refusal>,
    /// The ids under which their drafts are kept.
    unwritten: BTreeMap<EntryName, String>,
    /// Something was committed.
    pub(crate) changed: bool,
}

impl Outcomes {
    /// Takes in what the daemon said about a commit.
    pub(crate) fn record(&mut self, entries: Vec<EntryOutcome>) {
        for EntryOutcome { entry, outcome } in entries {
            match outcome {
                Outcome::Unchanged => drop(self.failed.remove(&entry)),
                Outcome::Committed => {
                    self.changed = true;
                    self.failed.remove(&entry);
                }
                // The refusal that came before it says why, and is told with the draft's place.
                Outcome::Kept(draft) if draft.why == KeptReason::DiskFailed => {
                    self.changed = true;
                    self.unwritten.insert(entry, draft.id);
                }
                Outcome::Kept(draft) => {
                    self.changed = true;
                    self.kept.retain(|known| known.id != draft.id); // the same one, updated
                    self.kept.push(draft);
                }
                Outcome::Failed(refusal) => {
                    self.failed.insert(entry, refusal);
                }
            }
        }
    }

    /// Whether every text is in its entry, as far as the daemon has answered.
    pub(crate) fn all_well(&self) -> bool {
        self.kept.is_empty() && self.failed.is_empty()
    }

    /// Tells every trouble. Returns the largest.
    pub(crate) fn tell(&self, report: Report, journal: &Journal, drafts: &[Draft]) -> Exit {
        let mut exit = Exit::Done;
        for kept in &self.kept {
            let text = kept_sentence(kept, journal);
            // That nothing is committed when the command fails is what was promised.
            if kept.why == KeptReason::CommandFailed {
                report.note(&text);
            } else {
                report.trouble(&text);
                exit = exit.or_worse(Exit::Conflict);
            }
        }
        for (entry, refusal) in &self.failed {
            let failure = Failure::from(refusal.clone());
            let mut text = format!("{entry} could not be written: {}", failure.message);
            if let Some(draft) = drafts.iter().find(|draft| draft.entry == *entry) {
                text += "\n  your text is in ";
                text += &shown(&PathBuf::from(&draft.path));
            }
            if let Some(id) = self.unwritten.get(entry) {
                text += "\nPut it into the entry, when that can be written again, with\n  ";
                text += &hints::apply(journal, id);
            }
            report.trouble(&text);
            exit = exit.or_worse(failure.exit).or_worse(Exit::Disk);
        }
        exit
    }
}

fn kept_sentence(kept: &KeptDraft, journal: &Journal) -> String {
    let (entry, path) = (kept.entry, PathBuf::from(&kept.path));
    let place = shown(&path);
    match kept.why {
        KeptReason::Emptied => format!(
            "{entry} was saved empty; the text it had before is kept in\n  {place}\n{}",
            next_steps(journal, entry, &kept.id, &path),
        ),
        KeptReason::FilesBeside => {
            format!(
                "files that were created beside the draft of {entry} are kept, for you to move, in\n  {place}"
            )
        }
        KeptReason::CommandFailed => format!(
            "{entry} was left as it is, because the command failed; its draft is kept in\n  {place}\n\
             To put it into the entry all the same\n  {}",
            hints::apply(journal, &kept.id),
        ),
        why => format!(
            "{entry} was left as it is: {}. Your text is kept in\n  {place}\n{}",
            why.sentence(),
            next_steps(journal, entry, &kept.id, &path),
        ),
    }
}

/// The commands that compare a kept text with its entry, and bring the two together.
pub(crate) fn next_steps(journal: &Journal, entry: EntryName, id: &str, path: &Path) -> String {
    let comparison = comparison(&journal.file_of(entry), path);
    let apply = hints::apply(journal, id);
    format!("Compare the two with\n  {comparison}\nBring the two together with\n  {apply}")
}

/// The command that shows what is in one file and not in the other.
fn comparison(entry: &Path, draft: &Path) -> String {
    format!("diff {} {}", hints::typed(entry), hints::typed(draft))
}

/// The drafts whose text is not in their entry. An entry may have more at its end: appends. A
/// draft that is gone was committed before it was removed.
pub(crate) fn not_in_their_entries<'a>(journal: &Journal, drafts: &'a [Draft]) -> Vec<&'a Draft> {
    let safe = |draft: &&Draft| match fs::read(PathBuf::from(&draft.path)) {
        Ok(text) => fs::read(journal.file_of(draft.entry)).is_ok_and(|entry| entry.starts_with(&text)),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    drafts.iter().filter(|draft| !safe(draft)).collect()
}

#[cfg(test)]
mod tests {
    use ponder_proto::{ErrorCode, RawPath};

    use super::*;
    use crate::report::{Colour, Loudness};

    fn day() -> EntryName {
        "20261123".parse().unwrap()
    }

    fn outcome(outcome: Outcome) -> Vec<EntryOutcome> {
        vec![EntryOutcome { entry: day(), outcome }]
    }

    fn kept(why: KeptReason) -> Outcome {
        let path = RawPath::from("/state/20261123.md");
        Outcome::Kept(KeptDraft { id: "1".to_owned(), entry: day(), path, why, when: 0 })
    }

    fn failed() -> Outcome {
        Outcome::Failed(Refusal::new(ErrorCode::Disk, "the disk is full"))
    }

    fn exit_after(said: Vec<Outcome>) -> Exit {
        let mut outcomes = Outcomes::default();
        for said in said {
            outcomes.record(outcome(said));
        }
        let dir = tempfile::tempdir().unwrap();
        let report = Report::new(false, Loudness::Quiet, Colour::Never);
        outcomes.tell(report, &Journal::open(dir.path()).unwrap(), &[])
    }

    #[test]
    fn the_largest_trouble_is_the_exit() {
        assert_eq!(exit_after(vec![Outcome::Unchanged, Outcome::Committed]), Exit::Done);
        assert_eq!(exit_after(vec![kept(KeptReason::EntryChanged), Outcome::Unchanged]), Exit::Conflict);
        assert_eq!(exit_after(vec![kept(KeptReason::CommandFailed)]), Exit::Done);
        assert_eq!(exit_after(vec![failed()]), Exit::Disk);
    }

    #[test]
    fn a_later_save_mends_a_failed_one() {
        assert_eq!(exit_after(vec![failed(), Outcome::Committed]), Exit::Done);
        assert_eq!(exit_after(vec![Outcome::Committed, failed()]), Exit::Disk);
    }

    #[test]
    fn a_draft_is_safe_when_its_entry_starts_with_it() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        let path = dir.path().join("draft");
        let drafts = [Draft { entry: day(), path: RawPath::from(path.as_path()), new: false }];
        let is_safe = || not_in_their_entries(&journal, &drafts).is_empty();
        assert!(is_safe(), "no draft");
        fs::write(&path, "a\n").unwrap();
        assert!(!is_safe(), "no entry");
        fs::write(journal.entry_path(day()), "a\nappended\n").unwrap();
        assert!(is_safe());
        fs::write(&path, "b\n").unwrap();
        assert!(!is_safe());
    }
}
