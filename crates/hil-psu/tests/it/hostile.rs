//! The driver in real time on devices that say what they should not, when they should not, or nothing.

use std::time::{Duration, Instant};

use hil_model::{Amps, Volts};
use hil_psu::{Output, PowerSupply, PsuError};
use rstest::rstest;

use crate::bench::variant;
use crate::device::{Device, OWON, Reply};

/// For devices that answer: nobody is hurried.
const PATIENT: u64 = 3_000;
/// For devices that do not.
const HASTY: u64 = 60;

/// Who is not an Owon, or does not say so, is found out, and hears nothing but the question who it is.
#[rstest]
#[case::another_make(Reply::Says("RIGOL TECHNOLOGIES,DP832,DP8A000000,00.01.16\r\n"), PATIENT, "Stranger")]
#[case::echo(Reply::Says("*IDN?\r\n"), PATIENT, "Stranger")]
#[case::garbage(Reply::Spits(b"\xff\xfe\x00\x80#\x1b[2J\n"), PATIENT, "Stranger")]
#[case::garbage_without_end(Reply::Spits(b"\xff\xfe\x00\x80#"), HASTY, "Timeout")]
#[case::half_an_identity(Reply::Says("OWON,SPE"), HASTY, "Timeout")]
#[case::empty_lines(Reply::Says("\r\n\r\n\n"), HASTY, "Timeout")]
#[case::silence(Reply::Silence, HASTY, "Timeout")]
#[case::refusal(Reply::Says("ERR\r\n"), PATIENT, "Refused")]
#[case::flood(Reply::Floods("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"), PATIENT, "Garbled")]
#[case::flood_of_lines(Reply::Floods("$GPGGA,123519,4807.038,N\r\n"), PATIENT, "Stranger")]
#[case::hangs_up(Reply::HangsUp(""), PATIENT, "Unplugged")]
#[case::hangs_up_in_the_middle(Reply::HangsUp("OWON,SPE61"), PATIENT, "Unplugged")]
fn a_stranger_hears_nothing_but_the_question_who_it_is(
    #[case] reply: Reply,
    #[case] timeout_ms: u64,
    #[case] expected: &str,
) {
    let device = Device::always(reply);
    let error = device.open(timeout_ms).unwrap_err();
    assert_eq!(variant(&error), expected, "{error}");
    let heard = device.heard();
    assert!(!heard.is_empty() && heard.iter().all(|line| line.trim() == "*IDN?"), "{heard:?}");
}

/// An Owon whose answer to the first `VOLT?` is not what it should be, and then says 12 V.
#[rstest]
#[case::err(Reply::Says("ERR\r\n"), PATIENT, 2)]
#[case::garbage(Reply::Spits(b"\xff\x00\x80\n"), PATIENT, 2)]
#[case::another_answer(Reply::Says("ON\r\n"), PATIENT, 2)]
#[case::half_a_line(Reply::Says("1"), 100, 2)]
#[case::nothing(Reply::Silence, 100, 2)]
#[case::late(Reply::Late(300, "7.000\r\n"), 100, 2)]
#[case::late_in_two_lines(Reply::Late(300, "7.000\r\n8.000\r\n"), 100, 2)]
#[case::empty_lines_first(Reply::Says("\r\n\n12.000\r\n"), PATIENT, 1)]
#[case::line_feed_only(Reply::Says("12.000\n"), PATIENT, 1)]
#[case::padded(Reply::Says("  12.000 \r\n"), PATIENT, 1)]
fn one_bad_answer_is_got_over(#[case] first: Reply, #[case] timeout_ms: u64, #[case] asked: usize) {
    let mut first = Some(first);
    let device = Device::owon(move |_| first.take().unwrap_or(Reply::Says("12.000\r\n")));
    let mut psu = device.open(timeout_ms).unwrap();
    assert_eq!(psu.voltage().unwrap(), Volts::new(12.0));
    assert_eq!(device.heard().iter().filter(|line| *line == "VOLT?\n").count(), asked);
}

/// An Owon that never gets `VOLT?` right.
#[rstest]
#[case::err(Reply::Says("ERR\r\n"), PATIENT, "Refused")]
#[case::garbage(Reply::Spits(b"\xff\x00\x80\n"), PATIENT, "Garbled")]
#[case::no_number(Reply::Says("nan\r\n"), PATIENT, "Garbled")]
#[case::half_a_line(Reply::Says("1"), HASTY, "Timeout")]
#[case::nothing(Reply::Silence, HASTY, "Timeout")]
#[case::flood(Reply::Floods("1212121212121212"), PATIENT, "Garbled")]
#[case::flood_of_lines(Reply::Floods("garbage\r\n"), PATIENT, "Garbled")]
#[case::hangs_up(Reply::HangsUp(""), PATIENT, "Unplugged")]
#[case::hangs_up_in_the_middle(Reply::HangsUp("12.0"), PATIENT, "Unplugged")]
fn bad_answers_are_told_as_what_they_are(
    #[case] reply: Reply,
    #[case] timeout_ms: u64,
    #[case] expected: &str,
) {
    let device = Device::owon(move |_| reply.clone());
    let mut psu = device.open(timeout_ms).unwrap();
    let started = Instant::now();
    let error = psu.voltage().unwrap_err();
    assert_eq!(variant(&error), expected, "{error}");
    // Nobody waits for more than three answers; the rest is the machine's.
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
}

