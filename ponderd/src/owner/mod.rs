//! The owner: one task that drives the lease core and the writer, and knows every client.
//!
//! "Who may touch this?" has one answer because it is given in one place, in one order: requests,
//! the writer's answers, saves of editors and the passing of time all arrive here.

mod about;
mod alive;
mod clients;
mod clock;
mod counts;
mod drain;
mod effects;
mod endings;
mod forced;
mod history;
mod late;
mod looks;
mod memory;
mod places;
mod refusals;
mod requests;
mod saves;
mod session;
mod subscribers;
mod writer_answers;

use std::collections::{HashMap, HashSet};

use ponder_proto::{Body, Encoding, ErrorCode, Request, SessionId, Successor};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use self::alive::Watchers;
use self::clients::Client;
use self::clock::Clock;
use self::counts::Told;
use self::late::Late;
use self::looks::Looks;
use self::places::Places;
use self::saves::Saves;
use self::session::Detail;
use self::subscribers::Subscribers;
use crate::journal::{Alive, Desk, DraftKey, RealDisk, Returned, Sign, Watch, WriterThread};
use crate::lease::{ClientId, Event, LeaseCore, Windows};
use crate::manager::Manager;
use crate::table::{Remembered, Table};

pub use about::About;
pub use clients::{Clients, Outgoing};
pub use history::History;
pub(crate) use refusals::refusal;

/// What connections tell the owner.
#[derive(Debug)]
pub enum FromClient {
    /// A client is there.
    Connected {
        /// Its number.
        client: ClientId,
        /// Where messages for it go. Boxed: a channel sets aside room for many, and thousands wait.
        outbox: mpsc::Sender<Box<Outgoing>>,
        /// How it speaks.
        encoding: Encoding,
        /// Its process id, from the kernel.
        pid: Option<u32>,
        /// Its user id, from the kernel.
        uid: Option<u32>,
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
    /// Nobody works on a session's drafts any more.
    Deserted(SessionId),
    /// A signal asks the daemon to end.
    Stop,
    /// The service manager wants proof that the daemon works.
    Probe,
}

/// What an owner is given to work with.
#[derive(Debug)]
pub struct Parts {
    /// Above every epoch that was ever used.
    pub epoch: u64,
    /// How long is waited for whom.
    pub windows: Windows,
    /// Who works on drafts.
    pub desk: Desk<RealDisk>,
    /// Who writes.
    pub writer: WriterThread,
    /// Who tells of saves; none where the system has no watcher to spare.
    pub watch: Option<Watch>,
    /// What is told about the daemon.
    pub about: About,
    /// Where it is seen whether editors live.
    pub alive: Alive,
    /// Where sessions are written down.
    pub table: Table,
    /// The leases that were ended by force.
    pub history: History,
    /// The sessions of the daemon before this one.
    pub restored: Vec<Remembered>,
    /// Who is told how it goes.
    pub manager: Manager,
    /// The way back to the owner.
    pub inside: mpsc::UnboundedSender<FromInside>,
}

/// The owner's state.
#[derive(Debug)]
pub struct Owner {
    core: LeaseCore,
    clock: Clock,
    clients: Clients,
    details: HashMap<SessionId, Detail>,
    /// Holders that are suspect or orphaned, or were asked to release.
    doubtful: HashSet<SessionId>,
    saves: Saves,
    late: Late,
    places: Places,
    looks: Looks,
    subscribers: Subscribers,
    desk: Desk<RealDisk>,
    writer: WriterThread,
    watch: Option<Watch>,
    watchers: Watchers,
    about: About,
    table: Table,
    history: History,
    told: Told,
    /// Bytes of appends that the writer has not answered yet.
    appending: usize,
    draining: Option<Successor>,
}

/// What the owner wakes up for.
enum News {
    Client(FromClient),
    Inside(FromInside),
    Time,
    Places,
}

/// How often connections get a turn to hand in what they have read, without any news, before all is
/// taken for heard; and how often at the most.
const QUIET: u32 = 4;
const TURNS: u32 = 1000;

impl Owner {
    /// An owner with the sessions of the daemon before this one, and no clients yet.
    pub fn new(parts: Parts) -> Self {
        let Parts { epoch, windows, desk, writer, watch, about, alive, table, history, .. } = parts;
        let Parts { restored, manager, inside, .. } = parts;
        let clock = Clock::start(Instant::now());
        let mut owner = Self {
            core: LeaseCore::restore(epoch, windows, memory::restored(&restored), clock.now()),
            clock,
            clients: Clients::default(),
            details: HashMap::new(),
            doubtful: HashSet::new(),
            saves: Saves::default(),
            late: Late::default(),
            places: Places::default(),
            looks: Looks::default(),
            subscribers: Subscribers::default(),
            desk,
            writer,
            watch,
            watchers: Watchers::new(alive, inside),
            about,
            table,
            history,
            told: Told::new(manager),
            appending: 0,
            draining: None,
        };
        owner.take_up(&restored);
        owner
    }

