//! One sample, at least, of everything that can be said.

mod leases;

use crate::{
    Acquire, Append, Body, By, Change, CommitPolicy, DaemonInfo, Deferred, Draft, EntryName, EntryOutcome,
    ErrorCode, Forced, Hello, Holder, KeptDraft, KeptReason, Life, LocalTime, Message, Mode, Op, OperationId,
    Outcome, ProtocolRange, RawPath, Refusal, Request, SessionId, SessionState, StatusReport, Successor,
    Text, Token, Wait, Welcome, Who, frame, line,
};

/// A message with the name that it has in the golden file.
pub(super) struct Sample {
    pub(super) name: String,
    pub(super) said: Said,
}

/// Either side's words.
pub(super) enum Said {
    Request(Request),
    Message(Message),
}

impl Sample {
    pub(super) fn frame(&self) -> Vec<u8> {
        let mut buffer = Vec::new();
        match &self.said {
            Said::Request(request) => frame::encode(request, &mut buffer),
            Said::Message(message) => frame::encode(message, &mut buffer),
        }
        .expect("a sample is short");
        buffer
    }

    /// Without its line feed.
    pub(super) fn line(&self) -> String {
        let mut buffer = Vec::new();
        match &self.said {
            Said::Request(request) => line::encode(request, &mut buffer),
            Said::Message(message) => line::encode(message, &mut buffer),
        }
        .expect("a sample is short");
        assert_eq!(buffer.pop(), Some(b'\n'));
        String::from_utf8(buffer).expect("JSON is UTF-8")
    }
}

/// An enum that can name its variants.
pub(super) trait Variants {
    const NAMES: &'static [&'static str];
    fn variant(&self) -> &'static str;
}

/// Names an enum's variants without a `_`: one that is added has to be named here before the tests
/// compile, and needs a sample before they pass.
macro_rules! variants {
    ($($type:ident { $($variant:ident)* })*) => { $(
        impl Variants for $type {
            const NAMES: &'static [&'static str] =
                &[$(concat!(stringify!($type), "::", stringify!($variant))),*];
            fn variant(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => concat!(stringify!($type), "::", stringify!($variant)),)*
                }
            }
        }
    )* };
}

variants! {
    Op {
        Hello Acquire Cancel Opened Commit Release Append Status Stop Drop Deferred Reattach Pong Break
        Subscribe History Restart
    }
    Body {
        Welcome Queued Granted Cancelled Opened Committed Released Appended Status Stopping Error Logged
        Dropped Deferred Ping PleaseRelease Warning Revoked CarryOn Breaking Broken Changed History
    }
    Outcome { Unchanged Committed Kept Failed }
    Wait { Forever Millis None }
}

/// Lists the values of an enum without fields, in order; a missing one does not compile.
macro_rules! values {
    ($($list:ident: $type:ident { $($variant:ident)* })*) => { $(
        pub(super) const $list: &[$type] = &[$($type::$variant),*];
        const _: fn($type) = |value| match value { $($type::$variant => (),)* };
    )* };
}

values! {
    ERROR_CODES: ErrorCode {
        BadRequest UnknownOperation TooLarge HelloFirst ProtocolMismatch NotYours Busy WouldDeadlock
        NoSuchSession SessionReused OperationReused AlreadyGranted NotGranted StaleToken Superseded
        Stopping Disk OutcomeUnknown Journal Internal NoSuchLease TooSlow NotNewer
    }
    KEPT_REASONS: KeptReason {
        EntryChanged CommandFailed ClientGone CutShort Emptied DiskFailed DaemonEnded FilesBeside SavedLate
        WrittenLate Unexplained Revoked
    }
    STATES: SessionState { Queued Granted Releasing }
    MODES: Mode { Exclusive Shared }
    POLICIES: CommitPolicy { OnExit OnSave InPlace }
    LIVES: Life { Answers Asked Suspect Orphaned Away }
    FORCES: Forced { Expired Broken HeldTooLong }
    CHANGES: Change { Queued Granted Releasing Ended Suspect Orphaned CarriedOn Asked }
    SUCCESSORS: Successor { No Yes Perhaps }
}

/// All samples, in the order of the golden file.
pub(super) fn samples() -> Vec<Sample> {
    let request =
        |(name, id, op)| Sample { name: format!("request {name}"), said: Said::Request(Request { id, op }) };
    let message = |(name, re, body)| Sample {
        name: format!("message {name}"),
        said: Said::Message(Message { re, body }),
    };
    let extremes = [
        request(("status, the largest number".to_owned(), u64::MAX, Op::Status)),
        message(("ping, the largest number".to_owned(), Some(u64::MAX), Body::Ping)),
    ];
    requests()
        .into_iter()
        .map(|(name, op)| request((name, ID, op)))
        .chain(messages().into_iter().map(message))
        .chain(extremes)
        .collect()
}

/// The number of every ordinary request and of the answers to it.
const ID: u64 = 7;

