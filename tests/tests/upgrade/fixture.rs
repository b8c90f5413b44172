//! The fixtures' files.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use ponder_tests::{Process, World, mkdir};
use rustix::fs::{CWD, Mode, mkfifoat};

use crate::talk::Encoding;

/// The machine on which fixtures are made, its boot at that time, and the one after it: what daemons are
/// shown in the place of the real ones.
const MACHINE: &str = "f1c70000000000000000000000000001\n";
const BOOT: &str = "0b007000-0000-4000-8000-000000000001\n";
const NEXT_BOOT: &str = "0b007000-0000-4000-8000-000000000002\n";

/// A log is written in advance, in steps of this many bytes. The zeros are not kept in the fixture.
const LOG_STEP: usize = 1024 * 1024;

/// What the endpoint file has in the place of a world's socket.
const SOCKET: &str = "SOCKET";

/// In the repository `.ponder` would ignore itself.
const SIDE_DIR: &str = "dot-ponder";

/// Which boot a daemon finds itself in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Boot {
    Same,
    Another,
}

/// What one version left.
#[derive(Debug)]
pub(crate) struct Fixture(PathBuf);

impl Fixture {
    pub(crate) fn of(version: &str) -> Self {
        Self(fixtures().join(version))
    }

    pub(crate) fn all() -> Vec<Self> {
        let listed = fs::read_dir(fixtures()).unwrap().map(|item| item.unwrap().path());
        listed.filter(|path| path.is_dir()).map(Self).collect()
    }

    pub(crate) fn exists(&self) -> bool {
        self.0.is_dir()
    }

    pub(crate) fn clear(&self) {
        if self.exists() {
            fs::remove_dir_all(&self.0).unwrap();
        }
        fs::create_dir_all(&self.0).unwrap();
    }

    pub(crate) fn conversation(&self, encoding: Encoding) -> PathBuf {
        self.0.join(format!("conversation.{}", encoding.name()))
    }

    /// A text of the state directory.
    pub(crate) fn state(&self, name: &str) -> String {
        fs::read_to_string(self.0.join("state").join(name)).unwrap()
    }

    /// Takes a world's journal and state directory.
    pub(crate) fn take(&self, world: &World) {
        let (journal, state) = (self.0.join("journal"), self.0.join("state"));
        copy(&world.path("journal"), &journal);
        copy(&world.state_dir(), &state);
        fs::remove_file(state.join("ponderd.log")).unwrap();
        for log in logs(&state) {
            let mut bytes = fs::read(&log).unwrap();
            bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
            fs::write(log, bytes).unwrap();
        }
        let side = self.0.join(SIDE_DIR);
        fs::rename(journal.join(".ponder"), &side).unwrap();
        fs::remove_file(side.join(".gitignore")).unwrap();
        let json = fs::read_to_string(self.endpoint_file()).unwrap();
        fs::write(self.endpoint_file(), json.replace(socket(world).to_str().unwrap(), SOCKET)).unwrap();
    }

    fn endpoint_file(&self) -> PathBuf {
        let listed = fs::read_dir(self.0.join(SIDE_DIR)).unwrap().map(|item| item.unwrap().path());
        let mut found = listed.filter(|path| path.extension().is_some_and(|end| end == "json"));
        found.next().expect("an endpoint file")
    }

    /// Puts it into a new world, as it was when the daemon had died there: with the modes that git does not
    /// keep, with FIFOs, and with a waiting client that lives, which is us.
    pub(crate) fn put_in_place(&self, world: &World) {
        mkdir(&world.path("journal"), 0o700);
        copy(&self.0.join("journal"), &world.path("journal"));
        let state = world.state_dir();
        mkdir(state.parent().unwrap(), 0o700);
        copy(&self.0.join("state"), &state);
        for log in logs(&state) {
            let mut bytes = fs::read(&log).unwrap();
            bytes.resize(bytes.len().next_multiple_of(LOG_STEP), 0);
            fs::write(log, bytes).unwrap();
        }
        for fifo in fs::read_dir(state.join("alive")).unwrap().map(|item| item.unwrap().path()) {
            fs::remove_file(&fifo).unwrap();
            mkfifoat(CWD, &fifo, Mode::from(0o600)).unwrap();
        }
        let table = fs::read_to_string(state.join("leases")).unwrap();
        fs::write(state.join("leases"), with_our_process(&table)).unwrap();
        copy(&self.0.join(SIDE_DIR), &world.path("journal/.ponder"));
    }

    /// Puts its endpoint file into a world where a daemon runs, as that daemon's, for clients of this machine.
    pub(crate) fn put_endpoint_in_place(&self, world: &World) {
        let name = format!("endpoint.{}.json", ponder_endpoint::machine());
        let json = fs::read_to_string(self.endpoint_file()).unwrap();
        let json = json.replace(SOCKET, socket(world).to_str().unwrap());
        fs::write(world.path("journal/.ponder").join(name), json).unwrap();
    }
}

/// The log, and the file of the next one, which the first checkpoint makes.
fn logs(state: &Path) -> Vec<PathBuf> {
    let both = ["log", "log.other"].map(|name| state.join(name));
    both.into_iter().filter(|log| log.exists()).collect()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Starts a daemon that finds itself on the fixtures' machine: in a mount namespace of its own, which shows
/// it that machine's id and that boot's.
pub(crate) fn start_daemon(world: &World, boot: Boot) {
    let dir = world.path("shown");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("machine-id"), MACHINE).unwrap();
    fs::write(dir.join("boot_id"), if boot == Boot::Same { BOOT } else { NEXT_BOOT }).unwrap();
    let enter = "mount --bind \"$0/machine-id\" /etc/machine-id \
                 && mount --bind \"$0/boot_id\" /proc/sys/kernel/random/boot_id && exec ponderd \"$@\"";
    let script =
        format!("exec unshare --mount --propagation private sh -c '{enter}' '{}' \"$@\"", dir.display());
    let program = world.path("bin").join(world.editor("ponderd-there", &script));
    world.ponder(&["daemon", "start"]).env("PONDERD", program).run().ok();
}

/// Where such a daemon listens: its endpoint file is for clients on that machine.
pub(crate) fn socket(world: &World) -> PathBuf {
    world.path("run/ponder").join(format!("{}.sock", world.journal().id()))
}

/// The lease table names the processes of those who wait; one that is gone is not waited for.
fn with_our_process(table: &str) -> String {
    let (pid, started) = (std::process::id(), Process(std::process::id()).stat()[19].clone());
    let ours = format!("\"process\":{{\"pid\":{pid},\"start\":{started}}}");
    let mut parts = table.split("\"process\":{");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |text, part| text + &ours + part.split_once('}').unwrap().1)
}

/// Copies a directory: files for their owner alone; of what is neither file nor directory, the name.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::Permissions::from_mode(0o700)).unwrap();
    for item in fs::read_dir(from).unwrap().map(|item| item.unwrap()) {
        let (kind, there) = (item.file_type().unwrap(), to.join(item.file_name()));
        if kind.is_dir() {
            copy(&item.path(), &there);
        } else {
            let bytes = if kind.is_file() { fs::read(item.path()).unwrap() } else { Vec::new() };
            fs::write(&there, bytes).unwrap();
            fs::set_permissions(&there, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
}
