//! The driver against the simulated supply: what it says, what it believes, and when it gives up.

use std::time::Duration;

use hil_model::{Amps, BenchTime, Clock, Volts};
use hil_psu::{Mode, Output, OwonPsu, PowerSupply, PsuError, SettleDetector};
use hil_sim::{FaultWindow, SupplyFault, SupplyFaultKind, SupplyProfile};
use rstest::rstest;

use crate::bench::{Bench, setup, variant};

#[test]
fn who_is_there_is_asked_and_nothing_else() {
    let bench = Bench::new(SupplyProfile::SPE6103);
    let psu = bench.open().unwrap();
    assert_eq!(psu.identity().as_str(), "OWON,SPE6103,24371986,FV:V5.2.0");
    assert_eq!(psu.identity().model(), Some("SPE6103"));
    assert!(!psu.may_be_on());
    drop(psu);
    assert_eq!(bench.tape.said(), ["*IDN?"]);
}

#[test]
fn making_safe_switches_off_what_was_left_on() {
    let bench = Bench::new(SupplyProfile::SPE6103);
    bench.powered(12.0).leave_on();
    assert!(bench.rail_volts() > 11.9);
    bench.tape.rewind();
    let mut psu = bench.open().unwrap();
    psu.set_output(Output::Off).unwrap();
    assert_eq!(bench.tape.said(), ["*IDN?", "output 0", "OUTP?"]);
    assert_eq!(psu.output().unwrap(), Output::Off);
}

/// Limits and set-points move in the order that a Kiprim needs, whose limit stays 1 V above its voltage.
#[rstest]
#[case::limit_comes_down(&[(13.5, 16.0)], &["VOLT 13.500", "VOLT:LIM 16.000"])]
#[case::both_go_up(&[(4.0, 6.0), (18.0, 20.0)], &["VOLT:LIM 20.000", "VOLT 18.000"])]
#[case::both_go_down(&[(18.0, 20.0), (4.0, 5.2)], &["VOLT 4.000", "VOLT:LIM 5.200"])]
#[case::limit_stays(&[(4.0, 6.0), (5.0, 6.0)], &["VOLT 5.000", "VOLT:LIM 6.000"])]
fn parking_arms_the_limits_in_the_order_that_the_device_needs(
    #[case] steps: &[(f64, f64)],
    #[case] last: &[&str],
) {
    let bench = Bench::new(SupplyProfile::DC310S).impatient(200);
    let mut psu = bench.open().unwrap();
    for (volts, limit) in steps {
        bench.tape.rewind();
        psu.park(&setup(*volts, 2.0, Some(*limit), Some(3.0))).unwrap();
        assert_eq!(psu.voltage().unwrap(), Volts::new(*volts));
    }
    let setters = |said: Vec<String>| said.into_iter().filter(|line| !line.ends_with('?'));
    let said: Vec<String> = setters(bench.tape.said()).collect();
    assert_eq!(said, [last, &["CURR 2.000", "CURR:LIM 3.000"]].concat());
    for (_, command) in bench.tape.commands() {
        assert!(command.ends_with("\r\n"), "{command:?} is not heard");
    }
}

#[test]
fn a_limit_that_the_device_pushes_up_is_not_accepted() {
    let bench = Bench::new(SupplyProfile::DC310S).impatient(200);
    let mut psu = bench.open().unwrap();
    let error = psu.park(&setup(13.5, 2.0, Some(14.0), None)).unwrap_err();
    assert!(matches!(&error, PsuError::NotAccepted { got, .. } if got == "14.500"), "{error}");
}

