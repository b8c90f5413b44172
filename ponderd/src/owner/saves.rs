//! "Saved means saved": from a change of a draft to a commit, once it has settled.
//!
//! Settled is a draft that was closed after writing, or renamed in, and reads the same when it is
//! read again shortly after.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use ponder_proto::SessionId;
use tokio::time::Instant;

use crate::journal::{Digest, DraftKey, Editor, Sign};

/// How long a draft has to read the same.
const SETTLED: Duration = Duration::from_millis(20);

/// How long an editor has to outlive a save that makes the text shorter. One that was killed while
/// it wrote leaves such a draft, too; its client tells within moments.
const OUTLIVED: Duration = Duration::from_secs(1);

/// How often a draft that somebody keeps writing to is looked at before a session that has to end
/// ends without it: for about a second. Its slot then is a kept draft.
const LOOKS: u32 = 50;

/// The drafts that are being looked at.
#[derive(Debug, Default)]
pub(super) struct Saves {
    pending: HashMap<DraftKey, Pending>,
    /// Drafts that somebody writes to and has not closed: what is read may be half of a save,
    /// however often it reads the same.
    written_to: HashSet<DraftKey>,
    last_number: u64,
}

#[derive(Debug)]
struct Pending {
    look: Look,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// The writer reads it.
    Reading {
        /// It was saved again meanwhile.
        again: bool,
    },
    /// It is to be read again then.
    Resting(Instant),
}

/// One look at a draft.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// What it was the last time.
    pub(super) seen: Option<Digest>,
    /// What is known of the editor.
    pub(super) editor: Editor,
    /// Something waits for it: the session is to end, or the daemon.
    last: bool,
    /// Its number: an answer counts only for the look that is current.
    pub(super) number: u64,
    /// How often the draft was looked at.
    looks: u32,
}

impl Saves {
    /// Somebody did something to a draft. Returns the look to take now, if there is one.
    pub(super) fn sign(&mut self, draft: DraftKey, sign: Sign) -> Option<Look> {
        match sign {
            Sign::Writing => {
                self.written_to.insert(draft);
                None
            }
            Sign::Saved => {
                self.written_to.remove(&draft);
                self.saved(draft)
            }
        }
    }

    fn saved(&mut self, draft: DraftKey) -> Option<Look> {
        match self.pending.get_mut(&draft) {
            Some(Pending { state: State::Reading { again }, .. }) => {
                *again = true;
                None
            }
            // A new save is news about a draft that only waits for its editor to outlive the old one.
            Some(Pending { state: State::Resting(_), look }) if look.editor != Editor::Alive => None,
            Some(Pending { look, .. }) => {
                let last = look.last;
                Some(self.begin(draft, Editor::Unknown, last))
            }
            None => Some(self.begin(draft, Editor::Unknown, false)),
        }
    }

    /// A draft is to be looked at a last time, whether it changed or not.
    pub(super) fn last_look(&mut self, draft: DraftKey, editor: Editor) -> Look {
        self.begin(draft, editor, true)
    }

    fn begin(&mut self, draft: DraftKey, editor: Editor, last: bool) -> Look {
        self.last_number += 1;
        let look = Look { seen: None, editor, last, number: self.last_number, looks: 1 };
        self.pending.insert(draft, Pending { look, state: State::Reading { again: false } });
        look
    }

    /// Whether this look is still the one to answer: a session's end begins a new one over an old.
    pub(super) fn is_current(&self, draft: DraftKey, number: u64) -> bool {
        self.pending.get(&draft).is_some_and(|pending| pending.look.number == number)
    }

    /// It reads differently from the last time. Returns whether it is looked at again.
    pub(super) fn unsettled(&mut self, draft: DraftKey, seen: Digest) -> bool {
        let Some(pending) = self.pending.get_mut(&draft) else { return false };
        pending.look.seen = Some(seen);
        pending.state = State::Resting(Instant::now() + SETTLED);
        self.has_patience(draft)
    }

    /// It is shorter than what was committed before. It is looked at again when the editor has
    /// outlived it.
    pub(super) fn cut_short(&mut self, draft: DraftKey, seen: Digest) {
        if let Some(pending) = self.pending.get_mut(&draft) {
            pending.look = Look { seen: Some(seen), editor: Editor::Alive, ..pending.look };
            pending.state = State::Resting(Instant::now() + OUTLIVED);
        }
    }

    /// It settled. Returns the look to take now, if it was saved again meanwhile.
    pub(super) fn settled(&mut self, draft: DraftKey) -> Option<Look> {
        let pending = self.pending.remove(&draft)?;
        let again = matches!(pending.state, State::Reading { again: true });
        again.then(|| self.begin(draft, pending.look.editor, pending.look.last))
    }

    /// When the next draft is to be looked at again.
    pub(super) fn due(&self) -> Option<Instant> {
        self.pending.values().filter_map(Pending::due).min()
    }

