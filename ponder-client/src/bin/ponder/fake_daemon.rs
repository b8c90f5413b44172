//! For tests: a daemon that does what it is told to.

use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ponder_client::Endpoint;
use ponder_endpoint::{Journal, socket_path};
use ponder_proto::{
    Acquire, Body, CommitPolicy, Draft, EntryName, ErrorCode, Holder, MAGIC, Message, Mode, Op, Refusal,
    Request, SessionId, Token, Wait, Welcome, frame,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::report::{Colour, Loudness, Report};

pub(crate) const SESSION: SessionId = SessionId([7; 16]);
pub(crate) const TOKEN: Token = Token { epoch: 17, counter: 3 };

/// A journal and where its daemon would listen.
pub(crate) struct Place {
    dir: tempfile::TempDir,
    pub(crate) endpoint: Endpoint,
}

impl Place {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        let endpoint = Endpoint::in_dir(journal, dir.path().to_owned()).unwrap();
        Self { dir, endpoint }
    }

    pub(crate) fn listen(&self) -> UnixListener {
        UnixListener::bind(socket_path(self.dir.path(), self.endpoint.journal()).unwrap()).unwrap()
    }

    /// A daemon, for as long as `does` lasts; `does` gets the listening socket.
    pub(crate) fn daemon<T: Send + 'static>(
        &self,
        does: impl FnOnce(UnixListener) -> T + Send + 'static,
    ) -> JoinHandle<T> {
        let listener = self.listen();
        thread::spawn(move || does(listener))
    }

    /// A draft with this text.
    pub(crate) fn draft(&self, text: &str) -> Draft {
        let path = self.dir.path().join("20261123.0");
        std::fs::create_dir_all(&path).unwrap();
        let path = path.join("20261123.md");
        std::fs::write(&path, text).unwrap();
        Draft { entry: entry(), path: path.as_path().into(), new: false }
    }

    pub(crate) fn write_entry(&self, text: &str) {
        std::fs::write(self.endpoint.journal().entry_path(entry()), text).unwrap();
    }
}

/// The entry that all is about.
pub(crate) fn entry() -> EntryName {
    "20261123".parse().unwrap()
}

/// A request for it.
pub(crate) fn acquire(commit: CommitPolicy) -> Acquire {
    Acquire {
        session: SESSION,
        entries: vec![entry()],
        mode: Mode::Exclusive,
        wait: Wait::Forever,
        hold: None,
        commit,
        drafts: true,
        create: true,
        inside: None,
        time: None,
        holder: Holder::default(),
    }
}

/// Says nothing that would mix with what the tests print.
pub(crate) fn silent() -> Report {
    Report::new(false, Loudness::Quiet, Colour::Never)
}

/// A client that is silent for so long is not going to say what the test waits for.
const PATIENCE: Duration = Duration::from_secs(20);

/// One client, as the daemon sees it.
pub(crate) struct Peer(UnixStream);

impl Peer {
    /// The next client, after its magic and its hello.
    pub(crate) fn accept(listener: &UnixListener) -> Self {
        Self::accept_as(listener, env!("CARGO_PKG_VERSION"))
    }

    /// The same by a daemon of another version.
    pub(crate) fn accept_as(listener: &UnixListener, version: &str) -> Self {
        let patience = Timespec::try_from(PATIENCE).unwrap();
        assert_eq!(
            poll(&mut [PollFd::new(listener, PollFlags::IN)], Some(&patience)).unwrap(),
            1,
            "nobody came"
        );
        let mut peer = Self(listener.accept().unwrap().0);
        peer.0.set_read_timeout(Some(PATIENCE)).unwrap();
        peer.0.read_exact(&mut [0; MAGIC.len()]).unwrap();
        let Request { id, op: Op::Hello(_) } = peer.hear() else { panic!("no hello") };
        let version = version.to_owned();
        let welcome = Welcome { protocol: 1, version, instance: String::new(), capabilities: Vec::new() };
        peer.say(Some(id), Body::Welcome(welcome));
        peer
    }

    pub(crate) fn hear(&mut self) -> Request {
        let mut header = [0; frame::HEADER];
        self.0.read_exact(&mut header).unwrap();
        let mut payload = vec![0; frame::payload_length(header, 65_536).unwrap()];
        self.0.read_exact(&mut payload).unwrap();
        frame::decode(&payload).unwrap()
    }

    pub(crate) fn say(&mut self, re: Option<u64>, body: Body) {
        let mut bytes = Vec::new();
        frame::encode(&Message { re, body }, &mut bytes).unwrap();
        self.0.write_all(&bytes).unwrap();
    }

    /// Hears this and says that.
    pub(crate) fn answer(&mut self, op: &Op, body: Body) {
        let request = self.hear();
        assert_eq!(&request.op, op);
        self.say(Some(request.id), body);
    }

    pub(crate) fn refuse(&mut self, op: &Op, code: ErrorCode) {
        self.answer(op, Body::Error(Refusal::new(code, "no")));
    }
}

pub(crate) fn granted(drafts: Vec<Draft>) -> Body {
    Body::Granted { session: SESSION, token: TOKEN, drafts, alive: None }
}

pub(crate) fn reattach() -> Op {
    Op::Reattach { session: SESSION, token: TOKEN }
}
