//! A line of text out, a line of text back.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hil_model::{BenchTime, Clock};
use serialport::SerialPort;

use crate::PsuError;
use crate::params::{Eol, SerialParams};

/// Two commands in a row lose the second: at least 50 ms between them (hardware reference 5.1).
pub(crate) const GAP: Duration = Duration::from_millis(50);

/// For a device that has left a command without an answer: 200 ms were seen as safe (hardware reference 5.1).
const SAFE_GAP: Duration = Duration::from_millis(200);

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
    params: SerialParams,
    /// Closed once it is lost: a device that was unplugged gets its old name back only when nobody holds it.
    port: Option<Box<dyn SerialPort>>,
    clock: Arc<dyn Clock>,
    tap: Option<Arc<dyn WireTap>>,
    pub(crate) eol: Eol,
    /// When the last command went out.
    sent: BenchTime,
    /// When the device takes the next one.
    free: BenchTime,
    /// How long the device is left alone between two commands.
    gap: Duration,
    /// It has answered before.
    heard: bool,
    /// An answer is overdue and may yet come.
    overdue: bool,
    /// What came behind the last line.
    rest: Vec<u8>,
    /// The beginning of the next line was thrown away. What is left of `12.000` may be `0`, which is an answer.
    torn: bool,
}

impl Line {
    /// Opens the port. What is on the line already is thrown away before the first command.
    pub(crate) fn open(
        name: &str,
        params: &SerialParams,
        clock: Arc<dyn Clock>,
        tap: Option<Arc<dyn WireTap>>,
    ) -> Result<Self, PsuError> {
        let now = clock.now();
        let mut line = Self {
            name: name.to_owned(),
            params: *params,
            port: None,
            clock,
            tap,
            eol: params.eol,
            sent: now,
            free: now,
            gap: GAP,
            heard: false,
            overdue: false,
            rest: Vec::new(),
            torn: false,
        };
        line.open_again()?;
        Ok(line)
    }

    /// Opens the port by its name, whatever became of the one that was open.
    pub(crate) fn open_again(&mut self) -> Result<(), PsuError> {
        self.port = None;
        self.rest.clear();
        self.torn = false;
        self.overdue = false;
        let opened = self.params.builder(&self.name).open();
        let failed = |source| PsuError::Open { port: self.name.clone(), source };
        self.port = Some(opened.map_err(failed)?);
        self.sent = self.clock.now();
        self.free = self.sent;
        Ok(())
    }

    /// Gives the port back.
    pub(crate) fn close(&mut self) {
        self.port = None;
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
            // The end of a line that has not come by now does not come.
            self.torn &= self.waiting()? > 0;
        }
        let stale = self.stale()?;
        let text = format!("{command}{}", self.eol.bytes());
        let timeout = self.params.timeout;
        self.on_port(|port| Ok(port.set_timeout(timeout)?))?;
        // The clock is read before the bytes go out: a simulated device may move it from then on.
        self.sent = self.clock.now();
        self.free = self.sent + self.gap;
        if let Some(tap) = &self.tap {
            tap.on_tx(text.as_bytes());
        }
        // Flow control, or a device that takes nothing: silence of another kind.
        if self.on_port(|port| unless_late(port.write_all(text.as_bytes())))?.is_none() {
            return Err(self.timed_out(command));
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
                self.heard = true;
                self.free = self.free.max(self.clock.now() + self.gap);
                tracing::trace!(port = self.name, "< {line}");
                return Ok(line);
            }
            if self.rest.len() > LONGEST {
                let answer = shown(&self.rest);
                self.tear();
                return Err(PsuError::Garbled {
                    port: self.name.clone(),
                    command: command.to_owned(),
                    answer,
                });
            }
            let left = self.params.timeout.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Err(self.timed_out(command));
            }
            match self.on_port(|port| {
                port.set_timeout(left).map_err(io::Error::from).and_then(|()| read(port, &mut chunk))
            })? {
                Some(count) => self.came(&chunk[..count]),
                None => return Err(self.timed_out(command)),
            }
        }
    }

    /// What lies on the line unread, as lines; a torn one is thrown away.
    fn stale(&mut self) -> Result<Vec<String>, PsuError> {
        let mut chunk = [0; 256];
        // A device that floods the line must not keep us here.
        for _ in 0..64 {
            if self.waiting()? == 0 {
                break;
            }
            match self.on_port(|port| read(port, &mut chunk))? {
                Some(count) => self.came(&chunk[..count]),
                None => break,
            }
        }
        let lines = std::iter::from_fn(|| self.take_line()).collect();
        self.tear();
        Ok(lines)
    }

    /// Throws away what came of a line whose end is yet to come. Of a device that has not answered yet it is noise
    /// rather than an answer, and what follows it is the answer.
    fn tear(&mut self) {
        self.torn |= self.heard && !self.rest.is_empty();
        self.rest.clear();
    }

    /// How many bytes lie on the line unread.
    fn waiting(&mut self) -> Result<u32, PsuError> {
        self.on_port(|port| Ok(port.bytes_to_read()?))
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
            if !std::mem::take(&mut self.torn) && !text.is_empty() {
                return Some(text.to_owned());
            }
        }
    }

    fn timed_out(&mut self, command: &str) -> PsuError {
        let timeout = self.params.timeout;
        self.clock.waited_on_io(timeout);
        self.overdue = true;
        if self.heard {
            // It may lose what comes too soon after the command before.
            self.gap = SAFE_GAP;
        }
        self.tear();
        PsuError::Timeout { port: self.name.clone(), command: command.to_owned(), timeout }
    }

    /// Uses the port. Whatever the system says of one that was open, it is of no use any more.
    fn on_port<T>(&mut self, act: impl FnOnce(&mut dyn SerialPort) -> io::Result<T>) -> Result<T, PsuError> {
        let result = match &mut self.port {
            Some(port) => act(&mut **port),
            None => Err(io::ErrorKind::NotConnected.into()),
        };
        result.map_err(|source| {
            self.port = None;
            PsuError::Unplugged { port: self.name.clone(), source }
        })
    }
}

/// Reads what comes; `None` when nothing does in time, and 0 when the read was interrupted.
fn read(port: &mut dyn SerialPort, chunk: &mut [u8]) -> io::Result<Option<usize>> {
    match port.read(chunk) {
        Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(Some(0)),
        result => unless_late(result),
    }
}

/// `None` where the port's time-out passed.
fn unless_late<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => Ok(None),
        Err(error) => Err(error),
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
