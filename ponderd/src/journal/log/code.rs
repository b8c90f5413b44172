//! A record's bytes. The table in `docs/design.md` has them.

use ponder_proto::{EntryName, OperationId, SessionId, Token};

use super::at::At;
use super::bytes::{Reader, Writer};
use super::record::{Append, Commit, Displaced, Operation, Part, Record, Way};
use crate::journal::Digest;

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
            Self::Flushing { entry, is_over } => {
                to.u32(entry.number());
                to.u8((*is_over).into());
                10
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
            10 => Self::Flushing {
                entry: read_entry(&mut from)?,
                is_over: match from.u8()? {
                    0 => false,
                    1 => true,
                    _ => return None,
                },
            },
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
            Record::Flushing { entry, is_over: true },
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
        assert_eq!(Record::decode(11, &[]), None, "a kind that does not exist");
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
