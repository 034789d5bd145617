//! The serial port: bytes out, their echo and the response back.

use std::fmt;
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use serialport::{ClearBuffer, DataBits, ErrorKind, FlowControl, Parity, SerialPort, StopBits};

use super::master::NAME;
use crate::LinError;

/// How long the system may take to accept a dozen bytes.
const WRITE: Duration = Duration::from_secs(1);

/// Stray bytes that are read away before a header; a line that has more to say is flooded.
const STRAY: usize = 4096;

/// How often the transmitter is looked at.
const DRAINING: Duration = Duration::from_micros(100);

/// Bytes that are kept while a break lasts, which should be one.
const HEARD: usize = 4;

/// What lay on the line unread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stray {
    /// Nothing.
    None,
    /// Zeros: the line was held dominant for longer than a byte.
    Dominant,
    /// Something else.
    Bytes,
}

/// An open port, with the rate that it runs at.
pub(super) struct Line {
    path: String,
    port: Box<dyn SerialPort>,
}

impl Line {
    /// Opens `path` at `rate`, for nobody else. What is on the line already is thrown away.
    pub(super) fn open(path: &str, rate: u32) -> Result<Self, LinError> {
        let port = serialport::new(path, rate)
            .data_bits(DataBits::Eight)
            .parity(Parity::None)
            .stop_bits(StopBits::One)
            .flow_control(FlowControl::None)
            .timeout(WRITE)
            .open()
            .map_err(|error| unavailable(path, &error))?;
        // Best effort: what stays is discarded before the first header.
        let _ = port.clear(ClearBuffer::All);
        Ok(Self { path: path.to_owned(), port })
    }

    /// The rate that the port says it runs at, bit/s.
    pub(super) fn rate(&self) -> Result<u32, LinError> {
        self.port.baud_rate().map_err(|error| self.lost(&error))
    }

    /// Runs the port at `rate` from now on. Nothing may be on its way.
    pub(super) fn set_rate(&mut self, rate: u32) -> Result<(), LinError> {
        self.port.set_baud_rate(rate).map_err(|error| self.lost(&error))
    }

    /// Sends `bytes` in one piece.
    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<(), LinError> {
        self.port.set_timeout(WRITE).map_err(|error| self.lost(&error))?;
        self.port.write_all(bytes).map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => {
                LinError::Timeout { adapter: NAME, operation: "take bytes", timeout: WRITE }
            }
            _ => self.lost(&error),
        })
    }

    /// Waits until the system has handed over all bytes to the port, and returns what came back meanwhile.
    ///
    /// Not `tcdrain`: it looks in steps of the system's tick, 4 ms on many, and has no time-out.
    pub(super) fn drain(&mut self) -> Result<Vec<u8>, LinError> {
        let started = Instant::now();
        let mut heard = Vec::new();
        while self.port.bytes_to_write().map_err(|error| self.lost(&error))? > 0 {
            if started.elapsed() > WRITE {
                return Err(LinError::Timeout { adapter: NAME, operation: "send a byte", timeout: WRITE });
            }
            heard.append(&mut self.listen(DRAINING)?);
        }
        Ok(heard)
    }

    /// Holds the bus dominant for `time` or a little longer, and returns what came back meanwhile.
    pub(super) fn hold_break(&mut self, time: Duration) -> Result<Vec<u8>, LinError> {
        let refused = |error: serialport::Error| LinError::Refused {
            adapter: NAME,
            operation: "send a break",
            reason: format!("{}: {error} (interface.break: baud needs no such ability)", self.path),
        };
        self.port.set_break().map_err(refused)?;
        let heard = self.listen(time);
        // Whatever went wrong: the bus must not stay dominant.
        self.port.clear_break().map_err(|error| self.lost(&error))?;
        heard
    }

    /// Listens for the whole of `time`, and keeps the first bytes of what comes.
    fn listen(&mut self, time: Duration) -> Result<Vec<u8>, LinError> {
        let started = Instant::now();
        let mut heard = Vec::new();
        loop {
            let left = time.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Ok(heard);
            }
            if let Some(byte) = self.next(left)?
                && heard.len() < HEARD
            {
                heard.push(byte);
            }
        }
    }

    /// Reads the next byte, for at most `within`; `None` if none comes.
    pub(super) fn next(&mut self, within: Duration) -> Result<Option<u8>, LinError> {
        let started = Instant::now();
        let mut byte = [0];
        loop {
            // Once with no time left, so that what has come already is always taken.
            let left = within.saturating_sub(started.elapsed());
            self.port.set_timeout(left).map_err(|error| self.lost(&error))?;
            match self.port.read(&mut byte) {
                Ok(0) => return Err(self.lost(&"end of file")),
                Ok(_) => return Ok(Some(byte[0])),
                Err(error) if error.kind() == io::ErrorKind::Interrupted && !left.is_zero() => {}
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::Interrupted) =>
                {
                    return Ok(None);
                }
                Err(error) => return Err(self.lost(&error)),
            }
        }
    }

    /// Reads up to `count` bytes: the first for at most `first`, the others for at most `rest` after it.
    pub(super) fn read(
        &mut self,
        count: usize,
        first: Duration,
        rest: Duration,
    ) -> Result<Vec<u8>, LinError> {
        let mut bytes = Vec::with_capacity(count);
        let mut started = Instant::now();
        while bytes.len() < count {
            let left = if bytes.is_empty() { first } else { rest }.saturating_sub(started.elapsed());
            let Some(byte) = self.next(left)? else { break };
            if bytes.is_empty() {
                started = Instant::now();
            }
            bytes.push(byte);
        }
        Ok(bytes)
    }

    /// Throws away what lies on the line unread.
    pub(super) fn discard(&mut self) -> Result<Stray, LinError> {
        let mut stray = Stray::None;
        for _ in 0..STRAY {
            match self.next(Duration::ZERO)? {
                None => return Ok(stray),
                Some(0) if stray != Stray::Bytes => stray = Stray::Dominant,
                Some(_) => stray = Stray::Bytes,
            }
        }
        Err(LinError::Garbled { adapter: NAME, what: format!("{} is flooded with bytes", self.path) })
    }

    /// Whatever the system says of a port that was open, it is of no use any more.
    fn lost(&self, why: &dyn fmt::Display) -> LinError {
        LinError::AdapterLost { adapter: NAME, reason: format!("{}: {why}", self.path) }
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("path", &self.path).finish_non_exhaustive()
    }
}

fn unavailable(path: &str, error: &serialport::Error) -> LinError {
    let cure = match error.kind() {
        ErrorKind::Io(io::ErrorKind::PermissionDenied) => " (is the user in the group that owns it?)",
        ErrorKind::Io(io::ErrorKind::NotFound) => " (is the converter plugged in?)",
        ErrorKind::NoDevice | ErrorKind::InvalidInput | ErrorKind::Unknown | ErrorKind::Io(_) => "",
    };
    LinError::Unavailable { adapter: NAME, reason: format!("{path}: {error}{cure}") }
}
