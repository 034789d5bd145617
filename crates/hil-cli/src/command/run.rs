//! `hil run`, and `hil` without a command.

use std::path::Path;

use hil_model::{Decision, ExitStatus};
use hil_psu::guardian::Launch;
use hil_runner::{
    Format, Listener, LogCapture, Owner, Registry, RegistryError, RunOptions, SaidBy, Selection,
};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::archive::Keeper;
use super::attached::{Both, Server};
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
    let mut live = super::live_options()?;
    if args.allow_mutation {
        live.allow_mutation = Some(SaidBy::Argument("--allow-mutation"));
    }
    let mut keeper = Keeper::new(&args.keep, &resolved)?;
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
        until: None,
        retries: args.retries,
        fail_fast: args.fail_fast,
        repeat: args.repeat,
        shuffle: args.shuffle,
        in_order: args.in_order,
        live,
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
    let format = options.format;
    let console = Box::new(Console::new(format));
    let server = args.attached.then(Server::on_stdin).transpose()?;
    let listener: Box<dyn Listener> = match &server {
        Some(server) => Box::new(Both(server.listener(), console)),
        None => console,
    };
    let waiting = |what: &str, owner: Option<&Owner>| {
        if let Some(server) = &server {
            server.waiting(what, owner);
        }
    };
    let keep_earlier = |folder: &Path| keeper.keep_earlier(folder);
    let result = hil_runner::run(&registry, options, listener, &log, keep_earlier, waiting)?;
    // The result has the lock on the folder of reports, and with it what is kept.
    let text = summary(&result) + &keeper.keep(&result);
    if let Some(server) = server {
        server.close();
    }
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
