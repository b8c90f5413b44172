//! The core beside the reference, in random histories: as `proptest-state-machine` makes and shrinks them.

use std::collections::{BTreeMap, BTreeSet};

use ponder_proto::{Life, Successor};
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use super::reference::{Member, Reference, Said, State, WINDOWS, number_of};
use super::*;

/// Sessions and connections are picked by arbitrary numbers: whatever is left of a history that is
/// shrunk is a history, too.
#[derive(Clone, Debug)]
enum Step {
    Ask { on: u8, days: BTreeSet<u32>, alone: bool, wait: Option<u64>, hold: Option<u64> },
    AskAgain { which: usize, on: u8 },
    Reattach { which: usize, on: u8, right: bool },
    Cancel(usize),
    Release(usize, bool),
    Ended(usize),
    Gone(u8),
    Heard(u8),
    Deserted(usize),
    Look,
    Break(usize, bool),
    Drain(bool),
    Restart,
    Pass(u64),
}

struct Histories;

impl ReferenceStateMachine for Histories {
    type State = Reference;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Reference> {
        Just(Reference::default()).boxed()
    }

    fn transitions(_: &Reference) -> BoxedStrategy<Step> {
        let (which, on) = (any::<usize>(), 0..6_u8);
        let days = prop::collection::btree_set(1..4_u32, 1..3);
        let wait = prop_oneof![4 => Just(None), 1 => (0..12_u64).prop_map(Some)];
        let hold = prop_oneof![3 => Just(None), 1 => (1..12_u64).prop_map(Some)];
        let ask = (on.clone(), days, any::<bool>(), wait, hold);
        prop_oneof![
            12 => ask.prop_map(|(on, days, alone, wait, hold)| Step::Ask { on, days, alone, wait, hold }),
            2 => (which, on.clone()).prop_map(|(which, on)| Step::AskAgain { which, on }),
            4 => (which, on.clone(), prop::bool::weighted(0.9))
                .prop_map(|(which, on, right)| Step::Reattach { which, on, right }),
            1 => which.prop_map(Step::Cancel),
            4 => (which, any::<bool>()).prop_map(|(which, well)| Step::Release(which, well)),
            5 => which.prop_map(Step::Ended),
            2 => on.clone().prop_map(Step::Gone),
            4 => on.prop_map(Step::Heard),
            2 => which.prop_map(Step::Deserted),
            1 => Just(Step::Look),
            2 => (which, any::<bool>()).prop_map(|(which, now)| Step::Break(which, now)),
            1 => any::<bool>().prop_map(Step::Drain),
            1 => Just(Step::Restart),
            12 => (1..5_u64).prop_map(Step::Pass),
        ]
        .boxed()
    }

    fn apply(mut state: Reference, step: &Step) -> Reference {
        state.said.clear();
        if !matches!(step, Step::Restart) {
            state.due();
        }
        match step {
            Step::Ask { on, days, alone, wait, hold } => {
                state.asked += 1;
                if !state.draining {
                    if !state.is_clear(days, *alone) {
                        state.ask_all(Some((days, *alone)));
                    }
                    // No time at all is not to wait.
                    if *wait != Some(0) || state.is_clear(days, *alone) {
                        state.sit_down(*on, days.clone(), *alone, *wait, *hold);
                    }
                }
            }
            Step::Look => state.ask_all(None),
            Step::Gone(on) => {
                for number in on_connection(&state, *on) {
                    let here = state.list.iter().position(|member| member.number == number).unwrap();
                    state.orphan(here);
                }
                if !state.draining {
                    let left = |member: &Member| {
                        member.on.is_none() && member.state == State::Waits && member.life != Life::Away
                    };
                    state.list.retain(|member| !left(member));
                }
                state.settle();
            }
            Step::Heard(on) => {
                for here in 0..state.list.len() {
                    if state.list[here].on == Some(*on) {
                        state.lives(here);
                    }
                }
                state.settle();
            }
            Step::Drain(next) => {
                state.draining = true;
                if !next {
                    state.list.retain(|member| member.state != State::Waits);
                }
                state.settle();
            }
            Step::Restart => state.restart(),
            Step::Pass(ticks) => {
                for _ in 0..*ticks {
                    state.now += 1;
                    state.due();
                }
            }
            _ => {}
        }
        apply_to_one(&mut state, step);
        state
    }
}

