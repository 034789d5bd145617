//! `hil ldf decode`: from the bytes of a frame to its signal values.

use std::borrow::Cow;

use hil_ldf::{Bytes, CodecError, Decoded, FrameId, Raw, Reading};
use hil_model::ExitStatus;
use serde::{Serialize, Serializer};

use super::args::{DecodeArgs, OutputFormat};
use super::{choice, source, value};
use crate::command::Wrong;
use crate::console;
use crate::console::visible;
use crate::console::{Align, Table};

/// A decoded frame for programs.
#[derive(Serialize)]
struct FrameValues<'a> {
    frame: &'a str,
    id: Option<u8>,
    bytes: &'a [u8],
    signals: Vec<SignalValue<'a>>,
}

/// One of its signals.
#[derive(Serialize)]
struct SignalValue<'a> {
    name: &'a str,
    raw: RawValue,
    physical: Option<f64>,
    unit: Option<&'a str>,
    text: Option<Cow<'a, str>>,
}

/// A number, or a list of bytes.
#[derive(Serialize)]
#[serde(untagged)]
enum RawValue {
    Number(u64),
    #[serde(serialize_with = "as_list")]
    Bytes(Bytes),
}

fn as_list<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(&bytes[..])
}

/// Prints the values.
pub(super) fn run(args: &DecodeArgs) -> anyhow::Result<ExitStatus> {
    let database = source::open(&args.file)?.database;
    let name = choice::frame(&database, &args.frame)?;
    let frame = database.frame(&name)?;
    let bytes = value::payload(&args.bytes)?;
    let wrong = |error: &CodecError| Wrong::usage(visible(&console::chain(error)));
    let signals = match frame.decode(&bytes) {
        Ok(signals) => signals,
        // The others can be read nevertheless.
        Err(error @ (CodecError::NotADigit { .. } | CodecError::ByteOrder { .. })) => {
            let read = frame.signals().filter_map(|slot| frame.decode_signal(&bytes, slot.name()).ok());
            if matches!(args.format, OutputFormat::Text) {
                super::print(&lines(read))?;
            }
            return Err(wrong(&error));
        }
        Err(error) => return Err(wrong(&error)),
    };
    match args.format {
        OutputFormat::Text => super::print(&lines(signals.iter()))?,
        OutputFormat::Json => {
            let signals = signals.iter().map(for_programs).collect();
            let id = frame.id().map(FrameId::get);
            super::show_json(&FrameValues { frame: &name, id, bytes: &bytes, signals })?;
        }
    }
    Ok(ExitStatus::Passed)
}

fn lines<'d>(signals: impl Iterator<Item = Decoded<'d>>) -> String {
    let mut table = Table::new([Align::Left, Align::Right, Align::Left]);
    for signal in signals {
        let reading = match signal.reading() {
            Reading::Plain | Reading::Logical(None) => String::new(),
            Reading::Logical(Some(_))
            | Reading::Physical { .. }
            | Reading::Digits(_)
            | Reading::Characters(_) => signal.to_string(),
        };
        table.row([signal.name().to_owned(), signal.raw().to_string(), reading]);
    }
    table.lines("")
}

fn for_programs(signal: Decoded<'_>) -> SignalValue<'_> {
    SignalValue {
        name: signal.name(),
        raw: match signal.raw() {
            Raw::Scalar(number) => RawValue::Number(number),
            Raw::Array(bytes) => RawValue::Bytes(bytes),
        },
        physical: signal.physical(),
        unit: signal.unit(),
        text: signal.text(),
    }
}
