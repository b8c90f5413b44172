//! What the log's records say. The table in `docs/design.md` has the bytes.

use ponder_proto::{EntryName, OperationId, SessionId, Token};

use super::at::At;
use super::bytes::{Reader, Writer};
use crate::journal::Digest;

/// A record's number in its log: 1, 2, 3 and so on, never reused in one log.
pub(in crate::journal) type Number = u64;

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::journal) enum Record {
    /// Text to be added at the end of an entry.
    Append(Append),
    /// The publication of these appends begins, at these places. Not flushed: it matters after the
    /// daemon's death, not after the machine's.
    Began(Vec<(Number, At)>),
    /// These appends and commits are published. Not flushed, either.
    Published(Vec<Number>),
    /// New versions of entries, all or none.
    Commit(Commit),
    /// This append or commit was given up before it was published: it has been refused.
    Withdrawn(Number),
    /// A version that was replaced, into which some program may still write.
    Displaced(Displaced),
    /// Operations of earlier logs.
    Operations(Vec<Operation>),
    /// Entries are being flushed from here on. Not flushed itself. If the daemon dies before the log
    /// is begun anew, a flush may have failed, and is not tried again on the same files.
    Settling,
    /// These appends have to wait for a lock, whatever was begun with them. Not flushed, either.
    Waiting(Vec<Number>),
}

/// Text to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::journal) struct Append {
    pub(in crate::journal) operation: Operation,
    /// The text as it was given.
    pub(in crate::journal) text: Vec<u8>,
    /// What a new entry begins with.
    pub(in crate::journal) header: Vec<u8>,
    /// Where it is to stand, as the entry was when the record was written. None if there was no
    /// entry then.
    pub(in crate::journal) plan: Option<At>,
}

/// An operation's identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::journal) struct Operation {
    pub(in crate::journal) id: OperationId,
    pub(in crate::journal) entry: EntryName,
    /// The digest of the operation's text.
    pub(in crate::journal) text: Digest,
    /// When it was asked for, in seconds since 1970.
    pub(in crate::journal) time: i64,
}

/// New versions of entries, all or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::journal) struct Commit {
    pub(in crate::journal) session: SessionId,
    pub(in crate::journal) token: Token,
    pub(in crate::journal) parts: Vec<Part>,
}

impl Commit {
    /// One that is nobody's: what an entry has to be again.
    pub(in crate::journal) fn of_the_log(part: Part) -> Self {
        Self { session: SessionId([0; 16]), token: Token { epoch: 0, counter: 0 }, parts: vec![part] }
    }
}

/// The new version of one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::journal) struct Part {
    pub(in crate::journal) entry: EntryName,
    /// What it replaces; none if the entry is new.
    pub(in crate::journal) base: Option<Digest>,
    /// What it is.
    pub(in crate::journal) digest: Digest,
    pub(in crate::journal) length: u64,
    pub(in crate::journal) way: Way,
}

/// How a version becomes the entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::journal) enum Way {
    /// A flushed file of this name in `.ponder` takes the entry's place.
    File {
        name: String,
        inode: u64,
        /// The file that had the entry's name; none if the entry is new.
        replaces: Option<u64>,
        /// Its text, where that is short; a longer one is only in the file.
        text: Option<Vec<u8>>,
    },
    /// The entry's own file is written over: it has several names, or its directory is closed.
    InPlace { old: Vec<u8>, new: Vec<u8> },
}

/// A version that was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::journal) struct Displaced {
    pub(in crate::journal) entry: EntryName,
    /// Its name in `.ponder`.
    pub(in crate::journal) name: String,
    /// The file that was to take its place: if that is still under the name, it never did.
    pub(in crate::journal) by: u64,
    /// What it held when it was replaced: any more came late.
    pub(in crate::journal) digest: Digest,
    pub(in crate::journal) length: u64,
}

impl Record {
    /// The kind of a withdrawal.
    pub(super) const WITHDRAWN: u8 = 5;

