//! `hil ldf`: LIN description files by hand.
//!
//! Files are not trusted: what a file says reaches the terminal only through [`console::visible`].

mod args;
mod check;
mod choice;
mod decode;
mod diff;
mod encode;
mod explain;
mod export;
mod finding;
mod fmt;
mod number;
mod show;
mod source;
mod timing;
mod value;

use anyhow::Context;
use hil_model::ExitStatus;
use serde::Serialize;

pub(crate) use self::args::LdfArgs;
use self::args::LdfCommand;
use crate::console;

/// Checks, shows or applies description files.
pub(crate) fn run(args: &LdfArgs) -> anyhow::Result<ExitStatus> {
    match &args.what {
        LdfCommand::Check(args) => check::run(args),
        LdfCommand::Show(args) => show::run(args),
        LdfCommand::Encode(args) => encode::run(args),
        LdfCommand::Decode(args) => decode::run(args),
        LdfCommand::Fmt(args) => fmt::run(args),
        LdfCommand::Export(args) => export::run(args),
        LdfCommand::Diff(args) => diff::run(args),
        LdfCommand::Timing(args) => timing::run(args),
        LdfCommand::Explain(args) => explain::run(args),
    }
}

/// `1 file`, `2 files`.
fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Prints what was asked for.
fn print(text: &str) -> anyhow::Result<()> {
    console::print(text).context("cannot write to standard output")
}

/// Prints one JSON object.
fn show_json(object: &impl Serialize) -> anyhow::Result<()> {
    print(&(console::visible_json(&serde_json::to_string(object)?) + "\n"))
}
