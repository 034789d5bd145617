//! A door for UARTs: a pseudo-terminal behind which a LIN transceiver sits on the simulated bus.
//!
//! What a wire does, the door does: every byte comes back; a byte 00 at a lower rate is a break, or a
//! wake-up pulse; after a header the slaves answer, or take what the master sends. The rate is the one
//! that the other end has set, which the end at the bus can see (hardware reference 11).

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use hil_lin::{Bitrate, FrameId, Pid};
use hil_model::Clock;
use serialport::{SerialPort, TTYPort};

use crate::{LiveBench, SimBus};

/// How often the door looks whether it is to close.
const LOOK: Duration = Duration::from_millis(20);

/// Master data follow their header in one piece. This long after the last byte there are no more.
const PIECE: Duration = Duration::from_millis(1);

/// No response is longer: eight data bytes and the checksum. What comes beyond is noise.
const LONGEST_RESPONSE: usize = 9;

/// The byte after the break by which slaves find the bit rate.
const SYNC: u8 = 0x55;

/// How long a byte 00 is dominant, in bits of its rate.
const ZERO_BITS: u32 = 9;

/// What a node takes for a wake-up pulse (U, hardware reference 1.5).
const SHORTEST_PULSE: Duration = Duration::from_micros(150);

/// A pseudo-terminal with a transceiver on the bus of a bench, served until it is dropped.
pub struct UartDoor {
    port: String,
    stop: Arc<AtomicBool>,
    server: Option<JoinHandle<()>>,
    /// Kept open: a pseudo-terminal whose last slave closes hangs up on its master (hardware reference 11).
    _slave: TTYPort,
}

impl UartDoor {
    /// Opens a door to `bench`.
    ///
    /// # Errors
    ///
    /// When no pseudo-terminal or thread is to be had.
    pub fn open(bench: Arc<LiveBench>) -> io::Result<Self> {
        let (mut line, slave) = TTYPort::pair()?;
        let port = slave.name().ok_or_else(|| io::Error::other("the pseudo-terminal has no name"))?;
        line.set_timeout(LOOK)?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let serve = move || {
            let mut transceiver = Transceiver { line, bench, stop: stopped, next: None };
            if let Err(error) = transceiver.serve() {
                tracing::debug!("the UART door's line broke: {error}");
            }
        };
        let server = std::thread::Builder::new().name("uart door".to_owned()).spawn(serve)?;
        Ok(Self { port, stop, server: Some(server), _slave: slave })
    }

    /// The port that the master opens, such as `/dev/pts/7`.
    pub fn port(&self) -> &str {
        &self.port
    }
}

impl Drop for UartDoor {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(server) = self.server.take() {
            // A server that panicked has nothing left to clean up.
            let _ = server.join();
        }
    }
}

impl fmt::Debug for UartDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UartDoor").field("port", &self.port).finish_non_exhaustive()
    }
}

/// What a byte is on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Symbol {
    /// Dominant for as long as a break of a master: 11–15 bits.
    Break(Duration),
    /// Dominant for long enough to wake nodes, and no break of usual length.
    Pulse(Duration),
    /// A byte at the bus's rate.
    Byte(u8),
    /// A byte that no slave can read.
    Noise(u8),
}

impl Symbol {
    /// What `byte` at `rate` is on a bus at `bitrate`.
    fn of(byte: u8, rate: u32, bitrate: Bitrate) -> Self {
        let (rate, bus) = (u64::from(rate.max(1)), u64::from(bitrate.get()));
        // Slaves follow a master that is off by up to 14 % (U, hardware reference 1.4).
        let near = rate.abs_diff(bus) * 100 <= bus * 14;
        if near {
            return Self::Byte(byte);
        }
        let dominant = Duration::from_nanos(u64::from(ZERO_BITS) * 1_000_000_000 / rate);
        let tenths = u64::from(ZERO_BITS) * 10 * bus / rate;
        match byte {
            0 if (110..=150).contains(&tenths) => Self::Break(dominant),
            0 if dominant >= SHORTEST_PULSE => Self::Pulse(dominant),
            _ => Self::Noise(byte),
        }
    }
}

/// The transceiver, and the bus behind it.
struct Transceiver {
    line: TTYPort,
    bench: Arc<LiveBench>,
    stop: Arc<AtomicBool>,
    /// A symbol that was read and belongs to what comes next.
    next: Option<Symbol>,
}

impl Transceiver {
    /// Serves the line until told to stop, or until it breaks.
    fn serve(&mut self) -> io::Result<()> {
        while !self.stop.load(Ordering::Acquire) {
            match self.symbol(LOOK)? {
                None => {}
                Some(Symbol::Break(length)) => self.frame(length)?,
                Some(Symbol::Pulse(length)) => {
                    self.bus().dominant(length);
                    self.line.write_all(&[0])?;
                }
                Some(Symbol::Byte(byte) | Symbol::Noise(byte)) => self.line.write_all(&[byte])?,
            }
        }
        Ok(())
    }

    fn bus(&self) -> &SimBus {
        self.bench.bus()
    }

