//! The record that is kept of a run.

use std::convert::Infallible;

use hil_model::run::{
    Digest, LogLevel, MeasuredValue, Measurement, MeasurementOutcome, PhaseOutcome, Run, RunOutcome,
};
use hil_model::*;
use hil_report::RunRecord;
use rstest::rstest;

use crate::synthetic::{Synthetic, every_outcome, failure, fault, meta, selected};

fn digest(_: &Attachment) -> Result<Digest, Infallible> {
    Ok(Digest::new([7; 32]))
}

fn kept(entries: &[Entry]) -> Run {
    RunRecord::fold(entries).to_run(digest).unwrap()
}

/// A run on a real bench, with nothing in it yet.
fn begun() -> Synthetic {
    Synthetic::start(Simulated::default(), vec![])
}

/// What is known of the run in `entries`, changed.
fn about(entries: &mut [Entry], change: impl FnOnce(&mut RunStarted)) {
    let Event::RunStarted(run) = &mut entries[0].event else { panic!("not the beginning of a run") };
    change(run);
}

#[test]
fn a_run_with_every_outcome_is_kept_whole() {
    let run = kept(&every_outcome());
    assert_eq!(run.id.as_str(), "0193a5e0-7c11-7d2a-9f00-5a2b6c7d8e9f");
    assert_eq!(run.station.as_ref().map(|station| station.as_str()), Some("bench-3"));
    assert_eq!(run.ended_at.unix_millis() - run.started_at.unix_millis(), run.duration.as_millis() as i64);
    assert_eq!(run.outcome, RunOutcome::Aborted);
    let phases: Vec<_> = run
        .phases
        .iter()
        .map(|phase| (phase.name.rsplit("::").next().unwrap(), phase.outcome.word(), phase.retry_count))
        .collect();
    assert_eq!(
        phases,
        [
            ("red", "PASS", 0),
            ("flaky", "ERROR", 0),
            ("flaky", "PASS", 1),
            ("over", "FAIL", 0),
            ("retried", "FAIL", 0),
            ("retried", "FAIL", 1),
            ("under", "ERROR", 0),
            ("panics", "ERROR", 0),
            ("hangs", "ERROR", 0),
            ("update", "SKIP", 0),
            ("answers", "PASS", 0),
            ("answers", "PASS", 0),
            ("late", "ERROR", 0),
        ]
    );
    let red = &run.phases[0];
    assert_eq!(red.measurements[0].name, "pwm_red");
    assert_eq!(red.logs[0].message, "\u{1b}[32mON\u{1b}[0m\tafter 0.4 s");
    assert_eq!(
        red.docstring.as_deref(),
        Some(
            "Red at full intensity reaches its PWM target\n\n1. Request the state.\n2. Wait until the module reports it.\n\nThe module reports the state in time."
        )
    );
    let over = &run.phases[3];
    assert_eq!(over.measurements[0].outcome, MeasurementOutcome::Fail);
    let why = over.logs.last().unwrap();
    assert_eq!(
        (why.level, why.source_file.as_str(), why.line_number),
        (LogLevel::Error, "tests/hardware/voltage.rs", 77)
    );
    assert!(why.message.starts_with("ALMVoltageStatus: want OVER") && why.message.contains("\nrail 18.02 V"));
    assert_eq!(run.phases[9].logs[0].message, "skipped: flash.hex_path is not set");
    assert_eq!((run.attachments[0].name.as_str(), run.attachments[0].size), ("PWM curve", 4711));
    assert!(run.properties.contains(&Property::new("simulated", "lin, psu, clock")));
    assert!(run.properties.contains(&Property::new("psu_idn", "OWON,SPE6103,24371986,FV:V5.2.0")));
    assert!(run.properties.contains(&Property::new("hardware::mum::animation::red/rx_id", "0x12")));
    let requirements: Vec<&str> = run.requirements.iter().map(ReqId::as_str).collect();
    assert_eq!(
        requirements,
        ["REQ-ALM-001", "REQ-ALM-012", "REQ-ALM-013", "REQ-ALM-020", "REQ-ALM-021", "REQ-ALM-099"]
    );
}

#[test]
fn the_same_entries_give_the_same_record() {
    assert_eq!(kept(&every_outcome()), kept(&every_outcome()));
}

