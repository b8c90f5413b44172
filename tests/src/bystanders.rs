//! Those who must not notice what somebody else does wrong.

use serde_json::json;

use crate::{Process, Script, World};

/// The entry that they have to do with.
const DAY: &str = "19991231";

/// One who has a lease, and one who waits for it, while something else goes wrong.
#[derive(Debug)]
pub struct Bystanders {
    daemon: Process,
    holder: Script,
    waiter: Script,
    sessions: [String; 2],
}

impl Bystanders {
    /// Lets them connect and ask; the daemon is started if there is none.
    pub fn of(world: &World) -> Self {
        let (mut holder, mut waiter) = (world.script(), world.script());
        let more = json!({ "drafts": false });
        let held = holder.acquire(&[DAY], &more);
        holder.expect("granted");
        let wanted = waiter.acquire(&[DAY], &more);
        waiter.expect("queued");
        let daemons = world.daemons();
        assert_eq!(daemons.len(), 1);
        Self { daemon: daemons[0], holder, waiter, sessions: [held, wanted] }
    }

    /// The daemon.
    pub fn daemon(&self) -> Process {
        self.daemon
    }

    /// Everything goes on: the lease is handed over, a newcomer is served, by the same daemon.
    #[track_caller]
    pub fn go_on(mut self, world: &World) {
        let [held, wanted] = &self.sessions;
        self.holder.ask(json!({ "op": "release", "session": held, "succeeded": true }), "released");
        self.waiter.expect("granted");
        self.waiter.ask(json!({ "op": "release", "session": wanted, "succeeded": true }), "released");
        let text = format!("still here {wanted}");
        world.ponder(&["append", "-d", DAY, &text]).run().ok().silent();
        assert!(world.text(DAY).ends_with(&format!("{text}\n")), "{}", world.text(DAY));
        assert_eq!(world.daemons(), [self.daemon], "another daemon");
    }
}
