//! The writer's thread.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use super::{Done, Editor, Order, Store};

/// The one thread that changes the journal's files. Orders are done in the order in which they are
/// given; at rest it sleeps in the kernel.
#[derive(Debug)]
pub struct Writer {
    orders: Sender<Order>,
    thread: JoinHandle<()>,
}

impl Writer {
    /// Starts the thread; `tell` is called from it with each answer.
    ///
    /// # Errors
    /// When the system has no thread to spare.
    pub fn start(store: Store, tell: impl Fn(Done) + Send + 'static) -> std::io::Result<Self> {
        let (orders, inbox) = channel();
        let thread =
            thread::Builder::new().name("writer".to_owned()).spawn(move || run(store, &inbox, tell))?;
        Ok(Self { orders, thread })
    }

    /// Gives an order. The thread ends only by [`Writer::stop`]; a bug in it ends the whole daemon.
    pub fn order(&self, order: Order) {
        if self.orders.send(order).is_err() {
            tracing::error!("the writer is gone; an order was not taken");
        }
    }

    /// Lets it finish what it was told, and waits for it.
    pub fn stop(self) {
        drop(self.orders);
        if self.thread.join().is_err() {
            tracing::error!("the writer ended by a bug");
        }
    }
}

fn run(mut store: Store, inbox: &Receiver<Order>, tell: impl Fn(Done)) {
    while let Ok(order) = inbox.recv() {
        tell(perform(&mut store, order));
    }
}

fn perform(store: &mut Store, order: Order) -> Done {
    match order {
        Order::Prepare(prepare) => {
            let session = prepare.session;
            let result = store.prepare(&prepare).map_err(|fault| fault.refusal());
            Done::Prepared { session, result }
        }
        Order::Open { session, ticket } => {
            let result = store.open_entries(session).map_err(|fault| fault.refusal());
            Done::Opened { session, ticket, result }
        }
        Order::Save { session, entry, seen, editor, look } => {
            let saved = store.save(session, entry, seen, editor);
            Done::Saved { session, entry, look, saved }
        }
        Order::Commit { session, ticket } => {
            let entries = store.commit_now(session, Editor::Alive);
            Done::Committed { session, ticket, entries }
        }
        Order::Finish { session, ending } => {
            Done::Finished { session, entries: store.finish(session, ending) }
        }
        Order::Append { append, operation, ticket } => {
            let (entry, length) = (append.entry, append.text.0.len());
            Done::Appended { entry, length, operation, ticket, result: store.append(&append, operation) }
        }
        Order::ListKept { ticket } => Done::Kept { kept: store.list_kept(), ticket },
    }
}
