//! Measures how fast descriptions are read and frames are encoded and decoded; the program behind `benches/ldf.py`.
//!
//! `speed parse FILE…` and `speed codec FRAME SIGNALS FILE…` each print one line of JSON. The codec is measured on the
//! first file that has a frame of that name with so many signals; without one the line is `null`. Each figure is
//! the median of several runs after a warm-up.

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use hil_ldf::{Database, Decoded, Fill, FrameDef, Value};
use serde_json::{Value as Json, json};

/// Runs of which the median counts, after one that does not count.
const RUNS: usize = 7;
/// Time that one run takes, in seconds.
const RUN: f64 = 0.02;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let line = match words.as_slice() {
        ["parse", files @ ..] => parse(files)?,
        ["codec", frame, signals, files @ ..] => codec(frame, signals.parse()?, files)?,
        _ => return Err("usage: speed parse FILE… | speed codec FRAME SIGNALS FILE…".into()),
    };
    #[expect(clippy::print_stdout, reason = "the figures are what the program is for")]
    {
        println!("{line}");
    }
    Ok(())
}

/// The files that parse: size, time of `parse_bytes`, time of `load`; and one pass through all of them.
fn parse(files: &[&str]) -> Result<Json, Box<dyn Error>> {
    let mut figures = Vec::new();
    let mut contents = Vec::new();
    for file in files {
        let bytes = fs::read(file)?;
        if hil_ldf::parse_bytes(&bytes).is_err() {
            continue;
        }
        let parse_ns = time(|| drop(black_box(hil_ldf::parse_bytes(black_box(&bytes)))));
        let load_ns = time(|| drop(black_box(hil_ldf::load(Path::new(file)))));
        figures.push(json!({ "file": file, "bytes": bytes.len(), "parse_ns": parse_ns, "load_ns": load_ns }));
        contents.push(bytes);
    }
    let all_ns = time(|| {
        for bytes in &contents {
            drop(black_box(hil_ldf::parse_bytes(black_box(bytes))));
        }
    });
    Ok(
        json!({ "files": figures, "all_bytes": contents.iter().map(Vec::len).sum::<usize>(), "all_ns": all_ns }),
    )
}

/// Encoding and decoding, with the values that were used, for others to use the same.
fn codec(frame: &str, signals: usize, files: &[&str]) -> Result<Json, Box<dyn Error>> {
    for file in files {
        let Ok(parsed) = hil_ldf::load(Path::new(file)) else { continue };
        if parsed.database.frame(frame).is_ok() {
            let values = values(&parsed.database, frame)?;
            if values.len() == signals {
                return measured(file, &parsed.database, frame, &values);
            }
        }
    }
    Ok(Json::Null)
}

/// What a signal of the measured frame is set to.
struct Given {
    signal: String,
    raw: Form,
    /// As a test would write it: a text or a number with the encoding applied. The raw value where there is none.
    value: Form,
}

#[derive(Clone)]
enum Form {
    Raw(u64),
    Bytes(Vec<u8>),
    Number(f64),
    Text(String),
}

impl Form {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Raw(raw) => Value::from(*raw),
            Self::Bytes(bytes) => Value::from(bytes.as_slice()),
            Self::Number(number) => Value::from(*number),
            Self::Text(text) => Value::from(text.as_str()),
        }
    }

    fn json(&self) -> Json {
        match self {
            Self::Raw(raw) => json!(raw),
            Self::Bytes(bytes) => json!(bytes),
            Self::Number(number) => json!(number),
            Self::Text(text) => json!(text),
        }
    }
}

/// A value for each signal, one that its encoding knows if it has one.
fn values(database: &Database, frame: &str) -> Result<Vec<Given>, Box<dyn Error>> {
    let frame = database.frame(frame)?;
    let mut values = Vec::new();
    for slot in frame.signals() {
        let (signal, width) = (slot.name(), slot.signal().width());
        let largest = u64::MAX >> (64 - width);
        let candidates: Vec<Form> = if slot.signal().is_array() {
            vec![Form::Bytes((1..=8).take(width / 8).collect())]
        } else {
            [largest / 2, largest / 3, 1, 0, largest].map(Form::Raw).into()
        };
        let mut forms = Vec::new();
        for raw in candidates {
            let payload = frame.encode([(signal, raw.value())], Fill::Zeros)?;
            let decoded = frame.decode_signal(&payload, signal)?;
            let text = decoded.text().map(|text| Form::Text(text.into()));
            forms.push((raw, text.or(decoded.physical().map(Form::Number))));
        }
        let known = forms.iter().position(|(_, value)| value.is_some()).unwrap_or_default();
        let (raw, value) = forms.swap_remove(known);
        values.push(Given { signal: signal.to_owned(), value: value.unwrap_or_else(|| raw.clone()), raw });
    }
    Ok(values)
}

/// Whoever encodes or decodes a frame often has looked it up before.
fn measured(file: &str, database: &Database, name: &str, values: &[Given]) -> Result<Json, Box<dyn Error>> {
    let frame = database.frame(name)?;
    let raw = || values.iter().map(|given| (given.signal.as_str(), given.raw.value()));
    let physical = || values.iter().map(|given| (given.signal.as_str(), given.value.value()));
    let payload = frame.encode(raw(), Fill::Zeros)?;
    if frame.encode(physical(), Fill::Zeros)? != payload {
        return Err(format!("the values of {name} have other bits than the raw ones").into());
    }
    let payload = payload.to_vec();
    let encode_raw_ns = time(|| drop(black_box(frame.encode(black_box(raw()), Fill::Zeros))));
    let encode_ns = time(|| drop(black_box(frame.encode(black_box(physical()), Fill::Zeros))));
    let decode_raw_ns = time(|| {
        decoded(frame, &payload, |signal| {
            black_box(signal.raw());
        })
    });
    let decode_ns = time(|| {
        decoded(frame, &payload, |signal| {
            black_box(signal.reading());
        })
    });
    let by_name = |form: fn(&Given) -> &Form| -> Json {
        values.iter().map(|given| (given.signal.clone(), form(given).json())).collect()
    };
    Ok(json!({
        "file": file,
        "frame": name,
        "signals": values.len(),
        "payload": payload,
        "raw": by_name(|given| &given.raw),
        "values": by_name(|given| &given.value),
        "encode_raw_ns": encode_raw_ns,
        "encode_ns": encode_ns,
        "decode_raw_ns": decode_raw_ns,
        "decode_ns": decode_ns,
    }))
}

/// Decodes a frame and looks at each of its signals.
fn decoded<'d>(frame: FrameDef<'d>, payload: &[u8], look: impl FnMut(Decoded<'d>)) {
    if let Ok(decoded) = frame.decode(black_box(payload)) {
        decoded.iter().for_each(look);
    }
}

/// Nanoseconds that one call takes.
fn time(mut call: impl FnMut()) -> f64 {
    let mut run = |calls: u32| {
        let started = Instant::now();
        for _ in 0..calls {
            call();
        }
        started.elapsed().as_secs_f64() / f64::from(calls)
    };
    // The warm-up, which also says how many calls make a run.
    let mut calls = 1;
    while run(calls) * f64::from(calls) < RUN {
        calls = calls.saturating_mul(2);
    }
    let mut runs: Vec<f64> = (0..RUNS).map(|_| run(calls)).collect();
    runs.sort_by(f64::total_cmp);
    runs.get(RUNS / 2).copied().unwrap_or_default() * 1e9
}
