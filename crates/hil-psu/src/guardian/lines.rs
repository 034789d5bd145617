//! Lines from a pipe, waited for with a limit.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// No word is longer.
const LONGEST: usize = 64 * 1024;

/// What came out of a pipe.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A line, without its end.
    Line(Vec<u8>),
    /// The other side closed the pipe, perhaps in the middle of a line.
    End,
    /// Nothing came in time.
    Nothing,
}

/// The reading end of a pipe.
#[derive(Debug)]
pub(super) struct Lines<F> {
    from: F,
    rest: Vec<u8>,
}

impl<F: Read + AsFd> Lines<F> {
    pub(super) const fn new(from: F) -> Self {
        Self { from, rest: Vec::new() }
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.from.as_fd()
    }

    /// The next line, if it is complete until `until`.
    pub(super) fn next(&mut self, until: Instant) -> io::Result<Piece> {
        loop {
            if let Some(line) = self.take() {
                return Ok(Piece::Line(line));
            }
            let mut polled = [PollFd::new(self.from.as_fd(), PollFlags::POLLIN)];
            if wait(&mut polled, Some(until))? == 0 {
                return Ok(Piece::Nothing);
            }
            if !self.fill()? {
                return Ok(Piece::End);
            }
        }
    }

    /// A whole line that has come already.
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        let end = self.rest.iter().position(|byte| *byte == b'\n')?;
        let mut line: Vec<u8> = self.rest.drain(..=end).collect();
        line.pop();
        Some(line)
    }

    /// Reads what is there, once. False at the end.
    pub(super) fn fill(&mut self) -> io::Result<bool> {
        let mut chunk = [0; 4096];
        match self.from.read(&mut chunk) {
            Ok(0) => Ok(false),
            Ok(_) if self.rest.len() > LONGEST => Err(io::ErrorKind::InvalidData.into()),
            Ok(count) => {
                self.rest.extend_from_slice(&chunk[..count]);
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(true),
            Err(error) => Err(error),
        }
    }
}

/// Waits until something happens on one of the descriptors; 0 when nothing did until `until`.
pub(super) fn wait(polled: &mut [PollFd<'_>], until: Option<Instant>) -> io::Result<i32> {
    loop {
        let left = until.map(|until| {
            // Rounded up: the last part of a millisecond must not be spent in circles.
            let left = until.saturating_duration_since(Instant::now());
            let millis = left.as_micros().div_ceil(1_000);
            PollTimeout::try_from(millis).unwrap_or(PollTimeout::MAX)
        });
        match poll(polled, left.unwrap_or(PollTimeout::NONE)) {
            Ok(count) => return Ok(count),
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Waits for `time`: a process without a bench has no clock to wait on.
pub(super) fn pause(time: Duration) {
    // Without descriptors there is nothing that could fail.
    let _ = wait(&mut [], Some(Instant::now() + time));
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn lines_come_whole_and_the_end_is_told() {
        let (reader, mut writer) = io::pipe().unwrap();
        let mut lines = Lines::new(reader);
        writer.write_all(b"one\ntw").unwrap();
        let soon = || Instant::now() + Duration::from_millis(20);
        assert_eq!(lines.next(soon()).unwrap(), Piece::Line(b"one".to_vec()));
        assert_eq!(lines.next(soon()).unwrap(), Piece::Nothing);
        writer.write_all(b"o\nthr").unwrap();
        drop(writer);
        assert_eq!(lines.next(soon()).unwrap(), Piece::Line(b"two".to_vec()));
        assert_eq!(lines.next(soon()).unwrap(), Piece::End);
    }

    #[test]
    fn a_line_without_an_end_is_not_kept() {
        let (reader, mut writer) = io::pipe().unwrap();
        let flood = std::thread::spawn(move || while writer.write_all(&[b'x'; 4096]).is_ok() {});
        let mut lines = Lines::new(reader);
        let error = lines.next(Instant::now() + Duration::from_secs(60)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        drop(lines);
        flood.join().unwrap();
    }
}
