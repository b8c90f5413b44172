//! `ponder service`: what the registry says, and what comes of it at a logon.

#![cfg(windows)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::windows::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ponder_windows::{Ended, World, program, wait_until};

const RUN: &str = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run";
const REMEMBERED: &str = r"HKCU\Software\ponder\logon";
const APPROVED: &str = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run";

/// A logon starts whatever is there: one test at a time has something there.
static TURN: Mutex<()> = Mutex::new(());

/// A world with a journal, and what its entry in the registry is called. What a failed test leaves of it goes
/// with it: the registry is everybody's.
struct Service {
    _turn: MutexGuard<'static, ()>,
    world: World,
    name: String,
    /// What `install` would write.
    line: String,
}

impl Service {
    fn new() -> Self {
        Self::of(World::new())
    }

    fn of(world: World) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner); // another test has failed
        fs::create_dir(world.path("journal")).unwrap();
        let [name, line] = printed(&world, &["service", "print", "--json"]);
        Self { _turn: turn, world, name, line }
    }

    /// What the registry has under the name.
    fn value(&self) -> Option<String> {
        let told = reg(&["query", RUN, "/v", &self.name]);
        let line = told.out.lines().find(|line| line.contains(&self.name))?;
        let (_, data) = line.split_once("REG_SZ").expect("a text");
        Some(data.trim().to_owned())
    }

    /// Somebody writes another value there.
    fn put(&self, data: &str) {
        let written = reg(&["add", RUN, "/f", "/v", &self.name, "/t", "REG_SZ", "/d", data]);
        assert_eq!(written.code, 0, "{}{}", written.out, written.err);
    }

    /// Runs a line as a logon does: whoever it is for takes it apart, and no setting is there but its own.
    fn log_on(&self, line: &str) -> Ended {
        let mut command = self.world.other(Path::new("cmd"), &["/d", "/s", "/c"]);
        command.env_remove("PONDER_DIR").env_remove("PONDER_WINDOW").env_remove("PONDER_GRACE");
        Ended::of(command.raw_arg(format!("\"{line}\"")).output().unwrap())
    }

    fn status(&self) -> Ended {
        self.world.ponder(&["service", "status"])
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        reg(&["delete", RUN, "/f", "/v", &self.name]);
        reg(&["delete", APPROVED, "/f", "/v", &self.name]);
        reg(&["delete", REMEMBERED, "/f", "/v", &self.name]);
    }
}

/// The name and the data of the value that is to be written.
fn printed(world: &World, words: &[&str]) -> [String; 2] {
    let printed = world.done(words);
    let part: serde_json::Value = serde_json::from_str(printed.lines().next().unwrap()).unwrap();
    assert_eq!(part["key"], RUN.replace("HKCU", "HKEY_CURRENT_USER"));
    ["name", "data"].map(|field| part[field].as_str().unwrap().to_owned())
}

fn reg(words: &[&str]) -> Ended {
    Ended::of(Command::new("reg").args(words).output().unwrap())
}

/// All that it said, and it has to succeed.
fn all(ended: Ended) -> String {
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    ended.out + &ended.err
}

#[test]
fn the_service_is_a_value_that_comes_and_goes() {
    let service = Service::new();
    let world = &service.world;
    let shown = all(world.ponder(&["service", "install", "--dry-run"]));
    assert!(shown.contains(&service.line) && shown.contains("would run `"), "{shown}");
    assert!(service.value().is_none() && service.status().code == 1, "nothing was written");
    let installed = world.done(&["service", "install"]);
    assert!(installed.contains(&service.line), "it is shown: {installed}");
    assert_eq!(service.value().as_ref(), Some(&service.line));
    assert!(world.daemon() > 0);
    assert!(service.status().out.trim_end().ends_with("at each logon"), "{}", service.status().out);
    assert!(all(world.ponder(&["service", "install"])).contains("is there already"));
    let shown = all(world.ponder(&["service", "uninstall", "--dry-run"]));
    assert!(shown.contains("would remove") && service.value().is_some(), "{shown}");
    world.done(&["service", "uninstall"]);
    assert!(service.value().is_none() && service.status().code == 1);
    assert!(all(world.ponder(&["service", "uninstall"])).contains("there is no service"));
}

#[test]
fn what_somebody_wrote_or_changed_is_left_alone() {
    let service = Service::new();
    for foreign in ["notepad.exe", &service.line.replace("service logon", "status")] {
        service.put(foreign);
        let refused = service.world.ponder(&["service", "install"]);
        assert_eq!(refused.code, 78, "{}{}", refused.out, refused.err);
        assert!(refused.err.contains("is not ours") && refused.err.contains("reg delete"), "{}", refused.err);
        assert!(service.status().out.contains("is not ours"));
        let doctor = all(service.world.ponder(&["doctor"]));
        assert!(doctor.contains("-> `reg delete"), "{doctor}");
        assert_eq!(service.world.ponder(&["service", "uninstall"]).code, 1);
        assert_eq!(service.value().as_deref(), Some(foreign));
    }
}

#[test]
fn the_line_of_the_registry_starts_the_daemon() {
    let service = Service::new();
    service.world.done(&["service", "install"]);
    service.world.done(&["daemon", "stop"]);
    let begun = service.log_on(&service.value().unwrap());
    assert_eq!(begun.code, 0, "{}{}", begun.out, begun.err);
    service.world.done(&["daemon", "status"]);
}

