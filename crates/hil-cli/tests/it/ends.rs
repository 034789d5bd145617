//! Every way that a run can end early.

use nix::sys::signal::Signal;
use rstest::rstest;
use serde_json::Value;

use crate::program::{Program, Running, wait_until};

/// A run in real time that is in the middle of a long test.
fn in_mid_test() -> (Program, Running) {
    let fixture = Program::fixture().args(&["bench::answers", "waits_long"]).set("simulation.realtime=true");
    let running = fixture.start();
    wait_until("the long test to begin", || {
        fixture.read("events.jsonl").contains("waits_long\",\"attempt\":1")
    });
    (fixture, running)
}

fn finished(program: &Program) -> (Value, Value, Value) {
    let last = |kind| program.events(kind).last().cloned().unwrap_or(Value::Null);
    (
        last("interrupted")["signal"].clone(),
        last("output_verified")["confirmed"].clone(),
        last("run_finished")["exit"].clone(),
    )
}

#[rstest]
#[case(Signal::SIGTERM, "SIGTERM")]
#[case(Signal::SIGINT, "SIGINT")]
#[case(Signal::SIGHUP, "SIGHUP")]
fn a_signal_ends_the_run_in_order(#[case] signal: Signal, #[case] name: &str) {
    let (fixture, mut running) = in_mid_test();
    running.signal(signal);
    assert_eq!(running.wait(), Some(2));
    assert_eq!(finished(&fixture), (name.into(), true.into(), 2.into()));
    assert_eq!(fixture.outcomes()["bench::waits_long"], "interrupted");
    let proof = fixture.events("output_verified")[0].clone();
    assert!(proof["rail"].as_f64().unwrap() < 0.5, "{proof}");
    let junit = fixture.read("junit.xml");
    assert!(junit.contains("type=\"interrupted\"") && junit.trim_end().ends_with("</testsuites>"), "{junit}");
}

#[test]
fn a_signal_during_set_up_still_leads_to_off() {
    let fixture = Program::fixture().args(&["bench::answers"]).set("simulation.realtime=true");
    let mut running = fixture.start();
    wait_until("the supply's step to begin", || fixture.read("events.jsonl").contains("\"step\":\"psu\""));
    running.signal(Signal::SIGTERM);
    assert_eq!(running.wait(), Some(2));
    assert_eq!(finished(&fixture).2, Value::from(2));
    assert!(fixture.events("output_verified").iter().all(|proof| proof["confirmed"] == true));
    assert!(fixture.outcomes().is_empty(), "no test was begun");
}

#[test]
fn a_second_signal_hurries() {
    let (fixture, mut running) = in_mid_test();
    running.signal(Signal::SIGINT);
    running.signal(Signal::SIGTERM);
    assert_eq!(running.wait(), Some(2));
    assert_eq!(finished(&fixture).1, Value::from(true));
}

#[test]
fn a_kill_leaves_what_was_finished_and_names_what_was_not() {
    let (fixture, mut running) = in_mid_test();
    wait_until("junit.xml to show the test in flight", || fixture.read("junit.xml").contains("waits_long"));
    running.signal(Signal::SIGKILL);
    assert_eq!(running.wait(), None);
    let junit = fixture.read("junit.xml");
    assert!(junit.trim_end().ends_with("</testsuites>"), "{junit}");
    assert!(junit.contains("name=\"answers\"") && junit.contains("type=\"interrupted\""), "{junit}");
    let journal = fixture.reports.path().join("events.jsonl");
    Program::hil().args(&["report", journal.to_str().unwrap()]).output().code(0);
    let summary = fixture.read("summary.md");
    assert!(summary.contains("The run was cut short") && summary.contains("waits_long"), "{summary}");
}

#[test]
fn a_bench_has_one_owner_and_a_dead_one_is_none() {
    let (fixture, mut running) = in_mid_test();
    let reports = fixture.reports.path().to_str().unwrap().to_owned();
    let second = Program::fixture().args(&["verdicts::passes", "--reports", &reports]);
    let refused = second.output().code(6);
    assert!(refused.stderr().contains("is in use by process "), "{}", refused.stderr());
    running.signal(Signal::SIGKILL);
    running.wait();
    second.output().code(0);
}

#[test]
fn waiting_for_a_bench_ends_when_it_is_free() {
    let (fixture, mut running) = in_mid_test();
    let reports = fixture.reports.path().to_str().unwrap().to_owned();
    let waiting = Program::fixture().args(&["verdicts::passes", "--wait", "--reports", &reports]);
    std::thread::scope(|scope| {
        let waited = scope.spawn(|| waiting.output().code(0));
        running.signal(Signal::SIGTERM);
        running.wait();
        waited.join().unwrap();
    });
}
