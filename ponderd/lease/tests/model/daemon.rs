//! What outlives a daemon, and how one ends and the next one begins.

use ponder_lease::{Event, LeaseCore, Restored, Tick};
use ponder_proto::Token;

use crate::people::{Standing, session_of};
use crate::world::World;

/// A session as it is written down, with what was left to it then.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    pub who: usize,
    pub place: u64,
    pub token: Option<Token>,
    pub wait: Option<u64>,
    pub hold: Option<u64>,
}

impl World {
    /// Puts a session into the table, as the core has it now.
    pub fn write_down(&mut self, who: usize, token: Option<Token>) {
        let session = session_of(who);
        self.table.retain(|row| row.who != who);
        if let Some(core) = &self.core
            && let Some(seated) = core.session(session)
        {
            let (wait, hold) = core.left(session, Tick(self.now));
            self.table.push(Row { who, place: seated.place(), token, wait, hold });
        }
        self.table.sort_by_key(|row| row.place);
    }

    /// The daemon ends: by a kill at any moment, or after it has drained.
    pub fn end(&mut self) {
        self.core = None;
        self.draining = false;
        self.now = 0;
        self.store.forget();
        for client in &mut self.clients {
            (client.connection, client.wanted, client.heard, client.until) = (None, None, 0, None);
            client.broken = false;
            if let Standing::Over { here } = &mut client.standing {
                *here = false;
            }
        }
    }

    /// Another one starts: with what was written down, if that is of this boot.
    pub fn start(&mut self, same_boot: bool) {
        self.epoch += 1;
        if !same_boot {
            self.table.clear();
            for who in std::mem::take(&mut self.line) {
                self.clients[who].standing = Standing::Over { here: false };
            }
        }
        for row in &self.table {
            let client = &mut self.clients[row.who];
            client.until = row.wait.map(|wait| wait.max(self.windows.back));
            if let Some(token) = row.token {
                client.standing = Standing::Has(token);
                self.store.grant(client.wish.set, token);
            }
        }
        let sessions = self.table.iter().map(|row| Restored {
            request: self.clients[row.who].wish.request(row.who),
            token: row.token,
            wait: row.wait,
            hold: row.hold,
        });
        let core = LeaseCore::restore(self.epoch, self.windows, sessions.collect(), Tick(0));
        for row in &mut self.table {
            row.place = core.session(session_of(row.who)).map_or(u64::MAX, ponder_lease::Session::place);
        }
        self.core = Some(core);
        self.note_who_is_wanted();
    }

    /// One tick of awake time.
    pub fn pass(&mut self) {
        self.now += 1;
        self.on(&Event::Tick);
    }
}