/// Against the slew rates of the reference and the refresh of the display, from the moment of the command.
#[rstest]
#[case::up(12.0, 17.5, 5.5)]
#[case::down(17.5, 12.0, -3.5)]
fn readings_follow_the_rail(#[case] from: f64, #[case] to: f64, #[case] slope: f64) {
    const REFRESH: u64 = 300_000;
    let bench = Bench::new(SupplyProfile::SPE6103);
    let mut psu = bench.powered(from);
    psu.set_voltage(Volts::new(to)).unwrap();
    let mut seen = Vec::new();
    for _ in 0..40 {
        seen.push(psu.measure().unwrap());
        bench.clock.sleep(Duration::from_millis(40));
    }
    let commands = bench.tape.commands();
    let ordered = commands.iter().find(|(_, command)| command.starts_with("VOLT ")).unwrap().0;
    let asked = commands.iter().filter(|(_, command)| command.starts_with("MEAS")).map(|(at, _)| *at);
    let mut moving = 0;
    for (at, reading) in asked.zip(&seen) {
        let refreshed = BenchTime::from_micros(at.as_micros() / REFRESH * REFRESH);
        let moved = slope * refreshed.since(ordered).as_secs_f64();
        let expected = if slope > 0.0 { (from + moved).min(to) } else { (from + moved).max(to) };
        moving += u32::from(expected != from && expected != to);
        assert!((reading.volts.get() - expected).abs() < 0.003, "{reading:?} instead of {expected} at {at}");
        assert_eq!((reading.mode, reading.tripped), (Some(Mode::Voltage), Some(false)));
    }
    assert!(moving >= 3 && (seen[39].volts.get() - to).abs() < 0.003, "{moving} on the way, {seen:?}");
}

#[test]
fn current_power_and_mode_are_measured_under_load() {
    let bench = Bench::new(SupplyProfile::SPE6103);
    let mut psu = bench.powered(12.0);
    bench.rail.set_draw(Amps::new(1.0));
    bench.clock.sleep(Duration::from_secs(1));
    let reading = psu.measure().unwrap();
    assert_eq!((reading.amps, reading.mode), (Amps::new(1.0), Some(Mode::Voltage)));
    let (volts, watts) = (reading.volts.get(), reading.watts.unwrap().get());
    assert!(volts < 11.99 && (watts - volts).abs() < 0.001, "{reading:?}");
}

#[test]
fn a_device_that_knows_less_is_asked_less_from_then_on() {
    let bench = Bench::new(SupplyProfile::P4603);
    let mut psu = bench.powered(12.0);
    assert!((psu.measure().unwrap().volts.get() - 12.0).abs() < 0.003);
    bench.tape.rewind();
    let reading = psu.measure().unwrap();
    assert_eq!(bench.tape.said(), ["MEAS:ALL?"]);
    assert_eq!((reading.watts, reading.mode, reading.tripped), (None, None, None));
}

#[rstest]
#[case::owon(SupplyProfile::SPE6103)]
#[case::digits(SupplyProfile::P4603)]
#[case::crlf(SupplyProfile::DC310S)]
fn shutting_down_is_proved(#[case] profile: SupplyProfile) {
    let bench = Bench::new(profile).impatient(200);
    let mut psu = bench.powered(13.5);
    assert!(bench.rail_volts() > 13.4 && psu.may_be_on());
    let proof = psu.shut_down();
    assert!(proof.confirmed, "{proof:?}");
    assert!(proof.rail.unwrap() < Volts::new(0.5) && bench.rail_volts() < 0.5, "{proof:?}");
    assert!((300..1500).contains(&proof.after_ms), "{proof:?}");
    assert!(!psu.may_be_on());
    assert_eq!(bench.tape.said()[..2], ["output 0", "OUTP?"]);
}

#[test]
fn a_driver_that_is_dropped_leaves_nothing_on() {
    let bench = Bench::new(SupplyProfile::SPE6103);
    drop(bench.powered(12.0));
    bench.clock.sleep(Duration::from_secs(1));
    assert!(bench.rail_volts() < 0.1);
    assert_eq!(bench.tape.said(), ["output 0", "OUTP OFF"]);
}

type Set = fn(&mut OwonPsu) -> Result<f64, PsuError>;

fn volts<const MILLIVOLTS: i32>(psu: &mut OwonPsu) -> Result<f64, PsuError> {
    psu.set_voltage(Volts::new(f64::from(MILLIVOLTS) / 1000.0)).map(Volts::get)
}

fn amps<const MILLIAMPS: i32>(psu: &mut OwonPsu) -> Result<f64, PsuError> {
    psu.set_current(Amps::new(f64::from(MILLIAMPS) / 1000.0)).map(Amps::get)
}

#[rstest]
#[case::above_the_voltage_limit(volts::<22_001>, "22.001 V is beyond the limit of 22.000 V; it was not sent")]
#[case::below_zero(volts::<-1>, "-0.001 V is beyond the limit of 0.000 V; it was not sent")]
#[case::above_the_current_limit(amps::<3_001>, "3.001 A is beyond the limit of 3.000 A; it was not sent")]
#[case::not_a_number(|psu: &mut OwonPsu| psu.set_voltage(Volts::new(f64::NAN)).map(Volts::get),
    "NaN V is beyond the limit of 0.000 V; it was not sent")]
