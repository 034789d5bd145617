//! The line at work: a break, what follows it, and what of that comes back.

use std::time::{Duration, Instant};

use super::line::{Line, Stray};
use super::master::NAME;
use super::{BreakMethod, UartSettings};
use crate::{ChecksumModel, Data, FrameId, LinError, Response, checksum};

/// The byte after the break by which slaves find the bit rate.
pub(super) const SYNC: u8 = 0x55;

/// The length of the break in bits of the bus (hardware reference 1.4).
pub(super) const BREAK_BITS: u32 = 13;

/// The same where the system holds it, by a clock that is not the converter's. Slaves take up to 26 bits
/// (hardware reference 1.4).
const HELD_BREAK_BITS: u32 = 14;

/// Bytes that a break may read as. It should be one.
const BREAK_BYTES: usize = 2;

/// How long an echo is awaited beyond its own time. Without one the wiring is wrong, so this may be long.
const ECHO: Duration = Duration::from_millis(250);

/// The line, with what it has to know of the bus.
pub(super) struct Wire<'a> {
    pub(super) line: &'a mut Line,
    pub(super) settings: &'a UartSettings,
}

/// What came back of a break and of what was sent after it.
#[derive(Debug, Default)]
struct Echo {
    of_break: Vec<u8>,
    of_bytes: Vec<u8>,
}

impl Wire<'_> {
    /// Sends a break and `bytes`, sync first, and compares what comes back.
    ///
    /// Nothing is read between the two that need not be: the pause is part of the header, which slaves
    /// give up after 1.4 times its nominal length (hardware reference 1.3).
    pub(super) fn send(&mut self, id: FrameId, bytes: &[u8]) -> Result<(), LinError> {
        let before = self.line.discard()?;
        let mut echo = Echo::default();
        for byte in self.send_break()? {
            echo.take(byte);
        }
        self.line.send(bytes)?;
        let within = self.settings.bitrate.time_of(10) * (bytes.len() + 1) as u32 + ECHO;
        let started = Instant::now();
        while !echo.is_whole(bytes.len()) {
            let Some(byte) = self.line.next(within.saturating_sub(started.elapsed()))? else { break };
            echo.take(byte);
        }
        echo.judge(id, bytes, before, within)
    }

    /// Sends a break. Returns what came back of it already.
    fn send_break(&mut self) -> Result<Vec<u8>, LinError> {
        let bitrate = self.settings.bitrate;
        let length = bitrate.time_of(BREAK_BITS);
        match self.settings.break_method {
            BreakMethod::Ioctl => self.line.hold_break(bitrate.time_of(HELD_BREAK_BITS)),
            // It has begun when the port has it, so it is over after its length.
            BreakMethod::Baud => self.zero(self.settings.break_rate(), length),
            BreakMethod::BaudEcho => self.zero(self.settings.break_rate(), length + ECHO),
        }
    }

    /// Sends a byte 00 at `rate`, and goes back to the bus's rate when it has come back, at the latest
    /// `patience` after the port took it.
    fn zero(&mut self, rate: u32, patience: Duration) -> Result<Vec<u8>, LinError> {
        self.line.set_rate(rate)?;
        let heard = self.line.send(&[0]).and_then(|()| {
            let mut heard = self.line.drain()?;
            if heard.is_empty() {
                heard = self.line.read(1, patience, Duration::ZERO)?;
            }
            Ok(heard)
        });
        self.line.set_rate(self.settings.bitrate.get())?;
        heard
    }

    /// Sends a wake-up pulse: a byte 00 at `rate`, which takes `time`.
    pub(super) fn pulse(&mut self, rate: u32, time: Duration) -> Result<(), LinError> {
        let before = self.line.discard()?;
        // What it reads as does not matter: a UART may take it for a framing error, or for more than a byte.
        if self.zero(rate, time + ECHO)?.is_empty() {
            return Err(unheard(before, time + ECHO));
        }
        self.line.discard().map(drop)
    }

    /// Collects the response to the header that was just sent.
    pub(super) fn response(&mut self, length: usize, timeout: Duration) -> Result<Vec<u8>, LinError> {
        let bits = 10 * (length as u32 + 1);
        let whole = self.settings.bitrate.time_of(bits * 14 / 10).saturating_add(self.settings.latency);
        self.line.read(length + 1, timeout.saturating_add(whole), whole)
    }
}

impl Echo {
    /// The next byte. A break reads as one byte, whatever it is, and sometimes as a zero behind it.
    fn take(&mut self, byte: u8) {
        let may_be_break = self.of_bytes.is_empty() && self.of_break.len() < BREAK_BYTES && byte != SYNC;
        if may_be_break && (self.of_break.is_empty() || byte == 0) {
            self.of_break.push(byte);
        } else {
            self.of_bytes.push(byte);
        }
    }

    /// Whether nothing more can come of a break and `length` bytes.
    fn is_whole(&self, length: usize) -> bool {
        let heard = self.of_break.len() + self.of_bytes.len();
        self.of_bytes.len() == length || (heard > length && self.is_dead())
    }

    /// Whether nothing but zeros came behind the break.
    fn is_dead(&self) -> bool {
        self.of_bytes.iter().all(|byte| *byte == 0)
    }

