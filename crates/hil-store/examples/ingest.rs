//! How fast runs are stored and found, on disk, with every acknowledged run flushed.
//!
//! ```text
//! cargo run --release -p hil-store --example ingest -- [--runs 10000] [--measurements 50] [URL…]
//! ```
//!
//! Without a URL: a SQLite file in the temporary directory, and PostgreSQL at `HIL_TEST_POSTGRES` if that is set. What
//! it stores stays there: give it an empty database.

#![expect(clippy::print_stdout, reason = "it reports figures")]

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hil_model::run::{
    MeasuredValue, Measurement, Phase, PhaseOutcome, Procedure, Run, RunOutcome, UnitUnderTest,
};
use hil_model::{Limits, WallTime};
use hil_store::{Actor, Direction, Page, ProcedureBrief, RunFilter, RunOrder, Store, StoreOptions};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// How many runs each unit has.
const RUNS_OF_A_UNIT: usize = 4;
const WRITERS: usize = 8;
const REPETITIONS: usize = 21;

struct Plan {
    runs: usize,
    measurements: usize,
}

fn run(procedure: &ProcedureBrief, plan: &Plan, number: usize) -> Result<Run> {
    let started_at = WallTime::from_unix_millis(1_700_000_000_000 + i64::try_from(number)? * 60_000);
    let ended_at = WallTime::from_unix_millis(started_at.unix_millis() + 30_000);
    let measurement = |i: usize| {
        let mut measurement = Measurement {
            value: MeasuredValue::Number(
                5.0 + f64::from(u32::try_from((number * 31 + i * 7) % 100).unwrap_or(0)) / 100.0,
            ),
            unit: Some("V".into()),
            limits: Limits { low: Some(4.5), high: Some(5.95) },
            ..Measurement::new(format!("rail {i}"))
        };
        measurement.judge();
        measurement
    };
    let measurements: Vec<_> = (0..plan.measurements).map(measurement).collect();
    let phases: Vec<_> = measurements
        .chunks(10)
        .enumerate()
        .map(|(i, chunk)| {
            let mut phase =
                Phase { started_at, ended_at: Some(ended_at), ..Phase::new(format!("phase {i}")) };
            phase.measurements = chunk.to_vec();
            phase.outcome = PhaseOutcome::Pass.with_measurements(chunk);
            phase
        })
        .collect();
    Ok(Run {
        id: uuid::Uuid::now_v7().to_string().parse()?,
        procedure: Procedure { id: procedure.id.to_string(), name: None, version: Some("1.0".parse()?) },
        unit: UnitUnderTest {
            part_number: Some("ALM".parse()?),
            ..UnitUnderTest::new(format!("SN-{:06}", number / RUNS_OF_A_UNIT).parse()?)
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

async fn ingest(store: &Arc<Store>, runs: Vec<Run>, writers: usize) -> Result<Duration> {
    let mut shares: Vec<Vec<Run>> = (0..writers).map(|_| Vec::new()).collect();
    for (i, run) in runs.into_iter().enumerate() {
        shares[i % writers].push(run);
    }
    let begin = Instant::now();
    let tasks = shares.into_iter().map(|share| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            for run in share {
                store.save_run(run, Actor::Local).await?;
            }
            Ok::<_, hil_store::StoreError>(())
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await??;
    }
    Ok(begin.elapsed())
}

async fn median<T, F: Future<Output = hil_store::Result<T>>>(ask: impl Fn(usize) -> F) -> Result<Duration> {
    let mut times = Vec::with_capacity(REPETITIONS);
    for i in 0..REPETITIONS {
        let begin = Instant::now();
        ask(i).await?;
        times.push(begin.elapsed());
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
async fn measure(name: &str, url: &str, plan: &Plan) -> Result<()> {
    let store = Arc::new(Store::open(url, StoreOptions::default()).await?);
    let procedure = store.ensure_procedure("Ingest".parse()?, Actor::Local).await?;
    let make = |numbers: std::ops::Range<usize>| {
        numbers.map(|number| run(&procedure, plan, number)).collect::<Result<Vec<_>>>()
    };
    println!("{name}: {} runs of {} measurements", plan.runs, plan.measurements);
    let alone = plan.runs / 10;
    for (writers, runs) in [(1, make(0..alone)?), (WRITERS, make(alone..plan.runs)?)] {
        let count = runs.len();
        let took = ingest(&store, runs, writers).await?;
        println!("  {writers} writer(s): {:.0} runs/s", count as f64 / took.as_secs_f64());
    }
    let units = plan.runs / RUNS_OF_A_UNIT;
    let (page, newest) = (Page::default(), Direction::Descending);
    let by_serial = median(|i| {
        let serial = format!("sn-{:06}", i * 97 % units);
        let store = &store;
        async move {
            let serial = serial.parse().map_err(hil_store::StoreError::from)?;
            store.runs(RunFilter::of_unit(serial), RunOrder::StartedAt, page, newest).await
        }
    });
    println!("  list by serial number: {:.2?}", by_serial.await?);
    let latest = median(|_| store.runs(RunFilter::default(), RunOrder::StartedAt, page, newest));
    println!("  latest 50 runs: {:.2?}", latest.await?);
    println!(
        "  first-pass yield: {:.2?}",
        median(|_| store.first_pass_yield(RunFilter::default(), page)).await?
    );
    let trend = median(|_| store.trend(RunFilter::default(), "rail 3".into(), page, newest));
    println!("  trend of a measurement: {:.2?}", trend.await?);
    let one = median(|_| store.capability(RunFilter::default(), Some("rail 3".into()), page));
    println!("  capability of a measurement: {:.2?}", one.await?);
    let begin = Instant::now();
    store.capability(RunFilter::default(), None, page).await?;
    println!("  capability of all measurements: {:.2?}", begin.elapsed());
    store.close().await;
    Ok(())
}

#[tokio::main(flavor = "multi_thread")]
async fn main() -> Result<()> {
    let mut plan = Plan { runs: 10_000, measurements: 50 };
    let mut urls = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--runs" => plan.runs = arguments.next().ok_or("--runs needs a number")?.parse()?,
            "--measurements" => {
                plan.measurements = arguments.next().ok_or("--measurements needs a number")?.parse()?
            }
            _ => urls.push(argument),
        }
    }
    if !urls.is_empty() {
        for url in urls {
            let name = url.split_once(':').map_or("SQLite", |(scheme, _)| scheme);
            measure(name, &url, &plan).await?;
        }
        return Ok(());
    }
    let directory = tempfile::tempdir()?;
    measure("SQLite", &directory.path().join("runs.db").display().to_string(), &plan).await?;
    if let Ok(url) = std::env::var("HIL_TEST_POSTGRES") {
        measure("PostgreSQL", &url, &plan).await?;
    }
    Ok(())
}
