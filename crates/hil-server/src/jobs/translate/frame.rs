//! Units of live data: frames of the bus, samples of the supply.

use std::fmt::Write as _;

use hil_ldf::{Database, Decoded, Raw};
use hil_model::{BenchTime, CheckSeen, Direction, FrameSeen, SupplySample};
use serde_json::{Map, Value, json};

/// What a frame is called: by the LDF, else by its id.
pub(super) fn name(seen: &FrameSeen) -> String {
    seen.name.clone().unwrap_or_else(|| format!("0x{:02X}", seen.id))
}

/// A frame of the bus, with its signals where they can be read.
pub(super) fn lin(seen: &FrameSeen, ldf: Option<&Database>, at: BenchTime) -> Map<String, Value> {
    let direction = match seen.direction {
        Direction::Tx => "tx",
        Direction::Rx => "rx",
    };
    let check = match &seen.check {
        CheckSeen::Good => "good".to_owned(),
        CheckSeen::NoResponse => "no_response".to_owned(),
        CheckSeen::Bad(why) => format!("bad: {why}"),
    };
    let mut bytes = String::with_capacity(3 * seen.data.len());
    for byte in &seen.data {
        let space = if bytes.is_empty() { "" } else { " " };
        // Writing to a string cannot fail.
        let _ = write!(bytes, "{space}{byte:02X}");
    }
    object(json!({
        "kind": "lin",
        "id": seen.id,
        "direction": direction,
        "bytes": bytes,
        "check": check,
        "signals": signals(seen, ldf),
        "t_bench_us": at.as_micros(),
    }))
}

/// A sample of the supply.
pub(super) fn supply(sample: SupplySample, at: BenchTime) -> Map<String, Value> {
    object(json!({
        "kind": "supply",
        "volts": sample.volts.get(),
        "amps": sample.amps.get(),
        "t_bench_us": at.as_micros(),
    }))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// The signals of a frame that arrived whole.
fn signals(seen: &FrameSeen, ldf: Option<&Database>) -> Map<String, Value> {
    let frame = ldf.zip(seen.name.as_deref()).and_then(|(ldf, name)| ldf.frame(name).ok());
    let Some(frame) = frame.filter(|_| seen.check == CheckSeen::Good) else { return Map::new() };
    match frame.decode(&seen.data) {
        Ok(decoded) => decoded.iter().map(signal).collect(),
        // One signal that cannot be read does not hide the others.
        Err(_) => frame
            .signals()
            .filter_map(|slot| frame.decode_signal(&seen.data, slot.name()).ok())
            .map(signal)
            .collect(),
    }
}

fn signal(decoded: Decoded<'_>) -> (String, Value) {
    let value = match decoded.raw() {
        Raw::Scalar(number) => Value::from(number),
        Raw::Array(bytes) => Value::from(bytes.to_vec()),
    };
    let shown = json!({
        "value": value,
        "physical": decoded.physical(),
        "unit": decoded.unit(),
        "text": decoded.text(),
    });
    (decoded.name().to_owned(), shown)
}
