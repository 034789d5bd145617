//! `hil ldf encode`: from signal values to the bytes of a frame.

use hil_ldf::FrameId;
use hil_model::ExitStatus;
use serde::Serialize;

use super::args::{EncodeArgs, OutputFormat};
use super::{choice, source, value};
use crate::command::Wrong;
use crate::console;
use crate::console::visible;

/// A payload for programs.
#[derive(Serialize)]
struct Encoded<'a> {
    frame: &'a str,
    id: Option<u8>,
    bytes: &'a [u8],
}

/// Prints the payload.
pub(super) fn run(args: &EncodeArgs) -> anyhow::Result<ExitStatus> {
    let database = source::open(&args.file)?.database;
    let name = choice::frame(&database, &args.frame)?;
    let frame = database.frame(&name)?;
    let values = args.values.iter().map(|text| value::assignment(text)).collect::<Result<Vec<_>, _>>()?;
    let payload = frame
        .encode(values.iter().map(|(name, typed)| (*name, typed.value())), args.fill.into())
        .map_err(|error| Wrong::usage(visible(&console::chain(&error))))?;
    match args.format {
        OutputFormat::Text => super::print(&format!("{payload}\n"))?,
        OutputFormat::Json => {
            let id = frame.id().map(FrameId::get);
            super::show_json(&Encoded { frame: &name, id, bytes: &payload })?;
        }
    }
    Ok(ExitStatus::Passed)
}
