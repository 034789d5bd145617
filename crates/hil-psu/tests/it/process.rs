//! The driver on an imitation in another process and language, in real time: nothing of it is shared with
//! the simulation.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use hil_model::{Clock, PollError, Volts, poll_until};
use hil_psu::{Output, OwonPsu, PowerSupply, PsuError, SerialParams, SettleDetector};
use hil_sim::{Pace, SimClock};

use crate::bench::{setup, variant};
use crate::python::is_missing;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/owon.py");

/// `owon.py`, served until it is dropped.
struct Imitation {
    process: Child,
    port: String,
}

impl Imitation {
    /// Starts it, where there is a Python.
    fn start(options: &[&str]) -> Option<Self> {
        if is_missing() {
            return None;
        }
        let mut command = Command::new("python3");
        // It ends with us, however we end: its end of the pipe closes.
        command.arg(SCRIPT).arg("--stdin").args(options).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut port = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Some(Self { process, port: port.trim().to_owned() })
    }

    fn open(&self, timeout_ms: u64) -> Result<OwonPsu, PsuError> {
        let params = SerialParams { timeout: Duration::from_millis(timeout_ms), ..SerialParams::default() };
        OwonPsu::open(&self.port, &params, "SPE3102", SimClock::new(Pace::RealTime), None)
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Imitation {
    fn drop(&mut self) {
        self.kill();
    }
}

const IDENTITY: [&str; 2] = ["--identity", "OWON,SPE3102,26180149,FV:V5.2.0"];

#[test]
fn a_session_with_an_independent_imitation() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let logged = ["--log", log.path().to_str().unwrap()];
    let Some(imitation) = Imitation::start(&[IDENTITY, logged].concat()) else { return };
    let clock = SimClock::new(Pace::RealTime);
    let mut psu = imitation.open(3_000).unwrap();
    psu.set_output(Output::Off).unwrap();
    psu.park(&setup(12.0, 1.0, Some(19.0), Some(3.0))).unwrap();
    psu.set_output(Output::On).unwrap();
    for target in [12.0, 13.5].map(Volts::new) {
        psu.set_voltage(target).unwrap();
        let mut detector = SettleDetector::new(target, Volts::new(0.1));
        let (interval, patience) = (Duration::from_millis(200), Duration::from_secs(30));
        let settled: Result<(), PollError<PsuError>> =
            poll_until(&*clock, "the rail to settle", interval, patience, || {
                Ok(detector.observe(clock.now(), psu.measure()?.volts).then_some(()))
            });
        settled.unwrap();
    }
    assert_eq!(variant(&psu.set_voltage(Volts::new(19.5)).unwrap_err()), "OutOfRange");
    let proof = psu.shut_down();
    assert!(proof.confirmed, "{proof:?}");
    drop(psu);
    let log = std::fs::read_to_string(log.path()).unwrap();
    let setters: Vec<&str> = log
        .lines()
        .map(|line| line.split_once(' ').unwrap().1)
        .filter(|command| !command.ends_with('?'))
        .collect();
    let expected = [
        "output 0",
        "VOLT 12.000",
        "VOLT:LIM 19.000",
        "CURR 1.000",
        "CURR:LIM 3.000",
        "OUTP ON",
        "VOLT 12.000",
        "VOLT 13.500",
        "output 0",
    ];
    assert_eq!(setters, expected);
}

#[test]
fn one_that_falls_silent_times_out() {
    let options = [&IDENTITY[..], &["--silent-after", "2"]].concat();
    let Some(imitation) = Imitation::start(&options) else { return };
    let mut psu = imitation.open(1_000).unwrap();
    psu.voltage().unwrap();
    assert_eq!(variant(&psu.voltage().unwrap_err()), "Timeout");
}

#[test]
fn one_whose_process_dies_was_unplugged() {
    let Some(mut imitation) = Imitation::start(&IDENTITY) else { return };
    let mut psu = imitation.open(3_000).unwrap();
    psu.voltage().unwrap();
    imitation.kill();
    assert_eq!(variant(&psu.voltage().unwrap_err()), "Unplugged");
}
