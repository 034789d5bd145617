//! The `hil` command as a library, so that a project with its own suites is three lines:
//!
//! ```no_run
//! // use my_suites as _;
//! fn main() -> std::process::ExitCode {
//!     hil_cli::main()
//! }
//! ```
//!
//! Invariant: nothing else prints to the terminal or decides the exit code.

#![forbid(unsafe_code)]

mod args;
mod command;
mod console;

use std::process::ExitCode;

use clap::Parser;
use hil_model::{ExitStatus, SmokeEnd};
use hil_runner::{Registry, RegistryError};

use crate::args::{Cli, Command};

/// Runs the command line of this process with the tests that are linked into it.
pub fn main() -> ExitCode {
    main_with(Registry::linked())
}

/// Runs the command line of this process with the tests of `registry`.
pub fn main_with(registry: Result<Registry, RegistryError>) -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // A closed terminal is no reason to fail.
            let _ = error.print();
            let asked = !error.use_stderr();
            return match asked {
                true => code(ExitStatus::Passed),
                false if args::is_smoke() => ExitCode::from(SmokeEnd::Broken.code()),
                false => code(ExitStatus::Usage),
            };
        }
    };
    let Cli { command, run, bench } = cli;
    if !matches!(
        command,
        None | Some(Command::Run(_) | Command::Smoke(_) | Command::Serve(_) | Command::Guardian)
    ) {
        console::warn_on_stderr();
    }
    let done = match command {
        None => command::run::run(run, &bench, registry),
        Some(Command::Run(run)) => command::run::run(*run, &bench, registry),
        Some(Command::Smoke(smoke)) => return command::smoke::run(smoke, &bench, registry),
        Some(Command::Why(why)) => command::why::run(&why, &bench),
        Some(Command::Config(config)) => command::config::run(&config, &bench),
        Some(Command::Psu(psu)) => command::psu::run(&psu, &bench),
        Some(Command::Lin(lin)) => command::lin::run(&lin, &bench),
        Some(Command::Sim(sim)) => command::sim::run(&sim, &bench),
        Some(Command::Ldf(ldf)) => command::ldf::run(&ldf),
        Some(Command::Runs(runs)) => command::runs::run(&runs, &bench),
        Some(Command::Upload(upload)) => command::upload::run(&upload, &bench),
        Some(Command::Report(report)) => command::report::run(&report),
        Some(Command::Doctor(doctor)) => command::doctor::run(&doctor, &bench),
        Some(Command::Serve(serve)) => command::serve::run(serve, &bench, registry),
        Some(Command::Watch(watch)) => command::watch::run(&watch, &bench),
        Some(Command::Key(key)) => command::key::run(key, &bench),
        Some(Command::User(user)) => command::user::run(user, &bench),
        Some(Command::Guardian) => command::guardian(),
        Some(Command::Completions { shell }) => {
            command::completions(shell);
            Ok(ExitStatus::Passed)
        }
    };
    match done {
        Ok(status) => code(status),
        Err(error) => {
            console::alert(&format!("{}\n", console::error(&error)));
            code(command::exit_status(&error))
        }
    }
}

fn code(status: ExitStatus) -> ExitCode {
    ExitCode::from(status.code())
}
