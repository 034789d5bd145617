//! The output goes off, and what is said about it is true.

use std::time::Duration;

use hil_model::{Amps, BenchTime, Clock, Volts};
use hil_psu::{Mode, Output, PowerSupply, PsuError};
use hil_sim::{SupplyFaultKind, SupplyProfile};

use crate::bench::{Bench, variant};

#[test]
fn a_rail_that_stays_up_is_not_proved_off() {
    let bench = Bench::new(SupplyProfile::SPE6103);
    let mut psu = bench.powered(12.0);
    // Somebody else feeds it, too.
    bench.rail.measured(Volts::new(7.0));
    let proof = psu.shut_down();
    assert!(!proof.confirmed && proof.how.contains("still at 7.0"), "{proof:?}");
    assert!(proof.after_ms >= 1_500, "{proof:?}");
}

#[test]
fn a_supply_that_does_not_answer_hears_off_all_the_same() {
    let bench = Bench::with(SupplyFaultKind::Silent, None).impatient(100);
    let mut psu = bench.powered(12.0);
    assert!(!psu.shut_down().confirmed);
    assert!(bench.rail_volts() < 0.1);
}

#[test]
fn a_supply_that_is_gone_stays_gone() {
    let bench = Bench::with(SupplyFaultKind::Vanish, None);
    let mut psu = bench.powered(12.0);
    assert_eq!(variant(&psu.measure().unwrap_err()), "Unplugged");
    assert_eq!(variant(&psu.measure().unwrap_err()), "Unplugged");
    drop(psu);
    assert!(bench.open().unwrap_err().is_lost());
}

#[test]
fn a_protection_that_holds_the_output_off_is_told_and_cleared_by_off() {
    let bench = Bench::new(SupplyProfile::SPE6103);
    let mut psu = bench.powered(12.0);
    bench.rail.set_draw(Amps::new(3.5));
    let reading = psu.measure().unwrap();
    assert_eq!((reading.tripped, reading.mode), (Some(true), Some(Mode::Fault)));
    let error = psu.set_output(Output::On).unwrap_err();
    assert!(matches!(error, PsuError::Output { asked: Output::On, got: Output::Off, .. }), "{error}");
    bench.rail.set_draw(Amps::ZERO);
    psu.set_output(Output::Off).unwrap();
    psu.set_output(Output::On).unwrap();
}

#[test]
fn a_driver_that_never_switched_on_leaves_the_output_alone() {
    let bench = Bench::new(SupplyProfile::SPE6103);
    bench.powered(12.0).leave_on();
    drop(bench.open().unwrap());
    bench.clock.sleep(Duration::from_secs(1));
    assert_eq!(bench.rail_volts(), 12.0);
}

#[test]
fn silence_takes_as_long_in_simulated_time_as_in_real_time() {
    let bench = Bench::with(SupplyFaultKind::Silent, None).impatient(100);
    bench.wait_until(crate::bench::FAULTY_FROM);
    let since = bench.clock.now();
    assert_eq!(variant(&bench.open().unwrap_err()), "Timeout");
    // 0.2 s after opening, four time-outs, three times 0.5 s for an answer that is late.
    assert_eq!(bench.clock.now(), since + Duration::from_millis(200 + 4 * 100 + 3 * 500));
    assert!(since > BenchTime::ZERO);
}
