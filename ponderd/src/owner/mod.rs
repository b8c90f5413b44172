//! The owner: one task that drives the lease core and the writer, and knows every client.
//!
//! "Who may touch this?" has one answer because it is given in one place, in one order: requests,
//! the writer's answers, saves of editors and the passing of time all arrive here.

mod about;
mod clients;
mod clock;
mod effects;
mod refusals;
mod requests;
mod saves;
mod session;
mod writer_answers;

use std::collections::{BTreeSet, HashMap};

use ponder_proto::{Body, ErrorCode, Message, Request, SessionId};
use tokio::sync::mpsc;
use tokio::time::sleep_until;

use self::clock::Clock;
use self::saves::Saves;
use self::session::Detail;
use crate::journal::{Desk, Done, DraftKey, RealDisk, Returned, Sign, Ticket, Watch, WriterThread};
use crate::lease::{ClientId, Event, LeaseCore};

pub use about::About;
pub use clients::Clients;
pub(crate) use refusals::refusal;

/// What connections tell the owner.
#[derive(Debug)]
pub enum FromClient {
    /// A client is there.
    Connected {
        /// Its number.
        client: ClientId,
        /// Where messages for it go.
        outbox: mpsc::Sender<Message>,
        /// Its process id, from the kernel.
        pid: Option<u32>,
    },
    /// It asks.
    Request {
        /// Its number.
        client: ClientId,
        /// What it asks.
        request: Request,
    },
    /// It is gone.
    Gone {
        /// Its number.
        client: ClientId,
    },
}

/// What the rest of the daemon tells the owner.
#[derive(Debug)]
pub enum FromInside {
    /// An order was done.
    Done(Box<Returned<RealDisk>>),
    /// Somebody did something to a draft.
    Sign(DraftKey, Sign),
    /// A signal asks the daemon to end.
    Stop,
}

/// The owner's state.
#[derive(Debug)]
pub struct Owner {
    core: LeaseCore,
    clock: Clock,
    clients: Clients,
    details: HashMap<SessionId, Detail>,
    saves: Saves,
    desk: Desk<RealDisk>,
    writer: WriterThread,
    watch: Option<Watch>,
    about: About,
    /// Waiters who have not been told yet that what is ahead of them changed.
    moved: BTreeSet<SessionId>,
    /// Bytes of appends that the writer has not answered yet.
    appending: usize,
    draining: bool,
}

impl Owner {
    /// An owner with no clients yet.
    pub fn new(
        epoch: u64,
        desk: Desk<RealDisk>,
        writer: WriterThread,
        watch: Option<Watch>,
        about: About,
    ) -> Self {
        Self {
            core: LeaseCore::new(epoch),
            clock: Clock::start(),
            clients: Clients::default(),
            details: HashMap::new(),
            saves: Saves::default(),
            desk,
            writer,
            watch,
            about,
            moved: BTreeSet::new(),
            appending: 0,
            draining: false,
        }
    }

    /// Runs until the daemon was asked to end and every session is over. Returns the clients: their
    /// connections end when they are dropped.
    pub async fn run(
        mut self,
        mut requests: mpsc::Receiver<FromClient>,
        mut inside: mpsc::UnboundedReceiver<FromInside>,
    ) -> Clients {
        while !(self.draining && self.core.is_empty()) {
            let due = self.due();
            tokio::select! {
                biased;
                Some(what) = inside.recv() => self.take_inside(what),
                Some(what) = requests.recv() => self.take_request(what),
                () = sleep_until(due.unwrap_or_else(|| self.clock.zero())), if due.is_some() => self.wake(),
                () = std::future::ready(()), if !self.moved.is_empty() => self.tell_moved(),
            }
        }
        // What nobody has looked at was not done: whoever asked may ask the next daemon.
        while let Ok(what) = requests.try_recv() {
            if let FromClient::Request { client, request } = what {
                self.clients.tell(client, Some(request.id), Body::Error(refusal(ErrorCode::Stopping)));
            }
        }
        // What was acknowledged is durable already; what was only asked for is done and answered.
        drop(self.desk);
        self.writer.join();
        while let Ok(what) = inside.try_recv() {
            if let FromInside::Done(returned) = what
                && let Done::Appended { entry, operation, ticket, result, .. } = returned.done
            {
                self.clients.appended(ticket, entry, operation, result);
            }
        }
        self.clients
    }

    /// When there is something to do even if nobody says anything.
    fn due(&self) -> Option<tokio::time::Instant> {
        let wait = self.core.next_wake().map(|tick| self.clock.instant(tick));
        wait.into_iter().chain(self.saves.due()).min()
    }

    fn wake(&mut self) {
        self.handle(Event::Tick);
        for (draft, look) in self.saves.take_due(tokio::time::Instant::now()) {
            match look {
                Some(look) => self.order_save(draft, look),
                None => self.draft_is_done(draft), // its slot is the kept draft
            }
        }
    }

    fn take_inside(&mut self, what: FromInside) {
        match what {
            FromInside::Done(returned) => {
                let done = self.desk.put_back(*returned);
                self.take_answer(done);
            }
            FromInside::Sign(draft, sign) => {
                if let Some(look) = self.saves.sign(draft, sign) {
                    self.order_save(draft, look);
                }
            }
            FromInside::Stop => self.drain(None),
        }
    }

    fn take_request(&mut self, what: FromClient) {
        match what {
            FromClient::Connected { client, outbox, pid } => self.clients.add(client, outbox, pid),
            FromClient::Request { client, request } => self.answer(client, request),
            FromClient::Gone { client } => {
                self.clients.remove(client);
                self.handle(Event::Gone { client });
            }
        }
    }

    /// Refuses new work, tells everybody, and lets what is under way come to its end.
    fn drain(&mut self, asked: Option<Ticket>) {
        if let Some(ticket) = asked {
            self.clients.tell(ticket.client, Some(ticket.re), Body::Stopping);
        }
        if !self.draining {
            tracing::info!(sessions = self.details.len(), "stopping");
            self.draining = true;
            self.clients.tell_all_but(asked.map(|ticket| ticket.client), &Body::Stopping);
            self.handle(Event::Drain);
        }
    }
}
