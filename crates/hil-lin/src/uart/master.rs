//! The master: headers, what is sent after them, what comes back.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hil_model::Clock;

use super::line::{Line, Stray};
use crate::{
    Bitrate, Capabilities, ChecksumModel, Data, Frame, FrameId, Header, LinError, LinMaster, Response,
    WakePulse, checksum,
};

pub(super) const NAME: &str = "uart";

/// The byte after the break by which slaves find the bit rate.
const SYNC: u8 = 0x55;

/// Bits of a byte on the line that are dominant if the byte is 00: the start bit and eight zeros.
const ZERO_BITS: u32 = 9;

/// The length of the break in bits of the bus (hardware reference 1.4).
const BREAK_BITS: u32 = 13;

/// How long an echo is awaited beyond its own time. Without one the wiring is wrong, so this may be long.
const ECHO: Duration = Duration::from_millis(250);

/// How far a port's rate may be from the one that was asked for, in percent. The standard allows a master
/// 0.5 (hardware reference 1.4); beyond 2 a slave that has synchronised loses the last bits of a byte (U).
const RATE_TOLERANCE: u32 = 2;

/// How a serial port is used as a LIN master.
#[derive(Clone, Debug)]
pub struct UartSettings {
    /// The port, such as `/dev/ttyUSB0` or `COM3`.
    pub port: String,
    /// The bit rate of the bus.
    pub bitrate: Bitrate,
    /// How late the converter may hand over what it received: 1–16 ms on CH340 and FTDI (hardware reference 7).
    /// Every response is awaited for so much longer.
    pub latency: Duration,
}

impl UartSettings {
    /// The latency timer of an FTDI as it comes out of the box, which is the slowest.
    pub const LATENCY: Duration = Duration::from_millis(16);

    /// `port` on a bus at `bitrate`, with the slowest converter.
    pub fn new(port: impl Into<String>, bitrate: Bitrate) -> Self {
        Self { port: port.into(), bitrate, latency: Self::LATENCY }
    }

    /// The rate at which a byte 00 is a break.
    const fn break_rate(&self) -> u32 {
        (self.bitrate.get() * ZERO_BITS + BREAK_BITS / 2) / BREAK_BITS
    }
}

/// A LIN master on a serial port with a transceiver.
pub struct UartMaster {
    settings: UartSettings,
    clock: Arc<dyn Clock>,
    line: Option<Line>,
}

impl UartMaster {
    /// A master, not connected yet.
    pub fn new(settings: UartSettings, clock: Arc<dyn Clock>) -> Self {
        Self { settings, clock, line: None }
    }

