//! Says what recording adds to a test: the time that four measurements and four lines of log take, in microseconds.
//!
//! ```text
//! cargo run --release -p hil-runner --example recording -- 10000
//! ```
//!
//! The run is a real one, with its journal on disk and its record in memory, on a bench that nothing needs.

use std::error::Error;
use std::io::Write as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use hil_config::Sources;
use hil_model::{Entry, Subject, Unit};
use hil_runner::{
    Ctx, Format, Listener, LogCapture, Registry, RunOptions, Selection, TestDef, TestResult, run,
};

/// What each test took to record.
static TOOK: Mutex<Vec<Duration>> = Mutex::new(Vec::new());

static TESTS: [TestDef; 1] = [TestDef {
    module: "recording::suite",
    function: "records",
    case: None,
    doc: "Title: It records what a test usually does",
    markers: &[],
    needs: &[],
    mutates: &[],
    covers: &[],
    timeout_ms: None,
    retries: None,
    repeats: None,
    stop_on_fail: false,
    teardown: false,
    file: file!(),
    line: 1,
    run: records,
}];

fn records(ctx: &Ctx) -> TestResult {
    let began = Instant::now();
    for (name, volts) in [("idle", 12.01), ("loaded", 11.97), ("low", 9.02), ("high", 15.98)] {
        ctx.measure(name, volts).units(Unit::VOLT).marginal(8.5, 16.5).within(8.0, 17.0)?;
        ctx.log("the rail is where it should be");
    }
    let took = began.elapsed();
    TOOK.lock().map_err(|_| hil_runner::TestError::misuse("another test panicked"))?.push(took);
    Ok(())
}

/// Nobody looks.
struct Nobody;

impl Listener for Nobody {
    fn on_entry(&mut self, _entry: &Entry) {}
}

fn main() -> Result<(), Box<dyn Error>> {
    let count = std::env::args().nth(1).map_or(Ok(1000), |count| count.parse())?;
    let folder = tempfile::tempdir()?;
    // Of a bench in real time, so that the clock is the machine's own.
    let overrides = ["bench.name=recording", "interface.type=uart"].map(str::to_owned).to_vec();
    let sources = Sources { root: folder.path().to_owned(), overrides, ..Sources::default() };
    let options = RunOptions {
        config: hil_config::load(&sources).map_err(|errors| errors.to_string())?,
        selection: Selection::default(),
        timeout: None,
        until: None,
        retries: None,
        fail_fast: false,
        repeat: count,
        shuffle: None,
        in_order: false,
        subject: Subject::default(),
        live: hil_runner::LiveOptions::default(),
        reports: Some(folder.path().join("reports")),
        wait: false,
        allow_empty: false,
        format: Format::Pretty,
        guardian: None,
    };
    let registry = Registry::of(&TESTS, &[])?;
    run(&registry, options, Box::new(Nobody), &LogCapture::default(), |_| {}, |_, _| {})?;
    let mut took = std::mem::take(&mut *TOOK.lock().map_err(|_| "a test panicked")?);
    took.sort_unstable();
    let micros = |share: usize| {
        let at = (took.len() * share / 100).min(took.len().saturating_sub(1));
        took.get(at).map_or(f64::NAN, |took| took.as_secs_f64() * 1e6)
    };
    writeln!(
        std::io::stdout(),
        "median {:.1} µs, 99th percentile {:.1} µs, {} tests",
        micros(50),
        micros(99),
        took.len()
    )?;
    Ok(())
}
