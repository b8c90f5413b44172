//! A daemon of an earlier version, as far as a client can tell: it answers what that version's answered.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::thread;

use ponder_proto::{MAGIC, Request, frame};
use ponder_tests::{World, mkdir};

use crate::talk::{Encoding, Said, read, read_frame};

/// The last answers that were recorded, by operation.
type Answers = BTreeMap<String, Vec<u8>>;

/// It listens where a client of this world looks, until this is dropped.
pub(crate) struct OldDaemon(std::path::PathBuf);

impl Drop for OldDaemon {
    fn drop(&mut self) {
        fs::remove_file(&self.0).unwrap();
    }
}

pub(crate) fn listen(world: &World, conversation: &Path) -> OldDaemon {
    let answers = answers(conversation);
    mkdir(&world.path("run/ponder"), 0o700);
    let socket = world.path("run/ponder").join(format!("{}.sock", world.journal().id()));
    let listener = UnixListener::bind(&socket).unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            answer(client.unwrap(), &answers);
        }
    });
    OldDaemon(socket)
}

fn operation(payload: &[u8]) -> (u64, String) {
    let request: Request = frame::decode(payload).unwrap();
    let op = serde_json::to_value(&request).unwrap()["op"].as_str().unwrap().to_owned();
    (request.id, op)
}

fn answers(conversation: &Path) -> Answers {
    let (mut answers, mut asked) = (Answers::new(), None);
    for said in read(Encoding::Frames, conversation).into_iter().skip(1) {
        match said {
            Said::Client(bytes) => asked = Some(operation(&bytes[frame::HEADER..]).1),
            Said::Daemon(bytes) => drop(asked.take().map(|op| answers.insert(op, bytes))),
        }
    }
    answers
}

fn answer(mut client: UnixStream, answers: &Answers) {
    let mut magic = [0; MAGIC.len()];
    client.read_exact(&mut magic).unwrap();
    assert_eq!(magic, MAGIC);
    while let Some(asked) = read_frame(&mut client) {
        let (id, op) = operation(&asked[frame::HEADER..]);
        let mut answer = answers.get(&op).unwrap_or_else(|| panic!("{op} was never recorded")).clone();
        // An answer begins with the number of its request, behind a 1 that says that there is one.
        answer[frame::HEADER + 1..frame::HEADER + 9].copy_from_slice(&id.to_le_bytes());
        client.write_all(&answer).unwrap();
    }
}
