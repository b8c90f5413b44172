//! A flush that fails is never tried again on the same file: the second could succeed, with the bytes
//! gone. What is acknowledged was flushed in another one.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use ponder_tests::{Injection, Place, Script, Sweep, Trace, Traced, World, assert_sentence, new_id};
use serde_json::{Value, json};

const DAY: &str = "20261123";
const FAILED: &str = "Input/output error";

/// What tells where something was flushed, and when it was answered.
const CALLS: &str = "fdatasync,fsync,openat,close,renameat2,renameat,unlinkat,sendto";

fn append(script: &mut Script, text: &str, operation: &str) -> Value {
    script.send(json!({ "op": "append", "entry": DAY, "text": text, "operation": operation }));
    script.hear().expect("the daemon lives")
}

fn start(world: &World, injection: &Injection) -> (Traced, Option<Script>) {
    world.write(DAY, "before\n");
    let traced = world.traced(CALLS, std::slice::from_ref(injection));
    let script = traced.script(world);
    (traced, script)
}

/// One system call: its line without the process, its descriptor if that is the first argument.
fn descriptor<'a>(line: &'a str, call: &str) -> Option<&'a str> {
    let rest = line.split_once(char::is_whitespace)?.1.trim_start();
    Some(rest.strip_prefix(call)?.strip_prefix('(')?.split(['<', ')', ',']).next()?.trim())
}

/// No file is flushed again after a flush of it has failed.
fn is_never_retried(trace: &Trace) {
    for (at, line) in trace.lines().iter().enumerate().filter(|(_, line)| line.contains("(INJECTED)")) {
        let failed = descriptor(line, "fdatasync").or_else(|| descriptor(line, "fsync"));
        let failed = failed.expect("a flush was made to fail");
        let until_closed =
            trace.lines()[at + 1..].iter().take_while(|line| descriptor(line, "close") != Some(failed));
        for later in until_closed {
            let again = descriptor(later, "fdatasync").or_else(|| descriptor(later, "fsync"));
            assert!(again != Some(failed), "{line}\n{later}\n{}", trace.lines().join("\n"));
        }
    }
}

/// Between a failed flush of the log and the next answer to an append, a log was flushed with success.
fn is_durable_elsewhere(trace: &Trace) {
    let lines = trace.lines();
    let failed = lines.iter().position(|line| line.contains("(INJECTED)") && line.contains("/log"));
    let rest = failed.map_or(&[][..], |failed| &lines[failed..]);
    let Some(answered) = rest.iter().position(|line| line.contains("appended")) else { return };
    let flushed = |line: &String| descriptor(line, "fdatasync").is_some() && line.ends_with("= 0");
    let flushed = rest[..answered].iter().any(|line| flushed(line) && line.contains("/log"));
    assert!(flushed, "nothing was flushed before the answer\n{}", lines.join("\n"));
}

/// Appends while one flush fails, and looks at what came of them.
fn one_flush_fails(injection: &Injection) -> bool {
    let world = World::new();
    let (traced, script) = start(&world, injection);
    let Some(mut script) = script else {
        let (finished, trace) = traced.end();
        assert_sentence(finished.stderr.lines().last().unwrap(), &[FAILED, "/log"]);
        return trace.has_fired();
    };
    let texts: Vec<String> = (0..4).map(|number| format!("text {number}\n")).collect();
    let operations: Vec<String> = texts.iter().map(|_| new_id()).collect();
    for (text, operation) in texts.iter().zip(&operations) {
        let answer = append(&mut script, text, operation);
        assert_eq!(answer["event"], "appended", "there is room for another log file: {answer}");
    }
    script.ask(json!({ "op": "stop" }), "stopping");
    let (finished, trace) = traced.end();
    finished.ok();
    is_never_retried(&trace);
    is_durable_elsewhere(&trace);
    let mut script = world.script();
    for (text, operation) in texts.iter().zip(&operations) {
        assert_eq!(append(&mut script, text, operation)["repeated"], true);
    }
    assert_eq!(world.text(DAY), format!("before\n{}", texts.concat()));
    trace.has_fired()
}

