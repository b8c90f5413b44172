//! The log: text or JSON, to the file or to standard error, and never a word of what was written.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use ponder_tests::{Script, World, new_id};
use serde_json::{Value, json};

const DAY: &str = "20261123";

#[test]
fn the_log_is_text_in_the_state_directory() {
    let world = World::new();
    world.ponder(&["append", "-d", DAY, "x"]).run().ok();
    let log = world.log();
    assert!(log.lines().any(|line| line.contains(" INFO ready ")), "{log}");
    let mode = fs::metadata(world.state_dir().join("ponderd.log")).unwrap();
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&mode) & 0o777, 0o600);
}

#[test]
fn the_log_is_json_if_the_client_that_starts_the_daemon_says_so() {
    let world = World::new();
    world.ponder(&["--log-format", "json", "append", "-d", DAY, "x"]).run().ok();
    let log = world.log();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(lines.iter().any(|line| line["fields"]["message"] == "ready"), "{log}");
}

#[test]
fn a_daemon_in_the_foreground_logs_to_standard_error_or_where_it_is_told() {
    let world = World::new();
    world.write(DAY, "x\n");
    let journal = world.path("journal").display().to_string();
    for format in ["text", "json"] {
        let daemon = world.ponderd(&["--journal", &journal, "--log-format", format]).start();
        daemon.says("ready");
        world.ponder(&["daemon", "stop"]).run().ok();
        let said = daemon.wait().ok().stderr;
        let is_json = said.lines().all(|line| serde_json::from_str::<Value>(line).is_ok());
        assert_eq!(is_json, format == "json", "{said}");
        assert!(said.contains("stopped"), "{said}");
    }
    let file = world.path("own.log");
    let daemon =
        world.ponderd(&["--journal", &journal, "-v", "--log-file", &file.display().to_string()]).start();
    ponder_tests::wait_until("ready", || fs::read_to_string(&file).ok()?.contains("ready").then_some(()));
    daemon.signal(rustix::process::Signal::TERM);
    daemon.wait().ok().silent();
    assert!(!world.state_dir().join("ponderd.log").exists(), "nobody asked for that one");
}

/// A word for each way in, none of them in any file but the journal and kept drafts.
#[test]
fn nothing_that_anybody_writes_is_in_a_log() {
    let world = World::new();
    world.write(DAY, "begun-secretly\n");
    let journal = world.path("journal").display().to_string();
    let log = world.path("verbose.log");
    let arguments = ["--journal", &journal, "-v", "--log-file", &log.display().to_string()];
    let daemon = world.ponderd(&arguments).start();
    ponder_tests::wait_until("ready", || fs::read_to_string(&log).ok()?.contains("ready").then_some(()));

    world.editor("types", "echo edited-secretly >> \"$1\"");
    world.ponder(&["-v", "-d", DAY]).env("EDITOR", "types --flag-secret").run().ok();
    world.ponder(&["append", "-d", DAY, "appended-secretly"]).run().ok();
    world.ponder(&["append", "-d", DAY]).input("piped-secretly").run().ok();
    world
        .ponder(&["lease", "-d", DAY, "--purpose", "purpose-secret", "--", "sh", "-c"])
        .arg("echo leased-secretly >> \"$PONDER_ENTRY\"; exit 4")
        .run()
        .code(4);
    let mut script = Script::hello(&world.socket());
    script.ask(json!({ "op": "append", "entry": DAY, "text": "scripted-secretly" }), "appended");
    script.ask(json!({ "op": "append", "entry": DAY, "text_b64": "YmFzZTY0LXNlY3JldA==" }), "appended");
    let holder = json!({ "program": "program-secret", "purpose": "why-secret" });
    let session = script.acquire(&[DAY], &json!({ "holder": holder }));
    script.expect("granted");
    // What cannot be read is refused, and refusals are logged: without what was in them.
    for line in [
        json!({ "op": "append", "entry": "garbled-secret", "text": "x" }).to_string(),
        json!({ "op": "operation-secret" }).to_string(),
        json!({ "op": "append", "entry": DAY, "text": ["listed-secret"] }).to_string(),
        "{\"op\": \"append\", \"text\": \"unclosed-secret".to_owned(),
    ] {
        let mut rude = Script::hello(&world.socket());
        rude.send_line(&line);
        assert_eq!(rude.hear().expect("an answer")["event"], "error", "{}", rude.transcript());
    }
    script.ask(json!({ "op": "release", "session": session, "succeeded": false }), "released");
    let mut other = Script::hello(&world.socket());
    let operation = new_id();
    other
        .ask(json!({ "op": "append", "entry": DAY, "text": "a-secret", "operation": operation }), "appended");
    world.ponder(&["daemon", "stop"]).run().ok();
    daemon.wait().ok().silent();

    let said = fs::read_to_string(&log).unwrap();
    assert!(said.contains("DEBUG") && said.contains("stopped"), "the log is there, and verbose: {said}");
    let mut files = Vec::new();
    list(&world.path("state"), &mut files);
    files.push(log);
    // Drafts, their bases and the write-ahead log are text; everything else is not.
    let is_text = |file: &Path| {
        file.extension().is_some_and(|extension| extension == "md" || extension == "base")
            || file.file_name().is_some_and(|name| name == "log" || name == "log.other")
    };
    for file in files.iter().filter(|file| !is_text(file)) {
        let text = String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned();
        assert!(!text.contains("secret"), "{}:\n{text}", file.display());
    }
}

fn list(dir: &Path, files: &mut Vec<std::path::PathBuf>) {
    for item in fs::read_dir(dir).unwrap().flatten() {
        if item.file_type().unwrap().is_dir() {
            list(&item.path(), files);
        } else {
            files.push(item.path());
        }
    }
}
