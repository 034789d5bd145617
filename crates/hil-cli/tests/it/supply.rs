//! The supply that is not there, and the one that another process imitates.

use std::os::unix::fs::symlink;

use nix::sys::signal::Signal;
use rstest::rstest;

use crate::imitation::Imitation;
use crate::program::{Program, wait_until};

#[rstest]
#[case::unset("power_supply.port=", "power_supply.port is not set (HIL_PSU_PORT)")]
#[case::disabled("power_supply.enabled=false", "power_supply.enabled is false")]
#[case::unreachable(
    "power_supply.port=/dev/does-not-exist",
    "no power supply was reached: /dev/does-not-exist: cannot be opened"
)]
fn without_a_supply_the_rest_still_runs(#[case] setting: &str, #[case] reason: &str) {
    let fixture = Program::fixture()
        .args(&["bench::answers", "bench::is_at_nominal"])
        .set("power_supply.timeout=0.05")
        .set("bench.name=without_a_supply")
        .env("HIL_RUN_LIVE", "1")
        .set(setting);
    fixture.run().code(0);
    let outcomes = fixture.outcomes();
    assert_eq!(
        (outcomes["bench::answers"].as_str(), outcomes["bench::is_at_nominal"].as_str()),
        ("passed", "skipped")
    );
    let told = fixture.message("bench::is_at_nominal");
    assert!(told.starts_with(reason), "{told}");
}

/// The place of the last command that switches the output off, and of the last that switches it on.
fn last_switches(commands: &[String]) -> (Option<usize>, Option<usize>) {
    let last = |words: [&str; 2]| commands.iter().rposition(|command| words.contains(&command.as_str()));
    (last(["output 0", "OUTP OFF"]), last(["OUTP ON", "OUTP 1"]))
}

#[test]
fn an_imitation_is_used_and_left_off() {
    let Some(imitation) = Imitation::start(&[]) else { return };
    let fixture = imitation.program(&["bench::is_at_nominal", "fails_away", "rail_is_back"]);
    fixture.run().code(1);
    let outcomes = fixture.outcomes();
    let words: Vec<&str> = outcomes.values().map(String::as_str).collect();
    assert_eq!(words, ["failed", "passed", "passed"], "{outcomes:?}");
    let junit = fixture.read("junit.xml");
    assert!(junit.contains("name=\"psu_idn\" value=\"OWON,"), "{junit}");
    assert!(junit.contains(&format!("name=\"psu_resolved_port\" value=\"{}\"", imitation.port())), "{junit}");
    assert_eq!(fixture.events("output_verified")[0]["confirmed"], true);
    let commands = imitation.commands();
    assert_eq!(commands[0], "*IDN?", "nothing goes out before the identity is known");
    let (off, on) = last_switches(&commands);
    assert!(off > on, "{commands:?}");
}

#[test]
fn a_signal_switches_an_imitation_off() {
    let Some(imitation) = Imitation::start(&[]) else { return };
    let fixture = imitation.program(&["waits_long"]);
    let mut running = fixture.start();
    wait_until("the test to begin", || fixture.read("events.jsonl").contains("\"test_started\""));
    running.signal(Signal::SIGTERM);
    assert_eq!(running.wait(), Some(2));
    assert_eq!(fixture.events("output_verified")[0]["confirmed"], true);
    let (off, on) = last_switches(&imitation.commands());
    assert!(off > on);
}

#[test]
fn one_that_goes_away_is_one_error_and_its_tests_skip() {
    let Some(mut imitation) = Imitation::start(&[]) else { return };
    let fixture = imitation.program(&["bench::answers", "fails_away", "rail_is_back"]);
    let mut running = fixture.start();
    wait_until("the rail to be moved", || {
        imitation.commands().iter().any(|command| command == "VOLT 15.000")
    });
    imitation.kill();
    assert_eq!(running.wait(), Some(7), "nobody knows whether its output is off");
    let outcomes = fixture.outcomes();
    assert_eq!(outcomes["bench::answers"], "passed");
    assert_eq!(outcomes["bench::fails_away_from_nominal"], "bench");
    assert_eq!(outcomes["bench::rail_is_back"], "skipped");
    assert!(fixture.message("bench::rail_is_back").contains("unplugged"));
    assert_eq!(fixture.events("output_verified")[0]["confirmed"], false);
}

#[test]
fn one_that_is_plugged_in_again_stays_lost_but_is_proved_off() {
    let (Some(mut before), Some(after)) = (Imitation::start(&[]), Imitation::start(&[])) else { return };
    let socket = before.machine().join("psu");
    symlink(before.port(), &socket).unwrap();
    let tests = Program::fixture().args(&["bench::answers", "fails_away", "rail_is_back"]);
    let fixture = before.supply_at(socket.to_str().unwrap(), tests);
    let mut running = fixture.start();
    wait_until("the rail to be moved", || before.commands().iter().any(|command| command == "VOLT 15.000"));
    before.kill();
    std::fs::remove_file(&socket).unwrap();
    symlink(after.port(), &socket).unwrap();
    assert_eq!(running.wait(), Some(6));
    assert_eq!(fixture.outcomes()["bench::rail_is_back"], "skipped");
    let proof = &fixture.events("output_verified")[0];
    assert_eq!(proof["confirmed"], true, "{proof}");
    let commands = after.commands();
    assert_eq!(commands[..2], ["*IDN?", "output 0"], "{commands:?}");
}

#[test]
fn one_that_falls_silent_cannot_be_confirmed_off() {
    let Some(imitation) = Imitation::start(&["--silent-from", "VOLT 15.000"]) else { return };
    let fixture = imitation.program(&["bench::is_at_nominal", "fails_away"]);
    let ended = fixture.run().code(7);
    assert!(ended.stderr().contains("THE SUPPLY'S OUTPUT COULD NOT BE CONFIRMED OFF"), "{}", ended.stderr());
}