    /// Does `work` on the line. The line is given up once the port is lost: only a new connect opens it again.
    fn on_line<T>(&mut self, work: impl FnOnce(&mut Wire<'_>) -> Result<T, LinError>) -> Result<T, LinError> {
        let line = self.line.as_mut().ok_or(LinError::NotConnected { adapter: NAME })?;
        let started = Instant::now();
        let result = work(&mut Wire { line, settings: &self.settings });
        self.clock.waited_on_io(started.elapsed());
        if let Err(LinError::AdapterLost { .. }) = &result {
            self.line = None;
        }
        result
    }
}

impl fmt::Debug for UartMaster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UartMaster").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl LinMaster for UartMaster {
    fn name(&self) -> &'static str {
        NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { wake_up: true, raw_checksum: true, ..Capabilities::default() }
    }

    /// Opens the port for nobody else, and checks that it runs at the two rates that are needed.
    fn connect(&mut self) -> Result<(), LinError> {
        if self.line.is_some() {
            return Ok(());
        }
        let bitrate = self.settings.bitrate.get();
        let mut line = Line::open(&self.settings.port, bitrate)?;
        for rate in [self.settings.break_rate(), bitrate] {
            line.set_rate(rate)?;
            let real = line.rate()?;
            if real.abs_diff(rate) * 100 > rate * RATE_TOLERANCE {
                let reason = format!("{} runs at {real} bit/s instead of {rate}", self.settings.port);
                return Err(LinError::Unavailable { adapter: NAME, reason });
            }
        }
        self.line = Some(line);
        Ok(())
    }

    fn disconnect(&mut self) -> Result<(), LinError> {
        self.line = None;
        Ok(())
    }

    /// Sends header, data and checksum in one piece, and compares their echo.
    ///
    /// # Errors
    ///
    /// Besides those of the trait: [`LinError::Disturbed`] when the echo breaks off, and
    /// [`LinError::Timeout`] when there is none at all, as with a transceiver without power, TX and RX not
    /// joined to it, or a bus that was dominant before the port was opened.
    fn send_raw(&mut self, frame: &Frame, model: ChecksumModel) -> Result<(), LinError> {
        let id = frame.id();
        let mut bytes = vec![SYNC, id.protected().get()];
        bytes.extend_from_slice(frame.data());
        bytes.push(checksum(model, id, frame.data()));
        self.on_line(|wire| {
            wire.send_break()?;
            wire.send(id, &bytes)
        })
    }

    /// Sends the header and collects the response.
    ///
    /// The first byte is awaited for the response's own longest time and the converter's latency beyond
    /// `timeout`, because a converter may hand over a response in one piece.
    ///
    /// # Errors
    ///
    /// As [`Self::send_raw`], and those of the trait.
    fn receive(&mut self, header: Header, timeout: Duration) -> Result<Response, LinError> {
        let Header { id, length, checksum: model } = header;
        if !(1..=8).contains(&length) {
            let reason = format!("a response of {length} data bytes is not in 1–8");
            return Err(LinError::Refused { adapter: NAME, operation: "receive", reason });
        }
        let bytes = self.on_line(|wire| {
            wire.send_break()?;
            wire.send(id, &[SYNC, id.protected().get()])?;
            wire.response(length, timeout)
        })?;
        judge(id, &bytes, length, model)
    }

    /// Holds the bus dominant for nine bits of the rate at which they last as long as `pulse`: a byte 00.
    ///
    /// The rate is a whole number, so the length is right within 0.03 % before the converter rounds it:
    /// 250 µs are sent at 36000 bit/s, 1 ms at 9000, 5 ms at 1800.
    fn wake_up(&mut self, pulse: WakePulse) -> Result<(), LinError> {
        self.on_line(|wire| wire.dominant(pulse_rate(pulse), pulse.length()))
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        vec![("port", self.settings.port.clone()), ("bit rate", self.settings.bitrate.to_string())]
    }
}

/// The line at work, with what it has to know of the bus.
struct Wire<'a> {
    line: &'a mut Line,
    settings: &'a UartSettings,
}

impl Wire<'_> {
    fn send_break(&mut self) -> Result<(), LinError> {
        let bitrate = self.settings.bitrate;
        self.dominant(self.settings.break_rate(), bitrate.time_of(BREAK_BITS))
    }

    /// Sends a byte 00 at `rate`, which takes `time`, and goes back to the bus's rate.
    fn dominant(&mut self, rate: u32, time: Duration) -> Result<(), LinError> {
        let before = self.line.discard()?;
        self.line.set_rate(rate)?;
        let echo = self.line.send(&[0]).and_then(|()| self.line.read(1, time + ECHO, Duration::ZERO));
        self.line.set_rate(self.settings.bitrate.get())?;
        // What it reads as does not matter: a UART may take it for a framing error, or for more than a byte.
        if !echo?.is_empty() {
            self.line.discard()?;
            return Ok(());
        }
        match before {
            // A UART reports the beginning of a dominant state, and nothing as long as it lasts.
            Stray::Dominant => Err(LinError::ShortedToGround),
            Stray::None | Stray::Bytes => {
                let operation = "hear its own echo (is the transceiver powered, and joined to TX and RX?)";
                Err(LinError::Timeout { adapter: NAME, operation, timeout: time + ECHO })
            }
        }
    }

    /// Sends `bytes`, sync first, and compares the echo.
    fn send(&mut self, id: FrameId, bytes: &[u8]) -> Result<(), LinError> {
        self.line.send(bytes)?;
        let within = self.settings.bitrate.time_of(10) * bytes.len() as u32 + ECHO;
        let echo = self.line.read(bytes.len(), within, within)?;
        compare(id, bytes, &echo)
    }

    /// Collects the response to the header that was just sent.
    fn response(&mut self, length: usize, timeout: Duration) -> Result<Vec<u8>, LinError> {
        let bits = 10 * (length as u32 + 1);
        let whole = self.settings.bitrate.time_of(bits * 14 / 10).saturating_add(self.settings.latency);
        self.line.read(length + 1, timeout.saturating_add(whole), whole)
    }
}

