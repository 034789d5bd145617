//! Runs to write.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hil_exchange::export::Format;
use hil_model::run::{
    Attachment, Axis, Digest, Log, LogLevel, MeasuredValue, Measurement, MeasurementOutcome, Phase,
    PhaseOutcome, Procedure, Run, RunOutcome, Series, UnitUnderTest, Validator,
};
use hil_model::{Limits, Property, RunId, WallTime};

pub(crate) fn id() -> RunId {
    "0199c0de-0000-7000-8000-000000000001".parse().unwrap()
}

pub(crate) fn at(millis: i64) -> WallTime {
    WallTime::from_unix_millis(1_795_277_929_000 + millis)
}

pub(crate) fn log(message: &str) -> Log {
    Log {
        level: LogLevel::Warning,
        at: at(20),
        message: message.into(),
        source_file: "main.rs".into(),
        line_number: 7,
    }
}

/// A run without phases.
pub(crate) fn empty() -> Run {
    Run {
        id: id(),
        procedure: Procedure { id: "FVT1".into(), name: None, version: Some("1.2".parse().unwrap()) },
        unit: UnitUnderTest {
            part_number: Some("PCB-1".parse().unwrap()),
            ..UnitUnderTest::new("SN-1".parse().unwrap())
        },
        sub_units: vec!["SUB-1".parse().unwrap(), "SUB-2".parse().unwrap()],
        station: Some("Bench 1".parse().unwrap()),
        operator: None,
        started_at: at(0),
        ended_at: at(1500),
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

fn measured(name: &str, value: MeasuredValue) -> Measurement {
    Measurement { value, outcome: MeasurementOutcome::Pass, ..Measurement::new(name) }
}

/// A run with a value of every type, and with texts that mean something to a spreadsheet, to SQL and to XML.
pub(crate) fn full() -> Run {
    let rail = Measurement {
        unit: Some("V".into()),
        limits: Limits { low: Some(3.2), high: Some(3.4) },
        marginal_limits: Limits { low: Some(3.25), high: None },
        validators: vec![Validator::expression("x is 'good'")],
        ..measured("rail", MeasuredValue::Number(3.3))
    };
    let series = Series {
        axes: vec![
            Axis {
                name: Some("time".into()),
                unit: Some("s".into()),
                data: vec![0.0.into(), 1.0.into()],
                ..Axis::default()
            },
            Axis { unit: Some("V".into()), data: vec![f64::NAN.into()], ..Axis::default() },
        ],
    };
    let first = Phase {
        started_at: at(0),
        ended_at: Some(at(700)),
        docstring: Some("Measures;\r\nwith \"quotes\"".into()),
        measurements: vec![
            rail,
            measured("=cmd|' /C calc'!A0", MeasuredValue::Text("=1+1".into())),
            measured("nan", MeasuredValue::Number(f64::NAN)),
            measured("below", MeasuredValue::Number(f64::NEG_INFINITY)),
            measured("huge", MeasuredValue::Number(1e300)),
            measured("flag", MeasuredValue::Bool(true)),
            measured("object", MeasuredValue::Json(serde_json::json!({"a": [1, "x'); DROP TABLE runs;--"]}))),
            measured("sweep", MeasuredValue::Series(series)),
            Measurement { optional: true, ..Measurement::new("forgotten") },
        ],
        logs: vec![log("phase says \0 'hello'; \\")],
        ..Phase::new("first")
    };
    let second = Phase { outcome: PhaseOutcome::Skip, started_at: at(700), ..Phase::new("sécond\u{1f600}") };
    Run {
        phases: vec![first, second],
        logs: vec![log("a,b\nc")],
        attachments: vec![Attachment {
            name: "../../etc/passwd".into(),
            content_type: None,
            size: 5,
            digest: Digest::new([7; 32]),
            is_report: false,
        }],
        properties: vec![Property::new("@key", "-3")],
        requirements: vec!["REQ-1".parse().unwrap()],
        operator: Some("+Ada".into()),
        ..empty()
    }
}

/// What an export writes of these runs.
pub(crate) fn export<'a>(format: Format, runs: impl IntoIterator<Item = &'a Run>) -> Vec<u8> {
    let file = Shared::default();
    let mut export = format.exporter(file.clone()).unwrap();
    for run in runs {
        export.push(run).unwrap();
    }
    export.finish().unwrap();
    Arc::into_inner(file.0).unwrap().into_inner().unwrap()
}

#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