fn on_connection(state: &Reference, on: u8) -> Vec<u8> {
    state.list.iter().filter(|member| member.on == Some(on)).map(|member| member.number).collect()
}

/// The steps that are about one session that is not over.
fn apply_to_one(state: &mut Reference, step: &Step) {
    let Some(which) = picked(step) else { return };
    let Some(here) = state.pick(which) else { return };
    let Member { number, on, state: phase, life, .. } = state.list[here].clone();
    match (step, phase) {
        (Step::AskAgain { on, .. }, State::Waits | State::Has)
        | (Step::Reattach { on, right: true, .. }, State::Has | State::Ends) => state.attach(here, *on),
        (Step::Cancel(_), State::Waits) if on.is_some() => {
            state.said.insert(Said::Cancelled(number));
            state.leave(number);
        }
        (Step::Release(_, true), State::Has) if on.is_some() => state.finish(here, Ending::Succeeded),
        (Step::Release(_, false), State::Has) if on.is_some() => state.finish(here, Ending::Failed),
        (Step::Ended(_), State::Ends) => state.leave(number),
        (Step::Deserted(_), State::Has) if life == Life::Orphaned => state.finish(here, Ending::Died),
        (Step::Break(_, true), State::Has) => {
            state.finish(here, Ending::Forced(ponder_proto::Forced::Broken));
        }
        (Step::Break(_, false), State::Has) => state.ask_to_release(here),
        _ => {}
    }
}

fn picked(step: &Step) -> Option<usize> {
    match step {
        Step::AskAgain { which, .. }
        | Step::Reattach { which, .. }
        | Step::Cancel(which)
        | Step::Release(which, _)
        | Step::Ended(which)
        | Step::Deserted(which)
        | Step::Break(which, _) => Some(*which),
        _ => None,
    }
}

/// The core, and what a daemon would have written down.
struct Real {
    core: LeaseCore,
    now: u64,
    epoch: u64,
    written: BTreeMap<u64, SessionId>,
    tokens: BTreeMap<SessionId, Token>,
    last: Token,
    said: BTreeSet<Said>,
}

impl Real {
    fn on(&mut self, event: Event) {
        let effects = self.core.handle(event, Tick(self.now));
        for effect in effects {
            let number = |id: SessionId| id.0[0];
            match effect {
                Effect::Seated(id) => {
                    let place = self.core.session(id).map(crate::Session::place).expect("it is seated");
                    assert!(self.written.insert(place, id).is_none(), "a place is one session's");
                }
                Effect::Granted(id, token) => {
                    let before = self.tokens.insert(id, token);
                    assert!(before == Some(token) || before.is_none() && token > self.last, "tokens rise");
                    self.last = self.last.max(token);
                }
                Effect::Over(id) => {
                    self.written.retain(|_, other| *other != id);
                    self.tokens.remove(&id);
                }
                Effect::Ping(ClientId(on)) => drop(self.said.insert(Said::Ping(on.try_into().unwrap()))),
                Effect::Cancelled(_, id) => drop(self.said.insert(Said::Cancelled(number(id)))),
                Effect::Suspect(id) => drop(self.said.insert(Said::Suspect(number(id)))),
                Effect::Orphaned(id) => drop(self.said.insert(Said::Orphaned(number(id)))),
                Effect::CarriedOn(id) => drop(self.said.insert(Said::CarriedOn(number(id)))),
                Effect::Warning(id, left) => drop(self.said.insert(Said::Warning(number(id), left))),
                Effect::Finish(id, ending) => {
                    self.said.insert(Said::Finish(number(id), number_of(ending)));
                }
                _ => {}
            }
        }
    }

    fn restart(&mut self) {
        let sessions = self.written.values().map(|id| {
            let (wait, hold) = self.core.left(*id, Tick(self.now));
            let request = self.core.session(*id).expect("what is written down is not over").request.clone();
            Restored { request, token: self.tokens.get(id).copied(), wait, hold }
        });
        self.epoch += 1;
        self.core = LeaseCore::restore(self.epoch, WINDOWS, sessions.collect(), Tick(self.now));
        self.written = self.core.sessions().map(|session| (session.place(), session.id())).collect();
    }
}

struct CoreTest;

impl StateMachineTest for CoreTest {
    type SystemUnderTest = Real;
    type Reference = Histories;

