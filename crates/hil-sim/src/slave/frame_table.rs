//! Which frame of the node answers to which id at the moment.

use hil_lin::{FrameId, Pid};

use super::{Defect, Defects};

/// Keeps what a frame has, in AssignFrameIdRange.
const KEEP: u8 = 0xFF;
/// Takes a frame its id.
const UNASSIGN: u8 = 0x00;

/// Who sends a frame's response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameDirection {
    /// The node.
    Published,
    /// Somebody else: so many data bytes.
    Subscribed {
        /// 1–8.
        length: usize,
    },
}

/// A frame of the node, as it leaves the factory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlaveFrame {
    /// Its id until the master assigns another.
    pub id: FrameId,
    /// Who sends its response.
    pub direction: FrameDirection,
}

/// The ids of the node's frames, in the order of `configurable_frames` in the LDF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FrameTable {
    ids: Vec<Option<FrameId>>,
}

impl FrameTable {
    pub(super) fn new(frames: &[SlaveFrame]) -> Self {
        Self { ids: frames.iter().map(|frame| Some(frame.id)).collect() }
    }

    /// The index of the frame that has this id.
    pub(super) fn index_of(&self, id: FrameId) -> Option<usize> {
        self.ids.iter().position(|assigned| *assigned == Some(id))
    }

    /// AssignFrameIdRange: protected ids for up to four frames from `start` on. Says whether it could be done;
    /// what cannot be done as a whole is not done at all, which is our reading (hardware reference 1.7, (U)).
    pub(super) fn assign(
        &mut self,
        start: u8,
        pids: [u8; 4],
        frames: &[SlaveFrame],
        defects: Defects,
    ) -> bool {
        if defects.has(Defect::RangeIgnored) {
            return true;
        }
        let mut ids = self.ids.clone();
        for (at, pid) in (usize::from(start)..).zip(pids) {
            if pid == KEEP && !defects.has(Defect::ForgetsKeptIds) {
                continue;
            }
            let Some((slot, frame)) = ids.get_mut(at).zip(frames.get(at)) else {
                if pid == KEEP {
                    continue;
                }
                return false;
            };
            *slot = match pid {
                UNASSIGN if defects.has(Defect::KeepsAfterUnassign) => *slot,
                UNASSIGN | KEEP => None,
                pid => match Pid::from_byte(pid) {
                    Ok(pid) if pid.id() < FrameId::MASTER_REQUEST => {
                        let is_deaf = match frame.direction {
                            FrameDirection::Published => defects.has(Defect::MuteOnHighIds),
                            FrameDirection::Subscribed { .. } => defects.has(Defect::DeafToHighIds),
                        };
                        if is_deaf && pid.id().get() >= 0x30 { None } else { Some(pid.id()) }
                    }
                    // Diagnostic and reserved ids cannot be assigned.
                    Ok(_) | Err(_) => return false,
                },
            };
        }
        self.ids = ids;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn frames() -> Vec<SlaveFrame> {
        let frame = |id| SlaveFrame { id: FrameId::new(id).unwrap(), direction: FrameDirection::Published };
        vec![frame(0x10), frame(0x11), frame(0x12)]
    }

    const fn pid(id: u8) -> u8 {
        match FrameId::new(id) {
            Ok(id) => id.protected().get(),
            Err(_) => 0,
        }
    }

    #[rstest]
    #[case::assign(0, [pid(0x20), pid(0x21), pid(0x22), 0xFF], true, [Some(0x20), Some(0x21), Some(0x22)])]
    #[case::keep_and_unassign(0, [0xFF, 0x00, 0xFF, 0xFF], true, [Some(0x10), None, Some(0x12)])]
    #[case::from_the_last_one(2, [pid(0), 0xFF, 0xFF, 0xFF], true, [Some(0x10), Some(0x11), Some(0)])]
    #[case::beyond_the_end(2, [pid(0x20), pid(0x21), 0xFF, 0xFF], false, [Some(0x10), Some(0x11), Some(0x12)])]
    #[case::wrong_parity(0, [pid(0x20), 0x21, 0xFF, 0xFF], false, [Some(0x10), Some(0x11), Some(0x12)])]
    #[case::diagnostic(0, [pid(0x3C), 0xFF, 0xFF, 0xFF], false, [Some(0x10), Some(0x11), Some(0x12)])]
    #[case::nothing_far_away(250, [0xFF; 4], true, [Some(0x10), Some(0x11), Some(0x12)])]
    fn ids_are_assigned_as_a_whole_or_not_at_all(
        #[case] start: u8,
        #[case] pids: [u8; 4],
        #[case] done: bool,
        #[case] ids: [Option<u8>; 3],
    ) {
        let mut table = FrameTable::new(&frames());
        assert_eq!(table.assign(start, pids, &frames(), Defects::NONE), done);
        assert_eq!(table.ids, ids.map(|id| id.map(|id| FrameId::new(id).unwrap())));
    }
}
