//! Small files of ours that are written whole, where another program may look at them at any moment.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::OwnerOnly as _;
use crate::platform::{is_in_use, keeps_its_name};

/// How long is waited for another program that keeps a file from us for a moment, in milliseconds: more and
/// more. All in all a third of a second: who waits has other things to do.
const PAUSES: [u64; 6] = [2, 6, 16, 40, 90, 180];

/// Does something with a file, and does it again if another program is in its way for a moment, as virus
/// scanners and indexers are on Windows. Elsewhere nobody ever is.
pub fn patiently<T>(does: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    again_and_again(does, is_in_use)
}

/// The same with a file's names. To take one from a file, or to give it to another, can be refused there as if
/// we had no right to it, only because somebody has the file open.
pub fn patiently_named<T>(does: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    again_and_again(does, |error| is_in_use(error) || keeps_its_name(error))
}

fn again_and_again<T>(
    mut does: impl FnMut() -> io::Result<T>,
    may_pass: impl Fn(&io::Error) -> bool,
) -> io::Result<T> {
    for pause in PAUSES {
        match does() {
            Err(error) if may_pass(&error) => thread::sleep(Duration::from_millis(pause)),
            done => return done,
        }
    }
    does()
}

/// Puts a whole new file, ours alone, in the place of the old one, and returns it, to be added to: readers
/// see the old one or the new one. Not flushed: it has to survive its writer, not the machine.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut fresh = path.to_owned().into_os_string();
    fresh.push(".new");
    match patiently_named(|| fs::remove_file(&fresh)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {} // of one who died here
    }
    // What is there already is not written to, wherever it leads.
    let create = || File::options().append(true).create_new(true).owner_only().open(&fresh);
    let mut file = patiently(create)?;
    file.write_all(bytes)?;
    patiently_named(|| fs::rename(&fresh, path))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_tried_again_and_nothing_else() {
        let tries = |kind: io::ErrorKind, times: usize| {
            let mut count = 0;
            let fails = || {
                count += 1;
                if count > times { Ok(()) } else { Err(io::Error::from(kind)) }
            };
            let done = again_and_again(fails, |error| error.kind() == io::ErrorKind::ResourceBusy);
            (done.is_ok(), count)
        };
        assert_eq!(tries(io::ErrorKind::ResourceBusy, 3), (true, 4));
        assert_eq!(tries(io::ErrorKind::ResourceBusy, 99), (false, PAUSES.len() + 1));
        assert_eq!(tries(io::ErrorKind::NotFound, 3), (false, 1));
    }
}