    fn init_test(_: &Reference) -> Real {
        Real {
            core: LeaseCore::new(1, WINDOWS),
            now: 0,
            epoch: 1,
            written: BTreeMap::new(),
            tokens: BTreeMap::new(),
            last: Token { epoch: 1, counter: 0 },
            said: BTreeSet::new(),
        }
    }

    fn apply(mut real: Real, after: &Reference, step: Step) -> Real {
        real.said.clear();
        if !matches!(step, Step::Restart) {
            real.on(Event::Tick); // so that both pick from what is left
        }
        let sessions: Vec<(SessionId, Option<ClientId>)> =
            real.core.sessions().map(|session| (session.id(), session.client)).collect();
        let one = picked(&step).and_then(|which| Some(sessions[which.checked_rem(sessions.len())?]));
        let session = one.map_or(id(0), |(session, _)| session);
        // Whoever has no connection says nothing.
        let by = one.and_then(|(_, client)| client).unwrap_or(ClientId(99));
        match step {
            Step::Ask { on, days, alone, wait, hold } => {
                let days: Vec<u32> = days.into_iter().collect();
                let mode = if alone { Mode::Exclusive } else { Mode::Shared };
                let wait = match wait {
                    None => Wait::Forever,
                    Some(0) => Wait::None,
                    Some(ticks) => Wait::Millis(ticks),
                };
                let request = Acquire { hold, ..request(after.asked, &days, mode, wait) };
                real.on(Event::Acquire { client: client(on), request });
            }
            Step::AskAgain { on, .. } => {
                if let Some(request) = real.core.session(session).map(|session| session.request.clone()) {
                    real.on(Event::Acquire { client: client(on), request });
                }
            }
            Step::Reattach { on, right, .. } => {
                let wrong = Token { epoch: 0, counter: 1 };
                let token = real.tokens.get(&session).copied().filter(|_| right).unwrap_or(wrong);
                real.on(Event::Reattach { client: client(on), session, token });
            }
            Step::Cancel(_) => real.on(Event::Cancel { client: by, session }),
            Step::Release(_, succeeded) => real.on(Event::Release { client: by, session, succeeded }),
            Step::Ended(_) => real.on(Event::Ended { session }),
            Step::Gone(on) => real.on(Event::Gone { client: client(on) }),
            Step::Heard(on) => real.on(Event::Heard { client: client(on) }),
            Step::Deserted(_) => real.on(Event::Deserted { session }),
            Step::Look => real.on(Event::Look),
            Step::Break(_, now) => {
                let token = real.tokens.get(&session).copied().unwrap_or(Token { epoch: 0, counter: 1 });
                real.on(Event::Break { client: client(98), token, now });
            }
            Step::Drain(next) => {
                let successor = if next { Successor::Yes } else { Successor::No };
                real.on(Event::Drain { successor });
            }
            Step::Restart => real.restart(),
            Step::Pass(ticks) => {
                let until = real.now + ticks;
                // Only when it wants to be woken: so that it has to say every moment at which it has.
                while let Some(Tick(wake)) = real.core.next_wake().filter(|wake| *wake <= Tick(until)) {
                    assert!(wake > real.now, "it has done what was due");
                    real.now = wake;
                    real.on(Event::Tick);
                }
                real.now = until;
            }
        }
        real
    }

    fn check_invariants(real: &Real, reference: &Reference) {
        let seen: Vec<_> = real
            .core
            .sessions()
            .map(|session| {
                let state = match session.phase {
                    Phase::Queued => State::Waits,
                    Phase::Granted(_) => State::Has,
                    Phase::Releasing(_) => State::Ends,
                };
                let life = if state == State::Ends { Life::Answers } else { session.life };
                (session.id().0[0], state, life, session.client)
            })
            .collect();
        let expected: Vec<_> = reference
            .list
            .iter()
            .map(|member| {
                let life = if member.state == State::Ends { Life::Answers } else { member.life };
                (member.number, member.state, life, member.on.map(client))
            })
            .collect();
        assert_eq!(seen, expected);
        assert_eq!(real.said, reference.said);
        assert_eq!(real.core.is_admitting(), reference.admission.is_some());
    }
}

/// A thousand histories, or more: `PROPTEST_CASES=100000`.
fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases.max(1_000), failure_persistence: None, ..usual }
}

prop_state_machine! {
    #![proptest_config(config())]

    #[test]
    fn the_core_does_what_the_reference_does(sequential 1..100 => CoreTest);
}
