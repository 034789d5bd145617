//! `hil run`, and `hil` without a command.

use std::path::Path;

use hil_model::{Decision, ExitStatus};
use hil_psu::guardian::Launch;
use hil_runner::{Format, LogCapture, Registry, RegistryError, RunOptions, Selection};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::archive::Keeper;
use super::configuration;
use crate::args::{BenchArgs, FormatArg, RunArgs};
use crate::console::{Console, alert, show, summary};

/// Runs the selected tests.
pub(crate) fn run(
    args: RunArgs,
    bench: &BenchArgs,
    registry: Result<Registry, RegistryError>,
) -> anyhow::Result<ExitStatus> {
    let registry = registry.map_err(hil_runner::RunError::Registry)?;
    let resolved = configuration(bench)?;
    let keeper = Keeper::new(&args.keep, &resolved)?;
    let options = RunOptions {
        config: resolved,
        selection: Selection {
            suites: args.suites,
            filters: args.filters,
            exact: args.exact,
            skip: args.skip,
            markers: args.markers,
            requirements: args.requirements,
        },
        timeout: args.timeout,
        retries: args.retries,
        fail_fast: args.fail_fast,
        repeat: args.repeat,
        shuffle: args.shuffle,
        reports: args.reports,
        wait: args.wait,
        allow_empty: args.allow_empty,
        format: match args.format {
            FormatArg::Pretty => Format::Pretty,
            FormatArg::Terse => Format::Terse,
            FormatArg::Json => Format::Json,
        },
        // A run with a real supply says that it has none.
        guardian: Launch::this_program([super::GUARDIAN]).ok(),
        subject: args.subject.into(),
    };
    if args.list {
        return list(&registry, &options);
    }
    let log = LogCapture::default();
    // A second subscriber in one process would be a mistake of ours, not of the user's.
    let _ = tracing_subscriber::registry().with(log.clone()).try_init();
    let console = Console::new(options.format);
    let format = options.format;
    let mut earlier = String::new();
    let keep_earlier = |folder: &Path| earlier = keeper.keep_earlier(folder);
    let result = hil_runner::run(&registry, options, Box::new(console), &log, keep_earlier)?;
    let text = summary(&result) + &earlier + &keeper.keep(&result);
    match format {
        Format::Pretty => show(&text),
        // Standard output belongs to libtest's format.
        Format::Terse | Format::Json => alert(&text),
    }
    Ok(result.status)
}

/// Lists as libtest does, so that tools that read its lists read ours.
fn list(registry: &Registry, options: &RunOptions) -> anyhow::Result<ExitStatus> {
    let plan = hil_runner::planned(registry, options)?;
    for planned in &plan.ledger {
        if planned.decision == Decision::Selected {
            anstream::println!("{}: test", planned.test.name);
        }
    }
    if options.format == Format::Pretty {
        anstream::println!("\n{} tests, 0 benchmarks", plan.runs.len());
    }
    Ok(ExitStatus::Passed)
}