#[case::parked_above_its_own_limit(
    |psu: &mut OwonPsu| psu.park(&setup(12.0, 1.0, Some(11.0), None)).map(|()| 0.0),
    "12.000 V is beyond the limit of 11.000 V; it was not sent")]
fn what_is_beyond_the_limits_is_not_sent(#[case] set: Set, #[case] words: &str) {
    let bench = Bench::new(SupplyProfile::SPE6103);
    let mut psu = bench.powered(12.0);
    let error = set(&mut psu).unwrap_err();
    assert!(error.is_refusal() && !error.is_lost());
    assert_eq!(error.to_string(), words);
    assert_eq!(bench.tape.said(), [""; 0]);
}

#[rstest]
#[case::at_the_voltage_limit(volts::<22_000>, 22.0)]
#[case::at_zero(volts::<0>, 0.0)]
#[case::at_the_current_limit(amps::<3_000>, 3.0)]
fn what_is_at_the_limits_is_set(#[case] set: Set, #[case] expected: f64) {
    let bench = Bench::new(SupplyProfile::SPE6103);
    assert_eq!(set(&mut bench.powered(12.0)).unwrap(), expected);
}

/// Without limits of our own: the device ignores what it cannot do, without a word.
#[rstest]
#[case::voltage(volts::<99_000>, "`VOLT 99.000` was not accepted: the device reads back 5.000")]
#[case::current(amps::<99_000>, "`CURR 99.000` was not accepted: the device reads back 1.000")]
fn what_the_device_ignores_is_noticed(#[case] set: Set, #[case] words: &str) {
    let bench = Bench::new(SupplyProfile::SPE6103);
    let mut psu = bench.open().unwrap();
    let error = set(&mut psu).unwrap_err();
    assert_eq!(error.to_string(), format!("{}: {words}", bench.supply.port()));
}

fn read(psu: &mut OwonPsu) -> Result<f64, PsuError> {
    psu.voltage().map(Volts::get)
}

fn measure(psu: &mut OwonPsu) -> Result<f64, PsuError> {
    psu.measure().map(|reading| reading.volts.get().round())
}

fn switch_off(psu: &mut OwonPsu) -> Result<f64, PsuError> {
    psu.set_output(Output::Off).map(|()| 0.0)
}

/// Each fault as the caller sees it, at a supply that was parked at 12 V.
#[rstest]
#[case::silent_once(SupplyFaultKind::Silent, Some(1), read, Ok(12.0))]
#[case::silent(SupplyFaultKind::Silent, None, read, Err("Timeout"))]
#[case::silent_to_measure(SupplyFaultKind::Silent, None, measure, Err("Timeout"))]
#[case::garbled_twice(SupplyFaultKind::Garbled, Some(2), read, Ok(12.0))]
#[case::garbled(SupplyFaultKind::Garbled, None, read, Err("Garbled"))]
#[case::garbled_read_back(SupplyFaultKind::Garbled, None, volts::<9_000>, Err("Garbled"))]
#[case::gone(SupplyFaultKind::Vanish, None, read, Err("Unplugged"))]
#[case::gone_when_set(SupplyFaultKind::Vanish, None, volts::<9_000>, Err("Unplugged"))]
#[case::gone_when_switched(SupplyFaultKind::Vanish, None, switch_off, Err("Unplugged"))]
#[case::err_once(SupplyFaultKind::ErrorReply, Some(1), read, Ok(12.0))]
#[case::err_once_to_measure(SupplyFaultKind::ErrorReply, Some(1), measure, Ok(12.0))]
#[case::err(SupplyFaultKind::ErrorReply, None, read, Err("Refused"))]
#[case::err_read_back(SupplyFaultKind::ErrorReply, None, volts::<9_000>, Err("Refused"))]
#[case::a_setter_is_lost(SupplyFaultKind::IgnoreSetters, Some(2), volts::<9_000>, Ok(9.0))]
#[case::setters_are_ignored(SupplyFaultKind::IgnoreSetters, None, volts::<9_000>, Err("NotAccepted"))]
#[case::one_off_is_lost(SupplyFaultKind::IgnoreSetters, Some(1), switch_off, Ok(0.0))]
#[case::off_is_ignored(SupplyFaultKind::IgnoreSetters, None, switch_off, Err("Output"))]
fn a_fault_is_overcome_or_told_as_what_it_is(
    #[case] kind: SupplyFaultKind,
    #[case] count: Option<u32>,
    #[case] act: Set,
    #[case] expected: Result<f64, &str>,
) {
    let bench = Bench::with(kind, count);
    // Only silence costs real time; nobody else is hurried.
    let bench = if kind == SupplyFaultKind::Silent { bench.impatient(100) } else { bench };
    let mut psu = bench.powered(12.0);
    let got = act(&mut psu);
    assert_eq!(got.as_ref().map_err(variant).copied(), expected, "{got:?}");
    if let Err(error) = got {
        assert_eq!(error.is_lost(), kind == SupplyFaultKind::Vanish);
    }
}

