//! Parts of a description in the words of the file: what timing and differences show of slots, values and
//! encodings.

use std::fmt::Write;
use std::time::Duration;

use crate::codec::Raw;
use crate::model::{EncodingEntry, ScheduleCommand};

/// `10 ms`, `0.1 ms`: exact to the nanosecond, without zeros at the end.
pub(crate) fn milliseconds(duration: Duration) -> String {
    let nanoseconds = duration.as_nanos();
    let (whole, rest) = (nanoseconds / 1_000_000, nanoseconds % 1_000_000);
    if rest == 0 {
        return format!("{whole} ms");
    }
    let rest = format!("{rest:06}");
    format!("{whole}.{} ms", rest.trim_end_matches('0'))
}

/// `1 byte`, `2 bytes`.
pub(crate) fn count(number: usize, unit: &str) -> String {
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// A text in quotes.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// An initial value: `5`, or `{ 0x12, 0x34 }` for an array.
pub(crate) fn raw(value: Raw) -> String {
    match value {
        Raw::Scalar(number) => number.to_string(),
        Raw::Array(bytes) => format!("{{ {} }}", list(&bytes)),
    }
}

/// What a slot carries. The names of frames and nodes go through `frame` and `node` first.
pub(crate) fn command(
    command: ScheduleCommand<'_>,
    frame: &dyn Fn(&str) -> String,
    node: &dyn Fn(&str) -> String,
) -> String {
    match command {
        ScheduleCommand::Frame(name)
        | ScheduleCommand::Sporadic(name)
        | ScheduleCommand::EventTriggered(name) => frame(name),
        ScheduleCommand::MasterReq => "MasterReq".to_owned(),
        ScheduleCommand::SlaveResp => "SlaveResp".to_owned(),
        ScheduleCommand::AssignNad { node: slave } => format!("AssignNAD {{ {} }}", node(slave)),
        ScheduleCommand::ConditionalChangeNad { nad, id, byte, mask, invert, new_nad } => {
            let numbers = [nad.get(), id, byte, mask, invert, new_nad.get()];
            format!("ConditionalChangeNAD {{ {} }}", list(&numbers))
        }
        ScheduleCommand::DataDump { node: slave, data } => {
            format!("DataDump {{ {}, {} }}", node(slave), list(&data))
        }
        ScheduleCommand::SaveConfiguration { node: slave } => {
            format!("SaveConfiguration {{ {} }}", node(slave))
        }
        ScheduleCommand::AssignFrameIdRange { node: slave, start, pids: None } => {
            format!("AssignFrameIdRange {{ {}, {start} }}", node(slave))
        }
        ScheduleCommand::AssignFrameIdRange { node: slave, start, pids: Some(pids) } => {
            format!("AssignFrameIdRange {{ {}, {start}, {} }}", node(slave), list(&pids))
        }
        ScheduleCommand::AssignFrameId { node: slave, frame: name } => {
            format!("AssignFrameId {{ {}, {} }}", node(slave), frame(name))
        }
        ScheduleCommand::UnassignFrameId { node: slave, frame: name } => {
            format!("UnassignFrameId {{ {}, {} }}", node(slave), frame(name))
        }
        ScheduleCommand::FreeFormat(data) => format!("FreeFormat {{ {} }}", list(&data)),
    }
}

/// A line of an encoding type, without its semicolon.
pub(crate) fn entry(entry: EncodingEntry<'_>) -> String {
    match entry {
        EncodingEntry::Logical { value, text } => with_text(format!("logical_value, {value}"), text),
        EncodingEntry::Physical { min, max, scale, offset, unit } => {
            with_text(format!("physical_value, {min}, {max}, {scale}, {offset}"), unit)
        }
        EncodingEntry::Bcd => "bcd_value".to_owned(),
        EncodingEntry::Ascii => "ascii_value".to_owned(),
    }
}

fn with_text(mut words: String, text: Option<&str>) -> String {
    if let Some(text) = text {
        words.push_str(", ");
        words.push_str(&quoted(text));
    }
    words
}

/// Bytes in hexadecimal, with commas.
fn list(bytes: &[u8]) -> String {
    let mut words = String::new();
    for (index, byte) in bytes.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(words, "{}0x{byte:02X}", if index == 0 { "" } else { ", " });
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0, "0 ms")]
    #[case(5_000_000, "5 ms")]
    #[case(100_000, "0.1 ms")]
    #[case(10_500_000, "10.5 ms")]
    #[case(6_458_334, "6.458334 ms")]
    #[case(1, "0.000001 ms")]
    fn milliseconds_are_exact(#[case] nanoseconds: u64, #[case] words: &str) {
        assert_eq!(milliseconds(Duration::from_nanos(nanoseconds)), words);
    }

    #[test]
    fn commands_read_as_in_the_file() {
        let text = include_str!("../tests/fixtures/full.ldf");
        let database = crate::parse(text).unwrap().database;
        let table = database.schedule_table("All").unwrap();
        let mut words = Vec::new();
        for slot in table.entries() {
            words.push(command(slot.command(), &str::to_lowercase, &|node| format!("<{node}>")));
        }
        assert_eq!(
            words,
            [
                "fromm",
                "spo",
                "event",
                "MasterReq",
                "SlaveResp",
                "AssignNAD { <S1> }",
                "ConditionalChangeNAD { 0x7F, 0x01, 0x03, 0x01, 0xFF, 0x02 }",
                "DataDump { <S1>, 0x01, 0x02, 0x03, 0x04, 0x05 }",
                "SaveConfiguration { <S1> }",
                "AssignFrameIdRange { <S1>, 0 }",
                "AssignFrameIdRange { <S1>, 1, 0x50, 0xFF, 0xFF, 0xFF }",
                "AssignFrameId { <S1>, froms1 }",
                "FreeFormat { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0xFF }",
            ]
        );
    }
}
