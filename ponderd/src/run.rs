//! From start to end: what is put together in which order, and how it is taken apart again.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use ponder_endpoint::{Journal, JournalError, LockError, Process, Record, SocketError};
use ponder_proto::{DaemonInfo, ErrorCode, PROTOCOL, RawPath, Refusal, shown};
use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;

use crate::args::Args;
use crate::incumbent;
use crate::journal::{
    self, Alive, Desk, Fault, LogError, OpenedJournal, StateDir, StateDirError, Watch, next_epoch,
};
use crate::listener::{ActivationError, Endpoint, PassedIn, take_over};
use crate::logging::{self, Target};
use crate::manager::Manager;
use crate::owner::{About, FromInside, History, Owner, Parts};
use crate::platform::{close_new_files, replace_stderr};
use crate::signals;
use crate::table::{self, Table};

/// Requests that may wait for the owner before connections have to wait to give theirs.
const REQUESTS: usize = 1024;

/// The exit code of a daemon whose places are not its user's alone.
const NOT_YOURS: u8 = 77;
/// The exit code of a daemon that could not start for the journal's or the configuration's sake.
const CONFIG: u8 = 78;
/// The exit code of a daemon that could not start for another reason.
const UNAVAILABLE: u8 = 69;

/// Runs the daemon for the process's life. What keeps it from starting is one line on standard
/// error: under `--handed-over` the client reads it there.
pub fn main(args: &Args) -> ExitCode {
    abort_on_panic();
    let ended = match (args.print_log, args.activated) {
        (true, _) => print_log(args),
        (false, true) => start_activated(args),
        (false, false) => start(args, None),
    };
    let Err(error) = ended else { return ExitCode::SUCCESS };
    let reason = reason(&error);
    tracing::error!("{reason}");
    if args.handed_over || !tracing::dispatcher::has_been_set() {
        let _ = writeln!(io::stderr(), "{reason}"); // the client that wanted to read it may be gone
    }
    ExitCode::from(exit_code(&error))
}

/// The same for a service manager. Who has come meanwhile to a daemon that cannot start is told why.
fn start_activated(args: &Args) -> anyhow::Result<()> {
    let passed_in = PassedIn::take()?;
    let ended = start(args, Some(&passed_in));
    if let Err(error) = &ended {
        let code = match exit_code(error) {
            NOT_YOURS => ErrorCode::NotYours,
            CONFIG => ErrorCode::Journal,
            _ => ErrorCode::Disk,
        };
        passed_in.turn_away(&Refusal::new(code, format!("the daemon could not start: {}", reason(error))));
    }
    ended
}

/// An error and its causes, but for those that it names itself.
fn reason(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |told, cause| match &*told {
        "" => cause,
        _ if told.contains(&cause) => told,
        _ => format!("{told}: {cause}"),
    })
}

fn exit_code(error: &anyhow::Error) -> u8 {
    let is_planted = match (error.downcast_ref(), error.downcast_ref()) {
        (Some(StateDirError::Private(error)), _) | (_, Some(SocketError::Directory(error))) => {
            error.is_not_ours_alone()
        }
        _ => false,
    };
    let config = error.is::<JournalError>()
        || matches!(error.downcast_ref(), Some(SocketError::TooLong { .. }))
        || matches!(error.downcast_ref(), Some(LockError::NotTheJournal(_)))
        || error.downcast_ref().is_some_and(ActivationError::is_of_the_configuration)
        || matches!(error.downcast_ref(), Some(LogError::Newer { .. } | LogError::Damaged { .. }))
        || matches!(error.downcast_ref(), Some(LogError::Fault(Fault::NoDirectory(_))));
    match (is_planted, config) {
        (true, _) => NOT_YOURS,
        (false, true) => CONFIG,
        (false, false) => UNAVAILABLE,
    }
}

/// Half a daemon is worse than none: a panic in one thread would leave clients waiting for answers
/// that never come, while the lock keeps the next daemon out.
fn abort_on_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        report(panic);
        std::process::abort();
    }));
}

/// Prints the log's records. It is read without the lock: what is written meanwhile looks like an end
/// that is torn off, and that is no damage.
fn print_log(args: &Args) -> anyhow::Result<()> {
    let log = Journal::open(&args.journal)?.state_dir()?.join("log");
    let text = if log.try_exists().unwrap_or(true) {
        journal::print_log(&log)?
    } else {
        format!("{}: there is no log yet\n", shown(&log))
    };
    let _ = io::stdout().lock().write_all(text.as_bytes()); // a reader that has seen enough
    Ok(())
}