    /// What comes within `within`.
    fn symbol(&mut self, within: Duration) -> io::Result<Option<Symbol>> {
        if let Some(symbol) = self.next.take() {
            return Ok(Some(symbol));
        }
        self.line.set_timeout(within)?;
        let mut byte = [0];
        match self.line.read(&mut byte) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            // The master waits for the echo before it changes the rate, so this is the byte's own.
            Ok(_) => Ok(Some(Symbol::of(byte[0], self.line.baud_rate()?, self.bus().bitrate))),
            Err(error) if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::Interrupted) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// A byte at the bus's rate within `within`. Anything else is kept for later.
    fn byte(&mut self, within: Duration) -> io::Result<Option<u8>> {
        match self.symbol(within)? {
            Some(Symbol::Byte(byte)) => Ok(Some(byte)),
            other => {
                self.next = other;
                Ok(None)
            }
        }
    }

    /// After a break that lasted `length`: a header and its response, if they come.
    fn frame(&mut self, length: Duration) -> io::Result<()> {
        self.line.write_all(&[0])?;
        let Some(sync) = self.byte(LOOK)? else {
            // No header in sight: it was a pulse. A master that is slower than that still gets its frame.
            self.bus().dominant(length);
            let Some(sync) = self.awaited_byte()? else { return Ok(()) };
            return self.header(sync);
        };
        self.header(sync)
    }

    /// The next byte, however long it takes; `None` once something else came or the door is to close.
    fn awaited_byte(&mut self) -> io::Result<Option<u8>> {
        while !self.stop.load(Ordering::Acquire) && self.next.is_none() {
            if let Some(byte) = self.byte(LOOK)? {
                return Ok(Some(byte));
            }
        }
        Ok(None)
    }

    fn header(&mut self, sync: u8) -> io::Result<()> {
        if sync != SYNC {
            return self.line.write_all(&[sync]);
        }
        let Some(protected) = self.byte(LOOK)? else { return self.line.write_all(&[sync]) };
        let Ok(pid) = Pid::from_byte(protected) else {
            return self.line.write_all(&[sync, protected]);
        };
        let id = pid.id();
        if self.bus().is_shorted(id) {
            let dead = 2 + self.master_data()?.len();
            self.bench.clock().sleep(self.bus().bitrate.header());
            return self.line.write_all(&vec![0; dead]);
        }
        let answer = self.bus().header(id);
        self.line.write_all(&[sync, protected])?;
        let sent = self.master_data()?;
        if !sent.is_empty() {
            let mut echo = self.bus().master_response(id, &sent);
            // A slave that answers at the same time is heard in the echo: dominant bits win.
            for (byte, with) in echo.iter_mut().zip(answer.map(|answer| answer.bytes).unwrap_or_default()) {
                *byte &= with;
            }
            return self.line.write_all(&echo);
        }
        let Some(answer) = answer else { return self.late_data(id) };
        if !answer.delay.is_zero() {
            // A master that has given up and sends the next header is not talked over.
            self.next = self.symbol(answer.delay)?;
            if self.next.is_some() {
                return Ok(());
            }
        }
        self.bus().put(&answer.bytes);
        self.line.write_all(&answer.bytes)
    }

    /// What the master sends behind its header.
    fn master_data(&mut self) -> io::Result<Vec<u8>> {
        let mut data = Vec::new();
        while data.len() < LONGEST_RESPONSE {
            let Some(byte) = self.byte(PIECE)? else { break };
            data.push(byte);
        }
        Ok(data)
    }

    /// No slave answers `id`: the response is the master's, which may take its time for it.
    fn late_data(&mut self, id: FrameId) -> io::Result<()> {
        let Some(first) = self.awaited_byte()? else { return Ok(()) };
        let mut sent = vec![first];
        sent.append(&mut self.master_data()?);
        let echo = self.bus().master_response(id, &sent);
        self.line.write_all(&echo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const MICROS: fn(u64) -> Duration = Duration::from_micros;

    #[rstest]
    #[case::data(0x42, 19_200, Symbol::Byte(0x42))]
    #[case::zero(0, 19_200, Symbol::Byte(0))]
    #[case::a_little_off(0x42, 21_000, Symbol::Byte(0x42))]
    #[case::thirteen_bits(0, 13_292, Symbol::Break(MICROS(677)))]
    #[case::eighteen_bits(0, 9_600, Symbol::Pulse(MICROS(937)))]
    #[case::a_pulse(0, 36_000, Symbol::Pulse(MICROS(250)))]
    #[case::a_spike(0, 115_200, Symbol::Noise(0))]
    #[case::another_rate(0x42, 9_600, Symbol::Noise(0x42))]
    #[case::no_rate(0x42, 0, Symbol::Noise(0x42))]
    fn a_byte_is_what_its_rate_makes_of_it(#[case] byte: u8, #[case] rate: u32, #[case] expected: Symbol) {
        let symbol = match Symbol::of(byte, rate, Bitrate::LIN_2) {
            Symbol::Break(time) => Symbol::Break(MICROS(time.as_micros() as u64)),
            Symbol::Pulse(time) => Symbol::Pulse(MICROS(time.as_micros() as u64)),
            other => other,
        };
        assert_eq!(symbol, expected);
    }
}
