//! What the daemon says to whoever has a lease.

use ponder_proto::{Body, Draft, EntryOutcome, ErrorCode, Message, Outcome, Refusal};

use super::Session;
use super::loss::{Loss, Revoked};
use crate::people;

impl Session<'_> {
    /// Takes in what the daemon says.
    pub(super) fn hear(&mut self, message: Message) {
        let answers = |asked: Option<u64>| asked.is_some() && message.re == asked;
        let (to_release, to_opened) = (answers(self.handing.asked), answers(self.opened.asked));
        match message.body {
            Body::Committed { session, entries } if session == self.id => self.outcomes.record(entries),
            Body::Released { session, ref entries } if session == self.id => {
                self.report.event(&message.body);
                self.outcomes.record(entries.clone());
                self.released = true;
            }
            Body::Opened { session } if session == self.id => self.opened.wanted = false,
            Body::Stopping { successor } => self.successor = Some(successor),
            Body::PleaseRelease { session, .. }
            | Body::Warning { session, .. }
            | Body::CarryOn { session, .. }
            | Body::Revoked { session, .. }
                if session == self.id =>
            {
                self.report.event(&message.body);
                self.be_told(message.body);
            }
            Body::Error(refusal) if refusal.code == ErrorCode::Superseded => {
                self.lose(Loss::TakenAway(refusal));
            }
            Body::Error(refusal) if to_release => self.release_refused(refusal),
            Body::Error(refusal) if to_opened => {
                self.opened.wanted = false;
                self.opened.refused = Some(refusal);
            }
            _ => {}
        }
    }

    /// What others do about the lease.
    fn be_told(&mut self, body: Body) {
        match body {
            Body::PleaseRelease { by, grace, .. } => {
                let (by, grace) = (people::by(&by), people::span(grace));
                let what = self.what();
                let afterwards = format!("{by} asked for {what}, while you had it");
                self.notices.call(&format!("{by} asks for {what}: your lease ends in {grace}"), afterwards);
            }
            Body::Warning { left, .. } => {
                let left = people::span(left);
                let text = format!("the lease may be held for {left} more");
                self.notices.call(&text, "the lease was held for almost as long as it may be".to_owned());
            }
            Body::CarryOn { waiting, .. } => {
                let wait = if waiting == 1 { "1 waits".to_owned() } else { format!("{waiting} wait") };
                self.notices.detail(format!("the lease is still yours; {wait} for it"));
            }
            Body::Revoked { why, by, entries, .. } => {
                let mut revoked = Revoked { why, by, told: false };
                let sentence = revoked.sentence();
                self.outcomes.record(entries);
                if self.revoked.is_none() {
                    self.notices.forget_calls();
                    revoked.told = self.notices.warn(&sentence);
                    self.revoked = Some(revoked);
                }
            }
            _ => {}
        }
    }

    /// What the lease is on.
    pub(super) fn what(&self) -> String {
        people::entries(&self.acquire.entries)
    }

    /// The end of the session was refused: by the disk, for all drafts, or because the lease is
    /// not ours any more.
    fn release_refused(&mut self, refusal: Refusal) {
        match refusal.code {
            ErrorCode::Disk | ErrorCode::OutcomeUnknown | ErrorCode::Journal => {
                let failed = |draft: &Draft| EntryOutcome {
                    entry: draft.entry,
                    outcome: Outcome::Failed(refusal.clone()),
                };
                self.outcomes.record(self.drafts.iter().map(failed).collect());
                self.released = true;
            }
            // The next daemon is asked.
            ErrorCode::Stopping => {}
            // It was ended by force, and there is nothing more to say about it.
            ErrorCode::StaleToken | ErrorCode::NoSuchSession
                if self.revoked.is_some() && self.drafts.is_empty() =>
            {
                self.released = true;
            }
            ErrorCode::StaleToken | ErrorCode::NoSuchSession => self.lose(Loss::Over(refusal)),
            _ => self.lose(Loss::TakenAway(refusal)),
        }
    }
}