/// What the echo says of the bus.
fn compare(id: FrameId, sent: &[u8], echo: &[u8]) -> Result<(), LinError> {
    // The break was heard, so nothing behind it, or zeros, is a line that is held down.
    if echo.iter().all(|byte| *byte == 0) {
        return Err(LinError::ShortedToGround);
    }
    if let Some(at) = sent.iter().zip(echo).position(|(sent, got)| sent != got) {
        return Err(LinError::BitError { id, at, sent: sent[at], got: echo[at] });
    }
    if echo.len() < sent.len() {
        let what = format!("an echo that broke off after {} of {} bytes", echo.len(), sent.len());
        return Err(LinError::Disturbed { id, what });
    }
    Ok(())
}

/// What `bytes` are as a response of `length` data bytes.
fn judge(id: FrameId, bytes: &[u8], length: usize, model: ChecksumModel) -> Result<Response, LinError> {
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

/// The rate at which a byte 00 is as long as `pulse`, rounded to whole bits per second.
fn pulse_rate(pulse: WakePulse) -> u32 {
    let micros = pulse.length().as_micros() as u32;
    (ZERO_BITS * 1_000_000 + micros / 2) / micros
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const ID: u8 = 0x11;

    fn id() -> FrameId {
        FrameId::new(ID).unwrap()
    }

    #[rstest]
    #[case(1_000, 692)]
    #[case(9_600, 6_646)]
    #[case(10_417, 7_212)]
    #[case(19_200, 13_292)]
    #[case(20_000, 13_846)]
    fn a_zero_at_the_break_rate_is_thirteen_bits(#[case] bitrate: u32, #[case] rate: u32) {
        let settings = UartSettings::new("", Bitrate::new(bitrate).unwrap());
        assert_eq!(settings.break_rate(), rate);
        let bits = f64::from(ZERO_BITS) * f64::from(bitrate) / f64::from(rate);
        assert!((bits - 13.0).abs() < 0.01, "{bits}");
    }

    #[rstest]
    #[case(250, 36_000)]
    #[case(1_000, 9_000)]
    #[case(1_234, 7_293)]
    #[case(5_000, 1_800)]
    fn a_zero_at_the_pulse_rate_is_the_pulse(#[case] micros: u64, #[case] rate: u32) {
        let pulse = WakePulse::new(Duration::from_micros(micros)).unwrap();
        assert_eq!(pulse_rate(pulse), rate);
    }

    #[rstest]
    #[case::good(&[0x55, 0x11, 7, 8], Ok(()))]
    #[case::nothing(&[], Err(LinError::ShortedToGround))]
    #[case::zeros(&[0, 0, 0, 0], Err(LinError::ShortedToGround))]
    #[case::sync(&[0x54, 0x11, 7, 8], Err(LinError::BitError { id: id(), at: 0, sent: 0x55, got: 0x54 }))]
    #[case::data(&[0x55, 0x11, 7, 0], Err(LinError::BitError { id: id(), at: 3, sent: 8, got: 0 }))]
    #[case::short(
        &[0x55, 0x11, 7],
        Err(LinError::Disturbed { id: id(), what: "an echo that broke off after 3 of 4 bytes".to_owned() })
    )]
    fn an_echo_is_judged(#[case] echo: &[u8], #[case] expected: Result<(), LinError>) {
        assert_eq!(compare(id(), &[0x55, 0x11, 7, 8], echo), expected);
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