/// What cannot be shown is not confirmed, and the driver remembers that the output may be on.
#[rstest]
#[case::silent(SupplyFaultKind::Silent, "could not be switched off: ")]
#[case::gone(SupplyFaultKind::Vanish, "was unplugged")]
#[case::deaf(SupplyFaultKind::IgnoreSetters, "the output is On instead of Off")]
fn a_shutdown_that_cannot_be_proved_is_not_confirmed(#[case] kind: SupplyFaultKind, #[case] how: &str) {
    let bench = Bench::with(kind, None);
    let bench = if kind == SupplyFaultKind::Silent { bench.impatient(60) } else { bench };
    let mut psu = bench.powered(12.0);
    let proof = psu.shut_down();
    assert!(!proof.confirmed && proof.rail.is_none() && proof.how.contains(how), "{proof:?}");
    assert!(psu.may_be_on());
    // Four times `OUTP?` and twice the rest, each with the patience for a late answer.
    assert!(proof.after_ms < 6_000, "{proof:?}");
}

/// How long the rail takes from 12 V to 14 V, as the detector sees it.
fn settles_within(bench: &Bench) -> Duration {
    let mut psu = bench.powered(12.0);
    let since = bench.clock.now();
    psu.set_voltage(Volts::new(14.0)).unwrap();
    let mut detector = SettleDetector::new(Volts::new(14.0), Volts::new(0.1));
    while !detector.observe(bench.clock.now(), psu.measure().unwrap().volts) {
        bench.clock.sleep(Duration::from_millis(250));
        assert!(detector.trace().len() < 100, "{:?}", detector.trace());
    }
    assert!(bench.rail_volts() > 13.9);
    bench.clock.now().since(since)
}

#[test]
fn a_slow_rail_settles_late() {
    let quick = settles_within(&Bench::new(SupplyProfile::SPE6103));
    let slow = settles_within(&Bench::with(SupplyFaultKind::SlowRail, None));
    // 1.9 V at 5.5 V/s, and at a tenth of it; two refreshes on top.
    assert!(quick >= Duration::from_millis(345) && quick < Duration::from_millis(1500), "{quick:?}");
    assert!(slow >= Duration::from_millis(3454) && slow < Duration::from_millis(4800), "{slow:?}");
}

/// Whatever goes wrong now and then, a value that is returned is the device's.
#[rstest]
fn a_noisy_line_costs_answers_but_makes_none_up(#[values(1, 2, 3, 4, 5, 6)] seed: u64) {
    let window = FaultWindow { probability: 0.3, ..FaultWindow::ALWAYS };
    let kinds = [SupplyFaultKind::Garbled, SupplyFaultKind::ErrorReply, SupplyFaultKind::IgnoreSetters];
    let faults = kinds.map(|kind| SupplyFault { kind, window: window.clone() });
    let bench = Bench::faulty(SupplyProfile::SPE6103, faults.to_vec(), seed);
    let Ok(mut psu) = bench.open() else { return };
    let mut taken = 0;
    for step in 0..30 {
        let asked = Volts::new(5.0 + f64::from(step) / 8.0);
        if psu.set_voltage(asked).is_ok_and(|confirmed| confirmed == asked) {
            taken += 1;
            if let Ok(volts) = psu.voltage() {
                assert_eq!(volts, asked);
            }
        }
    }
    assert!(taken >= 10, "only {taken} of 30 voltages were set");
}
