//! What may happen next, within bounds.

use ponder_lease::{Event, LeaseCore, Windows};
use ponder_proto::{Life, Successor};
use stateright::{Model, Property};

use crate::laws;
use crate::people::{Standing, Wish, session_of};
use crate::world::{Spent, World};

/// How large a world is looked at. Everything within is.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// What is explored here, for people.
    pub name: &'static str,
    pub clients: usize,
    /// What a client may ask for.
    pub wishes: &'static [Wish],
    /// How often each of these happens at the most.
    pub most: Spent,
    /// Every length of time, as short as it can be and still be told from the others.
    pub windows: Windows,
    /// Whether the last restart may be one of the machine, and some are announced.
    pub stops: bool,
}

/// Something that happens. Clients by their numbers, which are in the order in which they ask: who is
/// called what makes no difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doing {
    /// A client asks for the first time, for one of the wishes.
    Ask(usize, usize),
    /// The same request again, on its connection, or on a new one.
    AskAgain(usize, bool),
    /// On a new connection, with the token.
    Reattach(usize),
    /// At whatever moment: it may have been granted just before.
    Cancel(usize),
    Release(usize),
    /// The last commit is flushed.
    Flush(usize),
    Save(usize),
    /// Its connection ends. Perhaps it comes back, perhaps it is dead.
    Gone(usize),
    Deserted(usize),
    Heard(usize),
    Look,
    /// The lease with the token of this client, current or long over.
    Break(usize, bool),
    Pass,
    Drain(bool),
    /// The daemon ends: it is killed, or has drained.
    End,
    /// The next one starts: in this boot, or in the next.
    Start(bool),
}

impl Bounds {
    fn of_client(&self, world: &World, core: &LeaseCore, who: usize, may: &mut Vec<Doing>) {
        let (client, spent) = (&world.clients[who], &world.spent);
        let session = core.session(session_of(who));
        let more = spent.repeats < self.most.repeats;
        let is_connected = client.connection.is_some();
        match client.standing {
            Standing::Nowhere => return,
            Standing::Waits | Standing::Has(_) if !is_connected => may.push(Doing::AskAgain(who, true)),
            Standing::Waits | Standing::Has(_) | Standing::Over { here: true } if more => {
                may.push(Doing::AskAgain(who, false));
                may.push(Doing::AskAgain(who, true));
            }
            _ => {}
        }
        match client.standing {
            Standing::Waits if is_connected => {
                may.push(Doing::Cancel(who));
                if !world.draining || spent.losses < self.most.losses {
                    may.push(Doing::Gone(who));
                }
            }
            Standing::Has(_) => {
                if spent.saves < self.most.saves && client.wish.alone {
                    may.push(Doing::Save(who));
                }
                let life = session.map(|session| session.life);
                if is_connected {
                    may.extend([Doing::Cancel(who), Doing::Release(who)]);
                    if spent.losses < self.most.losses {
                        may.push(Doing::Gone(who));
                    }
                    if client.heard < world.now || life != Some(Life::Answers) {
                        may.push(Doing::Heard(who));
                    }
                } else {
                    may.push(Doing::Reattach(who));
                    may.push(Doing::Deserted(who));
                }
            }
            Standing::Ends(..) => may.push(Doing::Flush(who)),
            _ => {}
        }
        if client.token.is_some() {
            if spent.breaks < self.most.breaks {
                may.extend([Doing::Break(who, false), Doing::Break(who, true)]);
            }
            if is_connected && more {
                may.push(Doing::Reattach(who)); // takes itself over, or comes far too late
            }
        }
    }

