//! The instrument's manners, command by command (hardware reference 5.1–5.3).

use hil_model::{Amps, BenchTime, Volts};
use rstest::rstest;

use super::fault::{Faults, SupplyFault, SupplyFaultKind};
use super::instrument::{Instrument, Reaction};
use super::profile::SupplyProfile;
use crate::{FaultWindow, Rail};

const SEED: u64 = 7;

/// An instrument and the rail that it feeds.
fn instrument(profile: SupplyProfile, faults: Vec<SupplyFault>) -> (Instrument, Rail) {
    let rail = Rail::fixed(Volts::ZERO);
    (Instrument::new(profile, rail.clone(), Faults::new(faults, SEED), SEED), rail)
}

fn at(millis: u64) -> BenchTime {
    BenchTime::from_micros(millis * 1000)
}

/// Says `commands` 50 ms apart and returns what the last one is answered.
fn say(instrument: &mut Instrument, from: u64, commands: &[&str]) -> Reaction {
    let mut last = Reaction::Silence;
    for (index, command) in (0..).zip(commands) {
        last = instrument.command(&format!("{command}\r\n"), at(from + 50 * index));
    }
    last
}

fn answer(text: &str) -> Reaction {
    Reaction::Answer(text.to_owned())
}

#[rstest]
#[case::identity(&["*IDN?"], "OWON,SPE6103,24371986,FV:V5.2.0")]
#[case::lower_case(&["*idn?"], "OWON,SPE6103,24371986,FV:V5.2.0")]
#[case::short_form(&["VOLT 12.5", "VOLT?"], "12.500")]
#[case::long_form(&["VOLTage 12.5", "voltage?"], "12.500")]
#[case::long_form_of_a_limit(&["CURRent:LIMit 2", "CURR:LIM?"], "2.000")]
#[case::alias_on(&["output 1", "OUTP?"], "ON")]
#[case::alias_off(&["OUTP ON", "output 0", "OUTPut?"], "OFF")]
#[case::chain_runs_its_first(&["VOLT 7;VOLT 8", "VOLT?"], "7.000")]
#[case::too_high_is_ignored(&["VOLT 12", "VOLT 99", "VOLT?"], "12.000")]
#[case::negative_is_ignored(&["VOLT 12", "VOLT -1", "VOLT?"], "12.000")]
#[case::too_much_current_is_ignored(&["CURR 1", "CURR 11", "CURR?"], "1.000")]
#[case::maximum_short(&["VOLT? MAX"], "61.000")]
#[case::maximum_long_is_the_present_value(&["VOLT 12", "VOLTage? MAXimum"], "12.000")]
#[case::errors_are_never_told(&["NONSENSE", "SYST:ERR?"], "0x0000")]
#[case::opc_says_its_version(&["*OPC?"], "V2.12.2B.1C.D")]
#[case::unknown_query(&["FREQ?"], "ERR")]
#[case::unknown_setter(&["FREQ 50"], "ERR")]
#[case::no_number(&["VOLT twelve"], "ERR")]
#[case::neither_on_nor_off(&["OUTP MAYBE"], "ERR")]
#[case::standby(&["MEAS:ALL:INFO?"], "0.000,0.000,0.000,OFF,OFF,OFF,0")]
#[case::just_switched_on_it_says_current(&["OUTP ON", "MEAS:ALL:INFO?"], "0.000,0.000,0.000,OFF,OFF,OFF,2")]
fn an_spe_answers(#[case] commands: &[&str], #[case] expected: &str) {
    let (mut instrument, _) = instrument(SupplyProfile::SPE6103, Vec::new());
    assert_eq!(say(&mut instrument, 10_000, commands), answer(expected));
}

#[rstest]
#[case("VOLT 12")]
#[case("VOLT 99")]
#[case("OUTP ON")]
#[case("SYST:REM")]
fn setters_are_silent(#[case] command: &str) {
    let (mut instrument, _) = instrument(SupplyProfile::SPE6103, Vec::new());
    assert_eq!(say(&mut instrument, 0, &[command]), Reaction::Silence);
}

#[test]
fn of_two_commands_in_a_row_the_second_is_lost() {
    let (mut instrument, _) = instrument(SupplyProfile::SPE6103, Vec::new());
    assert_eq!(instrument.command("VOLT 12\n", at(100)), Reaction::Silence);
    assert_eq!(instrument.command("VOLT?\n", at(104)), Reaction::Silence);
    assert_eq!(instrument.command("VOLT?\n", at(109)), answer("12.000"));
}

#[test]
fn a_kiprim_hears_carriage_returns_only_and_keeps_its_limit_above_the_voltage() {
    let (mut instrument, _) = instrument(SupplyProfile::DC310S, Vec::new());
    assert_eq!(instrument.command("*IDN?\n", at(0)), Reaction::Silence);
    assert_eq!(say(&mut instrument, 100, &["VOLT 4", "VOLT:LIM 4.2", "VOLT:LIM?"]), answer("5.000"));
    assert_eq!(say(&mut instrument, 500, &["VOLT:LIM 6", "VOLT 5.1", "VOLT?"]), answer("4.000"));
}