#[test]
fn an_answer_that_comes_too_late_is_not_taken_for_the_next_one() {
    let device = Device::owon(|line| match line {
        "VOLT?" => Reply::Late(250, "7.000\r\n"),
        "CURR?" => Reply::Says("1.500\r\n"),
        _ => Reply::Silence,
    });
    let mut psu = device.open(100).unwrap();
    let error = psu.voltage().unwrap_err();
    assert_eq!(variant(&error), "Timeout", "{error}");
    assert_eq!(psu.current().unwrap(), Amps::new(1.5));
}

#[test]
fn the_first_question_may_be_lost() {
    let mut asked = 0;
    let device = Device::new(move |_| {
        asked += 1;
        if asked == 1 { Reply::Silence } else { Reply::Says(OWON) }
    });
    assert_eq!(device.open(300).unwrap().identity().as_str(), OWON.trim());
    assert_eq!(device.heard(), ["*IDN?\n", "*IDN?\r\n"]);
}

#[test]
fn a_line_end_that_is_heard_is_kept() {
    let device = Device::new(|line| match line {
        "*IDN?\r\n" => Reply::Says(OWON),
        "VOLT?\r\n" => Reply::Says("12.000\r\n"),
        _ => Reply::Silence,
    });
    let mut psu = device.open(300).unwrap();
    assert_eq!(psu.voltage().unwrap(), Volts::new(12.0));
    assert_eq!(device.heard(), ["*IDN?\n", "*IDN?\r\n", "VOLT?\r\n"]);
}

#[test]
fn an_off_that_is_lost_is_repeated() {
    let mut offs = 0;
    let device = Device::owon(move |line| match line {
        "OUTP?" => Reply::Says(if offs < 2 { "ON\r\n" } else { "OFF\r\n" }),
        _ => {
            offs += 1;
            Reply::Silence
        }
    });
    device.open(PATIENT).unwrap().set_output(Output::Off).unwrap();
    let heard = device.heard();
    let heard: Vec<&str> = heard.iter().map(|line| line.trim()).collect();
    assert_eq!(heard, ["*IDN?", "output 0", "OUTP?", "OUTP OFF", "OUTP?"]);
}

/// The way down ends, whatever the device has become.
#[rstest]
#[case::silent(Reply::Silence)]
#[case::flooding(Reply::Floods("12.000,"))]
#[case::gone(Reply::HangsUp(""))]
#[case::refusing(Reply::Says("ERR\r\n"))]
#[case::says_on(Reply::Says("ON\r\n"))]
fn shutting_down_ends_unproved(#[case] reply: Reply) {
    let device = Device::owon(move |_| reply.clone());
    let mut psu = device.open(300).unwrap();
    let started = Instant::now();
    let proof = psu.shut_down();
    assert!(!proof.confirmed && !proof.how.is_empty(), "{proof:?}");
    drop(psu);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn a_port_in_use_is_told() {
    let device = Device::owon(|_| Reply::Silence);
    let psu = device.open(PATIENT).unwrap();
    let error = device.open(PATIENT).unwrap_err();
    assert!(matches!(error, PsuError::Open { .. }), "{error}");
    drop(psu);
    assert!(device.open(PATIENT).is_ok());
}

/// An Owon that says the same to each `VOLT?`, whatever it was set to, and something to setters.
#[rstest]
#[case::rounds_to_its_display(12.345, "12.35\r\n", Reply::Silence, Ok(12.35), 3)]
#[case::lost_a_step_as_small_as_the_display(12.01, "12.000\r\n", Reply::Silence, Ok(12.0), 3)]
#[case::took_something_else(12.0, "5.000\r\n", Reply::Silence, Err("NotAccepted"), 3)]
#[case::refuses(12.0, "5.000\r\n", Reply::Says("ERR\r\n"), Err("Refused"), 3)]
#[case::complains_but_takes_it(12.0, "12.000\r\n", Reply::Says("ERR\r\n"), Ok(12.0), 1)]
fn what_is_set_is_what_reads_back(
    #[case] asked: f64,
    #[case] answer: &'static str,
    #[case] to_setters: Reply,
    #[case] expected: Result<f64, &str>,
    #[case] setters: usize,
) {
    let device =
        Device::owon(move |line| if line == "VOLT?" { Reply::Says(answer) } else { to_setters.clone() });
    let mut psu = device.open(PATIENT).unwrap();
    let got = psu.set_voltage(Volts::new(asked));
    assert_eq!(got.as_ref().map(|volts| volts.get()).map_err(variant), expected, "{got:?}");
    assert_eq!(device.heard().iter().filter(|line| line.starts_with("VOLT ")).count(), setters);
}

#[test]
fn a_device_that_knows_single_measurements_only_is_asked_for_them() {
    let device = Device::owon(|line| match line {
        "MEAS:VOLT?" => Reply::Says("12.001\r\n"),
        "MEAS:CURR?" => Reply::Says("0.250\r\n"),
        _ => Reply::Says("ERR\r\n"),
    });
    let mut psu = device.open(PATIENT).unwrap();
    for _ in 0..2 {
        let reading = psu.measure().unwrap();
        assert_eq!((reading.volts.get(), reading.amps.get(), reading.watts), (12.001, 0.25, None));
    }
    assert_eq!(device.heard().iter().filter(|line| line.starts_with("MEAS:ALL")).count(), 6);
}

#[test]
fn an_answer_that_was_meant_for_somebody_else_makes_nobody_a_stranger() {
    let mut first = true;
    let device =
        Device::new(move |_| Reply::Says(if std::mem::take(&mut first) { "12.000\r\n" } else { OWON }));
    assert!(device.open(PATIENT).is_ok());
}