    /// Does it. Counts only what has an end because it is counted.
    pub fn apply(&self, world: &mut World, doing: Doing) {
        let connection = |world: &World, who: usize| world.clients[who].connection;
        match doing {
            Doing::Ask(who, wish) => {
                world.clients[who].wish = self.wishes[wish];
                world.ask(who, true);
            }
            Doing::AskAgain(who, anew) => {
                world.spent.repeats += u8::from(connection(world, who).is_some());
                world.ask(who, anew);
            }
            Doing::Reattach(who) => {
                world.spent.repeats += u8::from(connection(world, who).is_some());
                if let Some(token) = world.clients[who].token {
                    world.reattach(who, token);
                }
            }
            Doing::Cancel(who) => {
                if let Some(client) = connection(world, who) {
                    world.on(&Event::Cancel { client, session: session_of(who) });
                }
            }
            Doing::Release(who) => {
                if let Some(client) = connection(world, who) {
                    world.on(&Event::Release { client, session: session_of(who), succeeded: true });
                }
            }
            Doing::Flush(who) => {
                world.commit(who);
                world.on(&Event::Ended { session: session_of(who) });
            }
            Doing::Save(who) => {
                world.spent.saves += 1;
                world.commit(who);
            }
            Doing::Gone(who) => {
                if let Some(client) = world.clients[who].connection.take() {
                    world.on(&Event::Gone { client });
                }
                // Whoever waits leaves with that and does not come back, while nothing drains.
                let may_come_back = !matches!(world.clients[who].standing, Standing::Over { .. });
                world.spent.losses += u8::from(may_come_back);
            }
            Doing::Deserted(who) => drop(world.on(&Event::Deserted { session: session_of(who) })),
            Doing::Heard(who) => {
                if let Some(client) = connection(world, who) {
                    world.clients[who].heard = world.now;
                    world.on(&Event::Heard { client });
                }
            }
            Doing::Look => {
                world.spent.looks += 1;
                world.on(&Event::Look);
            }
            Doing::Break(who, now) => breaks(world, who, now),
            Doing::Pass => {
                world.spent.ticks += 1;
                world.pass();
            }
            Doing::Drain(restart) => {
                world.draining = true;
                let successor = if restart { Successor::Yes } else { Successor::No };
                world.on(&Event::Drain { successor });
            }
            Doing::End => {
                world.spent.restarts += 1;
                world.end();
            }
            Doing::Start(same_boot) => world.start(same_boot),
        }
        world.compare();
    }
}

fn breaks(world: &mut World, who: usize, now: bool) {
    let Some(token) = world.clients[who].token else { return };
    if matches!(world.clients[who].standing, Standing::Has(current) if current == token) {
        world.spent.breaks += 1;
        world.clients[who].broken = true;
    }
    world.on(&Event::Break { client: ponder_lease::ClientId(u64::MAX), token, now });
}

impl Model for Bounds {
    type State = World;
    type Action = Doing;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self.clients, self.windows)]
    }

    fn actions(&self, world: &World, may: &mut Vec<Doing>) {
        if world.fault.is_some() {
            return;
        }
        let Some(core) = &world.core else {
            may.push(Doing::Start(true));
            if self.stops {
                may.push(Doing::Start(false));
            }
            return;
        };
        let fresh = world.clients.iter().position(|client| client.standing == Standing::Nowhere);
        if let Some(who) = fresh {
            may.extend((0..self.wishes.len()).map(|wish| Doing::Ask(who, wish)));
        }
        for who in 0..world.clients.len() {
            self.of_client(world, core, who, may);
        }
        if world.spent.ticks < self.most.ticks {
            may.push(Doing::Pass);
        }
        if world.spent.looks < self.most.looks {
            may.push(Doing::Look);
        }
        if world.spent.restarts < self.most.restarts {
            may.push(Doing::End);
            if self.stops && !world.draining {
                may.extend([Doing::Drain(true), Doing::Drain(false)]);
            }
        }
    }

    fn next_state(&self, world: &World, doing: Doing) -> Option<World> {
        let mut next = world.clone();
        self.apply(&mut next, doing);
        (next != *world).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        laws::all().into_iter().chain(laws::possible()).collect()
    }
}
