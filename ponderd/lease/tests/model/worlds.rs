//! The worlds that are explored, the small ones first.

use ponder_lease::Windows;

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

/// One entry for one at a time.
const SOLE: &[Wish] = &[Wish::alone(1)];

const SHORT: Windows = Windows { answer: 1, window: 3, again: 2, grace: 2, back: 2, warning: 1 };
/// Time enough to begin to wait between a question and its answer.
const SLOW: Windows = Windows { answer: 2, window: 4, ..SHORT };

/// What most worlds have in common.
const PLAIN: Bounds = Bounds { name: "", clients: 2, wishes: ONE, most: NEVER, windows: SHORT, stops: false };

const RESTART: Spent = Spent { ticks: 3, restarts: 1, ..NEVER };
const ONCE_MORE: Spent = Spent { repeats: 1, losses: 1, ..RESTART };

/// The first so many are always explored.
pub const ALWAYS: usize = 9;

/// Each with what it is about.
pub const WORLDS: &[Bounds] = &[
    Bounds { name: "three in two lines", clients: 3, wishes: ALL, ..PLAIN },
    Bounds { name: "limits", wishes: LIMITED, most: Spent { ticks: 4, ..NEVER }, ..PLAIN },
    Bounds { name: "windows", wishes: MIX, most: Spent { ticks: 5, losses: 1, ..NEVER }, ..PLAIN },
    Bounds {
        name: "one waiter after the other",
        clients: 3,
        wishes: SOLE,
        most: Spent { ticks: 5, ..NEVER },
        ..PLAIN
    },
    Bounds {
        name: "looks",
        wishes: SOLE,
        most: Spent { ticks: 8, looks: 1, ..NEVER },
        windows: SLOW,
        ..PLAIN
    },
    Bounds { name: "force", most: Spent { ticks: 3, breaks: 1, looks: 1, saves: 1, ..NEVER }, ..PLAIN },
    Bounds { name: "a restart", wishes: MIX, most: RESTART, ..PLAIN },
    Bounds { name: "stops", most: Spent { ticks: 2, restarts: 1, ..NEVER }, stops: true, ..PLAIN },
    Bounds { name: "four and a restart", clients: 4, most: Spent { restarts: 1, ..NEVER }, ..PLAIN },
    Bounds { name: "four in two lines", clients: 4, wishes: ALL, ..PLAIN },
    Bounds { name: "once more", wishes: MIX, most: ONCE_MORE, stops: true, ..PLAIN },
    Bounds { name: "three and a restart", clients: 3, wishes: MIX, most: RESTART, ..PLAIN },
    Bounds { name: "three and a lost connection", clients: 3, most: Spent { losses: 1, ..RESTART }, ..PLAIN },
];
