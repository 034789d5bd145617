//! A small run with one of everything.

use std::time::Duration;

use hil_model::run::*;
use hil_model::{Limits, Property, WallTime};

const START: u64 = 1_795_235_400_250;

pub(crate) fn at(millis: i64) -> WallTime {
    WallTime::from_unix_millis(i64::try_from(START).unwrap() + millis)
}

/// A run of nothing on a unit of which nothing is known.
pub(crate) fn bare(id: &str) -> Run {
    Run {
        id: id.parse().unwrap(),
        procedure: Procedure { id: "FVT1".into(), name: None, version: None },
        unit: UnitUnderTest::new("SN-0001".parse().unwrap()),
        sub_units: vec![],
        station: None,
        operator: None,
        started_at: at(0),
        ended_at: at(12_300),
        duration: Duration::from_millis(12_300),
        outcome: RunOutcome::Pass,
        docstring: None,
        phases: vec![],
        logs: vec![],
        attachments: vec![],
        properties: vec![],
        requirements: vec![],
    }
}

/// Judged, as it comes out of the store.
pub(crate) fn number(name: &str, value: f64, unit: &str, low: Option<f64>, high: Option<f64>) -> Measurement {
    let mut measurement = Measurement {
        value: MeasuredValue::Number(value),
        unit: Some(unit.into()),
        limits: Limits { low, high },
        ..Measurement::new(name)
    };
    measurement.judge();
    measurement
}

pub(crate) fn column(name: &str, unit: &str, data: impl IntoIterator<Item = f64>) -> Axis {
    let data = data.into_iter().map(Cell::Number).collect();
    Axis { name: Some(name.into()), unit: Some(unit.into()), data, ..Axis::default() }
}

pub(crate) fn series(name: &str, axes: Vec<Axis>) -> Measurement {
    let value = MeasuredValue::Series(Series { axes });
    Measurement { value, outcome: MeasurementOutcome::Pass, ..Measurement::new(name) }
}

pub(crate) fn phase(name: &str, outcome: PhaseOutcome, from: i64, to: i64) -> Phase {
    Phase { outcome, started_at: at(from), ended_at: Some(at(to)), ..Phase::new(name) }
}

fn log(level: LogLevel, millis: i64, message: &str) -> Log {
    Log { level, at: at(millis), message: message.into(), source_file: "fvt1.py".into(), line_number: 42 }
}

/// Warming up: temperature and current over time, with a gap, and limits for both.
pub(crate) fn warm_up() -> Measurement {
    let time = (0..60).map(f64::from);
    let mut temperature = column(
        "temperature",
        "°C",
        time.clone()
            .map(|t| if (30.0..33.0).contains(&t) { f64::NAN } else { 60.0 - 38.0 * (-t / 15.0).exp() }),
    );
    temperature.validators = vec![
        Validator::new(Operator::Range, Expected::Numbers(vec![20.0, 65.0])),
        Validator::new(Operator::AtMost, 58.0).marginal(),
    ];
    temperature.aggregations = vec![Aggregation {
        kind: "max".into(),
        outcome: Some(MeasurementOutcome::Pass),
        value: Some(Scalar::Number(59.25)),
        unit: None,
        validators: vec![Validator::new(Operator::AtMost, 65.0)],
    }];
    let current = column("current", "A", time.clone().map(|t| 0.000_25 + 0.000_01 * (t / 3.0).sin()));
    series("warm-up", vec![column("time", "s", time), temperature, current])
}

/// The output over the input, for each load.
pub(crate) fn regulation() -> Measurement {
    let grid = || {
        [0.0, 0.5, 1.0].into_iter().flat_map(|load| [8.0, 10.0, 12.0, 14.0, 16.0].map(|input| (load, input)))
    };
    series(
        "regulation",
        vec![
            column("load", "A", grid().map(|(load, _)| load)),
            column("input", "V", grid().map(|(_, input)| input)),
            column(
                "output",
                "V",
                grid().map(|(load, input)| 5.0 - load * 0.03 - (12.0 - input).max(0.0) * 0.02),
            ),
        ],
    )
}

/// A voltage for each rail.
pub(crate) fn rails() -> Measurement {
    let names = ["1V8", "3V3", "5V", "12V"].map(Cell::from).to_vec();
    let rails = Axis { name: Some("rail".into()), data: names, ..Axis::default() };
    series(
        "rails",
        vec![
            rails,
            column("measured", "V", [1.81, 3.28, 5.02, 12.1]),
            column("nominal", "V", [1.8, 3.3, 5.0, 12.0]),
        ],
    )
}

