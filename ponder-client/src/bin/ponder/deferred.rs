//! Appends that are durable and not in their entry's file yet, because another program holds its lock.

use std::time::Duration;

use ponder_client::{Endpoint, Error};
use ponder_proto::{Body, Deferred, EntryName, Op};

/// How long a daemon is waited for that others may be waiting for, too.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the daemon says that waits; nothing where none runs, or one that is too old to know.
pub(crate) fn ask(endpoint: &Endpoint) -> Result<Vec<Deferred>, Error> {
    match endpoint.ask_running(Op::Deferred, PATIENCE) {
        Ok(Some(Body::Deferred { entries })) => Ok(entries),
        Ok(_) | Err(Error::Refused(_)) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// What waits for one entry.
pub(crate) fn of(all: &[Deferred], entry: EntryName) -> Option<&Deferred> {
    all.iter().find(|deferred| deferred.entry == entry)
}

/// An entry's text as it will be when what waits is in it.
pub(crate) fn put_behind(mut text: Vec<u8>, deferred: &Deferred) -> Vec<u8> {
    if text.last().is_some_and(|&last| last != b'\n') {
        text.push(b'\n');
    }
    text.extend_from_slice(&deferred.text.0);
    text
}

#[cfg(test)]
mod tests {
    use ponder_proto::Text;

    use super::*;

    #[test]
    fn what_waits_begins_a_line_of_its_own() {
        let entry = "20261123".parse().unwrap();
        let deferred = Deferred { entry, since: 0, appends: 1, text: Text::from("more\n") };
        let behind = |text: &[u8]| put_behind(text.to_vec(), &deferred);
        assert_eq!(behind(b"text\n"), b"text\nmore\n");
        assert_eq!(behind(b"text"), b"text\nmore\n");
        assert_eq!(behind(b""), b"more\n");
        assert_eq!(of(std::slice::from_ref(&deferred), entry), Some(&deferred));
        assert_eq!(of(&[], entry), None);
    }
}
