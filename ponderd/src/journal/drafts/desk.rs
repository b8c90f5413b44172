//! The desk: gives each session's orders to a thread, one after the other, and different sessions'
//! at once. A big merge or a slow flush of one keeps nobody else waiting.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;

use ponder_proto::SessionId;

use super::{Drafts, OpenSession};
use crate::journal::disk::Disk;
use crate::journal::order::{Done, Order};
use crate::journal::{Editor, Fault};

/// Where the sessions that have drafts are kept between two orders.
pub struct Desk<D: Disk> {
    drafts: Arc<Drafts<D>>,
    sessions: HashMap<SessionId, Seat<D>>,
    /// How many orders clients wait for.
    asked: usize,
    tell: Arc<dyn Fn(Returned<D>) + Send + Sync>,
}

/// One session's place at the desk.
#[derive(Debug)]
struct Seat<D: Disk> {
    /// None while a thread works on it, or before it was prepared.
    open: Option<OpenSession<D>>,
    is_busy: bool,
    waiting: VecDeque<Order>,
}

/// What comes back from a thread: to be given to [`Desk::put_back`].
#[derive(Debug)]
pub struct Returned<D: Disk> {
    /// What became of the order.
    pub done: Done,
    session: Option<SessionId>,
    open: Option<OpenSession<D>>,
}

impl<D: Disk> fmt::Debug for Desk<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("sessions", &self.sessions).finish_non_exhaustive()
    }
}

impl<D: Disk> Desk<D> {
    /// A desk without sessions. `tell` is called from the threads, with what comes back.
    pub fn new(drafts: Drafts<D>, tell: impl Fn(Returned<D>) + Send + Sync + 'static) -> Self {
        Self { drafts: Arc::new(drafts), sessions: HashMap::new(), asked: 0, tell: Arc::new(tell) }
    }

    /// Gives an order. It is done after the earlier ones of its session. To be called within a
    /// runtime of tokio, whose blocking threads do the work: at rest there are none.
    pub fn order(&mut self, order: Order) {
        self.asked += usize::from(order.is_asked_for());
        match order {
            Order::Append { append, operation, ticket } => {
                let (entry, length) = (append.entry, append.text.0.len());
                let tell = Arc::clone(&self.tell);
                let answer = Box::new(move |result| {
                    let done = Done::Appended { entry, length, operation, ticket, result };
                    tell(Returned { done, session: None, open: None });
                });
                self.drafts.writer.append(append, operation, answer);
            }
            order => match order.session() {
                None => self.start(None, None, order),
                Some(id) => {
                    let seat = self.sessions.entry(id).or_insert_with(Seat::empty);
                    seat.waiting.push_back(order);
                    self.go_on(id);
                }
            },
        }
    }

    /// Takes a session back, and goes on with its next order.
    pub fn put_back(&mut self, returned: Returned<D>) -> Done {
        self.asked -= usize::from(returned.done.is_asked_for());
        if let Some(id) = returned.session {
            if let Some(seat) = self.sessions.get_mut(&id) {
                (seat.open, seat.is_busy) = (returned.open, false);
                if seat.open.is_none() && seat.waiting.is_empty() {
                    self.sessions.remove(&id);
                }
            }
            self.go_on(id);
        }
        returned.done
    }

    /// Whether a client waits for what was ordered.
    pub fn owes_answers(&self) -> bool {
        self.asked > 0
    }

    fn go_on(&mut self, id: SessionId) {
        let Some(seat) = self.sessions.get_mut(&id).filter(|seat| !seat.is_busy) else { return };
        if let Some(order) = seat.waiting.pop_front() {
            seat.is_busy = true;
            let open = seat.open.take();
            self.start(Some(id), open, order);
        }
    }

    fn start(&self, session: Option<SessionId>, open: Option<OpenSession<D>>, order: Order) {
        let (drafts, tell) = (Arc::clone(&self.drafts), Arc::clone(&self.tell));
        tokio::task::spawn_blocking(move || {
            let (open, done) = drafts.perform(open, order);
            drop(drafts); // the writer ends with its last handle
            tell(Returned { done, session, open });
        });
    }
}

impl<D: Disk> Seat<D> {
    fn empty() -> Self {
        Self { open: None, is_busy: false, waiting: VecDeque::new() }
    }
}

impl<D: Disk> Drafts<D> {
    /// Does what is ordered. Returns the session, if it is still open.
    fn perform(&self, open: Option<OpenSession<D>>, order: Order) -> (Option<OpenSession<D>>, Done) {
        let mut open = open;
        let done = match order {
            Order::Prepare(prepare) => {
                let session = prepare.session;
                match self.prepare(&prepare) {
                    Ok((opened, told)) => {
                        open = Some(opened);
                        Done::Prepared { session, result: Ok(told) }
                    }
                    Err(fault) => {
                        self.forget_alive(session);
                        Done::Prepared { session, result: Err(fault.refusal()) }
                    }
                }
            }
            Order::Open { session, ticket } => {
                let opened = open.as_mut().map_or(Ok(()), |open| self.open_entries(open));
                Done::Opened { session, ticket, result: opened.map_err(|fault: Fault| fault.refusal()) }
            }
            Order::Save { session, entry, seen, editor, look } => {
                let nothing = crate::journal::Saved::Settled(Vec::new());
                let saved = open.as_mut().map_or(nothing, |open| self.save(open, entry, seen, editor));
                Done::Saved { session, entry, look, saved }
            }
            Order::Commit { session, ticket } => {
                let entries = open.as_mut().map(|open| self.commit_now(open, Editor::Alive));
                Done::Committed { session, ticket, entries: entries.unwrap_or_default() }
            }
            Order::Finish { session, ending } => {
                let entries = open.take().map(|open| self.finish(open, ending)).unwrap_or_default();
                Done::Finished { session, entries }
            }
            Order::Vacate { session } => Done::Vacated { session, entries: self.vacate(session) },
            Order::ListKept { ticket } => Done::Kept { kept: self.list_kept(), ticket },
            Order::DropKept { id, open, ticket } => {
                Done::Dropped { result: self.drop_kept(&id, &open), id, ticket }
            }
            Order::ListDeferred { ticket } => Done::Deferred { deferred: self.list_deferred(), ticket },
            Order::Probe => {
                self.writer.call(|_| ());
                Done::Probed
            }
            Order::Append { .. } => unreachable!("appends are given to the writer"),
        };
        (open, done)
    }
}
