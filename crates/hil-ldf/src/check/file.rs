//! The file as a whole: header, and the order in which the sections are checked.

use std::sync::Arc;

use super::encodings::Encodings;
use super::frames::Frames;
use super::nodes::Nodes;
use super::signals::Signals;
use super::version::Language;
use super::{attributes, schedules};
use crate::model::{ByteOrder, Database, FrameDef};
use crate::syntax::ast::{File, Header, Text};
use crate::syntax::{Fault, Faults, Span};

/// The database of a file, if nothing in it is an error.
pub(crate) fn build(file: &File<'_>, faults: &mut Faults) -> Option<Database> {
    let header = &file.header;
    let language = language(header, faults);
    let bitrate = bitrate(header, faults);
    let big_endian = header.big_endian.unwrap_or(false);

    let nodes = Nodes::check(file, language, faults);
    let encodings = Encodings::check(file, faults);
    let signals = Signals::check(file, &nodes, &encodings, faults);
    let frames = Frames::check(file, &nodes, &signals, big_endian, faults);
    let slaves = attributes::check(file, &nodes, &signals, &frames, language, faults);
    let schedules = schedules::check(file, &nodes, &frames, faults);
    let groups = signals.groups(file, faults);
    encodings.check_signals(file, &signals, faults);
    frames.warn_about_unused(file, faults);
    if faults.any_error() {
        return None;
    }

    let text = |text: &Option<Text>| text.as_ref().map(|text| text.value.clone());
    Some(Database {
        protocol_version: text(&header.protocol_version).unwrap_or_default(),
        language_version: text(&header.language_version).unwrap_or_default(),
        file_revision: text(&header.file_revision),
        channel_name: text(&header.channel_name),
        bitrate,
        byte_order: if big_endian { ByteOrder::BigEndian } else { ByteOrder::LittleEndian },
        master: nodes.master,
        slaves,
        configurations: nodes.configurations,
        signal_index: signals.all.iter().enumerate().map(|(i, s)| (Arc::clone(&s.name), i)).collect(),
        signals: signals.all,
        frame_index: frames
            .all
            .iter()
            .enumerate()
            .map(|(i, f): (_, &FrameDef)| (Arc::clone(&f.name), i))
            .collect(),
        frames: frames.all,
        sporadic_frames: frames.sporadic,
        event_triggered_frames: frames.event_triggered,
        schedules,
        groups,
        encodings: encodings.all,
    })
}

/// Where the header is, for what it lacks.
fn header_span(header: &Header) -> Span {
    header.span.unwrap_or(Span { start: 0, end: 0 })
}

fn language(header: &Header, faults: &mut Faults) -> Language {
    let mut language = Language::Lin2;
    let versions = [
        ("LIN_protocol_version", &header.protocol_version),
        ("LIN_language_version", &header.language_version),
    ];
    for (keyword, version) in versions {
        match version {
            Some(version) => language = Language::of(version, faults),
            None => {
                let fault = Fault::warning(header_span(header), format!("the file has no {keyword}"));
                faults.push(fault);
            }
        }
    }
    language
}

/// kbit/s to bit/s. The highest rate of LIN is 20 kbit/s; faster buses exist, so this is no limit here.
fn bitrate(header: &Header, faults: &mut Faults) -> u32 {
    let Some(speed) = header.speed else {
        faults.push(Fault::warning(header_span(header), "the file has no LIN_speed"));
        return 0;
    };
    let rate = (speed.value * 1000.0).round();
    if !(1.0..=1e6).contains(&rate) {
        let fault = Fault::error(speed.span, format!("a bit rate of {} kbps is out of range", speed.value));
        faults.push(fault.expected("0.001 to 1000 kbps"));
        return 0;
    }
    // The range is checked.
    rate as u32
}
