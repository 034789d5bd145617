//! Timing for programs: `hil-ldf-timing/1`. The same table of a schedule is part of `hil-ldf-export/1`.

use std::path::Path;

use hil_ldf::{ScheduleTiming, SlotKind, SlotTiming};
use serde::Serialize;

use super::{Milliseconds, percent};
use crate::command::ldf::number::Decimal;

/// The output of `hil ldf timing --format json`.
#[derive(Serialize)]
pub(super) struct TimingRecord {
    schema: &'static str,
    file: String,
    bitrate: u32,
    schedules: Vec<NamedSchedule>,
}

#[derive(Serialize)]
struct NamedSchedule {
    name: String,
    timing: ScheduleRecord,
}

/// The timing of a schedule table.
#[derive(Serialize)]
pub(in crate::command::ldf) struct ScheduleRecord {
    time_base_ms: Milliseconds,
    jitter_ms: Milliseconds,
    period_ms: Milliseconds,
    bus_load: Option<LoadRecord>,
    slots: Vec<SlotRecord>,
}

#[derive(Serialize)]
struct LoadRecord {
    nominal_percent: Decimal,
    maximum_percent: Decimal,
}

#[derive(Serialize)]
struct SlotRecord {
    number: usize,
    start_ms: Milliseconds,
    frame: String,
    kind: &'static str,
    id: Option<u8>,
    bytes: usize,
    nominal_ms: Milliseconds,
    maximum_ms: Milliseconds,
    length_ms: Milliseconds,
    margin_ms: Milliseconds,
    too_short: bool,
    on_time_base: bool,
}

impl TimingRecord {
    pub(super) fn new(file: &Path, bitrate: u32, timings: &[ScheduleTiming]) -> Self {
        let named =
            |timing: &ScheduleTiming| NamedSchedule { name: timing.schedule.clone(), timing: timing.into() };
        Self {
            schema: "hil-ldf-timing/1",
            file: file.display().to_string(),
            bitrate,
            schedules: timings.iter().map(named).collect(),
        }
    }
}

impl From<&ScheduleTiming> for ScheduleRecord {
    fn from(timing: &ScheduleTiming) -> Self {
        let load = timing.bus_load().map(|load| LoadRecord {
            nominal_percent: percent(load.nominal),
            maximum_percent: percent(load.maximum),
        });
        Self {
            time_base_ms: timing.time_base.into(),
            jitter_ms: timing.jitter.into(),
            period_ms: timing.period.into(),
            bus_load: load,
            slots: timing.slots.iter().map(SlotRecord::from).collect(),
        }
    }
}

impl From<&SlotTiming> for SlotRecord {
    fn from(slot: &SlotTiming) -> Self {
        Self {
            number: slot.number,
            start_ms: slot.start.into(),
            frame: slot.frame.clone(),
            kind: match slot.kind {
                SlotKind::Unconditional => "unconditional",
                SlotKind::Sporadic => "sporadic",
                SlotKind::EventTriggered => "event_triggered",
                SlotKind::Diagnostic => "diagnostic",
                SlotKind::Configuration => "configuration",
            },
            id: slot.id.map(hil_ldf::FrameId::get),
            bytes: slot.bytes,
            nominal_ms: slot.nominal.into(),
            maximum_ms: slot.maximum.into(),
            length_ms: slot.length.into(),
            margin_ms: slot.margin.into(),
            too_short: slot.is_too_short(),
            on_time_base: slot.on_time_base,
        }
    }
}