#[test]
fn a_run_of_which_nobody_said_anything_belongs_to_its_bench() {
    let run = kept(&every_outcome());
    assert_eq!(run.unit.serial_number.as_str(), "bench:bench-3");
    assert_eq!(run.unit.part_number.as_ref().map(|part| part.as_str()), Some("unknown"));
    assert_eq!(run.procedure.id, "hardware+smoke");
    let mut entries = every_outcome();
    about(&mut entries, |run| run.bench = "b\u{7}".repeat(80));
    assert_eq!(kept(&entries).unit.serial_number.as_str(), format!("bench:{}", "b".repeat(54)));
}

#[test]
fn what_somebody_said_is_kept() {
    let mut entries = every_outcome();
    about(&mut entries, |run| {
        run.subject = Subject {
            serial_number: Some("SN-1".parse().unwrap()),
            batch: Some("LOT-7".parse().unwrap()),
            sub_units: vec!["SN-0".parse().unwrap()],
            procedure: Some("FVT1".parse().unwrap()),
            procedure_version: Some("1.2".parse().unwrap()),
            operator: Some("ada@example.com".parse().unwrap()),
            ..Subject::default()
        };
    });
    let run = kept(&entries);
    assert_eq!(run.unit.serial_number.as_str(), "SN-1");
    assert_eq!(run.unit.part_number, None, "the store derives it from the serial number, or refuses");
    assert_eq!(run.unit.batch.as_ref().map(|batch| batch.as_str()), Some("LOT-7"));
    assert_eq!(run.sub_units.len(), 1);
    assert_eq!((run.procedure.id.as_str(), run.operator.as_deref()), ("FVT1", Some("ada@example.com")));
    assert_eq!(run.procedure.version.as_ref().map(|tag| tag.as_str()), Some("1.2"));
}

const TIMEOUT: FaultKind = FaultKind::Timeout;
const TEST: FaultKind = FaultKind::Test;
const BENCH: FaultKind = FaultKind::Bench;

#[rstest]
#[case::passed(vec![Outcome::Passed], ExitStatus::Passed, RunOutcome::Pass)]
#[case::skips(vec![Outcome::Passed, Outcome::Skipped { reason: "x".into() }], ExitStatus::Passed, RunOutcome::Pass)]
#[case::failed(vec![Outcome::Failed(failure()), Outcome::Passed], ExitStatus::Failed, RunOutcome::Fail)]
#[case::timeout(vec![Outcome::Failed(failure()), fault(TIMEOUT, "x")], ExitStatus::Failed, RunOutcome::Timeout)]
#[case::panic(vec![fault(TIMEOUT, "x"), fault(TEST, "x")], ExitStatus::Failed, RunOutcome::Error)]
#[case::bench(vec![Outcome::Failed(failure()), fault(BENCH, "x")], ExitStatus::BenchFault, RunOutcome::Error)]
#[case::nothing(vec![], ExitStatus::NothingRan, RunOutcome::Error)]
#[case::only_skips(vec![Outcome::Skipped { reason: "x".into() }], ExitStatus::NothingRan, RunOutcome::Error)]
fn the_outcome_follows(
    #[case] outcomes: Vec<Outcome>,
    #[case] exit: ExitStatus,
    #[case] expected: RunOutcome,
) {
    let mut run = begun();
    for (index, outcome) in outcomes.into_iter().enumerate() {
        let path = format!("a::t{index}");
        run.begin(&path, 1).wait(5).end(&path, 1, outcome, false);
    }
    assert_eq!(kept(&run.entries).outcome, RunOutcome::Aborted, "it has not come to its end");
    run.push(Event::RunFinished(exit.into()));
    assert_eq!(kept(&run.entries).outcome, expected);
}

#[test]
fn an_output_that_may_be_on_is_an_error() {
    let mut run = begun();
    run.session(SessionPhase::Setup, SessionStep::Psu, Outcome::Passed, &[]);
    run.begin("a::b", 1).end("a::b", 1, Outcome::Passed, false);
    run.push(Event::RunFinished(ExitStatus::OutputUnconfirmed.into()));
    assert_eq!(kept(&run.entries).outcome, RunOutcome::Error);
}

