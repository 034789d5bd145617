//! A case's `system-out`: the log with the recorded properties in their place, then the last frames.

use hil_model::{CheckSeen, FrameSeen};

use crate::text::{clip, hex, visible};
use crate::{AttemptRecord, Observation, RunRecord, words};

/// The most characters of the log, head and tail. Jenkins itself keeps 50 000 and 50 000 of a red case.
const LOG_LENGTH: (usize, usize) = (12_000, 24_000);

/// The most frames that are listed; the flight recorder has more.
const FRAMES: usize = 40;

/// The output of an attempt, line by line.
pub(super) fn of_attempt(record: &RunRecord, attempt: &AttemptRecord) -> Vec<String> {
    let observed = record.observed(&attempt.evidence);
    let mut lines: Vec<(u64, String)> = Vec::new();
    let mut frames = Vec::new();
    for seen in observed {
        match &seen.what {
            Observation::Log(line) => {
                let text =
                    format!("{} {} {}: {}", seen.at, words::level(line.level), line.target, line.message);
                lines.push((seen.seq, text));
            }
            Observation::Frame(frame) => frames.push((seen.at, frame)),
            Observation::Supply(_) => {}
        }
    }
    // `rp` echoes what it records, where the log of the moment stands (HLP-07).
    for noted in &attempt.evidence.properties {
        lines.push((noted.seq, format!("{} = {}", noted.what.key, noted.what.value)));
    }
    lines.sort_by_key(|(seq, _)| *seq);

    let log: Vec<_> = lines.iter().map(|(_, line)| visible(line)).collect();
    let mut output = Vec::new();
    if !log.is_empty() {
        output.push(clip(&log.join("\n"), LOG_LENGTH.0, LOG_LENGTH.1));
    }
    if !frames.is_empty() {
        let shown = frames.len().min(FRAMES);
        output.push(format!("last {shown} of {} frames:", frames.len()));
        let last = &frames[frames.len() - shown..];
        output.extend(last.iter().map(|(at, frame)| format!("{at} {}", visible(&frame_line(frame)))));
    }
    output
}

/// A frame in a line: `rx 0x11 ALM_Status 01 02`.
fn frame_line(frame: &FrameSeen) -> String {
    let direction = words::direction(frame.direction);
    let name = frame.name.as_ref().map(|name| format!("{name} ")).unwrap_or_default();
    let check = match &frame.check {
        CheckSeen::Good => String::new(),
        CheckSeen::NoResponse | CheckSeen::Bad(_) => format!(" ({})", words::check(&frame.check)),
    };
    format!("{direction} 0x{:02X} {name}{}{check}", frame.id, hex(&frame.data))
}