#[test]
fn a_p4603_says_digits_and_does_not_know_all_info() {
    let (mut instrument, _) = instrument(SupplyProfile::P4603, Vec::new());
    assert_eq!(say(&mut instrument, 0, &["OUTP ON", "OUTP?"]), answer("1"));
    assert_eq!(say(&mut instrument, 200, &["OUTP OFF", "OUTP?"]), answer("0"));
    assert_eq!(say(&mut instrument, 4000, &["MEAS:ALL:INFO?"]), answer("ERR"));
    assert_eq!(say(&mut instrument, 4050, &["MEAS:ALL?"]), answer("0.000,0.000"));
}

#[test]
fn a_reading_lags_after_switch_on_and_is_refreshed_three_times_a_second() {
    let (mut instrument, rail) = instrument(SupplyProfile::SPE6103, Vec::new());
    say(&mut instrument, 0, &["VOLT 12", "OUTP ON"]);
    assert_eq!(rail.volts(at(200)), Volts::new(12.0), "the terminals are up at once");
    let mut reading = |ms| instrument.command("MEAS:VOLT?\n", at(ms));
    assert_eq!(reading(800), answer("0.000"));
    let shown: Vec<_> = [1200, 1300, 1490, 1500, 1700].map(&mut reading).into_iter().collect();
    assert!(shown[0] == shown[1] && shown[1] == shown[2] && shown[3] == shown[4], "{shown:?}");
    for reading in shown {
        let Reaction::Answer(text) = reading else { panic!("{reading:?}") };
        assert!(text.parse::<Volts>().unwrap().is_within(Volts::new(0.002), Volts::new(12.0)), "{text}");
    }
}

#[rstest]
#[case::over_voltage("VOLT:LIM 10", "ON,OFF,OFF,3")]
#[case::over_current("CURR:LIM 1", "OFF,ON,OFF,3")]
fn a_protection_cuts_the_output_until_it_is_switched_off(#[case] limit: &str, #[case] told: &str) {
    let (mut instrument, rail) = instrument(SupplyProfile::SPE6103, Vec::new());
    rail.set_draw(Amps::new(2.0));
    say(&mut instrument, 0, &["CURR 5", "VOLT 12", "OUTP ON"]);
    assert_eq!(say(&mut instrument, 2000, &["OUTP?"]), answer("ON"));
    assert_eq!(say(&mut instrument, 2100, &[limit, "OUTP?"]), answer("OFF"));
    let Reaction::Answer(info) = say(&mut instrument, 4000, &["MEAS:ALL:INFO?"]) else { panic!() };
    assert!(info.ends_with(told), "{info}");
    assert_eq!(rail.volts(at(5000)), Volts::ZERO);
    assert_eq!(say(&mut instrument, 5000, &["OUTP ON", "OUTP?"]), answer("OFF"), "it is latched");
    let cleared = ["OUTP OFF", "VOLT:LIM 20", "CURR:LIM 5", "OUTP ON", "OUTP?"];
    assert_eq!(say(&mut instrument, 6000, &cleared), answer("ON"));
}

#[rstest]
#[case::below_the_limit(0.5, "0.500", '1')]
#[case::at_the_limit(3.0, "1.000", '2')]
fn a_load_shows_and_decides_about_the_mode(#[case] draw: f64, #[case] amps: &str, #[case] mode: char) {
    let (mut instrument, rail) = instrument(SupplyProfile::SPE6103, Vec::new());
    rail.set_draw(Amps::new(draw));
    say(&mut instrument, 0, &["VOLT 12", "CURR 1", "OUTP ON"]);
    let Reaction::Answer(info) = say(&mut instrument, 2000, &["MEAS:ALL:INFO?"]) else { panic!() };
    assert_eq!((info.split(',').nth(1), info.chars().last()), (Some(amps), Some(mode)), "{info}");
}

#[rstest]
#[case::silent(SupplyFaultKind::Silent, Reaction::Silence)]
#[case::garbled(SupplyFaultKind::Garbled, answer("#2#0#0"))]
#[case::error_reply(SupplyFaultKind::ErrorReply, answer("ERR"))]
#[case::ignore_setters(SupplyFaultKind::IgnoreSetters, answer("5.000"))]
#[case::vanish(SupplyFaultKind::Vanish, Reaction::Vanished)]
fn a_fault_shows_as_what_it_is(#[case] kind: SupplyFaultKind, #[case] expected: Reaction) {
    let fault = SupplyFault { kind, window: FaultWindow { from: at(100), ..FaultWindow::ALWAYS } };
    let (mut instrument, _) = instrument(SupplyProfile::SPE6103, vec![fault]);
    assert_eq!(say(&mut instrument, 0, &["VOLT 5", "VOLT?"]), answer("5.000"), "not yet");
    assert_eq!(say(&mut instrument, 100, &["VOLT 12", "VOLT?"]), expected);
}

#[test]
fn a_slow_rail_takes_ten_times_as_long() {
    let fault = SupplyFault { kind: SupplyFaultKind::SlowRail, window: FaultWindow::ALWAYS };
    let (mut instrument, rail) = instrument(SupplyProfile::SPE6103, vec![fault]);
    say(&mut instrument, 0, &["VOLT 5", "OUTP ON"]);
    say(&mut instrument, 1000, &["VOLT 10.5"]);
    assert!(rail.volts(at(2000)) < Volts::new(5.6));
    assert_eq!(rail.volts(at(11_001)), Volts::new(10.5));
}