#[test]
fn a_test_in_flight_has_no_end() {
    let mut run = begun();
    run.begin("a::b", 1).wait(700).log(Level::Critical, "smoke");
    let run = kept(&run.entries);
    assert_eq!((run.outcome, run.phases[0].ended_at), (RunOutcome::Aborted, None));
    assert_eq!(run.phases[0].outcome, PhaseOutcome::Error);
    assert_eq!(run.phases[0].logs[0].level, LogLevel::Critical);
}

#[test]
fn a_line_belongs_to_the_phase_that_wrote_it() {
    let mut run = begun();
    run.log(Level::Info, "before").wait(3).begin("a::b", 1).wait(4).log(Level::Debug, "in 1");
    run.end("a::b", 1, fault(BENCH, "x"), true).log(Level::Warning, "between").begin("a::b", 2);
    run.log(Level::Info, "in 2").end("a::b", 2, Outcome::Passed, false).log(Level::Info, "after");
    let run = kept(&run.entries);
    let messages =
        |logs: &[hil_model::run::Log]| logs.iter().map(|log| log.message.clone()).collect::<Vec<_>>();
    assert_eq!(messages(&run.logs), ["before", "between", "after"]);
    assert_eq!(messages(&run.phases[0].logs), ["in 1", "bench-fault: x\nreadings 11.97 V, 11.97 V"]);
    assert_eq!(messages(&run.phases[1].logs), ["in 2"]);
    assert_eq!(run.phases[0].logs[0].at.unix_millis() - run.started_at.unix_millis(), 7);
}

#[test]
fn a_red_step_of_the_session_is_a_phase() {
    let mut run = Synthetic::start(Simulated::default(), vec![selected(meta("a::b", "B", &[], &[]))]);
    run.session(SessionPhase::Setup, SessionStep::Lin, Outcome::Passed, &[("lin_type", "mum")]);
    run.session(SessionPhase::Setup, SessionStep::Psu, fault(BENCH, "no answer"), &[]);
    run.push(Event::Stopped { reason: "set-up failed: no answer".into() });
    run.push(Event::RunFinished(ExitStatus::BenchFault.into()));
    let run = kept(&run.entries);
    assert_eq!(run.outcome, RunOutcome::Error);
    assert_eq!(run.phases.len(), 1, "what went well is a property, what was never begun is absent");
    assert_eq!(
        (run.phases[0].name.as_str(), run.phases[0].outcome),
        ("bench.setup.psu", PhaseOutcome::Error)
    );
    assert_eq!(run.procedure.id, "hil");
    assert!(run.properties.contains(&Property::new("lin_type", "mum")));
    assert!(run.properties.contains(&Property::new("stopped", "set-up failed: no answer")));
    assert!(run.properties.iter().all(|property| property.key != "simulated"), "it is a real bench");
}

#[test]
fn a_declared_measurement_that_nobody_set_is_unset() {
    let mut run = begun();
    run.begin("a::b", 1).push(Event::Measured(Box::new(Measurement::new("rail"))));
    run.end("a::b", 1, Outcome::Passed, false).push(Event::RunFinished(ExitStatus::Passed.into()));
    let phase = &kept(&run.entries).phases[0];
    assert_eq!(phase.outcome, PhaseOutcome::Fail);
    assert_eq!(
        (phase.measurements[0].outcome, &phase.measurements[0].value),
        (MeasurementOutcome::Unset, &MeasuredValue::Unset)
    );
}

#[test]
fn a_file_that_cannot_be_read_costs_itself_and_not_the_run() {
    let whole = kept(&every_outcome());
    let lacking = RunRecord::fold(&every_outcome()).to_run(|file| match file.path.as_str() {
        "attachments/red/curve.png" => Err("it is gone"),
        _ => Ok(Digest::new([7; 32])),
    });
    let mut lacking = lacking.unwrap();
    assert_eq!(lacking.attachments.len() + 1, whole.attachments.len());
    let said = lacking.logs.pop().unwrap();
    assert_eq!(
        (said.level, said.message.as_str()),
        (LogLevel::Error, "attachment \"PWM curve\" is not kept: it is gone")
    );
    assert_eq!(Run { attachments: whole.attachments.clone(), ..lacking }, whole);
}

#[test]
fn before_its_first_entry_there_is_no_run() {
    assert_eq!(RunRecord::default().to_run(digest), None);
}
