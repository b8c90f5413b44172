//! What has to be true in every state, and what has to be possible: a law about what never comes to
//! pass proves nothing.

use ponder_lease::{Ending, Event, Phase};
use ponder_proto::Forced;
use stateright::Property;

use crate::doings::{Bounds, Doing};
use crate::people::{Client, Standing, session_of, who_has};
use crate::store::entries_of;
use crate::world::{Fault, World};

/// Ticks in which everything has to come to its end.
const ENOUGH: usize = 60;

/// A law that the world itself sees broken.
macro_rules! never {
    ($fault:ident, $name:literal) => {
        Property::always($name, |_: &Bounds, world: &World| world.fault != Some(Fault::$fault))
    };
}

/// The laws; their names are what is printed.
pub fn all() -> Vec<Property<Bounds>> {
    vec![
        never!(TwoAtOnce, "two conflicting leases are never current together"),
        never!(TokensFall, "tokens rise, over restarts too"),
        never!(GrantedTwice, "an id is granted once"),
        never!(GrantedToNobody, "whoever is gone is granted nothing"),
        never!(Overtaken, "nobody is overtaken by whom he conflicts with"),
        never!(PlaceLost, "whoever comes back has his place"),
        never!(DroppedEarly, "nobody is dropped before time"),
        never!(ExpiredEarly, "nothing expires before somebody has waited for a window"),
        never!(WrongOneBroken, "only the lease that was named is broken"),
        never!(CancelLost, "what is cancelled is over"),
        never!(HolderRefused, "a holder's commits are accepted, the last one too"),
        never!(Differs, "the core has whom it told so, and nobody else"),
        Property::always("a commit under a token that is over is refused", |_, world| {
            zombies_are_refused(world)
        }),
        Property::always("nobody waits without a reason", |_, world| everybody_waits_for_somebody(world)),
        Property::always("once holders end, the queue drains", drains),
        Property::always("whoever hangs does not wedge it", |_, world| hangs(world)),
    ]
}

/// What has to be seen somewhere.
pub fn possible() -> Vec<Property<Bounds>> {
    vec![
        Property::sometimes("a lease expires", |_, world| {
            ends(world, |ending| ending == Ending::Forced(Forced::Expired))
        }),
        Property::sometimes("a lease is broken", |_, world| {
            ends(world, |ending| ending == Ending::Forced(Forced::Broken))
        }),
        Property::sometimes("a lease is held for too long", |_, world| {
            ends(world, |ending| ending == Ending::Forced(Forced::HeldTooLong))
        }),
        Property::sometimes("an orphan is deserted", |_, world| ends(world, |ending| ending == Ending::Died)),
        Property::sometimes("leases of two daemons are current", |_, world| has_leases_of_two_daemons(world)),
        Property::sometimes("somebody has a lease beside a zombie", |_, world| has_zombie(world)),
    ]
}

fn has_leases_of_two_daemons(world: &World) -> bool {
    let epochs = || {
        world.clients.iter().filter_map(|client| match client.standing {
            Standing::Has(token) => Some(token.epoch),
            _ => None,
        })
    };
    epochs().min() < epochs().max()
}

fn has_zombie(world: &World) -> bool {
    let is_over =
        |client: &Client| matches!(client.standing, Standing::Over { .. }) && client.token.is_some();
    let is_zombie = |client: &Client| is_over(client) && client.connection.is_some();
    world.clients.iter().any(is_zombie) && world.clients.iter().any(Client::is_current)
}

fn ends(world: &World, how: impl Fn(Ending) -> bool) -> bool {
    world.clients.iter().any(|client| matches!(client.standing, Standing::Ends(_, ending) if how(ending)))
}

fn zombies_are_refused(world: &World) -> bool {
    world.clients.iter().filter(|client| !client.is_current()).all(|client| {
        let accepts = |token| {
            entries_of(client.wish.set).any(|entry| world.store.accepts(entry, token, client.base[entry]))
        };
        !client.token.is_some_and(accepts)
    })
}

/// Whoever is connected and waits does so because of somebody before him.
fn everybody_waits_for_somebody(world: &World) -> bool {
    world.core.is_none()
        || world.draining
        || world.line.iter().all(|&who| {
            let client = &world.clients[who];
            client.standing != Standing::Waits
                || client.connection.is_none()
                || world.conflicting(who).any(|other| world.is_before(other, who))
        })
}

impl World {
    /// Whether the core has what it told, in that order.
    pub fn compare(&mut self) {
        let Some(core) = &self.core else { return };
        let seen = core.sessions().map(|session| (who_has(session.id()), session.phase, session.client));
        let same = seen.eq(self.line.iter().map(|&who| {
            let client = &self.clients[who];
            let phase = match client.standing {
                Standing::Has(token) => Phase::Granted(token),
                Standing::Ends(token, _) => Phase::Releasing(token),
                _ => Phase::Queued,
            };
            let speaks_for_it = core.session(session_of(who)).and_then(|session| session.client);
            // One that ends already is not given to another connection.
            let client = if matches!(phase, Phase::Releasing(_)) { speaks_for_it } else { client.connection };
            (who, phase, client)
        }));
        if !same {
            self.blame(Fault::Differs);
        }
    }

    /// There is a daemon that grants.
    fn go_on(&mut self) {
        if self.draining {
            self.end();
        }
        if self.core.is_none() {
            self.start(true);
        }
    }

    fn flush(&mut self) {
        for who in self.line.clone() {
            if matches!(self.clients[who].standing, Standing::Ends(..)) {
                self.commit(who);
                self.on(&Event::Ended { session: session_of(who) });
            }
        }
    }
}

/// Holders hand back what they have, those who are gone are deserted, and time passes.
/// A law that is broken on the way counts here, too.
fn drains(bounds: &Bounds, world: &World) -> bool {
    let mut world = world.clone();
    if world.fault.is_some() {
        return true; // said already
    }
    for _ in 0..ENOUGH {
        world.go_on();
        for who in world.line.clone() {
            if let Standing::Has(_) = world.clients[who].standing {
                let is_connected = world.clients[who].connection.is_some();
                let doing = if is_connected { Doing::Release } else { Doing::Deserted };
                bounds.apply(&mut world, doing(who));
            }
        }
        world.flush();
        if world.line.is_empty() {
            return world.fault.is_none();
        }
        world.pass();
    }
    false
}

/// Nobody says anything any more, and time passes: whoever waits is granted all the same.
/// A law that is broken on the way counts here, too.
fn hangs(world: &World) -> bool {
    let mut world = world.clone();
    if world.fault.is_some() {
        return true;
    }
    for _ in 0..ENOUGH {
        world.go_on();
        world.flush();
        if world.line.iter().all(|who| world.clients[*who].standing != Standing::Waits) {
            return world.fault.is_none();
        }
        world.pass();
    }
    false
}
