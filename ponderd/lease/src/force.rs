//! Ending a lease by force, and asking for it first.

use ponder_proto::{Forced, Token};

use super::session::Seat;
use super::timers::Timer;
use super::{ClientId, Effect, Ending, LeaseCore, Phase, Tick};

impl LeaseCore {
    /// Ends a lease by force: a last look at its drafts and a commit under its token, then the next one.
    pub(super) fn force(&mut self, seat: Seat, why: Forced, effects: &mut Vec<Effect>) {
        self.finish(seat, Ending::Forced(why), effects);
    }

    pub(super) fn break_lease(
        &mut self,
        client: ClientId,
        token: Token,
        at_once: bool,
        now: Tick,
        effects: &mut Vec<Effect>,
    ) {
        let with_token = self.sessions.values().find(|session| session.token() == Some(token));
        let Some(session) = with_token else { return effects.push(Effect::NoSuchLease(client, token)) };
        let (seat, id) = (session.seat, session.id());
        if matches!(session.phase, Phase::Releasing(_)) {
            return effects.push(Effect::Breaking(client, id, 0)); // it ends already
        }
        if at_once {
            effects.push(Effect::Breaking(client, id, 0));
            return self.force(seat, Forced::Broken, effects);
        }
        // Whoever is asked again does not get more time.
        let asked = now.after(self.windows.grace);
        let due = self.timers.get(seat, Timer::Grace).unwrap_or(asked);
        self.timers.set(seat, Timer::Grace, due);
        effects.push(Effect::Breaking(client, id, due.0.saturating_sub(now.0)));
    }

    /// A lease may be held for `left` milliseconds from now.
    pub(super) fn limit(&mut self, seat: Seat, left: u64, now: Tick) {
        let Some(hold) = self.sessions.get(&seat).and_then(|session| session.request.hold) else { return };
        let warning = self.windows.warning_for(hold);
        self.timers.set(seat, Timer::Hold, now.after(left));
        self.timers.set(seat, Timer::Warning, now.after(left.saturating_sub(warning)));
    }

    pub(super) fn warn(&mut self, seat: Seat, now: Tick, effects: &mut Vec<Effect>) {
        if let (Some(session), Some(due)) = (self.sessions.get(&seat), self.timers.get(seat, Timer::Hold)) {
            effects.push(Effect::Warning(session.id(), due.0.saturating_sub(now.0)));
        }
    }
}
