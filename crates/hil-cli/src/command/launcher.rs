//! How `hil serve` runs tests: this program again, as `hil run`.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use hil_model::{Entry, Event, RunId, Subject};
use hil_report::JOURNAL_FILE;
use hil_runner::{Plan, Registry, Schedule, Selection, is_simulated};
use hil_server::{BadConfig, JobLauncher, RealBench, RunOrder};

use super::archive::{KeepArgs, Keeper};
use super::{Wrong, configuration, root};
use crate::args::BenchArgs;
use crate::console;

/// What a job may say of the configuration, down to the last key or as a section. Everything else is for whoever runs the
/// server: it says which programs are started, which files and devices are opened, what protects the unit, and where
/// records go.
const FOR_JOBS: [&str; 15] = [
    "interface.boot_settle_seconds",
    "interface.nad",
    "power_supply.nominal_tolerance",
    "power_supply.sample_interval",
    "power_supply.set_current",
    "power_supply.set_voltage",
    "power_supply.settle",
    "record.log_level",
    "record.procedure",
    "record.procedure_version",
    "run.repeats",
    "run.retries",
    "run.timeout",
    "simulation",
    "unit",
];
/// How long a run may take to end whose server ended.
const ENDING: Duration = Duration::from_secs(60);

/// What is served.
#[derive(Debug)]
pub(super) struct Served {
    pub(super) registry: Registry,
    pub(super) bench: BenchArgs,
    /// The URL of the store.
    pub(super) store: String,
    pub(super) files: Option<PathBuf>,
    pub(super) serial_pattern: Option<String>,
}

/// Runs tests on the configured bench.
#[derive(Debug)]
pub(super) struct Launcher {
    bench: RealBench,
    registry: Registry,
    /// The configuration of the server, with what its flags add.
    config: BenchArgs,
    store: String,
}

impl Launcher {
    /// # Errors
    ///
    /// The configuration cannot be taken.
    pub(super) fn new(served: Served) -> anyhow::Result<Self> {
        let Served { registry, mut bench, store, files, serial_pattern } = served;
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        if let Some(files) = files.as_deref().and_then(Path::to_str) {
            bench.set.push(format!("record.files={}", quoted(files)));
        }
        if let Some(pattern) = &serial_pattern {
            bench.set.push(format!("server.serial_pattern={}", quoted(pattern)));
        }
        let config = configuration(&bench)?.config;
        let name = config.bench.name.clone();
        if name == "sim" {
            return Err(Wrong::usage("bench.name: `sim` is the bench of simulated jobs"));
        }
        let tests = registry.tests().iter().map(|test| &test.meta.name);
        let suites: BTreeSet<String> = tests.clone().map(|name| name.suite().to_owned()).collect();
        let bench_of = RealBench {
            name,
            simulated: is_simulated(&config),
            suites: suites.into_iter().collect(),
            tests: tests.map(|name| name.to_string()).collect(),
            root: root()?,
        };
        Ok(Self { bench: bench_of, registry, config: bench, store })
    }

    /// What the order selects, as the command line says it.
    fn selection(&self, order: &RunOrder) -> Selection {
        let Some(plugins) = &order.plugins else {
            return Selection {
                suites: order.suite.iter().cloned().collect(),
                filters: order.filters.clone(),
                ..Selection::default()
            };
        };
        let wanted = |name: &&String| {
            order.filters.is_empty() || order.filters.iter().any(|filter| name.contains(filter))
        };
        Selection {
            filters: plugins.iter().filter(wanted).cloned().collect(),
            exact: true,
            ..Selection::default()
        }
    }
}

