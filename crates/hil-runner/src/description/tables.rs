//! From the schedule tables of the LDF to those of the bus.

use std::collections::BTreeMap;
use std::sync::Arc;

use hil_config::Resolved;
use hil_ldf::{Database, Fill, FrameDef, ScheduleCommand, ScheduleTable, ScheduleTiming, SlotTiming, Value};
use hil_lin::{Data, FrameId, Header, Published, ScheduledFrame, Slot, SlotKind, Table, TableSet};

use super::checksum::{frame_checksum, is_slave};
use super::{TableError, request};
use crate::run::RunError;
use crate::session::load_ldf;

type Result<T> = std::result::Result<T, TableError>;

/// The schedule tables of an LDF, and what the configuration says otherwise about the lengths of frames.
#[derive(Clone, Debug)]
pub struct ScheduleTables {
    ldf: Arc<Database>,
    lengths: BTreeMap<u8, u8>,
}

impl ScheduleTables {
    /// The tables of `ldf`. `lengths` has the data bytes of frames, 1–8, whose length is not that of the LDF,
    /// by their id (`interface.frame_lengths`).
    pub const fn new(ldf: Arc<Database>, lengths: BTreeMap<u8, u8>) -> Self {
        Self { ldf, lengths }
    }

    /// The tables of the LDF that the configuration names; `None` if it names none. Nothing is opened.
    ///
    /// # Errors
    ///
    /// The LDF cannot be read.
    pub fn configured(resolved: &Resolved) -> std::result::Result<Option<Self>, RunError> {
        let lengths = resolved.config.interface.frame_lengths.clone();
        Ok(load_ldf(resolved)?.database().map(|ldf| Self::new(Arc::clone(ldf), lengths)))
    }

    /// The LDF.
    pub const fn ldf(&self) -> &Arc<Database> {
        &self.ldf
    }

    /// The table `name`, with those that its collisions lead to.
    ///
    /// # Errors
    ///
    /// An unknown name, with the nearest one, and a table that cannot be run.
    pub fn set(&self, name: &str) -> Result<TableSet> {
        let mut tables = vec![self.table(self.ldf.schedule_table(name)?)?];
        let mut at = 0;
        while let Some(table) = tables.get(at) {
            for collision in collisions(table) {
                if tables.iter().all(|table| table.name() != collision) {
                    tables.push(self.collision_table(&collision)?);
                }
            }
            at += 1;
        }
        Ok(TableSet::new(tables)?)
    }

    /// The frame `name` and its id on the bus.
    ///
    /// # Errors
    ///
    /// An unknown name, with the nearest one, and a frame whose identifier the LDF leaves open.
    pub fn frame(&self, name: &str) -> Result<(FrameDef<'_>, FrameId)> {
        let frame = self.ldf.frame(name)?;
        let id = frame.id().ok_or_else(|| TableError::NoIdentifier { frame: name.to_owned() })?;
        Ok((frame, FrameId::new(id.get())?))
    }

    /// What is wrong with the times of the table `name`: a line for each slot that is too short for its frame and
    /// the master's jitter.
    pub fn short_slots(&self, name: &str) -> Vec<String> {
        // A file without a master or a bit rate says nothing of times, so there is nothing to find fault with.
        let Ok(timing) = ScheduleTiming::of(&self.ldf, name) else { return Vec::new() };
        let short = timing.slots.iter().filter(|slot| slot.is_too_short());
        let warning = |slot: &SlotTiming| {
            format!(
                "schedule table {name}: slot {} ({}) takes {:.3} ms, its frame and the jitter up to {:.3} ms",
                slot.number,
                slot.frame,
                slot.length.as_secs_f64() * 1e3,
                (slot.maximum + timing.jitter).as_secs_f64() * 1e3,
            )
        };
        short.map(warning).collect()
    }

    fn table(&self, table: ScheduleTable<'_>) -> Result<Table> {
        let slots =
            table.entries().map(|entry| Ok(Slot { what: self.slot(entry.command())?, delay: entry.delay() }));
        Ok(Table::new(table.name(), slots.collect::<Result<_>>()?)?)
    }

