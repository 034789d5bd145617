//! Runs to store.

use std::time::Duration;

use hil_model::run::{
    Log, LogLevel, MeasuredValue, Measurement, MeasurementOutcome, Phase, PhaseOutcome, Procedure, Run,
    RunOutcome, UnitUnderTest,
};
use hil_model::{Limits, RunId, WallTime};
use hil_store::{Actor, ProcedureBrief, Store};

pub(crate) fn id() -> RunId {
    uuid::Uuid::now_v7().to_string().parse().unwrap()
}

pub(crate) fn at(millis: i64) -> WallTime {
    WallTime::from_unix_millis(millis)
}

pub(crate) async fn procedure(store: &Store) -> ProcedureBrief {
    store.create_procedure("Final test".parse().unwrap(), Actor::Local).await.unwrap().brief
}

/// A run that passed, of part `ALM`, without phases.
pub(crate) fn run(procedure: &ProcedureBrief, serial: &str, started_at: i64) -> Run {
    Run {
        id: id(),
        procedure: Procedure { id: procedure.id.to_string(), name: None, version: None },
        unit: UnitUnderTest {
            part_number: Some("ALM".parse().unwrap()),
            ..UnitUnderTest::new(serial.parse().unwrap())
        },
        sub_units: Vec::new(),
        station: None,
        operator: None,
        started_at: at(started_at),
        ended_at: at(started_at + 1500),
        duration: Duration::from_micros(1_500_005),
        outcome: RunOutcome::Pass,
        docstring: None,
        phases: Vec::new(),
        logs: Vec::new(),
        attachments: Vec::new(),
        properties: Vec::new(),
        requirements: Vec::new(),
    }
}

pub(crate) fn phase(name: &str, outcome: PhaseOutcome, retry_count: u32) -> Phase {
    Phase { outcome, retry_count, started_at: at(10), ended_at: Some(at(30)), ..Phase::new(name) }
}

pub(crate) fn measurement(name: &str, number: f64) -> Measurement {
    let mut measurement = Measurement {
        value: MeasuredValue::Number(number),
        unit: Some("V".into()),
        limits: Limits { low: Some(0.0), high: Some(10.0) },
        ..Measurement::new(name)
    };
    measurement.judge();
    assert_ne!(measurement.outcome, MeasurementOutcome::Unset);
    measurement
}

pub(crate) fn log(message: &str) -> Log {
    Log {
        level: LogLevel::Info,
        at: at(20),
        message: message.into(),
        source_file: "main.rs".into(),
        line_number: 7,
    }
}

/// A run with so many phases, each with so many measurements and one line of log.
pub(crate) fn filled(procedure: &ProcedureBrief, serial: &str, phases: usize, measurements: usize) -> Run {
    let mut run = run(procedure, serial, 1_700_000_000_000);
    for p in 0..phases {
        let mut phase = phase(&format!("phase {p}"), PhaseOutcome::Pass, 0);
        phase.measurements = (0..measurements).map(|m| measurement(&format!("m{m}"), 5.0)).collect();
        phase.logs.push(log("hello"));
        run.phases.push(phase);
    }
    run
}