/// Whether a job may say so. Nothing but letters, digits and `_` is a key: the command line, which the key is on its way to,
/// takes `a=b` and ` a` for `a`.
fn is_for_jobs(key: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let within = |allowed: &&str| {
        key.strip_prefix(allowed).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    key.split('.').all(plain) && FOR_JOBS.iter().any(within)
}

impl JobLauncher for Launcher {
    fn bench(&self) -> &RealBench {
        &self.bench
    }

    fn check_config(&self, config: &[(String, String)]) -> Result<(), BadConfig> {
        let mut set = self.config.set.clone();
        for (key, value) in config {
            let bad = |message: String| BadConfig { key: key.clone(), message };
            if !is_for_jobs(key) {
                return Err(bad(format!(
                    "{key:?} is not for a job to say; it may say {}",
                    FOR_JOBS.join(", ")
                )));
            }
            set.push(format!("{key}={value}"));
            let changed = BenchArgs { set: set.clone(), ..self.config.clone() };
            configuration(&changed).map_err(|error| bad(console::chain(error.as_ref())))?;
        }
        Ok(())
    }

    fn plan(&self, order: &RunOrder) -> Vec<String> {
        let selection = self.selection(order);
        if selection.exact && selection.filters.is_empty() {
            return Vec::new();
        }
        let schedule =
            Schedule { repeat: 1, shuffle: None, timeout: None, default_timeout: Duration::from_secs(1) };
        let mut plan: Plan = hil_runner::plan(&self.registry, &selection, schedule);
        if selection.exact {
            plan.order_by(&selection);
        }
        plan.runs.iter().map(|run| run.meta.name.to_string()).collect()
    }

    fn command(&self, order: &RunOrder, operator: Option<&str>, folder: &Path) -> io::Result<Command> {
        let mut command = Command::new(hil_psu::guardian::this_program()?);
        command.arg0("hil").args(["run", "--attached", "--wait"]).arg("--reports").arg(folder);
        // Not as an argument: it may hold a password.
        command.env("HIL_STORE", &self.store);
        // Whoever orders a job names what is to run, be it a suite or single tests.
        command.env("HIL_RUN_LIVE", "1");
        if let Some(file) = &self.config.config {
            command.arg("--config").arg(file);
        }
        command.args(self.config.set.iter().map(|set| format!("--set={set}")));
        command.args(order.config.iter().map(|(key, value)| format!("--set={key}={value}")));
        command.args(unit(&order.unit));
        if let Some(operator) = operator {
            command.arg(format!("--operator={operator}"));
        }
        let selection = self.selection(order);
        if selection.exact {
            command.args(["--exact", "--in-order"]);
        }
        command.args(selection.suites.iter().map(|suite| format!("--suite={suite}")));
        command.arg("--").args(&selection.filters);
        Ok(command)
    }

    fn run_id(&self, folder: &Path) -> Option<RunId> {
        let mut line = String::new();
        BufReader::new(File::open(folder.join(JOURNAL_FILE)).ok()?).read_line(&mut line).ok()?;
        let Event::RunStarted(started) = serde_json::from_str::<Entry>(&line).ok()?.event else {
            return None;
        };
        Some(started.run_id)
    }

    fn keep(&self, folder: &Path) {
        if !folder.join(JOURNAL_FILE).is_file() {
            return;
        }
        let Some(_alone) = hil_runner::lock_reports(folder, ENDING) else {
            tracing::error!(target: "hil_server", folder = %folder.display(), "a run does not end");
            return;
        };
        let said = configuration(&self.config)
            .and_then(|resolved| Keeper::new(&KeepArgs::of(self.store.clone()), &resolved))
            .map(|keeper| keeper.keep_left(folder));
        match said {
            Ok(said) => tracing::info!(target: "hil_server", said = said.trim(), "what a run left was kept"),
            Err(error) => {
                let error = console::chain(error.as_ref());
                tracing::error!(target: "hil_server", error, "what a run left cannot be kept");
            }
        }
    }

    fn owner(&self) -> Option<String> {
        if self.bench.simulated { None } else { Some(hil_runner::bench_owner(&self.bench.name)?.to_string()) }
    }
}

/// What the run is about, as flags.
fn unit(unit: &Subject) -> impl Iterator<Item = String> {
    let Subject { serial_number, part_number, part_name, revision, batch, sub_units, .. } = unit;
    let flags = [
        ("serial", serial_number.as_ref().map(ToString::to_string)),
        ("part", part_number.as_ref().map(ToString::to_string)),
        ("part-name", part_name.as_ref().map(ToString::to_string)),
        ("revision", revision.as_ref().map(ToString::to_string)),
        ("batch", batch.as_ref().map(ToString::to_string)),
    ];
    let sub_units = sub_units.iter().map(|serial| ("sub-unit", Some(serial.to_string())));
    let all: Vec<_> = flags.into_iter().chain(sub_units).collect();
    all.into_iter().filter_map(|(flag, value)| Some(format!("--{flag}={}", value?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("run.retries", true)]
    #[case("simulation.realtime", true)]
    #[case("power_supply.settle.timeout", true)]
    #[case("run.requirements", false)]
    #[case("run.retriesx", false)]
    #[case("power_supply.port", false)]
    #[case("power_supply.over_voltage_limit", false)]
    #[case("interface.python", false)]
    #[case("interface.ldf_path", false)]
    #[case("flash.command", false)]
    #[case("bench.name", false)]
    #[case("record.server", false)]
    #[case(" record.server", false)]
    #[case("unit. record", false)]
    #[case("unit=1, record.server", false)]
    #[case("simulation.a=b", false)]
    #[case("simulation.a\nserver", false)]
    #[case("simulation.a\0", false)]
    #[case("simulation..seed", false)]
    #[case("", false)]
    fn a_job_says_only_what_is_its_own(#[case] key: &str, #[case] may: bool) {
        assert_eq!(is_for_jobs(key), may);
    }
}
