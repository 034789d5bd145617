//! A run as a whole: plan, locks, journal, session, tests, reports.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use hil_model::{Event, ExitStatus, Property, ReqId, Resource, RunStarted, SCHEMA};
use hil_report::{
    JOURNAL_FILE, JournalError, JunitFile, ReportError, Reports, RunRecord, Writer, Written, exit_status,
};

use super::dispatcher::Dispatcher;
use super::listeners::{Current, Journal, Noise, Record, lock};
use super::{Plan, RunError, RunOptions, Schedule, plan, subject};
use crate::events::{EventLog, Listener};
use crate::live::{self, ServerAt};
use crate::log::LogCapture;
use crate::registry::Registry;
use crate::select::Markers;
use crate::session::{FolderLock, Locks, Owner, Patience, Session, World, host_name};

/// What came of a run.
#[derive(Debug)]
pub struct RunResult {
    /// The exit code.
    pub status: ExitStatus,
    /// The record, as the reports tell it.
    pub record: RunRecord,
    /// The reports, or why they are not there.
    pub written: Result<Written, ReportError>,
    /// The journal.
    pub journal: PathBuf,
    /// Why the journal is not complete, if it is not: the disk is full, say.
    pub journal_error: Option<JournalError>,
    /// The lock of the folder of reports. While it is held nobody else runs there, and replaces what this run left.
    pub folder: FolderLock,
}

/// Checks the selection and makes the plan, without opening anything.
///
/// # Errors
///
/// A selection that cannot be meant, or an undeclared marker.
pub fn planned(registry: &Registry, options: &RunOptions) -> Result<Plan, RunError> {
    let run = &options.config.config.run;
    options.selection.check(registry, &Markers::with(&run.markers))?;
    let schedule = Schedule {
        repeat: options.repeat,
        shuffle: options.shuffle,
        timeout: options.timeout,
        default_timeout: run.timeout,
    };
    let mut plan = plan(registry, &options.selection, schedule);
    if options.in_order {
        plan.order_by(&options.selection);
    }
    Ok(plan)
}

