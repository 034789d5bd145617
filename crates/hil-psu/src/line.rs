//! A line of text out, a line of text back.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hil_model::{BenchTime, Clock};
use serialport::SerialPort;

use crate::PsuError;
use crate::params::{Eol, SerialParams};

/// Two commands in a row lose the second: at least 50 ms between them (hardware reference 5.1).
const GAP: Duration = Duration::from_millis(50);

/// After an answer did not come in time, it may still come: it is waited for and thrown away.
const LATE: Duration = Duration::from_millis(500);

/// No answer is longer.
const LONGEST: usize = 512;

/// Sees every byte on the line: as evidence, or to keep simulated time from running ahead of it.
pub trait WireTap: Send + Sync {
    /// These bytes are about to be sent.
    fn on_tx(&self, bytes: &[u8]);

    /// These bytes came.
    fn on_rx(&self, bytes: &[u8]);
}

/// The serial line to a device.
pub(crate) struct Line {
    name: String,
    port: Box<dyn SerialPort>,
    clock: Arc<dyn Clock>,
    tap: Option<Arc<dyn WireTap>>,
    timeout: Duration,
    pub(crate) eol: Eol,
    /// When the last command went out.
    sent: BenchTime,
    /// When the device takes the next one.
    free: BenchTime,
    /// An answer is overdue and may yet come.
    overdue: bool,
    /// What came behind the last line.
    rest: Vec<u8>,
}

impl Line {
    /// Opens the port. What is on the line already is thrown away before the first command.
    pub(crate) fn open(
        name: &str,
        params: &SerialParams,
        clock: Arc<dyn Clock>,
        tap: Option<Arc<dyn WireTap>>,
    ) -> Result<Self, PsuError> {
        let port =
            params.builder(name).open().map_err(|source| PsuError::Open { port: name.to_owned(), source })?;
        let now = clock.now();
        Ok(Self {
            name: name.to_owned(),
            port,
            clock,
            tap,
            timeout: params.timeout,
            eol: params.eol,
            sent: now,
            free: now,
            overdue: false,
            rest: Vec::new(),
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Sends a command. Returns the lines that had come before it, which nobody asked for.
    pub(crate) fn send(&mut self, command: &str) -> Result<Vec<String>, PsuError> {
        self.clock.sleep_until(self.free);
        if std::mem::take(&mut self.overdue) {
            self.clock.sleep(LATE);
        }
        let stale = self.stale()?;
        let text = format!("{command}{}", self.eol.bytes());
        self.port.set_timeout(self.timeout).map_err(|error| self.lost(error.into()))?;
        // The clock is read before the bytes go out: a simulated device may move it from then on.
        self.sent = self.clock.now();
        self.free = self.sent + GAP;
        if let Some(tap) = &self.tap {
            tap.on_tx(text.as_bytes());
        }
        match self.port.write_all(text.as_bytes()) {
            Ok(()) => {}
            // Flow control, or a device that takes nothing: silence of another kind.
            Err(error) if error.kind() == io::ErrorKind::TimedOut => return Err(self.timed_out(command)),
            Err(error) => return Err(self.lost(error)),
        }
        tracing::trace!(port = self.name, "> {command}");
        Ok(stale)
    }

    /// Leaves the device alone until `time` after the last command went out.
    pub(crate) fn rest_for(&mut self, time: Duration) {
        self.free = self.free.max(self.sent + time);
    }

    /// The next line, within the time-out.
    pub(crate) fn receive(&mut self, command: &str) -> Result<String, PsuError> {
        let started = Instant::now();
        let mut chunk = [0; 128];
        loop {
            if let Some(line) = self.take_line() {
                // The next command may follow at once only after the gap.
                self.free = self.free.max(self.clock.now() + GAP);
                tracing::trace!(port = self.name, "< {line}");
                return Ok(line);
            }
            if self.rest.len() > LONGEST {
                let answer = shown(&std::mem::take(&mut self.rest));
                return Err(PsuError::Garbled {
                    port: self.name.clone(),
                    command: command.to_owned(),
                    answer,
                });
            }
            let left = self.timeout.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Err(self.timed_out(command));
            }
            self.port.set_timeout(left).map_err(|error| self.lost(error.into()))?;
            match self.port.read(&mut chunk) {
                Ok(0) => return Err(self.lost(io::ErrorKind::UnexpectedEof.into())),
                Ok(count) => self.came(&chunk[..count]),
                Err(error) if error.kind() == io::ErrorKind::TimedOut => return Err(self.timed_out(command)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.lost(error)),
            }
        }
    }

    /// What lies on the line unread, as lines; a torn one is thrown away.
    fn stale(&mut self) -> Result<Vec<String>, PsuError> {
        let mut chunk = [0; 256];
        // A device that floods the line must not keep us here.
        for _ in 0..64 {
            let waiting = self.port.bytes_to_read().map_err(|error| self.lost(error.into()))?;
            if waiting == 0 {
                break;
            }
            match self.port.read(&mut chunk) {
                Ok(0) => return Err(self.lost(io::ErrorKind::UnexpectedEof.into())),
                Ok(count) => self.came(&chunk[..count]),
                Err(error) if error.kind() == io::ErrorKind::TimedOut => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.lost(error)),
            }
        }
        let lines = std::iter::from_fn(|| self.take_line()).collect();
        self.rest.clear();
        Ok(lines)
    }

    fn came(&mut self, bytes: &[u8]) {
        if let Some(tap) = &self.tap {
            tap.on_rx(bytes);
        }
        self.rest.extend_from_slice(bytes);
    }

    /// The first whole line of what came, trimmed; empty ones are no lines.
    fn take_line(&mut self) -> Option<String> {
        loop {
            let end = self.rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'))?;
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            let text = shown(&line);
            let text = text.trim();
            if !text.is_empty() {
                return Some(text.to_owned());
            }
        }
    }

    fn timed_out(&mut self, command: &str) -> PsuError {
        self.clock.waited_on_io(self.timeout);
        self.overdue = true;
        self.rest.clear();
        PsuError::Timeout { port: self.name.clone(), command: command.to_owned(), timeout: self.timeout }
    }

    /// Whatever the system says of a port that was open, it is of no use any more.
    fn lost(&self, source: io::Error) -> PsuError {
        PsuError::Unplugged { port: self.name.clone(), source }
    }
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").field("name", &self.name).field("eol", &self.eol).finish_non_exhaustive()
    }
}

/// Bytes from the line as text that can be shown: what is no text is a replacement character.
fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().filter(|c| !c.is_control()).collect()
}
