//! The master requests that configuration slots send (hardware reference 1.7).
//!
//! Which of these services a node answers, and all but 0xB2 and 0xB5, is from knowledge of the standard (U).

use hil_ldf::{Database, NodeAttributes, ProductId};
use hil_lin::FrameId;

use super::TableError;

type Result<T> = std::result::Result<T, TableError>;

const ASSIGN_NAD: u8 = 0xB0;
const ASSIGN_FRAME_ID: u8 = 0xB1;
const CONDITIONAL_CHANGE_NAD: u8 = 0xB3;
const DATA_DUMP: u8 = 0xB4;
const SAVE_CONFIGURATION: u8 = 0xB6;
const ASSIGN_FRAME_ID_RANGE: u8 = 0xB7;

/// A frame that keeps its protected identifier.
const KEEP: u8 = 0xFF;
/// LIN 2.0: the protected identifier that disables a frame (U).
const UNASSIGNED: u8 = 0x40;

/// Gives a node the address that the LDF configures.
pub(super) fn assign_nad(ldf: &Database, node: &str) -> Result<[u8; 8]> {
    let node = Node::of(ldf, node)?;
    let (ProductId { supplier, function, .. }, new) = (node.product()?, node.nad()?);
    let from = node.attributes.initial_nad().map_or(new, |nad| nad.get());
    let ([s0, s1], [f0, f1]) = (supplier.to_le_bytes(), function.to_le_bytes());
    Ok(single_frame(from, &[ASSIGN_NAD, s0, s1, f0, f1, new]))
}

/// Changes the address of the nodes that meet a condition: `id`, `byte`, `mask`, `invert`, and the new address.
pub(super) fn conditional_change_nad(nad: u8, [id, byte, mask, invert, new]: [u8; 5]) -> [u8; 8] {
    single_frame(nad, &[CONDITIONAL_CHANGE_NAD, id, byte, mask, invert, new])
}

/// Hands a node five bytes that mean something to it.
pub(super) fn data_dump(ldf: &Database, node: &str, [a, b, c, d, e]: [u8; 5]) -> Result<[u8; 8]> {
    Ok(single_frame(Node::of(ldf, node)?.nad()?, &[DATA_DUMP, a, b, c, d, e]))
}

/// Has a node keep its configuration.
pub(super) fn save_configuration(ldf: &Database, node: &str) -> Result<[u8; 8]> {
    Ok(single_frame(Node::of(ldf, node)?.nad()?, &[SAVE_CONFIGURATION]))
}

/// Gives up to four frames of a node, from the one at `start` on, their protected identifiers: those of the LDF
/// where the slot names none.
pub(super) fn assign_frame_id_range(
    ldf: &Database,
    node: &str,
    start: u8,
    pids: Option<[u8; 4]>,
) -> Result<[u8; 8]> {
    let node = Node::of(ldf, node)?;
    let [a, b, c, d] = match pids {
        Some(pids) => pids,
        None => node.pids_from(ldf, start)?,
    };
    Ok(single_frame(node.nad()?, &[ASSIGN_FRAME_ID_RANGE, start, a, b, c, d]))
}

/// LIN 2.0: gives a frame of a node the protected identifier that the LDF has for it.
pub(super) fn assign_frame_id(ldf: &Database, node: &str, frame: &str) -> Result<[u8; 8]> {
    let pid = pid(ldf, frame)?;
    Node::of(ldf, node)?.assign_frame_id(frame, pid)
}

/// LIN 2.0: takes a frame of a node off the bus.
pub(super) fn unassign_frame_id(ldf: &Database, node: &str, frame: &str) -> Result<[u8; 8]> {
    Node::of(ldf, node)?.assign_frame_id(frame, UNASSIGNED)
}

/// The slave that a command is for.
struct Node<'d> {
    name: &'d str,
    attributes: NodeAttributes<'d>,
}

impl<'d> Node<'d> {
    fn of(ldf: &'d Database, name: &'d str) -> Result<Self> {
        let attributes = ldf.node_attributes(name).ok_or_else(|| missing(name, "attributes"))?;
        Ok(Self { name, attributes })
    }

    fn nad(&self) -> Result<u8> {
        let nad = self.attributes.configured_nad().ok_or_else(|| missing(self.name, "configured_NAD"))?;
        Ok(nad.get())
    }

    fn product(&self) -> Result<ProductId> {
        self.attributes.product_id().ok_or_else(|| missing(self.name, "product_id"))
    }

    /// The protected ids that the file gives to the four configurable frames from `start` on.
    fn pids_from(&self, ldf: &Database, start: u8) -> Result<[u8; 4]> {
        let mut pids = [KEEP; 4];
        let frames = self.attributes.configurable_frames().skip(usize::from(start));
        for (place, frame) in pids.iter_mut().zip(frames) {
            *place = pid(ldf, frame.frame())?;
        }
        Ok(pids)
    }