const SESSION: SessionId = SessionId(*b"\x5e\x55\x10\x17\x01\x23\x45\x67\x89\xab\xcd\xef\x00\x11\x22\x33");
const OTHER: SessionId = SessionId(*b"\x07\x4e\x12\x00\x01\x23\x45\x67\x89\xab\xcd\xef\x00\x11\x22\x33");
const OPERATION: OperationId =
    OperationId(*b"\x09\xe2\xa7\x10\x01\x23\x45\x67\x89\xab\xcd\xef\x00\x11\x22\x33");
/// The counter does not fit into the 53 bits that JavaScript has for a whole number.
const TOKEN: Token = Token { epoch: 1_795_401_000, counter: u64::MAX - 1 };
/// 23 November 2026, 02:31:10 UTC, in seconds since 1970.
const SINCE: i64 = 1_795_401_070;

fn entry(number: u32) -> EntryName {
    EntryName::from_number(number).expect("a day that exists")
}

fn time() -> Option<LocalTime> {
    LocalTime::from_seconds(2 * 3600 + 31 * 60 + 10).ok()
}

fn bare_acquire() -> Acquire {
    Acquire {
        session: SESSION,
        entries: vec![entry(20_261_123)],
        mode: Mode::default(),
        wait: Wait::default(),
        hold: None,
        commit: CommitPolicy::default(),
        drafts: true,
        create: true,
        inside: None,
        time: None,
        holder: Holder::default(),
    }
}

fn requests() -> Vec<(String, Op)> {
    let protocol = ProtocolRange { oldest: 1, newest: 1 };
    let full_acquire = Acquire {
        entries: vec![entry(20_261_122), entry(10_101)],
        wait: Wait::Millis(30_000),
        hold: Some(600_000),
        drafts: false,
        create: false,
        inside: Some(OTHER),
        time: time(),
        holder: by().holder,
        ..bare_acquire()
    };
    let append = |text: &[u8], operation, time| {
        Op::Append(Append { entry: entry(20_261_123), text: Text(text.to_vec()), operation, time })
    };
    let mut requests: Vec<(String, Op)> = vec![
        ("hello".into(), Op::Hello(Hello { protocol, client: "ponder 0.1.0".into() })),
        ("acquire, as short as it can be".into(), Op::Acquire(bare_acquire())),
        ("acquire, with everything".into(), Op::Acquire(full_acquire)),
        ("acquire, without waiting".into(), Op::Acquire(Acquire { wait: Wait::None, ..bare_acquire() })),
    ];
    for &mode in MODES {
        for &commit in POLICIES {
            let name = format!("acquire, {mode:?} and {commit:?}");
            requests.push((name, Op::Acquire(Acquire { mode, commit, ..bare_acquire() })));
        }
    }
    requests.extend([
        ("cancel".into(), Op::Cancel { session: SESSION }),
        ("opened".into(), Op::Opened { session: SESSION }),
        ("commit".into(), Op::Commit { session: SESSION, token: TOKEN }),
        ("release, succeeded".into(), Op::Release { session: SESSION, succeeded: true }),
        ("release, failed".into(), Op::Release { session: SESSION, succeeded: false }),
        ("append".into(), append("a thought – naïve\n".as_bytes(), None, None)),
        ("append, not UTF-8, with everything".into(), append(b"caf\xe9\n", Some(OPERATION), time())),
        ("status".into(), Op::Status),
        ("stop".into(), Op::Stop),
        ("drop".into(), Op::Drop { kept: "20261123.0".into() }),
        ("deferred".into(), Op::Deferred),
    ]);
    requests.extend(leases::requests());
    requests
}

/// Somebody, with everything.
fn by() -> By {
    let holder = Holder {
        program: "vim".to_owned(),
        command: Some("vim -c 'set tw=72'".to_owned()),
        terminal: Some("/dev/pts/3".to_owned()),
        purpose: Some("evening notes – café".to_owned()),
    };
    By { pid: Some(4243), holder }
}

fn who(session: SessionId, state: SessionState) -> Who {
    Who {
        session,
        state,
        mode: Mode::Exclusive,
        entries: vec![entry(20_261_123)],
        token: None,
        pid: None,
        program: "vim".to_owned(),
        terminal: None,
        purpose: None,
        since: SINCE,
        life: Life::Answers,
        uid: None,
        started: None,
        command: None,
    }
}

fn holder() -> Who {
    Who {
        token: Some(TOKEN),
        pid: Some(4242),
        terminal: Some("/dev/pts/3".to_owned()),
        purpose: Some("nightly export".to_owned()),
        uid: Some(1000),
        started: Some(SINCE - 2),
        command: Some("export --all".to_owned()),
        ..who(OTHER, SessionState::Granted)
    }
}

