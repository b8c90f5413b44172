//! The lease table.

use std::fs;

use ponder_endpoint::Process;
use ponder_proto::{Acquire, Mode, SessionId, Token};
use ponderd::table::{Remembered, Table, parse};
use serde::Deserialize;
use tempfile::TempDir;

use crate::memory;

/// The boot that the seeds name.
const BOOT: &str = "boot";
const FIRST: &[u8] = b"{\"table\":{\"version\":1,\"boot\":\"boot\"}}\n";

thread_local! {
    /// Where tables are written; each thread has its own, which goes with it.
    static DIR: TempDir = tempfile::tempdir().expect("there is room for a folder");
}

/// Any bytes as a lease table; and as the lines of one whose first line is right, so that what comes
/// behind it is reached, too.
///
/// Nothing is found but what the lines tell, nobody has his lease beside one whom it conflicts with, and
/// what is found is found again once it is written down.
pub fn table(bytes: &[u8]) {
    if !whole(bytes) {
        whole(&[FIRST, bytes].concat());
    }
}

/// Returns whether it is a table at all.
fn whole(bytes: &[u8]) -> bool {
    let first = bytes.iter().position(|&byte| byte == b'\n').map(|end| &bytes[..end]);
    let boot = match first.map(serde_json::from_slice) {
        Some(Ok(Line::Table { version: 1, boot })) => Some(boot),
        _ => None,
    };
    for of in [BOOT, "another", ""] {
        let nobodys = of.is_empty() || boot.as_deref() != Some(of);
        assert!(!nobodys || read(bytes, of).is_empty(), "it is not of the boot {of:?}");
    }
    let Some(boot) = boot.filter(|boot| !boot.is_empty()) else { return false };
    cut(bytes, &boot);
    let found = read(bytes, &boot);
    let granted_beside = |(at, later): (usize, &Remembered)| {
        later.token.is_some() && found[..at].iter().any(|other| conflict(other, later))
    };
    assert!(!found.iter().enumerate().any(granted_beside), "two of them conflict");
    if !found.is_empty() {
        written(&found, choose(bytes, found.len()));
    }
    true
}

/// The file ends behind any line: what is left tells what happened until then. What is torn off behind
/// that tells nothing. One line is tried, which the bytes choose; with many inputs that is each of them.
fn cut(bytes: &[u8], boot: &str) {
    let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    let ends: Vec<usize> = ends.collect();
    let end = ends[choose(bytes, ends.len())];
    let told = told(&bytes[..end]);
    assert_eq!(read(&bytes[..end], boot), told, "cut behind {end} bytes");
    let rest = &bytes[end..];
    let torn = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
    assert_eq!(read(&bytes[..end + torn], boot), told, "torn behind {end} bytes");
}

/// One of so many, by the bytes: FNV-1a.
fn choose(bytes: &[u8], of: usize) -> usize {
    let fold = |hash: u32, &byte: &u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    bytes.iter().fold(0x811c_9dc5, fold) as usize % of
}

fn read(bytes: &[u8], boot: &str) -> Vec<Remembered> {
    // A session is a few times as long as its shortest line; and a list may just have doubled.
    memory::within(32 * bytes.len(), "a lease table", || parse(bytes, boot))
}

/// What is found is written down by the next daemon, at once or as it happens, and found again. It is read
/// once more when this one of the sessions is over.
fn written(found: &[Remembered], over: usize) {
    DIR.with(|dir| {
        let path = dir.path().join("leases");
        let again = || read(&fs::read(&path).expect("it was written"), BOOT);
        let mut table = Table::begin(&path, BOOT, found).expect("it can be written");
        assert_eq!(again(), found, "written at once");
        let placed = || (7..).zip(found.iter().cloned());
        table.shorten(placed());
        assert_eq!(again(), found, "written anew");
        for (place, session) in placed() {
            table.over(session.request.session);
            table.write(false);
            let left = usize::try_from(place).expect("there are few") - 6;
            if left == over + 1 {
                assert_eq!(again(), found[left..], "one after the other is over");
            }
        }
        for (place, Remembered { request, process, token, wait_until, hold_until, since }) in placed() {
            table.seated(place, &request, process, wait_until, since);
            if let Some(token) = token {
                table.granted(request.session, token, hold_until, since);
            }
        }
        table.write(false);
        assert_eq!(again(), found, "written as it happens");
    });
}

/// The lines, a second time, and not by what the daemon reads and writes them with.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Table { version: u32, boot: String },
    Seated { place: u64, request: Acquire, process: Option<Process>, wait_until: Option<u64>, since: i64 },
    Granted { session: SessionId, token: Token, hold_until: Option<u64>, since: i64 },
    Over { session: SessionId },
}

/// What lines tell, by the slowest way there is: in a list, looked through for each of them.
fn told(bytes: &[u8]) -> Vec<Remembered> {
    let mut sessions: Vec<(u64, Remembered)> = Vec::new();
    let at = |sessions: &[(u64, Remembered)], id: SessionId| {
        sessions.iter().position(|(_, session)| session.request.session == id)
    };
    for line in bytes.split_inclusive(|&byte| byte == b'\n').skip(1) {
        match serde_json::from_slice(line) {
            Ok(Line::Seated { place, request, process, wait_until, since }) => {
                // It keeps its grant; whoever had this place has none any more.
                let known = at(&sessions, request.session).map(|at| sessions.remove(at).1);
                sessions.retain(|(other, _)| *other != place);
                let (token, hold_until) = known.map_or((None, None), |known| (known.token, known.hold_until));
                sessions.push((place, Remembered { request, process, token, wait_until, hold_until, since }));
            }
            Ok(Line::Granted { session, token, hold_until, since }) => {
                if let Some(at) = at(&sessions, session) {
                    let known = &mut sessions[at].1;
                    (known.token, known.hold_until, known.since) = (Some(token), hold_until, since);
                }
            }
            Ok(Line::Over { session }) => {
                if let Some(at) = at(&sessions, session) {
                    sessions.remove(at);
                }
            }
            Ok(Line::Table { .. }) | Err(_) => {}
        }
    }
    sessions.sort_by_key(|(place, _)| *place);
    let mut believed: Vec<Remembered> = Vec::new();
    for (_, session) in sessions {
        if session.token.is_none() || !believed.iter().any(|earlier| conflict(earlier, &session)) {
            believed.push(session);
        }
    }
    believed
}

/// Whether two sessions may not have their leases together.
fn conflict(one: &Remembered, other: &Remembered) -> bool {
    let [one, other] = [&one.request, &other.request];
    let common = one.entries.iter().any(|entry| other.entries.contains(entry));
    common && (one.mode, other.mode) != (Mode::Shared, Mode::Shared)
}