/// A run that failed, with everything that a run can have.
pub(crate) fn run() -> Run {
    let mut power = phase("power on", PhaseOutcome::Fail, 100, 220);
    let mut marginal = number("ripple", 46.0, "mV", None, Some(50.0));
    marginal.marginal_limits = Limits { low: None, high: Some(40.0) };
    marginal.judge();
    let firmware = Measurement {
        value: MeasuredValue::Text("v1.4.2-rc1".into()),
        validators: vec![Validator {
            outcome: MeasurementOutcome::Pass,
            ..Validator::new(Operator::Matches, r"^v\d+\.\d+")
        }],
        outcome: MeasurementOutcome::Pass,
        ..Measurement::new("firmware")
    };
    power.docstring = Some("Switches the supply on and looks at its rails.".into());
    power.measurements = vec![
        number("supply voltage", 12.500_000_1, "V", Some(11.5), Some(12.5)),
        number("idle current", 0.1 + 0.2, "A", None, Some(0.5)),
        marginal,
        number("resets", 3.0, "1", Some(0.0), Some(5.0)),
        firmware,
        Measurement { optional: true, ..Measurement::new("fan speed") },
        Measurement { docstring: Some("Set by the boot loader.".into()), ..Measurement::new("boot reason") },
    ];
    power.logs =
        vec![log(LogLevel::Info, 110, "supply on"), log(LogLevel::Error, 200, "supply voltage is too high")];
    let mut again = Phase { retry_count: 1, docstring: None, logs: vec![], ..power.clone() };
    (again.started_at, again.ended_at) = (at(300), Some(at(400)));
    again.measurements[0] = number("supply voltage", 12.75, "V", Some(11.5), Some(12.5));
    let mut curves = phase("curves", PhaseOutcome::Pass, 400, 9_870);
    curves.measurements = vec![warm_up(), regulation(), rails()];
    let mut calibration = phase("calibration", PhaseOutcome::Pass, 9_870, 9_900);
    calibration.measurements = vec![
        number("offset", 12.5e-6, "V", Some(-50e-6), Some(50e-6)),
        Measurement {
            value: MeasuredValue::Json(serde_json::json!({"gain": [1.02, 0.99], "serial": null})),
            outcome: MeasurementOutcome::Pass,
            ..Measurement::new("coefficients")
        },
    ];
    Run {
        procedure: Procedure {
            id: "FVT1".into(),
            name: Some("Functional test".parse().unwrap()),
            version: Some("1.2.0".parse().unwrap()),
        },
        unit: UnitUnderTest {
            part_number: Some("PCB-7".parse().unwrap()),
            part_name: Some("Main board".parse().unwrap()),
            revision: Some("B".parse().unwrap()),
            batch: Some("LOT-2026-11".parse().unwrap()),
            ..UnitUnderTest::new("SN-0001".parse().unwrap())
        },
        sub_units: vec!["CAM-17".parse().unwrap()],
        station: Some("bench-1".parse().unwrap()),
        operator: Some("ann@example.com".into()),
        outcome: RunOutcome::Fail,
        docstring: Some("After the change of the regulator.".into()),
        phases: vec![
            power,
            again,
            curves,
            calibration,
            Phase { ended_at: None, ..phase("flash", PhaseOutcome::Skip, 9_900, 9_900) },
        ],
        logs: vec![log(LogLevel::Warning, 9_950, "door open")],
        attachments: vec![
            Attachment {
                name: "../../scope <1>.png".into(),
                content_type: Some("image/png".into()),
                size: 1_572_864,
                digest: Digest::new([0xAB; 32]),
                is_report: false,
            },
            Attachment {
                name: "report.json".into(),
                content_type: None,
                size: 512,
                digest: Digest::new([1; 32]),
                is_report: true,
            },
        ],
        properties: vec![Property::new("simulated", "lin, supply"), Property::new("room", "21.5 °C")],
        requirements: vec!["REQ-PWR-001".parse().unwrap()],
        ..bare("0190f2e4-0000-7000-8000-000000000001")
    }
}

/// The same procedure on the next unit.
pub(crate) fn other_run() -> Run {
    let mut run = run();
    run.id = "0190f2e4-0000-7000-8000-000000000002".parse().unwrap();
    run.unit.serial_number = "SN-0002".parse().unwrap();
    run.outcome = RunOutcome::Pass;
    run.phases.remove(1);
    let power = &mut run.phases[0];
    power.outcome = PhaseOutcome::Pass;
    power.measurements[0] = number("supply voltage", 12.25, "V", Some(11.5), Some(12.6));
    power.measurements[4].value = MeasuredValue::Text("v1.4.3".into());
    power.measurements.remove(5);
    power.measurements.insert(1, number("inrush current", 2.5, "A", None, None));
    run.phases.insert(1, phase("self test", PhaseOutcome::Pass, 400, 500));
    run
}
