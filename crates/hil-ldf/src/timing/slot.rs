//! One slot of a schedule table.

use std::time::Duration;

use super::frame::{FrameRule, FrameTime};
use super::margin::Margin;
use crate::model::{Database, FrameId, LookupError, ScheduleCommand};

/// The master request, and the frame of every configuration command.
const MASTER_REQUEST: u8 = 0x3C;
/// The slave response.
const SLAVE_RESPONSE: u8 = 0x3D;
/// Bytes of a diagnostic frame.
const DIAGNOSTIC_BYTES: usize = 8;

/// What kind of frame a slot carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotKind {
    /// An unconditional frame.
    Unconditional,
    /// One of several frames of the master, or none: counted as the longest of them.
    Sporadic,
    /// One of several frames of slaves, or none: counted as the longest of them. Byte 0 is the protected id of
    /// the frame that answers, and part of that frame's length. A collision is resolved in later slots.
    EventTriggered,
    /// A diagnostic request or response, 8 bytes.
    Diagnostic,
    /// A configuration command: a request of 8 bytes.
    Configuration,
}

/// A slot of a schedule table and the time that its frame takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotTiming {
    /// Place in the table, from 1.
    pub number: usize,
    /// When the slot starts, from the start of the table.
    pub start: Duration,
    /// What the slot carries, in the words of the file: `ALM_Status`, `AssignNAD { ALM }`.
    pub frame: String,
    /// What kind of frame that is.
    pub kind: SlotKind,
    /// The identifier on the bus; none for a sporadic slot, whose frames have one each, and for a frame that has
    /// none until it is assigned.
    pub id: Option<FrameId>,
    /// Data bytes of the frame, without checksum. 0 if there is no frame that could be sent.
    pub bytes: usize,
    /// Time of the frame at its nominal length, rounded up to the nanosecond.
    pub nominal: Duration,
    /// The longest that the frame may take, rounded up to the nanosecond.
    pub maximum: Duration,
    /// Length of the slot: the time until the next one starts.
    pub length: Duration,
    /// What is left of the slot after the master's jitter and the frame's maximum.
    pub margin: Margin,
    /// Whether the slot is a multiple of the time base. No slot but an empty one is a multiple of 0 ms.
    pub on_time_base: bool,
}

impl SlotTiming {
    /// Whether the frame at its maximum, started as late as the jitter allows, ends after the slot.
    pub fn is_too_short(&self) -> bool {
        self.margin.is_negative()
    }
}

/// What a slot carries, before its place and length are looked at.
pub(super) struct Carried {
    pub(super) frame: String,
    pub(super) kind: SlotKind,
    pub(super) id: Option<FrameId>,
    pub(super) time: FrameTime,
}

impl Carried {
    pub(super) fn by(
        command: ScheduleCommand<'_>,
        database: &Database,
        rule: &FrameRule<'_>,
    ) -> Result<Self, LookupError> {
        let (kind, id, time) = match command {
            ScheduleCommand::Frame(name) => {
                let frame = database.frame(name)?;
                let time = rule.frame(frame.length(), frame.publisher());
                (SlotKind::Unconditional, frame.id(), time)
            }
            ScheduleCommand::Sporadic(name) => {
                let mut time = FrameTime::default();
                for sporadic in database.sporadic_frames() {
                    if sporadic.name() == name {
                        time = longest(time, sporadic.frames(), database, rule);
                    }
                }
                (SlotKind::Sporadic, None, time)
            }
            ScheduleCommand::EventTriggered(name) => {
                let mut id = None;
                let mut time = rule.header();
                for event in database.event_triggered_frames() {
                    if event.name() == name {
                        id = Some(event.id());
                        time = longest(time, event.frames(), database, rule);
                    }
                }
                (SlotKind::EventTriggered, id, time)
            }
            ScheduleCommand::SlaveResp => {
                let time = rule.frame_of_any_slave(DIAGNOSTIC_BYTES);
                (SlotKind::Diagnostic, FrameId::new(SLAVE_RESPONSE), time)
            }
            ScheduleCommand::MasterReq => {
                (SlotKind::Diagnostic, FrameId::new(MASTER_REQUEST), rule.frame_of_master(DIAGNOSTIC_BYTES))
            }
            ScheduleCommand::AssignNad { .. }
            | ScheduleCommand::ConditionalChangeNad { .. }
            | ScheduleCommand::DataDump { .. }
            | ScheduleCommand::SaveConfiguration { .. }
            | ScheduleCommand::AssignFrameIdRange { .. }
            | ScheduleCommand::AssignFrameId { .. }
            | ScheduleCommand::UnassignFrameId { .. }
            | ScheduleCommand::FreeFormat(_) => (
                SlotKind::Configuration,
                FrameId::new(MASTER_REQUEST),
                rule.frame_of_master(DIAGNOSTIC_BYTES),
            ),
        };
        Ok(Self { frame: command.to_string(), kind, id, time })
    }
}

/// What is enough for `time` and for each of the frames. A name that is no frame with a payload takes no time.
fn longest<'n>(
    time: FrameTime,
    frames: impl Iterator<Item = &'n str>,
    database: &Database,
    rule: &FrameRule<'_>,
) -> FrameTime {
    frames
        .filter_map(|name| database.frame(name).ok())
        .map(|frame| rule.frame(frame.length(), frame.publisher()))
        .fold(time, FrameTime::longer)
}
