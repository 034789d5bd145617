//! The driver when cables are pulled, and when answers come so late that they look like the next one's.

use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use hil_model::{Amps, Volts};
use hil_psu::{Output, OwonPsu, PowerSupply, PsuError, SerialParams};
use hil_sim::{Pace, SimClock};
use rstest::rstest;
use tempfile::TempDir;

use crate::bench::variant;
use crate::device::{Device, OWON, Reply};

/// A socket that devices are plugged into: a name that stays the same.
struct Socket(TempDir);

impl Socket {
    fn with(device: &Device) -> Self {
        let socket = Self(tempfile::tempdir().unwrap());
        symlink(device.port(), socket.port()).unwrap();
        socket
    }

    fn port(&self) -> PathBuf {
        self.0.path().join("psu")
    }

    fn plug(&self, device: &Device) {
        std::fs::remove_file(self.port()).unwrap();
        symlink(device.port(), self.port()).unwrap();
    }

    fn open(&self) -> OwonPsu {
        let params = SerialParams { timeout: Duration::from_millis(500), ..SerialParams::default() };
        let port = self.port();
        OwonPsu::open(port.to_str().unwrap(), &params, "OWON", SimClock::new(Pace::RealTime), None).unwrap()
    }
}

/// A device that is off, and says so.
fn off(identity: &'static str) -> Device {
    Device::new(move |line| match line.trim() {
        "*IDN?" => Reply::Says(identity),
        "VOLT?" => Reply::Says("12.000\r\n"),
        "OUTP?" => Reply::Says("OFF\r\n"),
        "MEAS:ALL:INFO?" => Reply::Says("0.010,0.000,0.000,OFF,OFF,OFF,0\r\n"),
        _ => Reply::Silence,
    })
}

/// Pulled and plugged in again while it is in use: lost for good, but off is proved at the end, on the very
/// same device only.
#[rstest]
#[case::itself(OWON, true)]
#[case::another_of_its_kind("OWON,SPE6103,99999999,FV:V5.2.0\r\n", false)]
#[case::another_make("RIGOL TECHNOLOGIES,DP832,DP8A000000,00.01.16\r\n", false)]
fn a_device_that_comes_back_is_switched_off_at_the_end(#[case] identity: &'static str, #[case] proved: bool) {
    let before = off(OWON);
    let socket = Socket::with(&before);
    let mut psu = socket.open();
    psu.voltage().unwrap();
    drop(before);
    assert_eq!(variant(&psu.voltage().unwrap_err()), "Unplugged");
    let after = off(identity);
    socket.plug(&after);
    assert_eq!(variant(&psu.voltage().unwrap_err()), "Unplugged", "what was lost stays lost");
    assert_eq!(after.heard(), [""; 0]);
    let proof = psu.shut_down();
    assert_eq!(proof.confirmed, proved, "{proof:?}");
    drop(psu);
    let heard: Vec<String> = after.heard().iter().map(|line| line.trim().to_owned()).collect();
    assert_eq!(heard[0], "*IDN?");
    assert_eq!(heard.contains(&"output 0".to_owned()), proved, "{heard:?}");
    assert!(proved || heard.iter().all(|line| line == "*IDN?"), "{heard:?}");
}

/// Later than the driver waits for a late answer, so that it comes while the next question is open.
#[rstest]
#[case::one(Reply::Late(750, "7.000\r\n"))]
#[case::two_lines(Reply::Late(750, "7.000\r\n8.000\r\n"))]
#[case::an_error(Reply::Late(750, "ERR\r\n"))]
#[case::torn(Reply::Late(750, "7.0"))]
fn an_answer_that_is_very_late_is_not_taken_for_the_next_one(#[case] late: Reply) {
    let device = Device::owon(move |line| match line {
        "VOLT?" => late.clone(),
        "CURR?" => Reply::Says("1.500\r\n"),
        _ => Reply::Silence,
    });
    let mut psu = device.open(200).unwrap();
    assert_eq!(variant(&psu.voltage().unwrap_err()), "Timeout");
    for _ in 0..3 {
        assert_eq!(psu.current().unwrap(), Amps::new(1.5));
    }
}