#[test]
fn a_line_is_taken_apart_as_it_was_put_together() {
    let service = Service::new();
    let odd = service.world.path("日記 & thoughts (2026)");
    fs::create_dir(&odd).unwrap();
    let journal = odd.to_str().unwrap();
    let [_, line] = printed(&service.world, &["--journal", journal, "service", "print", "--json"]);
    let begun = service.log_on(&line);
    assert_eq!(begun.code, 0, "{}{}", begun.out, begun.err);
    service.world.done(&["--journal", journal, "daemon", "status"]);
    service.world.done(&["--journal", journal, "daemon", "stop"]);
    assert_eq!(service.world.ponder(&["daemon", "status"]).code, 69, "the other journal has none");
}

#[test]
fn why_a_logon_started_nothing_is_remembered() {
    let service = Service::of(World::with_windows(7.0));
    let (world, line) = (&service.world, &service.line);
    world.done(&["service", "install"]);
    world.done(&["daemon", "stop"]);
    assert!(line.contains("PONDER_WINDOW=7"), "{line}");
    let odd = line.replace("PONDER_WINDOW=7", "PONDER_WINDOW=never");
    service.put(&odd);
    assert_ne!(service.log_on(&odd).code, 0, "the daemon has the setting");
    let told = service.status().out;
    assert!(told.contains("it failed: ") && told.contains("never"), "{told}");
    let doctor = world.ponder(&["doctor"]);
    assert!(doctor.code != 0 && doctor.out.contains("never"), "{}", doctor.out);
    world.done(&["service", "install"]);
    assert_eq!(service.value().as_ref(), Some(line), "ours is replaced, with any settings");
    assert!(!service.status().out.contains("failed"), "{}", service.status().out);
    world.done(&["daemon", "stop"]);
    assert_ne!(service.log_on(&odd).code, 0);
    let remembered = || reg(&["query", REMEMBERED, "/v", &service.name]).out.contains("never");
    assert!(remembered());
    world.done(&["service", "uninstall"]);
    assert!(!remembered(), "nothing is left");
}

#[test]
fn an_entry_that_can_do_nothing_is_told() {
    let service = Service::new();
    service.world.done(&["service", "install"]);
    service.put(&service.line.replacen(r":\", r":\gone\", 1));
    assert!(service.status().out.contains(r":\gone\"), "{}", service.status().out);
    assert_ne!(service.world.ponder(&["doctor"]).code, 0);
    service.world.done(&["service", "install"]);
    assert_eq!(service.value().as_ref(), Some(&service.line));
    for (data, is_off) in [("030000000000000000000000", true), ("020000000000000000000000", false)] {
        reg(&["add", APPROVED, "/f", "/v", &service.name, "/t", "REG_BINARY", "/d", data]);
        assert_eq!(service.status().out.contains("turned off"), is_off);
        assert_eq!(service.world.ponder(&["doctor"]).code, if is_off { 69 } else { 0 });
    }
}

#[test]
fn a_line_that_windows_would_cut_is_not_written() {
    let world = World::new();
    let long = world.path(&"x".repeat(200));
    let journal = long.to_str().unwrap();
    let refused = world.ponder(&["--journal", journal, "service", "install"]);
    // There is none, unless this fails.
    world.ponder(&["--journal", journal, "service", "uninstall"]);
    world.ponder(&["--journal", journal, "daemon", "stop"]);
    assert_eq!(refused.code, 78, "{}{}", refused.out, refused.err);
    assert!(refused.err.contains("no more than 260 characters"), "{}", refused.err);
    assert!(!long.exists(), "no journal is made for a service that there cannot be");
    let entries = reg(&["query", RUN]).out;
    assert!(!entries.contains(&"x".repeat(200)), "{entries}");
}

#[test]
fn without_the_program_there_is_no_service() {
    let world = World::new();
    let alone = world.path("ponder.exe");
    fs::copy(program("ponder.exe"), &alone).unwrap();
    let refused = Ended::of(world.other(&alone, &["service", "install"]).output().unwrap());
    assert_eq!(refused.code, 78, "{}{}", refused.out, refused.err);
    assert!(refused.err.contains("there is no") && refused.err.contains("ponderw.exe"), "{}", refused.err);
    fs::copy(program("ponderw.exe"), world.path("ponderw.exe")).unwrap();
    fs::remove_file(&alone).unwrap();
    let refused = Ended::of(world.other(&world.path("ponderw.exe"), &["status"]).output().unwrap());
    assert!(refused.code == 69 && refused.err.contains("cannot run"), "{}{}", refused.code, refused.err);
}

#[test]
fn the_program_is_no_program_of_the_console_and_ends_as_ponder_does() {
    let bytes = fs::read(program("ponderw.exe")).unwrap();
    let number = |at: usize, size: usize| {
        bytes[at..at + size].iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
    };
    let header = number(0x3c, 4); // "PE\0\0", the file's header of 20 bytes, and the optional one
    assert_eq!(number(header + 24 + 68, 2), 2, "IMAGE_SUBSYSTEM_WINDOWS_GUI");
    let world = World::new();
    let run = |words: &[&str]| Ended::of(world.other(&program("ponderw.exe"), words).output().unwrap());
    assert_eq!(run(&["--version"]).out, world.done(&["--version"]));
    assert_eq!(run(&["show", "--no-such-option"]).code, 2);
}

/// Wine starts what a logon does when it is told to. On Windows itself nobody can be told to, and this fails.
#[test]
fn a_logon_starts_the_daemon() {
    let service = Service::new();
    service.world.done(&["service", "install"]);
    service.world.done(&["daemon", "stop"]);
    let mut logon = service.world.other(Path::new("wineboot"), &[]);
    logon.env_remove("PONDER_DIR");
    let begun = logon.output().expect("Wine, which has a program for that");
    assert!(begun.status.success());
    wait_until("a daemon runs", || (service.world.ponder(&["daemon", "status"]).code == 0).then_some(()));
}
