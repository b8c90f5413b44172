//! A FIFO: the editor and its children inherit it from the client, so that the kernel keeps count for us.
//! Reading gives "end of file" when nobody has it open for writing, and "would block" while somebody has
//! (fifo(7)).

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;
use tokio::net::unix::pipe;

pub(super) use crate::platform::make_fifo as make;

/// Our end of a session's FIFO.
#[derive(Debug)]
pub struct Witness(File);

impl Witness {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits().cast_signed();
        File::options().read(true).custom_flags(flags).open(path).map(Self)
    }

    /// Whether nobody has it open. What somebody wrote is nobody's business.
    pub(super) fn sees_nobody(&mut self) -> bool {
        let mut bytes = [0; 512];
        loop {
            match self.0.read(&mut bytes) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
    }

    /// Waits until nobody has it open.
    ///
    /// # Errors
    /// When the runtime cannot watch it. Has to be called inside of it.
    pub fn until_the_end(self) -> io::Result<impl Future<Output = io::Result<()>> + Send + 'static> {
        let fifo = pipe::Receiver::from_file(self.0)?;
        Ok(async move {
            let mut bytes = [0; 512];
            loop {
                fifo.readable().await?;
                match fifo.try_read(&mut bytes) {
                    Ok(0) => return Ok(()),
                    Ok(_) => {} // as above
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) => return Err(error),
                }
            }
        })
    }
}
