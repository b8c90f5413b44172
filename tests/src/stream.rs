//! What a process writes, as it comes.

use std::io::Read;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use crate::DEADLINE;

/// One output of a process, collected by a thread.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stream(Arc<(Mutex<State>, Condvar)>);

#[derive(Debug, Default)]
struct State {
    bytes: Vec<u8>,
    ended: bool,
}

impl Stream {
    pub(crate) fn collect(mut from: impl Read + Send + 'static) -> Self {
        let stream = Self::default();
        let own = stream.clone();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            loop {
                let count = from.read(&mut buffer).unwrap_or(0);
                let (state, changed) = &*own.0;
                let mut state = state.lock().unwrap();
                state.bytes.extend_from_slice(&buffer[..count]);
                state.ended = count == 0;
                changed.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        stream
    }

    /// What was written so far.
    pub(crate) fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.0.0.lock().unwrap().bytes).into_owned()
    }

    /// Waits until `find` finds something in what was written. None if it never came: the output
    /// ended, or the deadline is over.
    pub(crate) fn wait<T>(&self, mut find: impl FnMut(&str) -> Option<T>) -> Option<T> {
        self.wait_or_end(|bytes, _| find(&String::from_utf8_lossy(bytes)))
    }

    /// Waits for the end and returns everything. None if something still holds it open.
    pub(crate) fn all(&self) -> Option<Vec<u8>> {
        self.wait_or_end(|bytes, ended| ended.then(|| bytes.to_vec()))
    }

    fn wait_or_end<T>(&self, mut find: impl FnMut(&[u8], bool) -> Option<T>) -> Option<T> {
        let (state, changed) = &*self.0;
        let mut found = None;
        let waited = changed.wait_timeout_while(state.lock().unwrap(), DEADLINE, |state| {
            found = find(&state.bytes, state.ended);
            found.is_none() && !state.ended
        });
        drop(waited);
        found
    }
}