    /// LIN 2.0: gives one frame, known by its message identifier, its protected identifier.
    fn assign_frame_id(&self, frame: &str, pid: u8) -> Result<[u8; 8]> {
        let configurable = self.attributes.configurable_frames().find(|known| known.frame() == frame);
        let message = configurable
            .and_then(|known| known.message_id())
            .ok_or_else(|| missing(self.name, &format!("message identifier for {frame}")))?;
        let [s0, s1] = self.product()?.supplier.to_le_bytes();
        let [m0, m1] = message.to_le_bytes();
        Ok(single_frame(self.nad()?, &[ASSIGN_FRAME_ID, s0, s1, m0, m1, pid]))
    }
}

/// The protected id of a frame, which may be an event-triggered one.
fn pid(ldf: &Database, frame: &str) -> Result<u8> {
    let event = ldf.event_triggered_frames().find(|event| event.name() == frame).map(|event| event.id());
    let id = match event {
        Some(id) => Some(id),
        None => ldf.frame(frame)?.id(),
    };
    let id = id.ok_or_else(|| TableError::NoIdentifier { frame: frame.to_owned() })?;
    Ok(FrameId::new(id.get())?.protected().get())
}

fn missing(node: &str, what: &str) -> TableError {
    TableError::NodeLacks { node: node.to_owned(), what: what.to_owned() }
}

/// A single frame of at most six bytes, padded with FF (hardware reference 1.6).
fn single_frame(nad: u8, content: &[u8]) -> [u8; 8] {
    let mut frame = [0xFF; 8];
    let length = content.len() as u8;
    for (place, byte) in frame.iter_mut().zip([nad, length].iter().chain(content)) {
        *place = *byte;
    }
    frame
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use hil_lin::{SlotKind, TableSet};

    use super::super::{ScheduleTables, TableError};

    const FILE: &str = r#"
        LIN_description_file;
        LIN_protocol_version = "2.1"; LIN_language_version = "2.1"; LIN_speed = 19.2 kbps;
        Nodes { Master: M, 5 ms, 0.1 ms; Slaves: S, Bare; }
        Signals { A: 8, 0, S, M; B: 8, 0, S, M; }
        Frames { FA: 0x01, S, 1 { A, 0; } FB: 0x02, S, 1 { B, 0; } }
        Node_attributes {
            S { LIN_protocol = "2.1"; configured_NAD = 0x05; initial_NAD = 0x01; product_id = 0x1234, 0x5678, 0;
                response_error = A; configurable_frames { FA = 0x1001; FB = 0x1002; } }
            Bare { LIN_protocol = "2.1"; configured_NAD = 0x06; }
        }
        Schedule_tables {
            T {
                AssignNAD { S } delay 10 ms;
                ConditionalChangeNAD { 0x7F, 0x01, 0x03, 0x01, 0xFF, 0x22 } delay 10 ms;
                DataDump { S, 1, 2, 3, 4, 5 } delay 10 ms;
                SaveConfiguration { S } delay 10 ms;
                AssignFrameIdRange { S, 0 } delay 10 ms;
                AssignFrameIdRange { S, 1, 0x80, 0xC1, 0x42, 0xFF } delay 10 ms;
                AssignFrameId { S, FA } delay 10 ms;
                UnassignFrameId { S, FB } delay 10 ms;
                FreeFormat { 1, 2, 3, 4, 5, 6, 7, 8 } delay 10 ms;
            }
            Lacking { AssignNAD { Bare } delay 10 ms; }
        }
    "#;

    fn set(name: &str) -> Result<TableSet, TableError> {
        ScheduleTables::new(Arc::new(hil_ldf::parse(FILE).unwrap().database), BTreeMap::new()).set(name)
    }

    #[test]
    fn each_command_is_its_request() {
        let set = set("T").unwrap();
        let request = |what: &SlotKind| match what {
            SlotKind::Configuration(bytes) => bytes.map(|byte| format!("{byte:02X}")).join(" "),
            other => format!("{other:?}"),
        };
        let requests: Vec<String> = set.main().slots().iter().map(|slot| request(&slot.what)).collect();
        assert_eq!(
            requests,
            [
                "01 06 B0 34 12 78 56 05",
                "7F 06 B3 01 03 01 FF 22",
                "05 06 B4 01 02 03 04 05",
                "05 01 B6 FF FF FF FF FF",
                "05 06 B7 00 C1 42 FF FF",
                "05 06 B7 01 80 C1 42 FF",
                "05 06 B1 34 12 01 10 C1",
                "05 06 B1 34 12 02 10 40",
                "01 02 03 04 05 06 07 08",
            ]
        );
    }

    #[test]
    fn what_the_ldf_does_not_say_is_named() {
        assert_eq!(
            set("Lacking").unwrap_err().to_string(),
            "node Bare has no product_id in the LDF, which its configuration slot needs"
        );
    }
}