    /// The drafts whose rest is over: to be looked at, or given up (no look) for a session that
    /// has to end. One that is being written to is not looked at: the sign of its closing comes.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<(DraftKey, Option<Look>)> {
        let is_due = |pending: &Pending| pending.due().is_some_and(|due| due <= now);
        let due: Vec<DraftKey> =
            self.pending.iter().filter(|(_, pending)| is_due(pending)).map(|(draft, _)| *draft).collect();
        due.into_iter().filter_map(|draft| self.wake(draft, now)).collect()
    }

    fn wake(&mut self, draft: DraftKey, now: Instant) -> Option<(DraftKey, Option<Look>)> {
        let pending = self.pending.get_mut(&draft)?;
        if !self.written_to.contains(&draft) {
            pending.state = State::Reading { again: false };
            return Some((draft, Some(pending.look)));
        }
        if !pending.look.last {
            self.pending.remove(&draft);
            return None;
        }
        pending.state = State::Resting(now + SETTLED);
        if self.has_patience(draft) { None } else { Some((draft, None)) }
    }

    /// Counts a look; forgets the draft if a last one has been tried often enough.
    fn has_patience(&mut self, draft: DraftKey) -> bool {
        let Some(pending) = self.pending.get_mut(&draft) else { return false };
        pending.look.looks += 1;
        let enough = pending.look.last && pending.look.looks > LOOKS;
        if enough {
            self.pending.remove(&draft);
        }
        !enough
    }

    /// A draft is not looked at now.
    pub(super) fn pass_over(&mut self, draft: DraftKey) {
        self.pending.remove(&draft);
    }

    /// The session is over: its drafts are nobody's business any more.
    pub(super) fn forget(&mut self, session: SessionId) {
        self.pending.retain(|draft, _| draft.session != session);
        self.written_to.retain(|draft| draft.session != session);
    }
}

impl Pending {
    fn due(&self) -> Option<Instant> {
        match self.state {
            State::Resting(due) => Some(due),
            State::Reading { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> DraftKey {
        DraftKey { session: SessionId([1; 16]), entry: "20261123".parse().unwrap() }
    }

    fn later() -> Instant {
        Instant::now() + SETTLED * 2
    }

    #[test]
    fn a_save_is_read_twice_before_it_counts() {
        let mut saves = Saves::default();
        let first = saves.sign(draft(), Sign::Saved).unwrap();
        assert_eq!(first.seen, None);
        let digest = Digest::of(b"text");
        assert!(saves.unsettled(draft(), digest));
        assert!(saves.take_due(Instant::now()).is_empty(), "it rests");
        let due = saves.take_due(later());
        assert_eq!(due[0].1.unwrap().seen, Some(digest));
        assert!(saves.settled(draft()).is_none());
        assert_eq!(saves.due(), None);
    }

    #[test]
    fn half_a_save_does_not_count_however_often_it_reads_the_same() {
        let mut saves = Saves::default();
        saves.sign(draft(), Sign::Saved).unwrap();
        saves.sign(draft(), Sign::Writing);
        assert!(saves.unsettled(draft(), Digest::of(b"half")));
        assert!(saves.take_due(later()).is_empty(), "somebody is writing to it");
        assert!(saves.sign(draft(), Sign::Saved).is_some(), "closed");
    }

    #[test]
    fn a_save_during_a_look_is_looked_at_afterwards() {
        let mut saves = Saves::default();
        saves.sign(draft(), Sign::Saved).unwrap();
        assert!(saves.sign(draft(), Sign::Saved).is_none());
        assert!(saves.settled(draft()).is_some());
    }

    #[test]
    fn a_save_that_makes_the_text_shorter_waits_for_its_editor_to_outlive_it() {
        let mut saves = Saves::default();
        saves.sign(draft(), Sign::Saved).unwrap();
        saves.cut_short(draft(), Digest::of(b"beginning"));
        assert!(saves.take_due(later()).is_empty());
        let due = saves.take_due(Instant::now() + OUTLIVED);
        assert_eq!(due[0].1.unwrap().editor, Editor::Alive);

        saves.cut_short(draft(), Digest::of(b"beginning"));
        assert_eq!(
            saves.sign(draft(), Sign::Saved).unwrap().editor,
            Editor::Unknown,
            "a new save is looked at now"
        );
    }

    #[test]
    fn the_answer_to_an_old_look_is_not_the_answer_to_the_last() {
        let mut saves = Saves::default();
        let old = saves.sign(draft(), Sign::Saved).unwrap();
        let last = saves.last_look(draft(), Editor::PerhapsDead);
        assert!(!saves.is_current(draft(), old.number) && saves.is_current(draft(), last.number));
    }

    #[test]
    fn the_end_of_a_session_does_not_wait_for_ever() {
        let mut saves = Saves::default();
        saves.last_look(draft(), Editor::PerhapsDead);
        saves.sign(draft(), Sign::Writing);
        assert!(saves.unsettled(draft(), Digest::of(b"half")));
        let times = (1..=LOOKS).map(|look| Instant::now() + look * SETTLED * 2);
        let given_up: Vec<_> = times.flat_map(|time| saves.take_due(time)).collect();
        assert!(matches!(given_up[..], [(_, None)]), "{given_up:?}");
    }
}
