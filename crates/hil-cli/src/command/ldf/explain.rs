//! `hil ldf explain`: what the codes of findings mean.

use hil_ldf::Code;
use hil_model::ExitStatus;

use super::args::ExplainArgs;
use crate::command::Wrong;

/// Prints one explanation, or all of them.
pub(super) fn run(args: &ExplainArgs) -> anyhow::Result<ExitStatus> {
    match &args.code {
        Some(name) => {
            // As it stands in a finding, or without the brackets.
            let bare = name.trim_start_matches('[').trim_end_matches(']');
            let code = Code::find(bare).ok_or_else(|| {
                Wrong::usage(format!("no finding has the code {bare:?}; `hil ldf explain` lists all"))
            })?;
            super::print(&format!("{}\n", code.explanation()))?;
        }
        None => {
            let all = Code::ALL.iter().map(|code| format!("{code}\n    {}\n", code.explanation()));
            super::print(&all.collect::<String>())?;
        }
    }
    Ok(ExitStatus::Passed)
}