/// Runs the selected tests of `registry` on the configured bench.
///
/// `console` is told of every event; `log` is where log lines of this process come from. `earlier` is told of the
/// folder of reports once it is this run's, and before what an earlier run left there is replaced. `waiting` is told
/// what the run waits for, and who holds that, as often as that changes.
///
/// # Errors
///
/// What keeps the run from happening or from being recorded. A red test is no error, see
/// [`RunResult::status`].
pub fn run(
    registry: &Registry,
    options: RunOptions,
    console: Box<dyn Listener>,
    log: &LogCapture,
    earlier: impl FnOnce(&Path),
    mut waiting: impl FnMut(&str, Option<&Owner>),
) -> Result<RunResult, RunError> {
    let mut plan = planned(registry, &options)?;
    let (mut start_up, reality, permissions) =
        live::start_up(&options.config, &options.live, &options.selection.suites);
    start_up.held_back = live::hold_back(&mut plan.runs, reality, permissions);
    // No switch of the command line makes that evidence (LIV-10).
    let allow_empty = options.allow_empty && (plan.runs.is_empty() || start_up.held_back < plan.runs.len());
    let RunOptions {
        config: resolved,
        format,
        wait,
        retries,
        fail_fast,
        until,
        shuffle,
        guardian,
        subject,
        live,
        ..
    } = options;
    let requirements = requirements(&resolved)?;
    let subject = subject::complete(subject, &resolved.config)?;
    let folder = options.reports.unwrap_or_else(|| resolved.in_root(&resolved.config.reports.dir));
    let reports = Reports::new(&folder)?;
    let server = ServerAt::find(&resolved, &live)?;
    if let Ok(server) = &server
        && plan.needs().contains(&Resource::Server)
    {
        server.check()?;
    }
    let world = World::of(&resolved, plan.needs())?;
    let mut patience = Patience { waiting: &mut waiting, until };
    let (held, locks) = Locks::take(&folder, &world, &resolved.config, wait.then_some(&mut patience))?;

    earlier(&folder);
    clear_attachments(&folder);
    let journal = folder.join(JOURNAL_FILE);
    let record = Arc::new(Mutex::new(RunRecord::default()));
    let broken = Arc::new(Mutex::new(None));
    // A test's own lines have its class for a target.
    let own = registry.tests().iter().flat_map(|test| [test.def.krate().to_owned(), test.meta.class.clone()]);
    let own = own.collect();
    let listeners: Vec<Box<dyn Listener>> = vec![
        Box::new(Journal { writer: Writer::create(&journal)?, broken: Arc::clone(&broken) }),
        Box::new(Record(Arc::clone(&record))),
        Box::new(Noise::new(&folder, own)),
        console,
    ];
    let events = EventLog::new(world.clock(), listeners);
    let _capturing = log.capture_into(events.clone(), &resolved.config, registry);
    events.emit(Event::RunStarted(Box::new(RunStarted {
        schema: SCHEMA,
        run_id: run_id(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        bench: resolved.config.bench.name.clone(),
        host: host_name(),
        simulated: world.simulated(&resolved.config),
        seed: shuffle.unwrap_or(resolved.config.simulation.seed),
        config: effective(&resolved),
        requirements,
        subject,
        start_up: Some(start_up),
    })));
    events.emit(Event::Planned(plan.ledger));

    let current = Current { record: Arc::clone(&record), junit: JunitFile::new(&reports) };
    let (default_retries, default_repeats) = (resolved.config.run.retries, resolved.config.run.repeats);
    let session = Arc::new(Session::new(world, resolved, locks, folder, events.clone(), guardian, server));
    if !plan.runs.is_empty() {
        let mut dispatcher = Dispatcher::start(session, events.clone(), current)?;
        dispatcher.retries = retries;
        dispatcher.default_retries = default_retries;
        dispatcher.default_repeats = default_repeats;
        dispatcher.fail_fast = fail_fast;
        dispatcher.until = until;
        dispatcher.run(plan.runs, format);
    }
    let mut status = exit_status(&lock(&record));
    if status == ExitStatus::NothingRan && allow_empty {
        status = ExitStatus::Passed;
    }
    events.emit(Event::RunFinished(status.into()));
    let journal_error = lock(&broken).take();
    let record = std::mem::take(&mut *lock(&record));
    let written = reports.write_all(&record);
    // An output that may be on outranks records that are not there.
    if (journal_error.is_some() || written.is_err()) && status != ExitStatus::OutputUnconfirmed {
        status = ExitStatus::Internal;
    }
    Ok(RunResult { status, record, written, journal, journal_error, folder: held })
}

/// Removes the attachments of an earlier run in the same folder. Only where its journal lies, too: a folder of
/// that name that is not ours stays.
fn clear_attachments(folder: &Path) {
    if folder.join(JOURNAL_FILE).is_file() {
        let attachments = folder.join("attachments");
        match std::fs::remove_dir_all(&attachments) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => tracing::warn!("cannot remove {}: {error}", attachments.display()),
        }
    }
}

fn run_id() -> hil_model::RunId {
    let text = uuid::Uuid::now_v7().to_string();
    text.parse().unwrap_or_else(|_| unreachable!("a UUID has letters, digits and `-` only"))
}

fn effective(resolved: &hil_config::Resolved) -> Vec<(Property, String)> {
    let value = |setting: &hil_config::Effective| {
        (Property::new(setting.key.as_str(), &setting.value), setting.layer.to_string())
    };
    resolved.effective().iter().map(value).collect()
}

/// The catalogue of requirements, if the configuration names one.
fn requirements(resolved: &hil_config::Resolved) -> Result<BTreeMap<ReqId, String>, RunError> {
    let Some(path) = &resolved.config.run.requirements else { return Ok(BTreeMap::new()) };
    let catalogue = hil_config::load_requirements(&resolved.in_root(path)).map_err(RunError::Config)?;
    let entries = catalogue.into_iter().map(|(id, title)| Ok((id.parse()?, title)));
    entries.collect::<Result<_, hil_model::NameError>>().map_err(RunError::Requirement)
}
