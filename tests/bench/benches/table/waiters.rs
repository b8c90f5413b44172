//! What many who wait cost: the next one in line, and the daemon's memory.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use ponder_proto::{Body, EntryName, Op, SessionId};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::alone;
use crate::connection::{Daemon, exclusion};
use crate::rest::resident;
use crate::stats::{Pairs, Row};
use crate::world::World;

const MANY: usize = 10_000;
const FEW: usize = 10;
const ROUNDS: usize = 200;

/// The most connections of one line: each may have 64 sessions, and these are shared out.
const CONNECTIONS: usize = 200;

/// Clients that wait while the daemon's memory is looked at.
const CLIENTS: u32 = 5_000;

/// What the system's limit on descriptors leaves to others.
const SPARE: u32 = 100;

const DAY: &str = "20260111";

pub(crate) fn rows(world: &World) -> Result<Vec<Row>> {
    Ok(vec![next_in_line(world)?, memory_of_each(world)?])
}

/// From a release to the next grant, at the client. Each line has a daemon to itself.
fn next_in_line(world: &World) -> Result<Row> {
    let other = World::new()?;
    for world in [world, &other] {
        world.start_daemon()?;
    }
    let mut many = Line::new(world, MANY)?;
    let mut few = Line::new(&other, FEW)?;
    let mut pairs = Pairs::default();
    for round in 0..ROUNDS + 5 {
        let (ours, theirs) = (many.hand_over()?, few.hand_over()?);
        if round >= 5 {
            pairs.add(ours, theirs);
        }
    }
    drop((many, few));
    world.stop_daemon()?;
    Ok(pairs.row("from a release to the next grant, 10,000 wait", "the same, 10 wait", "≤ 2 ×"))
}

/// One who holds, and so many who wait.
struct Line {
    daemons: Vec<Daemon>,
    /// Those in line: on which connection, and who.
    sessions: VecDeque<(usize, SessionId)>,
    joined: usize,
    /// A connection that waits for nothing.
    aside: Daemon,
    entry: EntryName,
}

impl Line {
    fn new(world: &World, waiting: usize) -> Result<Self> {
        let socket = world.socket()?;
        let connect = |_| Daemon::connect(&socket);
        let mut line = Self {
            daemons: (0..waiting.min(CONNECTIONS)).map(connect).collect::<Result<_>>()?,
            sessions: VecDeque::new(),
            joined: 0,
            aside: Daemon::connect(&socket)?,
            entry: DAY.parse()?,
        };
        (0..=waiting).try_for_each(|_| line.join())?;
        line.settle()?;
        Ok(line)
    }

    /// One more comes in line, on the connection after that of the one before.
    fn join(&mut self) -> Result<()> {
        let at = self.joined % self.daemons.len();
        let session = SessionId((self.joined as u128).to_be_bytes());
        self.joined += 1;
        self.daemons[at].send(Op::Acquire(exclusion(session, self.entry)))?;
        self.daemons[at].hear(|body| match body {
            Body::Queued { session: of, .. } | Body::Granted { session: of, .. } => {
                (of == session).then_some(())
            }
            _ => None,
        })?;
        self.sessions.push_back((at, session));
        Ok(())
    }

    /// The first one releases, the next one is granted: so long takes this. Then the first one comes in
    /// line again, and all hear what there is to hear.
    fn hand_over(&mut self) -> Result<Duration> {
        let (at, session) = self.sessions.pop_front().context("nobody holds it")?;
        let (next, of) = *self.sessions.front().context("nobody waits")?;
        let start = Instant::now();
        self.daemons[at].send(Op::Release { session, succeeded: true })?;
        self.daemons[next]
            .hear(|body| matches!(body, Body::Granted { session, .. } if session == of).then_some(()))?;
        let taken = start.elapsed();
        self.daemons[at].hear(|body| matches!(body, Body::Released { .. }).then_some(()))?;
        self.join()?;
        self.settle()?;
        Ok(taken)
    }

    /// Until the daemon has told everybody of his new place.
    fn settle(&mut self) -> Result<()> {
        loop {
            self.aside.ask(Op::Deferred)?;
            let mut heard = 0;
            for daemon in &mut self.daemons {
                heard += daemon.pass_over()?;
            }
            if heard == 0 {
                return Ok(());
            }
        }
    }
}

/// What the daemon takes for each client that is connected and waits in line.
fn memory_of_each(world: &World) -> Result<Row> {
    let clients = CLIENTS.min(descriptors()?.saturating_sub(SPARE));
    world.start_daemon()?;
    let socket = world.socket()?;
    let wait = |number: u32| -> Result<Daemon> {
        let mut daemon = Daemon::connect(&socket)?;
        let session = SessionId(u128::from(number).to_be_bytes());
        daemon.send(Op::Acquire(exclusion(session, DAY.parse()?)))?;
        daemon.hear(|body| matches!(body, Body::Queued { .. } | Body::Granted { .. }).then_some(()))?;
        Ok(daemon)
    };
    let holder = wait(0)?;
    let pid = world.daemon_pid()?;
    let before = resident(pid)?;
    let waiting: Vec<Daemon> = (1..=clients).map(wait).collect::<Result<_>>()?;
    let each = (resident(pid)? - before) / f64::from(clients);
    drop((waiting, holder));
    world.stop_daemon()?;
    let what = format!("the daemon's memory for each client that waits, of {clients}");
    Ok(alone(&what, format!("{each:.1} KiB"), "≤ 8 KiB"))
}

/// Raises the limit on descriptors as far as the system allows, and says how many that is.
fn descriptors() -> Result<u32> {
    let most = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: most, maximum: most })?;
    Ok(most.map_or(u32::MAX, |most| u32::try_from(most).unwrap_or(u32::MAX)))
}
