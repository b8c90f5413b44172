//! A lease that did not last to the end: why, and where each text is.

use std::path::{Path, PathBuf};

use ponder_proto::{By, CommitPolicy, Draft, Forced, Mode, Refusal, printable, shown};

use super::{Ending, Session};
use crate::exit::{Exit, Failure};
use crate::{outcomes, people};

/// Why the lease cannot be handed back any more.
#[derive(Debug)]
pub(super) enum Loss {
    /// The daemon gave it to somebody else, as to a newer connection of the same session.
    TakenAway(Refusal),
    /// The daemon that came after ours says that it is not ours any more.
    Over(Refusal),
    /// The connection was lost while it was handed back, and the next daemon does not know it: it was
    /// handed back, or else its drafts are kept.
    Unanswered,
    /// There is no daemon to hand it back to.
    Unreachable(Failure),
}

/// A lease that was ended by force. It is handed back all the same.
#[derive(Debug)]
pub(super) struct Revoked {
    pub(super) why: Forced,
    pub(super) by: Option<By>,
    /// The person has been told already.
    pub(super) told: bool,
}

impl Revoked {
    /// Who ended it, and why.
    pub(super) fn sentence(&self) -> String {
        let by = self.by.as_ref().map(people::by);
        match (self.why, by) {
            (Forced::Broken, Some(by)) => format!("{by} has ended your lease (`ponder break`)"),
            (Forced::Broken, None) => "somebody has ended your lease (`ponder break`)".to_owned(),
            (Forced::Expired, _) => {
                "your lease was ended, because nobody answered here while somebody waited for it".to_owned()
            }
            (Forced::HeldTooLong, _) => {
                "your lease was ended, because it was held for as long as it was to be".to_owned()
            }
        }
    }
}

impl Session<'_> {
    /// Tells what became of the lease and of the texts.
    pub(super) fn tell(mut self, unknown: Exit) -> Ending {
        let mut exit = unknown;
        if let Some(revoked) = self.revoked.take() {
            self.tell_force(&revoked);
            self.revoked = Some(revoked);
        }
        exit = exit.or_worse(self.outcomes.tell(self.report, self.journal(), &self.drafts));
        // A save that succeeded later has made the entry after all. One whose lease was ended by force
        // before its editor ran is told that, and has no entry to make.
        let matters = !self.outcomes.changed && self.revoked.is_none();
        if let Some(refusal) = self.opened.refused.clone().filter(|_| matters) {
            let failure = Failure::from(refusal);
            self.report.trouble(&failure.message);
            exit = exit.or_worse(failure.exit);
        }
        let mut held = self.revoked.is_none();
        if let Some(loss) = self.loss.take() {
            let missing = self.missing();
            held &= matches!(loss, Loss::Unanswered) && missing.is_empty();
            exit = exit.or_worse(self.tell_loss(&loss, &missing));
        }
        let settled = self.released && self.revoked.is_none() && self.outcomes.all_well();
        Ending { exit, changed: self.outcomes.changed, held, settled }
    }

    /// The lease was ended by force: a trouble only if some text is not in its entry.
    fn tell_force(&self, revoked: &Revoked) {
        let sentence = revoked.sentence();
        let well = self.released && self.outcomes.all_well() && !self.drafts.is_empty();
        if !self.commits_saves() || !well {
            if !revoked.told {
                self.report.trouble(&sentence);
            }
        } else if revoked.told {
            self.report.note("everything you saved is in the journal");
        } else {
            self.report.note(&format!("{sentence}; everything you saved is in the journal"));
        }
    }

    /// The lease was ended by force, and the daemon has not answered yet what became of what was saved
    /// after that: somebody else has the entry.
    pub(super) fn tell_what_waits(&mut self) {
        let Some(revoked) = &mut self.revoked else { return };
        let sentence = revoked.sentence();
        revoked.told = true;
        self.handing.waits = true;
        self.report.note(&format!(
            "{sentence}; what you saved after that waits for its turn; Ctrl-C leaves, and it waits all the same"
        ));
    }

    /// The drafts whose texts are not in their entries. A shared lease's are not meant to be.
    fn missing(&self) -> Vec<&Draft> {
        match self.acquire.mode {
            Mode::Exclusive => outcomes::not_in_their_entries(self.journal(), &self.drafts),
            Mode::Shared => Vec::new(),
        }
    }

    pub(super) fn commits_saves(&self) -> bool {
        self.acquire.commit.commits_saves(self.acquire.mode)
    }

    /// Says why the daemon could not answer what became of the texts, and where each is that is not in
    /// its entry.
    fn tell_loss(&self, loss: &Loss, missing: &[&Draft]) -> Exit {
        let (why, mut exit) = match loss {
            Loss::TakenAway(refusal) => (printable(&refusal.message), refusal.code.into()),
            Loss::Over(refusal) => (printable(&refusal.message), Exit::Done),
            Loss::Unanswered => ("the daemon ended before it had answered".to_owned(), Exit::Done),
            Loss::Unreachable(failure) => (failure.message.clone(), failure.exit),
        };
        if missing.is_empty() && !self.drafts.is_empty() {
            self.report.note(&format!("{why}; everything you saved is in the journal"));
            return if matches!(loss, Loss::Unreachable(_)) { Exit::Done } else { exit };
        }
        if missing.is_empty() && matches!(loss, Loss::Unanswered) {
            return exit; // there was no text, and the lease was ours to the end
        }
        // That nothing is committed when the command fails is what was promised.
        let promised = self.acquire.commit == CommitPolicy::OnExit && !self.handing.succeeded;
        self.report.trouble(&why);
        for draft in missing {
            let (entry, path) = (draft.entry, PathBuf::from(&draft.path));
            // A kept draft is called as its slot's directory is.
            let id = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
            let text = format!(
                "your text for {entry} is not in its entry; it is kept in\n  {}\n{}",
                shown(&path),
                outcomes::next_steps(self.journal(), entry, &id, &path),
            );
            if promised {
                self.report.note(&text);
            } else {
                self.report.trouble(&text);
                exit = exit.or_worse(Exit::Conflict);
            }
        }
        exit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::tests::by_vim;

    #[test]
    fn who_ended_it_and_why() {
        let of = |why, by| Revoked { why, by, told: false }.sentence();
        let broken = of(Forced::Broken, Some(by_vim()));
        assert_eq!(broken, "vim (pid 4243, pts/4) has ended your lease (`ponder break`)");
        assert!(of(Forced::Expired, None).ends_with("nobody answered here while somebody waited for it"));
        assert!(of(Forced::HeldTooLong, None).contains("held for as long"));
    }
}