    pub(super) fn encode(&self) -> (u8, Vec<u8>) {
        let mut to = Writer::default();
        let kind = match self {
            Self::Append(append) => {
                write_operation(&mut to, &append.operation);
                to.bytes(&append.text);
                to.bytes(&append.header);
                to.option(append.plan.as_ref(), write_at);
                1
            }
            Self::Began(places) => {
                to.list(places, |to, (number, at)| {
                    to.u64(*number);
                    write_at(to, at);
                });
                2
            }
            Self::Published(numbers) => {
                to.list(numbers, |to, number| to.u64(*number));
                3
            }
            Self::Commit(commit) => {
                to.array(commit.session.0);
                to.u64(commit.token.epoch);
                to.u64(commit.token.counter);
                to.list(&commit.parts, write_part);
                4
            }
            Self::Withdrawn(number) => {
                to.u64(*number);
                Self::WITHDRAWN
            }
            Self::Displaced(displaced) => {
                to.u32(displaced.entry.number());
                to.bytes(displaced.name.as_bytes());
                to.u64(displaced.by);
                to.array(displaced.digest.bytes());
                to.u64(displaced.length);
                6
            }
            Self::Operations(operations) => {
                to.list(operations, write_operation);
                7
            }
            Self::Settling => 8,
            Self::Waiting(numbers) => {
                to.list(numbers, |to, number| to.u64(*number));
                9
            }
        };
        (kind, to.done())
    }

    /// Reads a record's payload; nothing if any field is not what it can be.
    pub(super) fn decode(kind: u8, payload: &[u8]) -> Option<Self> {
        let mut from = Reader::new(payload);
        let record = match kind {
            1 => Self::Append(Append {
                operation: read_operation(&mut from)?,
                text: from.bytes()?,
                header: from.bytes()?,
                plan: from.option(read_at)?,
            }),
            2 => Self::Began(from.list(|from| Some((from.u64()?, read_at(from)?)))?),
            3 => Self::Published(from.list(Reader::u64)?),
            4 => Self::Commit(Commit {
                session: SessionId(from.array()?),
                token: Token { epoch: from.u64()?, counter: from.u64()? },
                parts: from.list(read_part)?,
            }),
            Self::WITHDRAWN => Self::Withdrawn(from.u64()?),
            6 => Self::Displaced(Displaced {
                entry: read_entry(&mut from)?,
                name: read_name(&mut from)?,
                by: from.u64()?,
                digest: Digest::from_bytes(from.array()?),
                length: from.u64()?,
            }),
            7 => Self::Operations(from.list(read_operation)?),
            8 => Self::Settling,
            9 => Self::Waiting(from.list(Reader::u64)?),
            _ => return None,
        };
        from.is_done().then_some(record)
    }
}

fn write_operation(to: &mut Writer, operation: &Operation) {
    to.array(operation.id.0);
    to.u32(operation.entry.number());
    to.array(operation.text.bytes());
    to.u64(operation.time.cast_unsigned());
}

fn read_operation(from: &mut Reader<'_>) -> Option<Operation> {
    Some(Operation {
        id: OperationId(from.array()?),
        entry: read_entry(from)?,
        text: Digest::from_bytes(from.array()?),
        time: from.u64()?.cast_signed(),
    })
}

fn read_entry(from: &mut Reader<'_>) -> Option<EntryName> {
    EntryName::from_number(from.u32()?).ok()
}

/// A name in `.ponder`: never a path out of it.
fn read_name(from: &mut Reader<'_>) -> Option<String> {
    let name = String::from_utf8(from.bytes()?).ok()?;
    let plain = !name.is_empty() && !name.contains('/') && name != "." && name != "..";
    plain.then_some(name)
}

fn write_at(to: &mut Writer, at: &At) {
    to.u64(at.inode);
    to.u64(at.offset);
    to.bytes(&at.context);
    to.bytes(&at.before);
    to.bytes(&at.after);
}

fn read_at(from: &mut Reader<'_>) -> Option<At> {
    Some(At {
        inode: from.u64()?,
        offset: from.u64()?,
        context: from.bytes()?,
        before: from.bytes()?,
        after: from.bytes()?,
    })
}