/// The question is repeated, and what comes first is the answer to the first time it was asked.
#[test]
fn a_question_that_is_repeated_gets_its_own_answer() {
    let mut first = Some(Reply::Late(750, "7.000\r\n"));
    let device = Device::owon(move |_| first.take().unwrap_or(Reply::Says("12.000\r\n")));
    let mut psu = device.open(200).unwrap();
    for _ in 0..2 {
        assert_eq!(psu.voltage().unwrap(), Volts::new(12.0));
    }
}

#[test]
fn a_line_that_echoes_is_nobody_whatever_is_expected() {
    let device = Device::echo();
    let params = SerialParams { timeout: Duration::from_secs(3), ..SerialParams::default() };
    for expected in ["", "IDN", "?"] {
        let clock = SimClock::new(Pace::RealTime);
        let error = OwonPsu::open(device.port(), &params, expected, clock, None).unwrap_err();
        assert!(matches!(error, PsuError::Stranger { .. }), "{error}");
    }
    assert!(device.heard().iter().all(|line| line.trim() == "*IDN?"));
}

/// A first measurement that goes wrong is no reason to do with less from then on.
#[rstest]
#[case::silence(Reply::Silence)]
#[case::garbage(Reply::Says("12.0;0.2\r\n"))]
fn a_measurement_that_was_simpler_once_is_whole_again(#[case] first: Reply) {
    let mut bad = 3;
    let device = Device::owon(move |line| match line {
        "MEAS:ALL:INFO?" if bad > 0 => {
            bad -= 1;
            first.clone()
        }
        "MEAS:ALL:INFO?" => Reply::Says("12.000,0.200,2.400,OFF,OFF,OFF,1\r\n"),
        "MEAS:ALL?" => Reply::Says("12.000,0.200\r\n"),
        _ => Reply::Silence,
    });
    let mut psu = device.open(300).unwrap();
    let watts: Vec<bool> = (0..3).map(|_| psu.measure().unwrap().watts.is_some()).collect();
    assert!(!watts[0] && watts[2], "{watts:?}");
}

/// One that never answers the whole question costs its time-outs three times, and not for ever.
#[test]
fn a_question_that_is_never_answered_is_given_up() {
    let device = Device::owon(|line| match line {
        "MEAS:ALL?" => Reply::Says("12.000,0.200\r\n"),
        _ => Reply::Silence,
    });
    let mut psu = device.open(100).unwrap();
    for _ in 0..5 {
        psu.measure().unwrap();
    }
    let asked = device.heard().iter().filter(|line| line.trim() == "MEAS:ALL:INFO?").count();
    assert_eq!(asked, 6, "twice each time, three times");
}

/// A device that hears lines that end in CR LF only is switched off with them.
#[test]
fn off_goes_out_with_the_line_end_that_is_heard() {
    let mut on = true;
    let device = Device::new(move |line| match line {
        "*IDN?\r\n" => Reply::Says(OWON),
        "output 0\r\n" => {
            on = false;
            Reply::Silence
        }
        "OUTP?\r\n" => Reply::Says(if on { "ON\r\n" } else { "OFF\r\n" }),
        _ => Reply::Silence,
    });
    let mut psu = device.open(300).unwrap();
    psu.set_output(Output::Off).unwrap();
}

/// Some instruments need more than the 50 ms between commands that most are content with.
#[test]
fn a_device_that_loses_hasty_commands_gets_more_time() {
    let mut last: Option<Instant> = None;
    let (mut volts, mut output) = ("5.000\r\n", "OFF\r\n");
    let device = Device::new(move |line| {
        let hasty = last.is_some_and(|last| last.elapsed() < Duration::from_millis(150));
        last = Some(Instant::now());
        match line.trim() {
            _ if hasty => Reply::Silence,
            "*IDN?" => Reply::Says(OWON),
            "VOLT 12.000" => {
                volts = "12.000\r\n";
                Reply::Silence
            }
            "OUTP ON" | "OUTP 1" | "output 1" => {
                output = "ON\r\n";
                Reply::Silence
            }
            "VOLT?" => Reply::Says(volts),
            "OUTP?" => Reply::Says(output),
            _ => Reply::Silence,
        }
    });
    let mut supply = Socket::with(&device).open();
    assert_eq!(supply.set_voltage(Volts::new(12.0)).unwrap(), Volts::new(12.0));
    supply.set_output(Output::On).unwrap();
    assert_eq!(supply.output().unwrap(), Output::On);
    supply.leave_on();
}
