//! Somebody else at the other end of the socket: a stranger who asks, a stranger who answers.
//!
//! They need root, to be two users.

use std::fs;

use ponder_tests::{Bystanders, Finished, World, assert_refused, chmod, give_away, mkdir, tree};
use serde_json::Value;

const DAY: &str = "20261123";

/// Connects to a socket, says something, and prints all that is answered until the end.
const ASK: &str = "
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(60)
s.connect(sys.argv[1])
try:
    s.sendall(bytes.fromhex(sys.argv[2]))
    while data := s.recv(65536):
        sys.stdout.buffer.write(data)
except (BrokenPipeError, ConnectionResetError):
    pass
";

/// Listens at a socket as if it were a daemon, says so, and prints what the first client says.
const LISTEN: &str = "
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
s.listen()
print('listening', file=sys.stderr, flush=True)
s.settimeout(60)
c, _ = s.accept()
c.settimeout(60)
try:
    sys.stdout.buffer.write(c.recv(65536))
except ConnectionResetError:
    pass
";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Opens the way to the daemon's socket for everybody, as only a mistake could.
fn open_the_way(world: &World) {
    for (path, mode) in [("", 0o711), ("run", 0o711), ("run/ponder", 0o711)] {
        chmod(&world.path(path), mode);
    }
    chmod(&world.socket(), 0o666);
}

fn close_the_way(world: &World) {
    chmod(&world.path("run/ponder"), 0o700);
    chmod(&world.socket(), 0o600);
}

/// A stranger sends this to the daemon.
fn stranger(world: &World, bytes: &[u8]) -> Finished {
    let python = world.as_somebody_else("python3").arg("-I").arg("-c").arg(ASK);
    python.arg(world.socket()).arg(hex(bytes)).run().ok()
}

#[test]
fn a_stranger_is_told_not_yours_and_gets_nothing_done() {
    let world = World::new();
    world.write("20261122", "mine\n");
    let others = Bystanders::of(&world);
    open_the_way(&world);
    let hello = r#"{"op":"hello","protocol":{"oldest":1,"newest":1}}"#;
    let append = r#"{"id":2,"op":"append","entry":"20261123","text":"theirs"}"#;
    for said in [
        format!("{hello}\n{append}\n"),
        format!("{append}\n"),
        "{\"op\":\"status\"}\n".to_owned(),
        "{\"op\":\"stop\"}\n".to_owned(),
    ] {
        let answer = stranger(&world, said.as_bytes()).stdout;
        assert_eq!(answer.lines().count(), 1, "{answer}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_refused(&answer, "not_yours", &["belongs to another user", "a journal of your own"]);
    }
    // In frames: stop, without a hello.
    let stop = [&b"\0ponder\n"[..], &12_u32.to_le_bytes(), &[0; 8], &8_u32.to_le_bytes()].concat();
    let answer = stranger(&world, &stop).stdout;
    assert!(answer.contains("belongs to another user") && !answer.contains("mine"), "{answer:?}");
    // Garbage, and a stranger who only listens to what is said to others.
    stranger(&world, b"GET / HTTP/1.1\r\n\r\n");

    assert!(!world.entry(DAY).exists(), "a stranger wrote");
    close_the_way(&world);
    others.go_on(&world);
}

#[test]
fn a_strangers_ponder_gets_nowhere() {
    let world = World::new();
    world.write("20261122", "mine\n");
    let others = Bystanders::of(&world);
    // The way is closed, as it is by itself.
    chmod(&world.path(""), 0o711);
    chmod(&world.path("run"), 0o711);
    let python = world.as_somebody_else("python3").arg("-I").arg("-c").arg(ASK).arg(world.socket());
    let said = python.arg(hex(b"{\"op\":\"status\"}\n")).run().code(1);
    assert!(said.stderr.contains("PermissionError"), "{}", said.stderr);
    others.go_on(&world);
}

#[test]
fn a_stranger_who_plays_the_daemon_is_told_nothing() {
    let world = World::new();
    world.ponder(&["append", "-d", DAY, "one"]).run().ok();
    let record = ponder_endpoint::Record::read(&world.journal()).unwrap();
    let own = world.socket();
    world.daemons()[0].kill();
    chmod(&world.path(""), 0o711);
    let trap = world.path("trap");
    mkdir(&trap, 0o700);
    give_away(&trap);
    let socket = trap.join(own.file_name().unwrap());
    let impostor = world.as_somebody_else("python3").arg("-I").arg("-c").arg(LISTEN).arg(&socket).start();
    impostor.says("listening");

    // Where a client of another environment looks: the endpoint file, which a sync tool may bring. A
    // socket in a stranger's directory is not even connected to: he waits for the first one who comes.
    let record = ponder_endpoint::Record { socket: socket.as_path().into(), ..record };
    record.write(&world.journal()).unwrap();
    world.ponder(&["append", "-d", DAY, "two"]).run().ok().silent();
    assert!(world.text(DAY).ends_with("one\ntwo\n"));
    assert!(fs::symlink_metadata(&socket).is_ok(), "what is not ours was removed");
    world.daemons()[0].kill();

    // And where every client looks first, as only a mistake could bring it there.
    fs::rename(&socket, &own).unwrap();
    let said = world.ponder(&["append", "-d", DAY, "secret"]).run().code(77);
    let planted = own.display().to_string();
    said.explains(&[&planted, "is served by user 54321, not by you", "remove it"]);
    let heard = impostor.wait().stdout;
    assert!(heard.is_empty(), "the stranger was told {heard:?}");
    fs::remove_file(&own).unwrap();
    world.ponder(&["append", "-d", DAY, "secret"]).run().ok().silent();
    assert!(world.text(DAY).ends_with("one\ntwo\nsecret\n"));
}

/// During a session, with the directories above ours as open as they may be.
#[test]
fn a_stranger_reads_nothing_of_ours() {
    let world = World::new();
    let gate = world.gate("editor");
    let editor = world.editor("slow", &format!("echo secret >> \"$1\"; {}", gate.pass("here")));
    let client = world.ponder(&["-d", DAY]).env("EDITOR", editor).start();
    gate.arrival();
    world.lease("20261124", "echo kept > \"$PONDER_ENTRY\"; exit 1").run().code(1);
    for open in ["", "run", "state"] {
        chmod(&world.path(open), 0o755);
    }
    let paths = ["state/ponder", "run/ponder", "journal"].map(|name| tree(&world.path(name)));
    let paths: Vec<_> = paths.iter().flat_map(|tree| tree.keys()).collect();
    let is_there = |name: &str| paths.iter().any(|path| path.to_string_lossy().contains(name));
    for name in
        ["/20261123.0/20261123.md", "/20261124.0/20261124.md", "/alive/", ".sock", "/log", "endpoint."]
    {
        assert!(is_there(name), "there is no {name} to be read: {paths:?}");
    }
    let look = |path: &std::path::Path| {
        let look = "for right in r w x; do [ -$right \"$0\" ] && echo $right; done; cat \"$0\"; ls \"$0\"";
        world.as_somebody_else("sh").arg("-c").arg(look).arg(path).run().stdout
    };
    for path in paths {
        assert_eq!(look(path), "", "{}", path.display());
    }
    let control = world.path("bin");
    chmod(&control, 0o755);
    assert!(look(&control).contains("slow"), "this stranger could read nothing at all");
    gate.open();
    client.wait().ok();
}