    /// What it says of the bus.
    fn judge(&self, id: FrameId, sent: &[u8], before: Stray, within: Duration) -> Result<(), LinError> {
        let Self { of_break, of_bytes } = self;
        if of_break.is_empty() && of_bytes.is_empty() {
            return Err(unheard(before, within));
        }
        // The break was heard, so nothing behind it, or zeros, is a line that is held down.
        if self.is_dead() {
            return Err(LinError::ShortedToGround);
        }
        if let Some(at) = sent.iter().zip(of_bytes).position(|(sent, got)| sent != got) {
            return Err(LinError::BitError { id, at, sent: sent[at], got: of_bytes[at] });
        }
        if of_bytes.len() < sent.len() {
            let what = format!("an echo that broke off after {} of {} bytes", of_bytes.len(), sent.len());
            return Err(LinError::Disturbed { id, what });
        }
        if of_break.is_empty() {
            let reason = "all came back but the break: try another interface.break".to_owned();
            return Err(LinError::Refused { adapter: NAME, operation: "send a break", reason });
        }
        Ok(())
    }
}

/// Nothing that was sent comes back.
fn unheard(before: Stray, timeout: Duration) -> LinError {
    match before {
        // A UART reports the beginning of a dominant state, and nothing as long as it lasts.
        Stray::Dominant => LinError::ShortedToGround,
        Stray::None | Stray::Bytes => {
            let operation = "hear its own echo (is the transceiver powered, and joined to TX and RX?)";
            LinError::Timeout { adapter: NAME, operation, timeout }
        }
    }
}

/// What `bytes` are as a response of `length` data bytes.
pub(super) fn judge(
    id: FrameId,
    bytes: &[u8],
    length: usize,
    model: ChecksumModel,
) -> Result<Response, LinError> {
    if bytes.is_empty() {
        return Ok(Response::None);
    }
    let data = Data::new(&bytes[..bytes.len().min(length)]).unwrap_or_default();
    let Some(got) = bytes.get(length).copied() else {
        return Err(LinError::Incomplete { id, data, expected: length });
    };
    let expected = checksum(model, id, &data);
    if got == expected {
        Ok(Response::Data(data))
    } else {
        Err(LinError::Checksum { id, data, got, expected })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn id() -> FrameId {
        FrameId::new(0x11).unwrap()
    }

    #[rstest]
    #[case::good(&[0, 0x55, 0x11, 7, 8], Ok(()))]
    #[case::odd_break(&[0xF8, 0x55, 0x11, 7, 8], Ok(()))]
    #[case::long_break(&[0xF8, 0, 0x55, 0x11, 7, 8], Ok(()))]
    #[case::break_only(&[0], Err(LinError::ShortedToGround))]
    #[case::zeros(&[0, 0, 0, 0, 0], Err(LinError::ShortedToGround))]
    #[case::sync(&[0, 0x54, 0x11, 7, 8], Err(LinError::BitError { id: id(), at: 0, sent: 0x55, got: 0x54 }))]
    #[case::data(&[0, 0x55, 0x11, 7, 0], Err(LinError::BitError { id: id(), at: 3, sent: 8, got: 0 }))]
    #[case::short(
        &[0, 0x55, 0x11, 7],
        Err(LinError::Disturbed { id: id(), what: "an echo that broke off after 3 of 4 bytes".to_owned() })
    )]
    #[case::no_break(
        &[0x55, 0x11, 7, 8],
        Err(LinError::Refused {
            adapter: "uart",
            operation: "send a break",
            reason: "all came back but the break: try another interface.break".to_owned(),
        })
    )]
    fn an_echo_is_judged(#[case] heard: &[u8], #[case] expected: Result<(), LinError>) {
        let mut echo = Echo::default();
        for (read, byte) in heard.iter().enumerate() {
            assert!(!echo.is_whole(4), "{read} bytes are enough");
            echo.take(*byte);
        }
        assert_eq!(echo.judge(id(), &[0x55, 0x11, 7, 8], Stray::None, ECHO), expected);
    }

    #[rstest]
    #[case::wiring(Stray::None, false)]
    #[case::noise(Stray::Bytes, false)]
    #[case::short(Stray::Dominant, true)]
    fn without_any_echo_it_counts_what_came_before(#[case] before: Stray, #[case] is_short: bool) {
        let error = Echo::default().judge(id(), &[0x55, 0x11], before, ECHO).unwrap_err();
        assert_eq!(error == LinError::ShortedToGround, is_short, "{error}");
        assert_eq!(error.is_adapter(), !is_short, "{error}");
    }

    #[rstest]
    #[case::nothing(&[], Ok(Response::None))]
    #[case::good(&[1, 2, 0xEB], Ok(Response::Data(Data::new(&[1, 2]).unwrap())))]
    #[case::part(&[1], Err(LinError::Incomplete { id: id(), data: Data::new(&[1]).unwrap(), expected: 2 }))]
    #[case::no_sum(&[1, 2], Err(LinError::Incomplete { id: id(), data: Data::new(&[1, 2]).unwrap(), expected: 2 }))]
    #[case::wrong(
        &[1, 2, 3],
        Err(LinError::Checksum { id: id(), data: Data::new(&[1, 2]).unwrap(), got: 3, expected: 0xEB })
    )]
    fn a_response_is_judged(#[case] bytes: &[u8], #[case] expected: Result<Response, LinError>) {
        assert_eq!(judge(id(), bytes, 2, ChecksumModel::Enhanced), expected);
    }
}
