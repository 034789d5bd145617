//! A device that is a script, on a raw pseudo-terminal, in real time.

use std::io::{ErrorKind, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use hil_model::Clock;
use hil_psu::{OwonPsu, PsuError, SerialParams};
use hil_sim::{Pace, SimClock};
use serialport::{SerialPort, TTYPort};

pub(crate) const OWON: &str = "OWON,SPE6103,24371986,FV:V5.2.0\r\n";

/// What a device does about a line.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Silence,
    Says(&'static str),
    /// Bytes that are no text.
    Spits(&'static [u8]),
    /// It says it so many milliseconds later, and takes nothing meanwhile.
    Late(u64, &'static str),
    /// It writes the text again and again, until the test ends.
    Floods(&'static str),
    /// It says it and is gone.
    HangsUp(&'static str),
    /// It says what it heard.
    Echoes,
}

/// A scripted device, served until it is dropped.
pub(crate) struct Device {
    port: String,
    heard: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    server: Option<JoinHandle<()>>,
    /// Kept open: a pseudo-terminal whose last slave closes hangs up on its master (hardware reference 11).
    _slave: TTYPort,
}

impl Device {
    /// A device that does what `script` says about each line, which it gets with its line end.
    pub(crate) fn new(script: impl FnMut(&str) -> Reply + Send + 'static) -> Self {
        let (mut master, slave) = TTYPort::pair().unwrap();
        master.set_timeout(Duration::from_millis(10)).unwrap();
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let stop = Arc::new(AtomicBool::new(false));
        let mut served = Served { master, heard: Arc::clone(&heard), stop: Arc::clone(&stop) };
        let server = std::thread::spawn(move || served.serve(script));
        Self { port: slave.name().unwrap(), heard, stop, server: Some(server), _slave: slave }
    }

    /// An Owon that does what `script` says about each trimmed line but `*IDN?`.
    pub(crate) fn owon(mut script: impl FnMut(&str) -> Reply + Send + 'static) -> Self {
        Self::new(move |line| match line.trim() {
            "*IDN?" => Reply::Says(OWON),
            other => script(other),
        })
    }

    /// A device that does the same about each line.
    pub(crate) fn always(reply: Reply) -> Self {
        Self::new(move |_| reply.clone())
    }

    /// A device that says what it hears.
    pub(crate) fn echo() -> Self {
        Self::always(Reply::Echoes)
    }

    pub(crate) fn port(&self) -> &str {
        &self.port
    }

    /// What it heard so far, with line ends.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    pub(crate) fn open(&self, timeout_ms: u64) -> Result<OwonPsu, PsuError> {
        let params = SerialParams { timeout: Duration::from_millis(timeout_ms), ..SerialParams::default() };
        OwonPsu::open(&self.port, &params, "OWON", SimClock::new(Pace::RealTime), None)
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(server) = self.server.take() {
            server.join().unwrap();
        }
    }
}

/// The server's half.
struct Served {
    master: TTYPort,
    heard: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
}

impl Served {
    fn serve(&mut self, mut script: impl FnMut(&str) -> Reply) {
        let (mut text, mut chunk) = (Vec::new(), [0; 256]);
        while !self.stopped() {
            match self.master.read(&mut chunk) {
                Ok(count) => text.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == ErrorKind::TimedOut => continue,
                Err(error) => panic!("{error}"),
            }
            while let Some(end) = text.iter().position(|byte| *byte == b'\n') {
                let line = String::from_utf8(text.drain(..=end).collect()).unwrap();
                self.heard.lock().unwrap().push(line.clone());
                match script(&line) {
                    Reply::Silence => {}
                    Reply::Says(answer) => self.say(answer.as_bytes()),
                    Reply::Spits(bytes) => self.say(bytes),
                    Reply::Late(ms, answer) => {
                        SimClock::new(Pace::RealTime).sleep(Duration::from_millis(ms));
                        self.say(answer.as_bytes());
                    }
                    Reply::Floods(answer) => {
                        while !self.stopped() {
                            self.say(answer.as_bytes());
                        }
                    }
                    Reply::Echoes => self.say(line.as_bytes()),
                    Reply::HangsUp(last) => return self.say(last.as_bytes()),
                }
            }
        }
    }

    /// Says it, unless the line is full and nobody reads.
    fn say(&mut self, bytes: &[u8]) {
        match self.master.write_all(bytes) {
            Err(error) if error.kind() != ErrorKind::TimedOut => panic!("{error}"),
            Ok(()) | Err(_) => {}
        }
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }
}
