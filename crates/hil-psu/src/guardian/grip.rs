//! The guardian's own descriptor of the supply's port.
//!
//! It is opened before the harness takes the port for itself, because only root can open one that is taken.
//! While the harness lives it is neither read nor written. It keeps the line up: a serial line whose last
//! descriptor closes drops DTR, and a pseudo-terminal hangs up (hardware reference 11).

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags};

use super::lines::wait;
use crate::SerialParams;

/// How long a device may refuse to take a command: flow control, or a full buffer.
const TAKES: Duration = Duration::from_millis(200);
/// No answer is longer.
const LONGEST: usize = 512;

/// A port, held open as long as somebody is at the other end.
#[derive(Debug)]
pub(super) struct Grip {
    port: PathBuf,
    file: Option<File>,
    rest: Vec<u8>,
    /// The beginning of the next line was thrown away. What is left of `12.000` may be `0`, which is an answer.
    torn: bool,
}

impl Grip {
    /// Opens the port and leaves its settings alone: the harness makes them.
    pub(super) fn open(port: &Path) -> io::Result<Self> {
        Ok(Self { port: port.to_owned(), file: Some(open(port)?), rest: Vec::new(), torn: false })
    }

    /// Opens the port again by its name, with its settings.
    pub(super) fn open_again(&mut self, params: &SerialParams) -> io::Result<()> {
        self.let_go();
        let file = open(&self.port)?;
        // The settings stay as long as the port is open, so whoever makes them need not.
        params.builder(&self.port.to_string_lossy()).open().map_err(io::Error::from)?;
        self.file = Some(file);
        Ok(())
    }

    /// The port, to be polled for a hang-up.
    pub(super) fn hang_up(&self) -> Option<PollFd<'_>> {
        self.file.as_ref().map(|file| PollFd::new(file.as_fd(), PollFlags::empty()))
    }

    /// Closes the port: a device that was unplugged gets its old name back only when nobody holds it.
    pub(super) fn let_go(&mut self) {
        self.file = None;
        self.rest.clear();
        self.torn = false;
    }

    /// Sends `text`. An error means that the port is dead, or takes nothing.
    pub(super) fn send(&mut self, text: &str) -> io::Result<()> {
        let until = Instant::now() + TAKES;
        let mut file = self.file()?;
        let mut bytes = text.as_bytes();
        while !bytes.is_empty() {
            match file.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let mut polled = [PollFd::new(file.as_fd(), PollFlags::POLLOUT)];
                    if wait(&mut polled, Some(until))? == 0 {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The next whole line that comes until `until`, trimmed; empty ones are no lines.
    pub(super) fn line(&mut self, until: Instant) -> io::Result<Option<String>> {
        let mut chunk = [0; 256];
        loop {
            while let Some(end) = self.rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line).trim().to_owned();
                if !std::mem::take(&mut self.torn) && !line.is_empty() {
                    return Ok(Some(line));
                }
            }
            if self.rest.len() > LONGEST {
                self.tear();
            }
            let mut file = self.file()?;
            let mut polled = [PollFd::new(file.as_fd(), PollFlags::POLLIN)];
            if Instant::now() >= until || wait(&mut polled, Some(until))? == 0 {
                return Ok(None);
            }
            match file.read(&mut chunk) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.rest.extend_from_slice(&chunk[..count]),
                Err(error) if matches!(error.kind(), io::ErrorKind::Interrupted) => {}
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Throws away what comes for `time`.
    pub(super) fn discard(&mut self, time: Duration) -> io::Result<()> {
        let until = Instant::now() + time;
        while self.line(until)?.is_some() {}
        self.tear();
        Ok(())
    }

    /// Throws away what came of a line whose end is yet to come.
    fn tear(&mut self) {
        self.torn |= !self.rest.is_empty();
        self.rest.clear();
    }

    fn file(&self) -> io::Result<&File> {
        self.file.as_ref().ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

fn open(port: &Path) -> io::Result<File> {
    let flags = OFlag::O_NOCTTY | OFlag::O_NONBLOCK;
    OpenOptions::new().read(true).write(true).custom_flags(flags.bits()).open(port)
}

#[cfg(test)]
mod tests {
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn the_end_of_a_line_whose_beginning_was_thrown_away_is_no_line() {
        let (port, mut device) = UnixStream::pair().unwrap();
        port.set_nonblocking(true).unwrap();
        let file = Some(File::from(OwnedFd::from(port)));
        let mut grip = Grip { port: PathBuf::new(), file, rest: Vec::new(), torn: false };
        device.write_all(b"ON\r\n12.00").unwrap();
        grip.discard(Duration::from_millis(10)).unwrap();
        device.write_all(b"0\r\nON\r\n").unwrap();
        let line = grip.line(Instant::now() + Duration::from_secs(60)).unwrap();
        assert_eq!(line.as_deref(), Some("ON"));
    }
}