fn write_part(to: &mut Writer, part: &Part) {
    to.u32(part.entry.number());
    to.option(part.base.as_ref(), |to, base| to.array(base.bytes()));
    to.array(part.digest.bytes());
    to.u64(part.length);
    match &part.way {
        Way::File { name, inode, replaces, text } => {
            to.u8(0);
            to.bytes(name.as_bytes());
            to.u64(*inode);
            to.option(replaces.as_ref(), |to, inode| to.u64(*inode));
            to.option(text.as_ref(), |to, text| to.bytes(text));
        }
        Way::InPlace { old, new } => {
            to.u8(1);
            to.bytes(old);
            to.bytes(new);
        }
    }
}

fn read_part(from: &mut Reader<'_>) -> Option<Part> {
    Some(Part {
        entry: read_entry(from)?,
        base: from.option(|from| from.array().map(Digest::from_bytes))?,
        digest: Digest::from_bytes(from.array()?),
        length: from.u64()?,
        way: match from.u8()? {
            0 => Way::File {
                name: read_name(from)?,
                inode: from.u64()?,
                replaces: from.option(Reader::u64)?,
                text: from.option(Reader::bytes)?,
            },
            1 => Way::InPlace { old: from.bytes()?, new: from.bytes()? },
            _ => return None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Vec<Record> {
        let entry = "20261123".parse().unwrap();
        let digest = Digest::of(b"text");
        let operation = Operation { id: OperationId([7; 16]), entry, text: digest, time: -1 };
        let at = At {
            inode: 12,
            offset: u64::MAX,
            context: b"last".to_vec(),
            before: b"\n".to_vec(),
            after: vec![],
        };
        let file = Way::File {
            name: "m.1.tmp".to_owned(),
            inode: 9,
            replaces: Some(8),
            text: Some(b"text".to_vec()),
        };
        let in_place = Way::InPlace { old: b"old".to_vec(), new: b"text".to_vec() };
        let part = |base, way| Part { entry, base, digest, length: 4, way };
        vec![
            Record::Append(Append {
                operation,
                text: b"text".to_vec(),
                header: vec![],
                plan: Some(at.clone()),
            }),
            Record::Append(Append { operation, text: vec![0xff], header: b"# head".to_vec(), plan: None }),
            Record::Began(vec![(3, at.clone()), (4, at)]),
            Record::Published(vec![1, 2, 3]),
            Record::Commit(Commit {
                session: SessionId([1; 16]),
                token: Token { epoch: 1, counter: 2 },
                parts: vec![part(None, file), part(Some(digest), in_place)],
            }),
            Record::Withdrawn(5),
            Record::Displaced(Displaced { entry, name: "m.2.tmp".to_owned(), by: 3, digest, length: 4 }),
            Record::Operations(vec![operation, operation]),
            Record::Settling,
            Record::Waiting(vec![4]),
        ]
    }

    #[test]
    fn records_are_read_as_they_were_written() {
        for record in samples() {
            let (kind, payload) = record.encode();
            assert_eq!(Record::decode(kind, &payload).as_ref(), Some(&record));
        }
    }

    #[test]
    fn a_payload_that_is_cut_or_longer_is_no_record() {
        for record in samples() {
            let (kind, payload) = record.encode();
            for length in 0..payload.len() {
                assert_eq!(Record::decode(kind, &payload[..length]), None, "{record:?} cut to {length}");
            }
            assert_eq!(Record::decode(kind, &[&payload[..], &[0]].concat()), None);
        }
        assert_eq!(Record::decode(10, &[]), None, "a kind that does not exist");
    }

    #[test]
    fn a_name_never_leads_out_of_its_directory() {
        for name in ["", ".", "..", "../20261123.md", "a/b"] {
            let digest = Digest::of(b"");
            let entry = "20261123".parse().unwrap();
            let record =
                Record::Displaced(Displaced { entry, name: name.to_owned(), by: 3, digest, length: 0 });
            let (kind, payload) = record.encode();
            assert_eq!(Record::decode(kind, &payload), None, "{name:?}");
        }
    }
}
