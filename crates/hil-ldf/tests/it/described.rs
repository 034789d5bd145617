//! A database as JSON, in the shape of the oracle's.

use std::time::Duration;

use hil_ldf::{
    ByteOrder, Database, EncodingEntry, FrameDef, FrameKind, NodeAttributes, Raw, ScheduleCommand,
    ScheduleEntry, SignalDef, SignalSlot,
};
use serde_json::{Value as Json, json};

/// Everything that the database says.
pub(crate) fn describe(database: &Database) -> Json {
    let kind = |kind| database.frames().filter(move |frame| frame.kind() == kind);
    let (published, diagnostic): (Vec<_>, Vec<_>) =
        database.signals().partition(|signal| signal.publisher().is_some());
    json!({
        "protocol_version": database.protocol_version(),
        "language_version": database.language_version(),
        "speed_kbps": f64::from(database.bitrate()) / 1000.0,
        "channel_name": database.channel_name(),
        "file_revision": database.file_revision(),
        "endianness": match database.byte_order() { ByteOrder::BigEndian => json!("big"), ByteOrder::LittleEndian => Json::Null },
        "master": database.master().map(|master| json!({
            "name": master.name(),
            "timebase_ms": milliseconds(master.time_base()),
            "jitter_ms": milliseconds(master.jitter()),
            "max_header_length_bits": master.j2602().map(|timing| timing.max_header_bits as u64),
            "response_tolerance_pct": master.j2602().map(|timing| timing.response_tolerance),
        })),
        "slaves": database.slaves().map(|slave| slave.name()).collect::<Vec<_>>(),
        "diagnostic_addresses": addresses(database),
        "node_compositions": database.configurations().map(|configuration| json!({
            "name": configuration.name(),
            "composites": configuration.composites().map(|composite| json!({
                "name": composite.name(),
                "nodes": composite.members().collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "signals": published.into_iter().map(signal).collect::<Vec<_>>(),
        "diagnostic_signals": diagnostic.into_iter().map(signal).collect::<Vec<_>>(),
        "frames": kind(FrameKind::Unconditional).map(frame).collect::<Vec<_>>(),
        "diagnostic_frames": kind(FrameKind::Diagnostic).map(frame).collect::<Vec<_>>(),
        "sporadic_frames": database.sporadic_frames().map(|frame| json!({
            "name": frame.name(),
            "frames": frame.frames().collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "event_triggered_frames": database.event_triggered_frames().map(|frame| json!({
            "name": frame.name(),
            "id": frame.id().get(),
            "collision_resolving_schedule_table": frame.collision_table(),
            "frames": frame.frames().collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "node_attributes": database.slaves().filter_map(|slave| {
            slave.attributes().map(|attributes| node(slave.name(), attributes))
        }).collect::<Vec<_>>(),
        "schedule_tables": database.schedule_tables().map(|table| json!({
            "name": table.name(),
            "entries": table.entries().map(slot).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "signal_groups": database.signal_groups().map(|group| json!({
            "name": group.name(),
            "size": group.size(),
            "signals": group.signals().map(|(name, offset)| json!([offset, name])).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "signal_encoding_types": database.encodings().map(|encoding| json!({
            "name": encoding.name(),
            "values": encoding.entries().map(entry).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e6
}

fn addresses(database: &Database) -> Json {
    let described = database.slaves().filter(|slave| slave.attributes().is_none());
    let addresses: serde_json::Map<_, _> = described
        .filter_map(|slave| slave.nad().map(|nad| (slave.name().to_owned(), json!(nad.get()))))
        .collect();
    if addresses.is_empty() { Json::Null } else { Json::Object(addresses) }
}

fn signal(signal: SignalDef<'_>) -> Json {
    let mut json = json!({
        "name": signal.name(),
        "width": signal.width(),
        "init": match signal.init() { Raw::Scalar(value) => json!(value), Raw::Array(bytes) => json!(bytes.to_vec()) },
        "encoding": signal.encoding().map(|encoding| encoding.name()),
    });
    if let Some(publisher) = signal.publisher() {
        json["publisher"] = publisher.into();
        json["subscribers"] = signal.subscribers().collect::<Vec<_>>().into();
    }
    json
}

fn frame(frame: FrameDef<'_>) -> Json {
    let place = |slot: SignalSlot<'_>| json!([slot.offset(), slot.name()]);
    let mut json = json!({
        "name": frame.name(),
        "id": frame.id().map(|id| id.get()),
        "signals": frame.signals().map(place).collect::<Vec<_>>(),
    });
    if frame.kind() == FrameKind::Unconditional {
        json["publisher"] = frame.publisher().into();
        json["length"] = frame.length().into();
    }
    json
}

fn node(name: &str, node: NodeAttributes<'_>) -> Json {
    json!({
        "name": name,
        "lin_protocol": node.protocol(),
        "configured_nad": node.configured_nad().map(|nad| nad.get()),
        "initial_nad": node.initial_nad().map(|nad| nad.get()),
        // The oracle takes a variant that is not given for 0.
        "product_id": node.product_id().map(|id| json!([id.supplier, id.function, id.variant.unwrap_or(0)])),
        "response_error": node.response_error(),
        "fault_state_signals": node.fault_state_signals().collect::<Vec<_>>(),
        "p2_min_ms": milliseconds(node.p2_min()),
        "st_min_ms": milliseconds(node.st_min()),
        "n_as_timeout_ms": milliseconds(node.n_as_timeout()),
        "n_cr_timeout_ms": milliseconds(node.n_cr_timeout()),
        "response_tolerance_pct": node.response_tolerance(),
        "wakeup_time_ms": node.wakeup_time().map(milliseconds),
        "poweron_time_ms": node.poweron_time().map(milliseconds),
        "configurable_frames":
            node.configurable_frames().map(|frame| json!([frame.frame(), frame.message_id()])).collect::<Vec<_>>(),
    })
}

fn slot(slot: ScheduleEntry<'_>) -> Json {
    let mut json = match slot.command() {
        ScheduleCommand::Frame(frame)
        | ScheduleCommand::Sporadic(frame)
        | ScheduleCommand::EventTriggered(frame) => {
            json!({ "type": "frame", "frame": frame })
        }
        ScheduleCommand::MasterReq => json!({ "type": "master_request" }),
        ScheduleCommand::SlaveResp => json!({ "type": "slave_response" }),
        ScheduleCommand::AssignNad { node } => json!({ "type": "assign_nad", "node": node }),
        ScheduleCommand::ConditionalChangeNad { nad, id, byte, mask, invert, new_nad } => json!({
            "type": "conditional_change_nad", "nad": nad.get(), "id": id, "byte": byte, "mask": mask,
            "inv": invert, "new_nad": new_nad.get(),
        }),
        ScheduleCommand::DataDump { node, data } => {
            json!({ "type": "data_dump", "node": node, "data": data })
        }
        ScheduleCommand::SaveConfiguration { node } => json!({ "type": "save_configuration", "node": node }),
        ScheduleCommand::AssignFrameIdRange { node, start, pids } => json!({
            "type": "assign_frame_id_range", "node": node, "frame_index": start,
            "pids": pids.map_or(Vec::new(), |pids| pids.to_vec()),
        }),
        ScheduleCommand::AssignFrameId { node, frame } => {
            json!({ "type": "assign_frame_id", "node": node, "frame": frame })
        }
        ScheduleCommand::UnassignFrameId { node, frame } => {
            json!({ "type": "unassign_frame_id", "node": node, "frame": frame })
        }
        ScheduleCommand::FreeFormat(data) => json!({ "type": "free_format", "data": data }),
    };
    json["delay_ms"] = milliseconds(slot.delay()).into();
    json
}

fn entry(entry: EncodingEntry<'_>) -> Json {
    match entry {
        EncodingEntry::Logical { value, text } => json!({ "type": "logical", "value": value, "text": text }),
        EncodingEntry::Physical { min, max, scale, offset, unit } => json!({
            "type": "physical", "min": min, "max": max, "scale": scale, "offset": offset, "unit": unit,
        }),
        EncodingEntry::Bcd => json!({ "type": "bcd" }),
        EncodingEntry::Ascii => json!({ "type": "ascii" }),
    }
}