fn start(args: &Args, passed_in: Option<&PassedIn>) -> anyhow::Result<()> {
    close_new_files();
    let journal = Journal::open(&args.journal)?;
    let handed_over = if args.handed_over { Some(take_over(&journal)?) } else { None };
    let manager = Manager::of_environment(args.activated);
    let state = StateDir::make(&journal.state_dir()?)?;
    let log = args.log_file.clone().or_else(|| args.handed_over.then(|| state.log_file()));
    let log = log.map(|path| {
        logging::open_file(&path).with_context(|| format!("cannot open the log {}", shown(&path)))
    });
    let log = log.transpose()?;
    let spare = log.as_ref().map(std::fs::File::try_clone).transpose()?;
    let target = log.map_or_else(logging::standard, Target::File);
    logging::start(target, args.log_format, args.verbose);

    // One thread: the owner and the connections take turns, so a request costs no lock and no
    // wake-up of another core. Disk work is the writer's.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let endpoint = match (handed_over, passed_in) {
            (Some(handed_over), _) => Endpoint::new(handed_over, &journal)?,
            (None, Some(passed_in)) => Endpoint::new(passed_in.take_up(&journal, &state)?, &journal)?,
            (None, None) => Endpoint::bind(&journal)?,
        };
        incumbent::note(&state);
        let ready = move || match spare {
            // The client's pipe ends here: it has nothing more to hear. A later panic goes to the log.
            Some(log) if args.handed_over => replace_stderr(&log),
            _ => Ok(()),
        };
        serve(args, &journal, &state, endpoint, manager, ready).await
    })
}

async fn serve(
    args: &Args,
    journal: &Journal,
    state: &StateDir,
    endpoint: Endpoint,
    manager: Manager,
    ready: impl FnOnce() -> io::Result<()>,
) -> anyhow::Result<()> {
    // A log that cannot be used keeps the daemon from starting before anything is written.
    // What cannot be read of the lease table is not known, and its drafts are kept.
    let boot = ponder_endpoint::boot();
    let mut restored = table::read(&state.lease_table(), &boot).unwrap_or_else(|error| {
        tracing::warn!("{error}");
        Vec::new()
    });
    // Who waited and does not live any more holds up nobody.
    restored.retain(|session| session.token.is_some() || session.process.is_none_or(Process::runs));
    let sessions = restored.iter().map(|session| session.request.session).collect();
    let OpenedJournal { drafts, writer } = journal::open(journal, state, &sessions)?;
    let epoch = next_epoch(state.path())?;
    let table = Table::begin(&state.lease_table(), &boot, &restored)?;
    let (inside, from_inside) = mpsc::unbounded_channel();
    let (requests, from_clients) = mpsc::channel(REQUESTS);

    // A send fails only when the owner has ended, and then nobody wants to know.
    let to_owner = inside.clone();
    let desk = Desk::new(drafts, move |returned| drop(to_owner.send(FromInside::Done(Box::new(returned)))));
    let to_owner = inside.clone();
    let watch = Watch::new(move |draft, sign| drop(to_owner.send(FromInside::Sign(draft, sign))));
    if let Err(error) = &watch {
        tracing::warn!(%error, "saves are committed only when their session ends");
    }
    let watchdog = manager.watchdog();
    let owner = Owner::new(Parts {
        epoch,
        windows: args.windows(),
        desk,
        writer,
        watch: watch.ok(),
        about: about(journal, state, boot),
        alive: Alive::new(state.alive()),
        table,
        history: History::open(&state.history()),
        restored,
        manager,
        inside: inside.clone(),
    });

    let record = Record {
        socket: RawPath::from(endpoint.path()),
        pid: std::process::id(),
        instance: crate::instance().to_owned(),
        protocol: PROTOCOL,
    };
    if let Err(error) = record.write(journal) {
        // A read-only journal, say. Clients with the same environment find the socket anyway.
        tracing::warn!(%error, "clients with another environment will not find this daemon");
    }
    signals::stop_on_any(&inside)?;
    if let Some(period) = watchdog {
        probe_regularly(period, inside.clone());
    }
    let socket = shown(endpoint.path());
    tracing::info!(journal = %shown(journal.path()), socket, epoch, pid = std::process::id(), "ready");
    ready()?;

    let (enough, is_enough) = oneshot::channel();
    let accepting = tokio::spawn(endpoint.serve(requests, is_enough));
    let clients = owner.run(from_clients, from_inside).await;
    record.remove(journal);
    drop(enough);
    let connections = accepting.await??;
    drop(clients);
    connections.end().await;
    tracing::info!("stopped");
    Ok(())
}

fn about(journal: &Journal, state: &StateDir, boot: String) -> About {
    DaemonInfo {
        pid: std::process::id(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        instance: crate::instance().to_owned(),
        started: crate::unix_now(),
        journal: RawPath::from(journal.path()),
        state: RawPath::from(state.path()),
        boot,
    }
}

/// Has the owner prove that it and the writer still work: the service manager is told of each proof, and
/// kills a daemon that gives none for two periods.
fn probe_regularly(period: Duration, owner: mpsc::UnboundedSender<FromInside>) {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if owner.send(FromInside::Probe).is_err() {
                return;
            }
        }
    });
}
