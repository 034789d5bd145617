//! How fast runs are written, into files in the temporary directory.
//!
//! ```text
//! cargo run --release -p hil-exchange --example export -- [--runs 10000] [--measurements 50] [FORMAT…]
//! ```
//!
//! Without a format: parquet and csv.

#![expect(clippy::print_stdout, reason = "it reports figures")]

use std::error::Error;
use std::fs::File;
use std::time::{Duration, Instant};

use hil_exchange::export::Format;
use hil_model::run::{
    MeasuredValue, Measurement, Phase, PhaseOutcome, Procedure, Run, RunOutcome, UnitUnderTest,
};
use hil_model::{Limits, WallTime};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

struct Plan {
    runs: usize,
    measurements: usize,
}

fn run(number: usize, measurements: usize) -> Result<Run> {
    let started_at = WallTime::from_unix_millis(1_700_000_000_000 + i64::try_from(number)? * 60_000);
    let ended_at = WallTime::from_unix_millis(started_at.unix_millis() + 30_000);
    let measurement = |i: usize| {
        let step = u32::try_from((number * 31 + i * 7) % 100).unwrap_or(0);
        let mut measurement = Measurement {
            value: MeasuredValue::Number(5.0 + f64::from(step) / 100.0),
            unit: Some("V".into()),
            limits: Limits { low: Some(4.5), high: Some(5.95) },
            ..Measurement::new(format!("rail {i}"))
        };
        measurement.judge();
        measurement
    };
    let measurements: Vec<_> = (0..measurements).map(measurement).collect();
    let phase = |(i, chunk): (usize, &[Measurement])| Phase {
        outcome: PhaseOutcome::Pass.with_measurements(chunk),
        started_at,
        ended_at: Some(ended_at),
        measurements: chunk.to_vec(),
        ..Phase::new(format!("phase {i}"))
    };
    let phases: Vec<_> = measurements.chunks(10).enumerate().map(phase).collect();
    Ok(Run {
        id: format!("0199c0de-0000-7000-8000-{number:012}").parse()?,
        procedure: Procedure { id: "FVT1".into(), name: None, version: Some("1.0".parse()?) },
        unit: UnitUnderTest {
            part_number: Some("ALM".parse()?),
            ..UnitUnderTest::new(format!("SN-{:06}", number / 4).parse()?)
        },
        sub_units: Vec::new(),
        station: Some("Bench 1".parse()?),
        operator: None,
        started_at,
        ended_at,
        duration: Duration::from_secs(30),
        outcome: RunOutcome::from_phases(&phases),
        docstring: None,
        phases,
        logs: Vec::new(),
        attachments: Vec::new(),
        properties: Vec::new(),
        requirements: Vec::new(),
    })
}

/// Writes the runs, made one at a time, and counts only the time that writing takes.
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn measure(format: Format, plan: &Plan) -> Result<()> {
    let path = std::env::temp_dir().join(format!("hil-export-{}.{}", std::process::id(), format.extension()));
    let mut took = Duration::ZERO;
    let begin = Instant::now();
    let mut export = format.exporter(File::create(&path)?)?;
    took += begin.elapsed();
    for number in 0..plan.runs {
        let run = run(number, plan.measurements)?;
        let begin = Instant::now();
        export.push(&run)?;
        took += begin.elapsed();
    }
    let begin = Instant::now();
    export.finish()?;
    took += begin.elapsed();
    let bytes = std::fs::metadata(&path)?.len();
    std::fs::remove_file(&path)?;
    println!(
        "{format}: {} runs of {} measurements in {:.2} s, {:.0} runs/s, {:.1} MB",
        plan.runs,
        plan.measurements,
        took.as_secs_f64(),
        plan.runs as f64 / took.as_secs_f64(),
        bytes as f64 / 1e6
    );
    Ok(())
}

fn main() -> Result<()> {
    let mut plan = Plan { runs: 10_000, measurements: 50 };
    let mut formats = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--runs" => plan.runs = arguments.next().ok_or("--runs needs a number")?.parse()?,
            "--measurements" => {
                plan.measurements = arguments.next().ok_or("--measurements needs a number")?.parse()?;
            }
            format => formats.push(format.parse()?),
        }
    }
    if formats.is_empty() {
        formats = vec![Format::Parquet, Format::Csv];
    }
    formats.into_iter().try_for_each(|format| measure(format, &plan))
}
