//! Clients, what they want, and how far they have come.

use ponder_lease::{ClientId, Ending};
use ponder_proto::{Acquire, CommitPolicy, EntryName, Holder, Mode, SessionId, Token, Wait};

use crate::store::{ENTRIES, entries_of};

/// A request that somebody may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Wish {
    /// Its entries.
    pub set: u8,
    /// Whether it is to be alone there.
    pub alone: bool,
    /// How long it waits, and how long it holds, in ticks.
    pub wait: Option<u64>,
    /// See there.
    pub hold: Option<u64>,
}

impl Wish {
    /// For as long as it takes, alone.
    pub const fn alone(set: u8) -> Self {
        Self { set, alone: true, wait: None, hold: None }
    }

    /// For as long as it takes, together with others.
    pub const fn shared(set: u8) -> Self {
        Self { set, alone: false, wait: None, hold: None }
    }

    /// Whether two of them cannot be granted together.
    pub fn conflicts(self, other: Self) -> bool {
        self.set & other.set != 0 && (self.alone || other.alone)
    }

    /// The request of a client.
    pub fn request(self, who: usize) -> Acquire {
        let name = |entry| EntryName::from_number(20_260_101 + u32::try_from(entry).expect("few"));
        Acquire {
            session: session_of(who),
            entries: entries_of(self.set).map(|entry| name(entry).expect("a day")).collect(),
            mode: if self.alone { Mode::Exclusive } else { Mode::Shared },
            wait: match self.wait {
                None => Wait::Forever,
                Some(0) => Wait::None,
                Some(ticks) => Wait::Millis(ticks),
            },
            hold: self.hold,
            commit: CommitPolicy::OnSave,
            drafts: true,
            create: true,
            inside: None,
            time: None,
            holder: Holder::default(),
        }
    }
}

/// The one session that a client ever asks for.
pub fn session_of(who: usize) -> SessionId {
    SessionId([u8::try_from(who).expect("few"); 16])
}

/// Whose session this is.
pub fn who_has(session: SessionId) -> usize {
    session.0[0].into()
}

/// Where a session is, by what was told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It has not asked.
    Nowhere,
    /// It waits.
    Waits,
    /// It has its lease.
    Has(Token),
    /// Its last commit is under way.
    Ends(Token, Ending),
    /// It is over: perhaps under this daemon, which therefore knows its id.
    Over {
        /// Whether it was this one.
        here: bool,
    },
}

/// A client, and what it had started.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    /// What it asks for.
    pub wish: Wish,
    /// Where its session is.
    pub standing: Standing,
    /// Its connection, while it has one.
    pub connection: Option<ClientId>,
    /// How many it had.
    connections: u64,
    /// The token that it was granted, and still believes in when it is long over.
    pub token: Option<Token>,
    /// What its drafts are made of.
    pub base: [u8; ENTRIES],
    /// When it was heard of last.
    pub heard: u64,
    /// Since when somebody has waited for it without a break.
    pub wanted: Option<u64>,
    /// Until when it waits at the most.
    pub until: Option<u64>,
    /// Whether somebody wanted exactly its lease broken.
    pub broken: bool,
}

impl Client {
    /// One that has not asked.
    pub fn new() -> Self {
        Self {
            wish: Wish::alone(0),
            standing: Standing::Nowhere,
            connection: None,
            connections: 0,
            token: None,
            base: [0; ENTRIES],
            heard: 0,
            wanted: None,
            until: None,
            broken: false,
        }
    }

    /// Takes another connection. Their numbers are never used twice.
    pub fn connect(&mut self, who: usize) -> ClientId {
        self.connections += 1;
        let client = ClientId(u64::try_from(who).expect("few") * 100 + self.connections);
        self.connection = Some(client);
        client
    }

    /// Whether its lease is current.
    pub fn is_current(&self) -> bool {
        matches!(self.standing, Standing::Has(_) | Standing::Ends(..))
    }
}