    /// Runs until the daemon was asked to end and nothing is under way. Returns the clients: their
    /// connections end when they are dropped.
    pub async fn run(
        mut self,
        mut requests: mpsc::Receiver<FromClient>,
        mut inside: mpsc::UnboundedReceiver<FromInside>,
    ) -> Clients {
        self.told.ready();
        while !self.is_done() {
            let due = self.plan();
            let news = tokio::select! {
                biased;
                Some(what) = inside.recv() => News::Inside(what),
                Some(what) = requests.recv() => News::Client(what),
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => News::Time,
                // Connections first say what they have: a grant goes out before the news of it.
                () = tokio::task::yield_now(), if self.places.are_to_be_told() => News::Places,
            };
            let now = Instant::now();
            let late = self.clock.has_jumped(now)
                || self.core.next_wake().is_some_and(|due| self.clock.is_past(due, now));
            if late {
                // Whatever was said while nobody listened was said in time.
                self.take(news);
                self.hear_out(&mut requests).await;
                self.clock.pass(now);
                self.wake();
            } else {
                self.clock.pass(now);
                self.take(news);
            }
        }
        self.table.end(self.core.is_empty());
        // What nobody has looked at was not done: whoever asked may ask the next daemon.
        while let Ok(what) = requests.try_recv() {
            match what {
                FromClient::Connected { .. } => self.take_request(what), // or he hears nothing
                FromClient::Request { client, request } => {
                    self.clients.tell(client, Some(request.id), Body::Error(refusal(ErrorCode::Stopping)));
                }
                FromClient::Gone { .. } => {}
            }
        }
        drop(self.desk);
        self.writer.join();
        self.clients
    }

    /// When there is something to do even if nobody says anything.
    fn plan(&mut self) -> Option<Instant> {
        let every_second_counts = !self.doubtful.is_empty() || self.core.is_admitting();
        let due = self.clock.plan(self.core.next_wake(), every_second_counts);
        due.into_iter().chain(self.saves.due()).chain(self.looks.due()).chain(self.told.due()).min()
    }

    /// Takes in all that clients have said by now.
    async fn hear_out(&mut self, requests: &mut mpsc::Receiver<FromClient>) {
        let mut quiet = 0;
        for _ in 0..TURNS {
            if quiet == QUIET {
                return;
            }
            tokio::task::yield_now().await;
            quiet += 1;
            while let Ok(what) = requests.try_recv() {
                self.take_request(what);
                quiet = 0;
            }
        }
    }

    fn take(&mut self, news: News) {
        match news {
            News::Client(what) => self.take_request(what),
            News::Inside(what) => self.take_inside(what),
            News::Time => self.wake(),
            News::Places => self.tell_places(),
        }
        self.answer_looks();
        self.tell_counts();
    }

    fn wake(&mut self) {
        self.handle(Event::Tick);
        for (draft, look) in self.saves.take_due(Instant::now()) {
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
                if let Some(watch) = &mut self.watch {
                    watch.renew(draft);
                }
                self.take_sign(draft, sign);
            }
            FromInside::Deserted(session) => self.deserted(session),
            FromInside::Stop => self.drain(None, Successor::Perhaps),
            FromInside::Probe => self.probe(),
        }
    }

    fn take_request(&mut self, what: FromClient) {
        match what {
            FromClient::Connected { client, outbox, encoding, pid, uid } => {
                self.clients.add(client, Client { outbox, encoding, pid, uid, process: None });
            }
            FromClient::Request { client, request } => self.answer(client, request),
            FromClient::Gone { client } => {
                self.clients.remove(client);
                self.subscribers.remove(client);
                self.handle(Event::Gone { client });
                self.late_client_is_gone(client);
            }
        }
    }
}
