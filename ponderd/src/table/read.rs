//! Reading what the daemon before this one has written down.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use ponder_proto::SessionId;

use super::line::{Line, VERSION};
use super::{Remembered, TableError, UNKNOWN_BOOT};

/// The sessions that go on, in their order: those of this boot.
///
/// # Errors
/// When the file cannot be read. One that is damaged is read as far as it makes sense.
pub fn read(path: &Path, boot: &str) -> Result<Vec<Remembered>, TableError> {
    match fs::read(path) {
        Ok(bytes) => Ok(parse(&bytes, boot)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(TableError::Disk { doing: "read", path: path.to_owned(), source }),
    }
}

/// The sessions that a table's bytes tell of. Nothing if they are of another boot, or of one that is not
/// known; a line that cannot be read is passed over, since those around it hold all the same.
pub fn parse(bytes: &[u8], boot: &str) -> Vec<Remembered> {
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    let first = lines.next().map(serde_json::from_slice::<Line>);
    match first {
        Some(Ok(Line::Table { version: VERSION, boot: of })) if of == boot && boot != UNKNOWN_BOOT => {}
        _ => return Vec::new(),
    }
    let mut found: BTreeMap<u64, Remembered> = BTreeMap::new();
    let mut places: BTreeMap<SessionId, u64> = BTreeMap::new();
    for line in lines {
        match serde_json::from_slice(line) {
            Ok(Line::Seated { place, request, process, wait_until, since }) => {
                let known = places.insert(request.session, place).and_then(|place| found.remove(&place));
                let (token, hold_until) = known.map_or((None, None), |known| (known.token, known.hold_until));
                let session = Remembered { request, process, token, wait_until, hold_until, since };
                // Only a damaged table has two in one place: what it says of the first one from here on
                // must not become the second one's.
                if let Some(first) = found.insert(place, session) {
                    places.remove(&first.request.session);
                }
            }
            Ok(Line::Granted { session, token, hold_until, since }) => {
                if let Some(known) = places.get(&session).and_then(|place| found.get_mut(place)) {
                    (known.token, known.hold_until, known.since) = (Some(token), hold_until, since);
                }
            }
            Ok(Line::Over { session }) => {
                if let Some(place) = places.remove(&session) {
                    found.remove(&place);
                }
            }
            Ok(Line::Table { .. }) | Err(_) => {
                tracing::warn!("a line of the lease table cannot be read; it is passed over");
            }
        }
    }
    without_conflicts(found)
}

/// Two conflicting leases are never current together, whatever a damaged table says: the later one is
/// not believed.
fn without_conflicts(found: BTreeMap<u64, Remembered>) -> Vec<Remembered> {
    let mut sessions: Vec<Remembered> = Vec::new();
    for session in found.into_values() {
        let conflicts = |other: &Remembered| {
            let exclusive = |session: &Remembered| session.request.mode == ponder_proto::Mode::Exclusive;
            (exclusive(other) || exclusive(&session))
                && other.request.entries.iter().any(|entry| session.request.entries.contains(entry))
        };
        if session.token.is_some() && sessions.iter().any(conflicts) {
            tracing::warn!(session = %session.request.session, "the lease table has two that conflict");
            continue;
        }
        sessions.push(session);
    }
    sessions
}
