//! Each planted fault is caught: by which test, and as what.

use rstest::rstest;

use crate::program::Program;

/// Plants `fault` once the set-up is over, and runs the tests of the real suites that should notice.
///
/// The set-up takes a little more than three seconds of bench time.
#[rstest]
#[case::no_response(
    "lin: {kind: no_response, frame: 0x11, from: 3.2}",
    "smoke::the_light_goes_on_and_off",
    "failed",
    1,
    "ALM_Status: no fresh frame since ALM_Req_A at"
)]
#[case::no_response_to_a_read(
    "lin: {kind: no_response, frame: 0x11}",
    "smoke::the_module_answers",
    "failed",
    1,
    "ALM_Status (0x11): no response within 200 ms"
)]
#[case::late_response(
    "lin: {kind: late_response, frame: 0x12, from: 3.2}",
    "hardware::pwm::duties_are_those_of_the_calculator::red",
    "passed",
    0,
    ""
)]
#[case::wrong_checksum(
    "lin: {kind: wrong_checksum, frame: 0x11}",
    "smoke::the_module_answers",
    "failed",
    1,
    "frame 0x11: checksum"
)]
#[case::flipped_bit(
    "lin: {kind: bit_flip, frame: 0x12, from: 3.2}",
    "hardware::pwm::duties_are_those_of_the_calculator::red",
    "failed",
    1,
    "frame 0x12: checksum"
)]
#[case::shorted_bus(
    "lin: {kind: bus_short}",
    "smoke::the_module_answers",
    "bench",
    6,
    "the bus is shorted to ground"
)]
#[case::stuck_state(
    "lin: {kind: stuck_value, frame: 0x11}",
    "smoke::the_light_goes_on_and_off",
    "failed",
    1,
    "ALMLEDState: want LED OFF within 0.50 s, got LED ON"
)]
#[case::stuck_duty(
    "lin: {kind: stuck_value, frame: 0x13}",
    "hardware::animation::a_new_request_takes_over",
    "passed",
    0,
    ""
)]
#[case::disturbed_request(
    "lin: {kind: wrong_checksum, frame: 0x0A}",
    "smoke::the_light_goes_on_and_off",
    "bench",
    6,
    "byte 10 of the echo"
)]
#[case::dead_unit(
    "ecu: {kind: dead, from: 3.2}",
    "smoke::the_light_goes_on_and_off",
    "failed",
    1,
    "no fresh frame since ALM_Req_A"
)]
#[case::brown_out(
    "ecu: {kind: brown_out, from: 3.2, until: 60}",
    "smoke::the_light_goes_on_and_off",
    "failed",
    1,
    "no fresh frame since ALM_Req_A"
)]
#[case::slow_rail(
    "psu: {kind: slow_rail, from: 3.2}",
    "hardware::psu_settling::a_step_settles::up_large",
    "bench",
    6,
    "rail did not settle at 16.00 V within 10.0 s (last reading "
)]
#[case::ignored_set_point(
    "psu: {kind: ignore_setters, from: 3.2}",
    "hardware::voltage::status_follows_the_rail::under",
    "bench",
    7,
    "was not accepted: the device reads back 12"
)]
#[case::silent_supply(
    "psu: {kind: silent, from: 3.0, until: 5}",
    "smoke::the_supply_delivers_nominal",
    "bench",
    6,
    "no answer to `MEAS:ALL:INFO?` within 0.05 s"
)]
#[case::garbled_supply(
    "psu: {kind: garbled, from: 3.0, until: 4}",
    "smoke::the_supply_delivers_nominal",
    "bench",
    6,
    "is no answer to `MEAS:ALL:INFO?`"
)]
#[case::a_garbled_answer_is_got_over(
    "psu: {kind: garbled, from: 3.0, count: 1}",
    "smoke::the_supply_delivers_nominal",
    "passed",
    0,
    ""
)]
#[case::a_refusal_is_got_over(
    "psu: {kind: error_reply, from: 3.0, count: 2}",
    "smoke::the_supply_delivers_nominal",
    "passed",
    0,
    ""
)]
#[case::vanished_supply(
    "psu: {kind: vanish, from: 3.0}",
    "smoke::the_supply_delivers_nominal",
    "bench",
    7,
    "was unplugged"
)]
fn a_fault_is_caught(
    #[case] fault: &str,
    #[case] test: &str,
    #[case] outcome: &str,
    #[case] code: i32,
    #[case] message: &str,
) {
    let hil = Program::hil()
        .args(&[test, "--exact"])
        .set(&format!("simulation.faults=[{{{fault}}}]"))
        .set("power_supply.timeout=0.05")
        .set("power_supply.sample_interval=30");
    hil.run().code(code);
    assert_eq!(hil.outcomes()[test], outcome, "{:?}", hil.outcomes());
    if outcome != "passed" {
        let told = hil.message(test);
        assert!(told.contains(message), "{told}");
    }
}

/// Without a fault every one of those tests passes, so that it is the fault that makes them red.
#[test]
fn without_a_fault_they_pass() {
    let hil = Program::hil().args(&[
        "smoke::",
        "psu_settling::a_step_settles",
        "voltage::status_follows_the_rail",
        "led_state::immediate",
        "pwm::duties",
    ]);
    hil.run().code(0);
    assert!(hil.outcomes().values().all(|outcome| outcome == "passed"));
}
