//! The document of a run: `hil`'s own JSON, from which exactly the same run can be read again.
//!
//! It is what goes from a harness to a server, waits in a spool and comes out of a JSON export. Moments are
//! milliseconds since 1970 and durations microseconds, both as integers. JSON has no NaN and no infinities: where a
//! number stands, `"NaN"`, `"inf"` and `"-inf"` are numbers too. Contents of attachments are not in it, their digests
//! are.
//!
//! | document | this program |
//! | --- | --- |
//! | schema 1 | read and written |
//! | newer | refused, with [`DocumentError::Newer`] |
//!
//! A field that this program does not know is an error and not skipped: what was read would not be the same run.

mod cell;
mod condition;
mod error;
mod measurement;
mod phase;
mod run;
#[cfg(test)]
mod tests;

use std::io::Write;

use hil_model::run::{MeasuredValue, Run};
use serde::Deserialize;

pub use error::{DocumentError, Result};

use run::RunDocument;

/// The version of documents that this program writes, and the newest that it reads.
pub const SCHEMA: u32 = 1;

/// Writes a run as one line of JSON, without a line break at the end.
///
/// # Errors
///
/// [`DocumentError::Write`]; [`DocumentError::TooLong`] and [`DocumentError::TooDeep`] for a run that could not be
/// read again.
pub fn to_writer(run: &Run, out: impl Write) -> Result<()> {
    for measurement in run.phases.iter().flat_map(|phase| &phase.measurements) {
        if measurement.value.is_too_deep() {
            let max = MeasuredValue::MAX_DEPTH;
            return Err(DocumentError::TooDeep { measurement: measurement.name.clone(), max });
        }
    }
    serde_json::to_writer(out, &RunDocument::new(run)?).map_err(DocumentError::Write)
}

/// Reads a run.
///
/// # Errors
///
/// [`DocumentError::Read`] says which field is wrong and why, [`DocumentError::Newer`] that a newer program wrote it.
pub fn from_slice(json: &[u8]) -> Result<Run> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let read: std::result::Result<RunDocument<'_>, _> = serde_path_to_error::deserialize(&mut deserializer);
    match read {
        Ok(document) if document.schema == SCHEMA => {
            deserializer.end().map_err(DocumentError::Trailing)?;
            Ok(document.into_run())
        }
        Ok(document) => Err(refused(document.schema)),
        Err(error) => Err(match schema(json) {
            Some(schema) if schema != SCHEMA => refused(schema),
            Some(_) | None => DocumentError::from(error),
        }),
    }
}

/// Whether this looks like the document of a run, readable or not: an object that says its schema.
pub fn is_document(json: &[u8]) -> bool {
    schema(json).is_some()
}

/// What the document says of its version, whatever else is in it.
fn schema(json: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct Head {
        schema: u32,
    }

    serde_json::from_slice::<Head>(json).ok().map(|head| head.schema)
}

fn refused(schema: u32) -> DocumentError {
    if schema > SCHEMA {
        DocumentError::Newer { schema, newest: SCHEMA }
    } else {
        DocumentError::Unknown { schema }
    }
}
