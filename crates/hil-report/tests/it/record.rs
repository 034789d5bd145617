//! The fold, the summary and the exit code.

use hil_model::{
    BenchTime, Entry, Event, ExitStatus, FaultKind, Outcome, OutputVerified, SessionPhase, SessionStep, Volts,
};
use hil_report::{Counts, Ending, RunRecord, Summary, exit_status};
use rstest::rstest;

use crate::synthetic::{Synthetic, every_outcome, failure, fault, meta, name, not_selected, selected};

#[test]
fn counts_and_words() {
    let record = RunRecord::fold(&every_outcome());
    let summary = Summary::of(&record);
    assert_eq!(
        summary.counts,
        Counts {
            passed: 4,
            failed: 2,
            errored: 4,
            bench_faults: 1,
            skipped: 1,
            flaky: 1,
            not_run: 1,
            not_selected: 1
        }
    );
    assert_eq!(
        summary.counts.to_string(),
        "4 passed (1 flaky), 2 failed, 4 errored, 1 skipped, 1 not run, 1 not selected"
    );
    assert_eq!((summary.verdict(), &summary.ending), ("INTERRUPTED", &Ending::Interrupted("SIGTERM".into())));
    assert!(summary.simulated);
}

#[test]
fn evidence_belongs_to_the_attempt_in_flight() {
    let record = RunRecord::fold(&every_outcome());
    let red = &record.tests[0].last();
    assert_eq!(red.evidence.measurements.len(), 1);
    assert_eq!(record.observed(&red.evidence).len(), 7 * 4 + 1);
    assert_eq!(red.evidence.steps.len(), 2);
    let flaky = &record.tests[1];
    assert_eq!(flaky.attempts().len(), 2);
    assert_eq!(record.observed(&flaky.attempts()[0].evidence).len(), 1);
    assert!(record.observed(&flaky.attempts()[1].evidence).is_empty());
    assert_eq!(flaky.duration().as_millis(), 300);
}

#[test]
fn the_moment_of_the_failure_is_where_the_innermost_step_broke() {
    let record = RunRecord::fold(&every_outcome());
    let over = record.tests.iter().find(|test| test.case == "over").unwrap().last();
    let failed_at = over.failed_at().unwrap();
    assert_eq!(over.ended.at - failed_at, std::time::Duration::from_millis(120));
    assert_eq!(record.tests[0].last().failed_at(), None);
}

#[test]
fn what_is_recorded_between_tests_belongs_to_the_run() {
    let mut run = Synthetic::start(Default::default(), vec![]);
    run.note("room", "22 °C")
        .begin("a::b", 1)
        .note("in", "1")
        .end("a::b", 1, Outcome::Passed, false)
        .note("late", "2");
    let record = RunRecord::fold(&run.entries);
    let keys: Vec<_> = record.outside.properties.iter().map(|noted| noted.what.key.as_str()).collect();
    assert_eq!(keys, ["room", "late"]);
}

#[test]
fn iterations_stand_for_the_planned_test() {
    let plan = vec![
        selected(meta("a::b", "B", &["REQ-ALM-001"], &[])),
        selected(meta("a::c", "C", &[], &[])),
        not_selected(meta("a::d", "D", &[], &[]), "filter"),
    ];
    let mut run = Synthetic::start(Default::default(), plan);
    for path in ["a::b::run_1", "a::b::run_2"] {
        run.begin(path, 1).end(path, 1, Outcome::Passed, false);
    }
    let record = RunRecord::fold(&run.entries);
    assert_eq!(
        record.tests.iter().map(|test| test.case.as_str()).collect::<Vec<_>>(),
        ["b::run_1", "b::run_2"]
    );
    assert_eq!(record.tests[0].title(), "B");
    assert_eq!(record.not_run().map(|meta| &meta.name).collect::<Vec<_>>(), [&name("a::c")]);
    assert_eq!(record.not_selected().map(|(_, reason)| reason).collect::<Vec<_>>(), ["filter"]);
}

#[test]
fn a_test_in_flight_lasts_until_the_last_entry_and_is_interrupted() {
    let mut run = Synthetic::start(Default::default(), vec![]);
    run.begin("a::b", 1).wait(700).log(hil_model::Level::Info, "x");
    let record = RunRecord::fold(&run.entries);
    let attempt = record.in_flight().unwrap().last();
    assert_eq!(attempt.ended.at, BenchTime::from_micros(700_000));
    assert!(!attempt.finished);
    assert!(matches!(&attempt.outcome, Outcome::Errored(fault) if fault.kind == FaultKind::Interrupted));
    assert_eq!(Summary::of(&record).ending, Ending::CutShort);
}