fn kept(why: KeptReason) -> KeptDraft {
    KeptDraft {
        id: "20261123.0".to_owned(),
        entry: entry(20_261_123),
        path: RawPath::from("/home/ada/.local/state/ponder/0123456789abcdef/slots/20261123.0/20261123.md"),
        why,
        when: SINCE,
    }
}

/// One of every outcome, and a kept draft for every reason.
fn outcomes() -> Vec<EntryOutcome> {
    let refusal = Refusal::new(ErrorCode::Disk, "cannot write 20261123.md: no space left on device");
    let mut outcomes = vec![Outcome::Failed(refusal), Outcome::Unchanged, Outcome::Committed];
    outcomes.extend(KEPT_REASONS.iter().map(|&why| Outcome::Kept(kept(why))));
    outcomes.into_iter().map(|outcome| EntryOutcome { entry: entry(20_261_123), outcome }).collect()
}

fn status() -> StatusReport {
    StatusReport {
        daemon: DaemonInfo {
            pid: 4200,
            version: "0.1.0".to_owned(),
            instance: "00c0ffee00c0ffee".to_owned(),
            started: SINCE,
            journal: RawPath::from("/home/ada/Documents/rubberducks"),
            state: RawPath(b"/home/ada/.local/state/caf\xe9/ponder/0123456789abcdef".to_vec()),
            boot: "b0070123-4567-89ab-cdef-001122334455".to_owned(),
        },
        sessions: vec![holder(), who(SESSION, SessionState::Queued)],
        kept: vec![kept(KeptReason::EntryChanged)],
    }
}

fn deferred() -> Deferred {
    Deferred { entry: entry(20_261_123), since: SINCE, appends: 1, text: Text::from("a thought\n") }
}

fn messages() -> Vec<(String, Option<u64>, Body)> {
    let session = SESSION;
    let welcome = Welcome {
        protocol: 1,
        version: "0.1.0".to_owned(),
        instance: "00c0ffee00c0ffee".to_owned(),
        capabilities: vec!["an-example".to_owned()],
    };
    let draft = Draft {
        entry: entry(20_261_123),
        path: RawPath::from("/home/ada/.local/state/ponder/0123456789abcdef/slots/20261123.0/20261123.md"),
        new: true,
    };
    let alive = RawPath::from(
        "/home/ada/.local/state/ponder/0123456789abcdef/alive/5e5510170123456789abcdef00112233",
    );
    let committed = vec![EntryOutcome { entry: entry(20_261_123), outcome: Outcome::Committed }];
    let refusal = Refusal {
        blockers: vec![holder()],
        ..Refusal::new(ErrorCode::Busy, "vim on /dev/pts/3 holds 2026-11-23")
            .field("wait")
            .about(RawPath::from("/home/ada/Documents/rubberducks/20261123.md"))
    };
    let everyone = STATES.iter().map(|&state| who(OTHER, state)).collect();
    let mut messages: Vec<(String, Option<u64>, Body)> = vec![
        ("welcome".into(), Some(ID), Body::Welcome(welcome)),
        ("queued".into(), Some(ID), Body::Queued { session, ahead: 1, blockers: vec![holder()] }),
        (
            "queued, behind every state".into(),
            Some(ID),
            Body::Queued { session, ahead: 3, blockers: everyone },
        ),
        (
            "granted".into(),
            Some(ID),
            Body::Granted { session, token: TOKEN, drafts: vec![draft], alive: Some(alive) },
        ),
        (
            "granted, without drafts".into(),
            Some(ID),
            Body::Granted { session, token: TOKEN, drafts: vec![], alive: None },
        ),
        ("cancelled".into(), Some(ID), Body::Cancelled { session }),
        ("opened".into(), Some(ID), Body::Opened { session }),
        ("committed".into(), Some(ID), Body::Committed { session, entries: committed.clone() }),
        ("committed, unasked".into(), None, Body::Committed { session, entries: committed }),
        ("released".into(), Some(ID), Body::Released { session, entries: outcomes()[2..4].to_vec() }),
        ("released, one of every outcome".into(), Some(ID), Body::Released { session, entries: outcomes() }),
        (
            "appended".into(),
            Some(ID),
            Body::Appended { entry: entry(20_261_123), operation: OPERATION, repeated: false },
        ),
        ("status".into(), Some(ID), Body::Status(status())),
        ("error, with everything".into(), Some(ID), Body::Error(refusal)),
        (
            "logged".into(),
            Some(ID),
            Body::Logged { entry: entry(20_261_123), operation: OPERATION, repeated: false },
        ),
        ("dropped".into(), Some(ID), Body::Dropped { kept: "20261123.0".into() }),
        ("deferred".into(), Some(ID), Body::Deferred { entries: vec![deferred()] }),
    ];
    messages.extend(leases::messages());
    messages.extend(ERROR_CODES.iter().map(|&code| {
        let refusal = Refusal::new(code, "a sentence that says what to do");
        (format!("error, {code:?}"), None, Body::Error(refusal))
    }));
    messages
}