#[test]
fn a_failed_flush_is_not_tried_again_and_another_log_is_begun() {
    let calls = [("fdatasync".to_owned(), 8)].into();
    Sweep::default()
        .and(&calls, "error=EIO", Place::Anywhere)
        .run(8, one_flush_fails)
        .report("failed flushes");
}

/// From one flush on none succeeds any more: nothing is acknowledged from there on, the daemon lives, and
/// what it had acknowledged is there.
#[test]
fn a_disk_that_flushes_nothing_any_more_acknowledges_nothing() {
    let world = World::new();
    let injection = Injection { when: "5+".to_owned(), ..Injection::always("fdatasync", "EIO") };
    let (traced, script) = start(&world, &injection);
    let mut script = script.expect("it starts");
    let answers: Vec<(String, Value)> = (0..8)
        .map(|number| format!("text {number}\n"))
        .map(|text| (text.clone(), append(&mut script, &text, &new_id())))
        .collect();
    let acknowledged: Vec<&String> =
        answers.iter().filter(|(_, answer)| answer["event"] == "appended").map(|(text, _)| text).collect();
    assert!((1..8).contains(&acknowledged.len()), "{answers:?}");
    for (_, refusal) in answers.iter().filter(|(_, answer)| answer["event"] != "appended") {
        assert_sentence(
            refusal["message"].as_str().unwrap(),
            &[FAILED, &world.path("").display().to_string()],
        );
    }
    assert!(answers.last().unwrap().1["event"] == "error");
    world.ponder(&["status"]).run().ok();
    script.ask(json!({ "op": "stop" }), "stopping");
    let (_, trace) = traced.end();
    is_never_retried(&trace);

    world.ponder(&["append", "-d", DAY, "afterwards"]).run().ok();
    let text = world.text(DAY);
    for (appended, answer) in &answers {
        let count = text.matches(appended.as_str()).count();
        let allowed = match (answer["event"].as_str(), answer["code"].as_str()) {
            (Some("appended"), _) => 1..=1,
            (_, Some("outcome_unknown")) => 0..=1,
            _ => 0..=0,
        };
        assert!(allowed.contains(&count), "{appended:?} is there {count} times, after {answer}\n{text}");
    }
    assert!(text.ends_with("afterwards\n"));
}

/// A text that is too long for the log is durable only with its name. If that cannot be flushed the text
/// is in the entry, perhaps not for long: it is kept, too, and what is saved next is put behind it once.
#[test]
fn a_commit_whose_name_could_not_be_flushed_is_not_doubled_by_the_next() {
    for when in ["1", "2", "3"] {
        let world = World::new();
        world.write(DAY, "before\n");
        let journal = world.path("journal");
        let injection = Injection { when: when.to_owned(), ..Injection::always("fsync", "EIO") };
        let paths = [journal.join(".ponder"), journal];
        let traced = world.traced_at("fsync", &[injection], &paths);
        let mut script = traced.script(&world).expect("it starts");
        let session = script.acquire(&[DAY], &json!({}));
        let granted = script.expect("granted");
        let draft = granted["drafts"][0]["path"].as_str().unwrap().to_owned();
        let commit = json!({ "op": "commit", "session": session, "token": granted["token"] });

        let long = format!("before\n{}", "one line of a text that is too long for the log\n".repeat(8000));
        std::fs::write(&draft, &long).unwrap();
        let first = script.ask(commit.clone(), "committed");
        let failed = &first["entries"][0]["outcome"]["failed"];
        assert!(failed.is_null() || failed["code"] == "outcome_unknown", "{first}");
        script.ask(json!({ "op": "append", "entry": DAY, "text": "appended\n" }), "appended");
        std::fs::write(&draft, format!("{long}more\n")).unwrap();
        let second = script.ask(commit, "committed");
        script.ask(json!({ "op": "release", "session": session, "succeeded": true }), "released");
        assert!(world.text(DAY) == format!("{long}more\nappended\n"), "{when}: {first} {second}");
    }
}
