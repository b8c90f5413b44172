//! The pipe and what is spoken over it.

#![cfg(windows)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;

use ponder_windows::{DEADLINE, Script, World, wait_until};
use serde_json::json;

#[test]
fn a_script_needs_nothing_but_the_pipe() {
    let world = World::new();
    let mut script = world.script();
    let appended =
        script.ask(json!({ "op": "append", "entry": "20261123", "text": "from a pipe" }), "appended");
    assert_eq!(appended["repeated"], false);
    assert!(world.text("20261123").ends_with("\n\nfrom a pipe\n"));
    let status = script.ask(json!({ "op": "status" }), "status");
    assert_eq!(status["daemon"]["pid"].as_u64(), Some(world.daemon()));
    let dir = world.path("journal");
    assert_eq!(status["daemon"]["journal"]["path"].as_str().map(std::path::PathBuf::from), Some(dir));
}

#[test]
fn who_is_not_understood_is_told_so_and_nobody_else_notices() {
    let world = World::new();
    let mut good = world.script();
    let mut bad = Script::connect(&world.socket());
    bad.send_bytes(b"hello?\n");
    assert_eq!(bad.hear().unwrap()["event"], "error");
    assert_eq!(bad.hear(), None, "it hangs up");
    let mut worse = Script::hello(&world.socket());
    worse.send_bytes(b"{\"op\": \"fly\", \"id\": 7}\n");
    let refusal = worse.expect("error");
    assert_eq!((&refusal["re"], &refusal["code"]), (&json!(7), &json!("unknown_operation")));
    good.ask(json!({ "op": "status" }), "status");
}

#[test]
fn there_is_one_daemon_however_many_start_it() {
    let world = World::new();
    thread::scope(|scope| {
        for number in 0..12 {
            let world = &world;
            scope.spawn(move || world.done(&["append", "-d", "20261123", &format!("thought {number}")]));
        }
    });
    let text = world.text("20261123");
    for number in 0..12 {
        assert_eq!(text.matches(&format!("thought {number}\n")).count(), 1, "{text}");
    }
    let ended = daemon(&world).output().unwrap();
    assert_eq!(ended.status.code(), Some(69));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("another ponderd owns the journal"));
}

/// `ponderd.exe`, started by nobody's client.
fn daemon(world: &World) -> Command {
    let program = PathBuf::from(world.command(&[]).get_program()).with_file_name("ponderd.exe");
    let mut command = Command::new(program);
    command.arg("--journal").arg(world.path("journal")).env("LOCALAPPDATA", world.path("profile"));
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(Stdio::piped());
    command
}

#[test]
fn a_daemon_that_a_client_starts_waits_for_who_looks_whether_there_is_one() {
    let world = World::new();
    world.done(&["append", "-d", "20261123", "x"]);
    world.done(&["daemon", "stop"]);
    let path = world.state().unwrap().join("lock");
    let looks = File::options().read(true).write(true).open(path).unwrap();
    wait_until("the last daemon is gone", || looks.try_lock().ok());
    let mut started = daemon(&world).arg("--handed-over").stderr(Stdio::null()).spawn().unwrap();
    // Those find it taken, give up, and were started later.
    for _ in 0..2 {
        assert_eq!(daemon(&world).output().unwrap().status.code(), Some(69));
    }
    assert_eq!(started.try_wait().unwrap(), None, "it gave up");
    drop(looks);
    let pid = format!(r#""pid":{}"#, started.id());
    wait_until("it serves", || world.ponder(&["status", "--json"]).out.contains(&pid).then_some(()));
}

#[test]
fn a_daemon_that_cannot_start_tells_its_reason_to_who_started_it() {
    let world = World::new();
    world.done(&["append", "-d", "20261123", "x"]);
    world.done(&["daemon", "stop"]);
    let profile = world.path("profile").join("ponder");
    let state =
        std::fs::read_dir(profile).unwrap().flatten().map(|item| item.path()).find(|path| path.is_dir());
    std::fs::write(state.unwrap().join("log"), b"ponderWL\xff\xff\xff\xff").unwrap();
    let ended = world.ponder(&["append", "-d", "20261123", "y"]);
    assert_ne!(ended.code, 0);
    assert!(ended.err.contains("log"), "{}", ended.err);
    let next = state_log(&world);
    std::fs::remove_file(next).unwrap();
}

fn state_log(world: &World) -> std::path::PathBuf {
    let profile = world.path("profile").join("ponder");
    let dirs = std::fs::read_dir(profile).unwrap().flatten();
    dirs.map(|item| item.path()).find(|path| path.is_dir()).unwrap().join("log")
}

#[test]
fn the_daemon_holds_nobodys_pipe_open() {
    let world = World::new();
    // The reader of our output sees its end though the daemon that was started on the way lives on.
    let ended = world.ponder(&["append", "-d", "20261123", "x"]);
    assert_eq!((ended.code, ended.out.as_str()), (0, ""));
    assert!(world.daemon() > 0);
}

#[test]
fn nor_a_pipe_that_came_to_it_from_afar() {
    let world = World::new();
    let own = world.command(&[]).get_program().to_owned();
    let mut command = world.helper(&["run"]);
    command.arg(own).args(["append", "-d", "20261123", "x"]);
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(command.output()));
    let output = receiver.recv_timeout(DEADLINE).expect("somebody keeps its output open").unwrap();
    assert!(output.status.success());
    assert!(world.daemon() > 0);
}