    fn slot(&self, command: ScheduleCommand<'_>) -> Result<SlotKind> {
        let ldf = &*self.ldf;
        Ok(match command {
            ScheduleCommand::Frame(name) => SlotKind::Unconditional(self.unconditional(name)?),
            ScheduleCommand::Sporadic(name) => {
                let sporadic = ldf.sporadic_frames().find(|frame| frame.name() == name);
                let frames = sporadic.into_iter().flat_map(|sporadic| sporadic.frames());
                SlotKind::Sporadic(frames.map(|name| self.published(name)).collect::<Result<_>>()?)
            }
            ScheduleCommand::EventTriggered(name) => self.event(name)?,
            ScheduleCommand::MasterReq => SlotKind::MasterRequest,
            ScheduleCommand::SlaveResp => SlotKind::SlaveResponse,
            ScheduleCommand::AssignNad { node } => SlotKind::Configuration(request::assign_nad(ldf, node)?),
            ScheduleCommand::ConditionalChangeNad { nad, id, byte, mask, invert, new_nad } => {
                let condition = [id, byte, mask, invert, new_nad.get()];
                SlotKind::Configuration(request::conditional_change_nad(nad.get(), condition))
            }
            ScheduleCommand::DataDump { node, data } => {
                SlotKind::Configuration(request::data_dump(ldf, node, data)?)
            }
            ScheduleCommand::SaveConfiguration { node } => {
                SlotKind::Configuration(request::save_configuration(ldf, node)?)
            }
            ScheduleCommand::AssignFrameIdRange { node, start, pids } => {
                SlotKind::Configuration(request::assign_frame_id_range(ldf, node, start, pids)?)
            }
            ScheduleCommand::AssignFrameId { node, frame } => {
                SlotKind::Configuration(request::assign_frame_id(ldf, node, frame)?)
            }
            ScheduleCommand::UnassignFrameId { node, frame } => {
                SlotKind::Configuration(request::unassign_frame_id(ldf, node, frame)?)
            }
            ScheduleCommand::FreeFormat(bytes) => SlotKind::Configuration(bytes),
        })
    }

    fn unconditional(&self, name: &str) -> Result<ScheduledFrame> {
        let (frame, id) = self.frame(name)?;
        if is_slave(&self.ldf, frame.publisher()) {
            Ok(ScheduledFrame::Subscribed(self.header(frame, id)))
        } else {
            self.published(name).map(ScheduledFrame::Published)
        }
    }