fn verified(confirmed: bool) -> Event {
    Event::OutputVerified(OutputVerified {
        confirmed,
        rail: Some(Volts::new(12.1)),
        after_ms: 900,
        how: "x".into(),
    })
}

fn psu_is_up() -> Vec<Event> {
    let (phase, step) = (SessionPhase::Setup, SessionStep::Psu);
    vec![Event::SessionStepFinished { phase, step, outcome: Outcome::Passed, facts: vec![] }]
}

fn ends(outcome: Outcome) -> Event {
    Event::TestFinished { test: name("a::b"), attempt: 1, outcome, retried: false }
}

fn bench_fault_in(phase: SessionPhase) -> Event {
    let outcome = fault(FaultKind::Bench, "gone");
    Event::SessionStepFinished { phase, step: SessionStep::Lin, outcome, facts: vec![] }
}

fn signal() -> Event {
    Event::Interrupted { signal: "SIGINT".into() }
}

fn skipped() -> Outcome {
    Outcome::Skipped { reason: "x".into() }
}

#[rstest]
#[case::passed(vec![ends(Outcome::Passed)], ExitStatus::Passed)]
#[case::passed_and_skipped(vec![ends(skipped()), ends(Outcome::Passed)], ExitStatus::Passed)]
#[case::nothing(vec![], ExitStatus::NothingRan)]
#[case::all_skipped(vec![ends(skipped())], ExitStatus::NothingRan)]
#[case::failed(vec![ends(Outcome::Passed), ends(Outcome::Failed(failure()))], ExitStatus::Failed)]
#[case::test_error(vec![ends(fault(FaultKind::Test, "panic"))], ExitStatus::Failed)]
#[case::timeout(vec![ends(fault(FaultKind::Timeout, "slow"))], ExitStatus::Failed)]
#[case::bench_outranks_failed(vec![ends(Outcome::Failed(failure())), ends(fault(FaultKind::Bench, "x"))], ExitStatus::BenchFault)]
#[case::bench_in_setup(vec![bench_fault_in(SessionPhase::Setup)], ExitStatus::BenchFault)]
#[case::bench_in_teardown(vec![ends(Outcome::Passed), bench_fault_in(SessionPhase::Teardown)], ExitStatus::BenchFault)]
#[case::interrupted_outranks_bench(vec![ends(fault(FaultKind::Bench, "x")), signal()], ExitStatus::Interrupted)]
#[case::in_flight(vec![Event::TestStarted { test: name("a::b"), attempt: 1 }], ExitStatus::Interrupted)]
#[case::unconfirmed_outranks_all(vec![ends(Outcome::Passed), signal(), verified(false)], ExitStatus::OutputUnconfirmed)]
#[case::confirmed([psu_is_up(), vec![ends(Outcome::Passed), verified(true)]].concat(), ExitStatus::Passed)]
#[case::never_looked([psu_is_up(), vec![ends(Outcome::Passed)]].concat(), ExitStatus::OutputUnconfirmed)]
fn the_exit_code_is_that_of_the_worst(#[case] events: Vec<Event>, #[case] expected: ExitStatus) {
    let mut run = Synthetic::start(Default::default(), vec![]);
    for event in events {
        run.push(event);
    }
    assert_eq!(exit_status(&RunRecord::fold(&run.entries)), expected);
}

#[test]
fn a_flake_does_not_fail_the_run() {
    let mut run = Synthetic::start(Default::default(), vec![]);
    run.begin("a::b", 1).end("a::b", 1, fault(FaultKind::Bench, "x"), true);
    run.begin("a::b", 2).end("a::b", 2, Outcome::Passed, false);
    assert_eq!(exit_status(&RunRecord::fold(&run.entries)), ExitStatus::Passed);
}

#[test]
fn folding_step_by_step_is_folding_at_once() {
    let entries = every_outcome();
    let mut step_by_step = RunRecord::default();
    for (index, entry) in entries.iter().enumerate() {
        step_by_step.apply(entry);
        if index % 17 == 0 {
            assert_eq!(step_by_step, RunRecord::fold(&entries[..=index]));
        }
    }
    assert_eq!(step_by_step, RunRecord::fold(&entries));
}

/// Times differ between runs, so nothing else may depend on them.
#[test]
fn the_wall_clock_changes_no_verdict() {
    let entries = every_outcome();
    let later: Vec<Entry> = entries
        .iter()
        .cloned()
        .map(|entry| Entry { wall: hil_model::WallTime::from_unix_millis(0), ..entry })
        .collect();
    assert_eq!(Summary::of(&RunRecord::fold(&entries)), Summary::of(&RunRecord::fold(&later)));
}
