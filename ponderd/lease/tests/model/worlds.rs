//! The worlds that are explored, the small ones first.

use crate::doings::Bounds;
use crate::people::Wish;
use crate::world::Spent;

/// Nothing but asking, leaving, and handing back.
const NEVER: Spent = Spent { ticks: 0, restarts: 0, breaks: 0, repeats: 0, losses: 0, looks: 0, saves: 0 };

/// One entry.
const ONE: &[Wish] = &[Wish::alone(1), Wish::shared(1)];
/// One entry, or both.
const MIX: &[Wish] = &[Wish::alone(1), Wish::shared(1), Wish::alone(3)];
/// Whatever one may want of two entries; one entry, shared, is like the other.
const ALL: &[Wish] = &[Wish::alone(1), Wish::alone(2), Wish::alone(3), Wish::shared(1), Wish::shared(3)];
/// Not to wait, to wait for some time only, to hold for some time only.
const LIMITED: &[Wish] = &[
    Wish::alone(1),
    Wish { wait: Some(0), ..Wish::alone(1) },
    Wish { wait: Some(2), ..Wish::alone(1) },
    Wish { hold: Some(2), ..Wish::alone(1) },
];

/// The first so many are always explored.
pub const ALWAYS: usize = 6;

/// Each with what it is about.
pub const WORLDS: &[Bounds] = &[
    Bounds { name: "lines", clients: 3, wishes: ALL, most: NEVER, stops: false },
    Bounds { name: "limits", clients: 2, wishes: LIMITED, most: Spent { ticks: 4, ..NEVER }, stops: false },
    Bounds {
        name: "windows",
        clients: 2,
        wishes: MIX,
        most: Spent { ticks: 5, losses: 1, ..NEVER },
        stops: false,
    },
    Bounds {
        name: "force",
        clients: 2,
        wishes: MIX,
        most: Spent { ticks: 3, breaks: 1, looks: 1, saves: 1, ..NEVER },
        stops: false,
    },
    Bounds {
        name: "restart",
        clients: 2,
        wishes: MIX,
        most: Spent { ticks: 3, restarts: 1, ..NEVER },
        stops: false,
    },
    Bounds {
        name: "stop",
        clients: 2,
        wishes: ONE,
        most: Spent { ticks: 2, restarts: 1, ..NEVER },
        stops: true,
    },
    Bounds { name: "four", clients: 4, wishes: ALL, most: NEVER, stops: false },
    Bounds {
        name: "again",
        clients: 2,
        wishes: MIX,
        most: Spent { ticks: 3, restarts: 1, repeats: 1, losses: 1, ..NEVER },
        stops: true,
    },
    Bounds {
        name: "all2",
        clients: 2,
        wishes: ONE,
        most: Spent { ticks: 3, restarts: 2, breaks: 1, repeats: 1, losses: 1, looks: 1, saves: 1 },
        stops: true,
    },
    Bounds {
        name: "three",
        clients: 3,
        wishes: MIX,
        most: Spent { ticks: 3, restarts: 1, ..NEVER },
        stops: false,
    },
    Bounds {
        name: "threeone",
        clients: 3,
        wishes: ONE,
        most: Spent { ticks: 3, restarts: 1, losses: 1, ..NEVER },
        stops: false,
    },
    Bounds { name: "fourone", clients: 4, wishes: ONE, most: Spent { ticks: 3, ..NEVER }, stops: false },
    Bounds {
        name: "fourrestart",
        clients: 4,
        wishes: ONE,
        most: Spent { restarts: 1, ..NEVER },
        stops: false,
    },
    Bounds { name: "fourmix", clients: 4, wishes: MIX, most: Spent { ticks: 2, ..NEVER }, stops: false },
    Bounds {
        name: "fourexp",
        clients: 4,
        wishes: ONE,
        most: Spent { ticks: 2, restarts: 1, ..NEVER },
        stops: false,
    },
];
