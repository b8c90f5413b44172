//! Somebody else at the other end of the socket: a stranger who asks, a stranger who answers.
//!
//! They need root, to be two users.

use std::fs;

use ponder_tests::{Bystanders, Finished, World, assert_refused, chmod, give_away, mkdir};
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
    world.daemons()[0].kill();
    // Where a client of another environment looks: the endpoint file, which a sync tool may bring.
    chmod(&world.path(""), 0o711);
    let trap = world.path("trap");
    mkdir(&trap, 0o700);
    give_away(&trap);
    let socket = trap.join("socket");
    let impostor = world.as_somebody_else("python3").arg("-I").arg("-c").arg(LISTEN).arg(&socket).start();
    impostor.says("listening");
    let record = ponder_endpoint::Record { socket: socket.as_path().into(), ..record };
    record.write(&world.journal()).unwrap();

    world.ponder(&["append", "-d", DAY, "secret"]).run().ok().silent();
    let heard = impostor.wait().stdout;
    assert!(heard.is_empty(), "the stranger was told {heard:?}");
    assert!(world.text(DAY).ends_with("one\nsecret\n"));
    assert!(fs::symlink_metadata(&socket).is_ok(), "what is not ours was removed");
}
