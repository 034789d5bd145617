//! Diagnostic requests in tests: who is to blame for what.

use rstest::rstest;

use crate::program::Program;

#[rstest]
#[case::answered("answered", "passed", "")]
#[case::refused("refused", "failed", "service 0x22 is refused: requestOutOfRange (0x31)")]
#[case::silent("silent", "failed", "22 F1 95 to 0x33: no answer within 500 ms")]
#[case::silent_on_a_service("silent_on_a_service", "failed", "Read the product id of 0x33: no answer")]
#[case::refused_as_it_should("refused_as_it_should", "passed", "")]
#[case::refused_otherwise(
    "refused_otherwise",
    "failed",
    "got service 0x99 is refused: serviceNotSupported (0x11)"
)]
#[case::not_refused(
    "not_refused",
    "failed",
    "want that service 0x22 is refused: requestOutOfRange (0x31), got 62 F1 95"
)]
#[case::answered_after_all("answered_after_all", "failed", "22 F1 95 to 0x01: want no answer, got 62 F1 95")]
#[case::empty("empty", "test", "a message of 0 bytes is not in 1–4095")]
#[case::functional_and_long("functional_and_long", "test", "a message of 7 bytes is not in 1–6")]
#[case::moved_and_back("moved_and_back", "passed", "")]
#[case::nobody_to_address("nobody_to_address", "test", "0 addresses are not in 1–16")]
fn a_request_ends_as_the_unit_answers(#[case] name: &str, #[case] outcome: &str, #[case] message: &str) {
    let test = format!("requests::ends::{name}");
    let fixture = Program::fixture().args(&[&test, "--exact"]);
    fixture.run();
    assert_eq!(fixture.outcomes()[&test], outcome);
    if outcome != "passed" {
        let told = fixture.message(&test);
        assert!(told.contains(message), "{told}");
    }
}

/// Refused before anything is sent, so that it cannot be held back in vain.
#[rstest]
#[case("write_data", "non_volatile")]
#[case("download", "non_volatile")]
#[case("write_memory", "non_volatile")]
#[case("assign_nad", "node_configuration")]
#[case("assign_frame_id", "node_configuration")]
#[case("conditional_change", "node_configuration")]
#[case("save", "node_configuration")]
#[case("assign_range", "node_configuration")]
#[case("configuration", "node_configuration")]
fn a_request_that_changes_the_node_must_be_declared(#[case] name: &str, #[case] lacks: &str) {
    let test = format!("requests::mutates_undeclared::{name}");
    let fixture = Program::fixture().args(&[&test, "--exact"]);
    fixture.run().code(1);
    assert_eq!(fixture.outcomes()[&test], "test");
    let told = fixture.message(&test);
    assert!(told.contains(&format!("`mutates` lacks {lacks}")), "{told}");
}

#[rstest]
#[case::silence("{kind: no_response, frame: 0x3D}", "failed", "no answer within 500 ms")]
#[case::broken_answer("{kind: wrong_checksum, frame: 0x3D}", "failed", "frame 0x3D: checksum")]
#[case::shorted_bus("{kind: bus_short}", "bench", "the bus is shorted to ground")]
fn a_fault_on_the_bus_is_told_from_the_units(
    #[case] fault: &str,
    #[case] outcome: &str,
    #[case] message: &str,
) {
    let test = "requests::ends::answered";
    let fixture =
        Program::fixture().args(&[test, "--exact"]).set(&format!("simulation.faults=[{{lin: {fault}}}]"));
    fixture.run();
    assert_eq!(fixture.outcomes()[test], outcome);
    assert!(fixture.message(test).contains(message), "{}", fixture.message(test));
}

/// The timers of the LDF are used where there is one; without it there are those of the standard.
#[test]
fn an_ldf_is_not_needed() {
    let fixture =
        Program::fixture().args(&["requests::ends::answered", "--exact"]).set("interface.ldf_path=null");
    fixture.run().code(0);
}