    fn published(&self, name: &str) -> Result<Published> {
        let (frame, id) = self.frame(name)?;
        let nothing: [(&str, Value<'_>); 0] = [];
        let initial = Data::new(&frame.encode(nothing, Fill::Ones)?)?;
        Ok(Published { id, checksum: frame_checksum(&self.ldf, frame, id), initial })
    }

    fn header(&self, frame: FrameDef<'_>, id: FrameId) -> Header {
        let length =
            self.lengths.get(&id.get()).map_or_else(|| frame.length(), |length| usize::from(*length));
        Header::new(id, length).with_checksum(frame_checksum(&self.ldf, frame, id))
    }

    /// An event-triggered frame is as long as the frames that answer it, and has their checksum.
    fn event(&self, name: &str) -> Result<SlotKind> {
        let unknown = || TableError::UnknownEvent { frame: name.to_owned() };
        let event =
            self.ldf.event_triggered_frames().find(|event| event.name() == name).ok_or_else(unknown)?;
        let frames: Vec<_> = event.frames().map(|name| self.frame(name)).collect::<Result<_>>()?;
        let empty = || TableError::EmptyEvent { frame: name.to_owned() };
        let (first, first_id) = frames.first().ok_or_else(empty)?;
        let header = Header { id: FrameId::new(event.id().get())?, ..self.header(*first, *first_id) };
        let frames = frames.iter().map(|(_, id)| *id).collect();
        let collision = event.collision_table().map_or_else(|| one_by_one(name), str::to_owned);
        Ok(SlotKind::EventTriggered { header, frames, collision })
    }

    /// The table `name`, or for LIN 2.0, whose files name none, one that asks for the frames one by one (U).
    fn collision_table(&self, name: &str) -> Result<Table> {
        let without = self
            .ldf
            .event_triggered_frames()
            .find(|event| event.collision_table().is_none() && one_by_one(event.name()) == name);
        let Some(event) = without else { return self.table(self.ldf.schedule_table(name)?) };
        let delay = self
            .ldf
            .schedule_tables()
            .flat_map(|table| table.entries())
            .find(|entry| entry.command() == ScheduleCommand::EventTriggered(event.name()))
            .map(|entry| entry.delay())
            .unwrap_or_default();
        let slots = event
            .frames()
            .map(|frame| Ok(Slot { what: SlotKind::Unconditional(self.unconditional(frame)?), delay }));
        Ok(Table::new(name, slots.collect::<Result<_>>()?)?)
    }
}

/// The name of the table that resolves collisions of an event-triggered frame of LIN 2.0. No table of a file
/// is called so: names have no blanks.
fn one_by_one(event: &str) -> String {
    format!("{event} one by one")
}

/// The tables that the collisions of `table` lead to.
fn collisions(table: &Table) -> Vec<String> {
    let collision = |slot: &Slot| match &slot.what {
        SlotKind::EventTriggered { collision, .. } => Some(collision.clone()),
        SlotKind::Unconditional(_)
        | SlotKind::Sporadic(_)
        | SlotKind::MasterRequest
        | SlotKind::SlaveResponse
        | SlotKind::Configuration(_) => None,
    };
    table.slots().iter().filter_map(collision).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        LIN_description_file;
        LIN_protocol_version = "2.1"; LIN_language_version = "2.1"; LIN_speed = 19.2 kbps;
        Nodes { Master: M, 5 ms, 0.1 ms; Slaves: S, T; }
        Signals { A: 8, 1, M, S; B: 8, 2, M, S; C: 8, 0, S, M; D: 8, 0, T, M; }
        Frames { FA: 0x01, M, 1 { A, 0; } FB: 0x02, M, 2 { B, 0; } FC: 0x03, S, 2 { C, 8; } FD: 0x04, T, 2 { D, 8; } }
        Sporadic_frames { Sp: FA, FB; }
        Event_triggered_frames { Ev: Resolve, 0x10, FC, FD; }
        Node_attributes { S { LIN_protocol = "2.1"; configured_NAD = 1; product_id = 1, 2, 3; response_error = C; }
                          T { LIN_protocol = "1.3"; configured_NAD = 2; product_id = 1, 2, 3; response_error = D; } }
        Schedule_tables {
            Main { FA delay 10 ms; FC delay 10 ms; Sp delay 10 ms; Ev delay 10 ms; MasterReq delay 10 ms;
                   SlaveResp delay 10 ms; SaveConfiguration { S } delay 10 ms; }
            Resolve { FC delay 10 ms; FD delay 10 ms; Ev delay 10 ms; }
        }
    "#;

    fn tables(text: &str) -> ScheduleTables {
        ScheduleTables::new(Arc::new(hil_ldf::parse(text).unwrap().database), BTreeMap::from([(0x03, 4)]))
    }

    #[test]
    fn slots_are_those_of_the_file_and_collisions_lead_to_their_tables() {
        let set = tables(FILE).set("Main").unwrap();
        let names: Vec<&str> = set.tables().iter().map(Table::name).collect();
        assert_eq!(names, ["Main", "Resolve"]);
        let slots: Vec<String> = set.main().slots().iter().map(|slot| format!("{:?}", slot.what)).collect();
        let published = |id: &str, data: &str| {
            format!("Published {{ id: FrameId({id}), checksum: Enhanced, initial: [{data}] }}")
        };
        let (a, b) = (published("1", "01"), published("2", "02 FF"));
        assert_eq!(
            slots,
            [
                format!("Unconditional(Published({a}))"),
                "Unconditional(Subscribed(Header { id: FrameId(3), length: 4, checksum: Enhanced }))"
                    .to_owned(),
                format!("Sporadic([{a}, {b}])"),
                "EventTriggered { header: Header { id: FrameId(16), length: 4, checksum: Enhanced }, \
                 frames: [FrameId(3), FrameId(4)], collision: \"Resolve\" }"
                    .to_owned(),
                "MasterRequest".to_owned(),
                "SlaveResponse".to_owned(),
                "Configuration([1, 1, 182, 255, 255, 255, 255, 255])".to_owned(),
            ]
        );
    }

    #[test]
    fn an_unknown_table_is_refused_with_the_nearest_one() {
        let error = tables(FILE).set("Mian").unwrap_err().to_string();
        assert!(error.contains("\"Main\""), "{error}");
    }

    #[test]
    fn a_collision_without_a_table_asks_one_by_one() {
        let text = FILE
            .replace(
                "LIN_protocol_version = \"2.1\"; LIN_language_version = \"2.1\"",
                "LIN_protocol_version = \"2.0\"; LIN_language_version = \"2.0\"",
            )
            .replace("Ev: Resolve, 0x10, FC, FD", "Ev: 0x10, FC, FD")
            .replace("FD delay 10 ms; Ev delay 10 ms;", "FD delay 10 ms;");
        let set = tables(&text).set("Main").unwrap();
        let [_, resolving] = set.tables() else { panic!("{set:?}") };
        let ids: Vec<u8> = resolving
            .slots()
            .iter()
            .filter_map(|slot| match &slot.what {
                SlotKind::Unconditional(frame) => Some(frame.id().get()),
                _ => None,
            })
            .collect();
        assert_eq!((resolving.name(), ids), ("Ev one by one", vec![3, 4]));
    }
}
