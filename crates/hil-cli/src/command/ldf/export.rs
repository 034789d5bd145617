//! `hil ldf export`: everything that a file says, as JSON.
//!
//! The output is `hil-ldf-export/1`, described by `docs/ldf-export.schema.json`. Within version 1 properties may
//! be added; none changes its meaning or goes.

mod encodings;
mod frames;
mod header;
mod nodes;
mod schedules;
mod signals;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use hil_ldf::Database;
use hil_model::ExitStatus;
use serde::Serialize;

use super::source;
use crate::console::visible_json;

/// Print everything that a file says as JSON, with effective defaults and timing.
#[derive(Args, Debug)]
#[command(after_help = "\
docs/ldf-export.schema.json describes the output.

Examples:
  hil ldf export vendor/alm.ldf
  hil ldf export vendor/alm.ldf --compact > alm.json")]
pub(crate) struct ExportArgs {
    /// The file; `-` is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The form of the output.
    #[arg(long, value_enum, default_value = "json")]
    format: ExportFormat,
    /// With line breaks and indents (the default).
    #[arg(long, conflicts_with = "compact")]
    pretty: bool,
    /// On one line.
    #[arg(long)]
    compact: bool,
}

/// In which form a description is exported.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ExportFormat {
    /// One object, as docs/ldf-export.schema.json describes it.
    Json,
}

/// Exports a file.
pub(crate) fn run(args: &ExportArgs) -> anyhow::Result<ExitStatus> {
    let parsed = source::open(&args.file)?;
    let export = Export::of(&parsed.database);
    let text = match args.format {
        ExportFormat::Json if args.compact && !args.pretty => serde_json::to_string(&export)?,
        ExportFormat::Json => serde_json::to_string_pretty(&export)?,
    };
    // The line breaks between values are no part of a string that could be hidden in one.
    let lines: Vec<String> = text.lines().map(visible_json).collect();
    super::print(&(lines.join("\n") + "\n"))?;
    Ok(ExitStatus::Passed)
}

/// The whole description.
#[derive(Serialize)]
struct Export {
    schema: &'static str,
    header: header::Header,
    master: Option<nodes::Master>,
    slaves: Vec<nodes::Slave>,
    configurations: Vec<nodes::Configuration>,
    signals: Vec<signals::Signal>,
    frames: Vec<frames::Frame>,
    sporadic_frames: Vec<frames::Sporadic>,
    event_triggered_frames: Vec<frames::EventTriggered>,
    schedules: Vec<schedules::Schedule>,
    encodings: Vec<encodings::Encoding>,
    signal_groups: Vec<signals::Group>,
}

impl Export {
    fn of(database: &Database) -> Self {
        Self {
            schema: "hil-ldf-export/1",
            header: header::of(database),
            master: nodes::master(database),
            slaves: nodes::slaves(database),
            configurations: nodes::configurations(database),
            signals: signals::of(database),
            frames: frames::of(database),
            sporadic_frames: frames::sporadic(database),
            event_triggered_frames: frames::event_triggered(database),
            schedules: schedules::of(database),
            encodings: encodings::of(database),
            signal_groups: signals::groups(database),
        }
    }
}

/// An owned name.
fn owned(name: Option<&str>) -> Option<String> {
    name.map(str::to_owned)
}

/// Owned names.
fn all<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    names.map(str::to_owned).collect()
}
