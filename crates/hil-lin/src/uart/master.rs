//! The master: headers, what is sent after them, what comes back.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hil_model::Clock;

use super::line::Line;
use super::wire::{BREAK_BITS, SYNC, Wire, judge};
use crate::{
    Bitrate, Capabilities, ChecksumModel, Frame, Header, LinError, LinMaster, Response, WakePulse, checksum,
};

pub(super) const NAME: &str = "uart";

/// Bits of a byte on the line that are dominant if the byte is 00: the start bit and eight zeros.
const ZERO_BITS: u32 = 9;

/// How far a port's rate may be from the one that was asked for, in percent. The standard allows a master
/// 0.5 (hardware reference 1.4); beyond 2 a slave that has synchronised loses the last bits of a byte (U).
const RATE_TOLERANCE: u32 = 2;

/// How a break gets onto the bus (hardware reference 7). None has been tried on a real converter, so which
/// one suits which converter is (U).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakMethod {
    /// The system holds the bus dominant (`TIOCSBRK`, `TIOCCBRK`) for at least 14 bits. Its end and the sync
    /// byte are as close as the converter lets them be. Has no effect on a pseudo-terminal.
    Ioctl,
    /// A byte 00 at 9/13 of the bit rate: 13 bits exactly. The sync byte follows 13 bits after the port took
    /// the break, or once it has come back; two changes of the rate lie in between, each of which takes a
    /// converter on USB about a millisecond (U).
    Baud,
    /// The same, and the sync byte follows only once the break has come back. No converter can cut that
    /// break short; but the pause is as long as the converter's latency, 1–16 ms, and a node that is strict
    /// gives up a header of more than 47.6 bits, 2.5 ms at 19200 bit/s. Right for a pseudo-terminal.
    BaudEcho,
}

impl BreakMethod {
    /// The word for it in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ioctl => "ioctl",
            Self::Baud => "baud",
            Self::BaudEcho => "baud_echo",
        }
    }
}

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
    /// How a break gets onto the bus.
    pub break_method: BreakMethod,
}

impl UartSettings {
    /// The latency timer of an FTDI as it comes out of the box, which is the slowest.
    pub const LATENCY: Duration = Duration::from_millis(16);

    /// `port` on a bus at `bitrate`, with the slowest converter, and the break that works everywhere, if slowly.
    pub fn new(port: impl Into<String>, bitrate: Bitrate) -> Self {
        Self { port: port.into(), bitrate, latency: Self::LATENCY, break_method: BreakMethod::BaudEcho }
    }

    /// The rate at which a byte 00 is a break.
    pub(super) const fn break_rate(&self) -> u32 {
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

    /// Opens the port for nobody else, and checks that it runs at the rates that are needed.
    fn connect(&mut self) -> Result<(), LinError> {
        if self.line.is_some() {
            return Ok(());
        }
        let bitrate = self.settings.bitrate.get();
        let mut line = Line::open(&self.settings.port, bitrate)?;
        let break_rate = match self.settings.break_method {
            BreakMethod::Ioctl => None,
            BreakMethod::Baud | BreakMethod::BaudEcho => Some(self.settings.break_rate()),
        };
        for rate in break_rate.into_iter().chain([bitrate]) {
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
    /// joined to it, or a bus that was dominant before the port was opened. [`LinError::Refused`] when all
    /// came back but the break.
    fn send_raw(&mut self, frame: &Frame, model: ChecksumModel) -> Result<(), LinError> {
        let id = frame.id();
        let mut bytes = vec![SYNC, id.protected().get()];
        bytes.extend_from_slice(frame.data());
        bytes.push(checksum(model, id, frame.data()));
        self.on_line(|wire| wire.send(id, &bytes))
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
        self.on_line(|wire| wire.pulse(pulse_rate(pulse), pulse.length()))
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let UartSettings { port, bitrate, break_method, .. } = &self.settings;
        vec![
            ("port", port.clone()),
            ("bit rate", bitrate.to_string()),
            ("break", break_method.as_str().to_owned()),
        ]
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
}
