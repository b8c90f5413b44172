//! A stream in a file, so that a violation can be looked at again.
//!
//! For each operation: offset and length, both `u64`, little endian, and the bytes. A flush has the
//! offset `u64::MAX` and nothing else.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};

use super::stream::{Op, Stream};

const FLUSH: u64 = u64::MAX;

/// Writes a stream.
pub(crate) fn save(stream: &Stream, path: &Path) -> Result<()> {
    let mut file = BufWriter::new(File::create(path).with_context(|| path.display().to_string())?);
    for op in stream.ops() {
        match op {
            Op::Write { offset, bytes } => {
                file.write_all(&u64::try_from(*offset)?.to_le_bytes())?;
                file.write_all(&u64::try_from(bytes.len())?.to_le_bytes())?;
                file.write_all(bytes)?;
            }
            Op::Flush => file.write_all(&FLUSH.to_le_bytes())?,
        }
    }
    file.flush().with_context(|| path.display().to_string())
}

/// Reads a stream.
pub(crate) fn load(path: &Path) -> Result<Stream> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    let mut rest = bytes.as_slice();
    let mut stream = Stream::default();
    while !rest.is_empty() {
        let op = next(&mut rest).with_context(|| format!("{} ends too early", path.display()))?;
        stream.push(op);
    }
    Ok(stream)
}

fn next(rest: &mut &[u8]) -> Option<Op> {
    let offset = number(rest)?;
    if offset == FLUSH {
        return Some(Op::Flush);
    }
    let length = usize::try_from(number(rest)?).ok()?;
    let (bytes, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(Op::Write { offset: usize::try_from(offset).ok()?, bytes: bytes.into() })
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    let (bytes, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u64::from_le_bytes(*bytes))
}
