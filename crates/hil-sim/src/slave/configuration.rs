//! Node configuration: address, frame ids, identification (hardware reference 1.7, services B0 to B7).

use hil_lin::{FrameId, Nad};

use super::frame_table::{FrameTable, SlaveFrame};
use super::snpd::{Snpd, Step};
use super::{Defect, Defects};
use crate::Reply;

const SUPPLIER_WILDCARD: u16 = 0x7FFF;
const FUNCTION_WILDCARD: u16 = 0xFFFF;

const SERVICE_NOT_SUPPORTED: u8 = 0x11;
const SUB_FUNCTION_NOT_SUPPORTED: u8 = 0x12;

/// What a node is, as ReadByIdentifier tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Supplier, 0 to 0x7FFE.
    pub supplier: u16,
    /// Function, 0 to 0xFFFE.
    pub function: u16,
    /// Variant.
    pub variant: u8,
    /// Serial number.
    pub serial: [u8; 4],
}

impl Identity {
    /// Whether a request for this supplier and function (each low byte first) means the node.
    fn is_meant(&self, supplier: [u8; 2], function: [u8; 2], defects: Defects) -> bool {
        let (supplier, function) = (u16::from_le_bytes(supplier), u16::from_le_bytes(function));
        let any_supplier = supplier == SUPPLIER_WILDCARD && !defects.has(Defect::IgnoresSupplierWildcard);
        let any_function = function == FUNCTION_WILDCARD && !defects.has(Defect::IgnoresFunctionWildcard);
        (supplier == self.supplier || any_supplier || defects.has(Defect::AnyonesSupplier))
            && (function == self.function || any_function || defects.has(Defect::AnyonesFunction))
    }

    /// What identifier `id` holds.
    fn read(&self, id: u8, defects: Defects) -> Option<Vec<u8>> {
        let [s0, s1] = self.supplier.to_le_bytes();
        let [f0, f1] = self.function.to_le_bytes();
        match id {
            0 if defects.has(Defect::WrongProductId) => Some(vec![s1, s0, f1, f0, self.variant]),
            0 => Some(vec![s0, s1, f0, f1, self.variant]),
            1 => Some(self.serial.to_vec()),
            _ => None,
        }
    }
}

/// What a master can assign, and the node can save.
#[derive(Clone, Debug)]
struct Assigned {
    nad: Nad,
    table: FrameTable,
}

/// The configuration of a node.
#[derive(Debug)]
pub(super) struct Configuration {
    identity: Identity,
    initial: Nad,
    frames: Vec<SlaveFrame>,
    assigned: Assigned,
    saved: Assigned,
    snpd: Snpd,
    defects: Defects,
}

impl Configuration {
    pub(super) fn new(
        identity: Identity,
        nad: Nad,
        frames: Vec<SlaveFrame>,
        behind: u8,
        defects: Defects,
    ) -> Self {
        let assigned = Assigned { nad, table: FrameTable::new(&frames) };
        let saved = assigned.clone();
        Self { identity, initial: nad, frames, assigned, saved, snpd: Snpd::new(behind), defects }
    }

    /// The unit starts: what was not saved is gone.
    pub(super) fn reset(&mut self) {
        self.assigned = self.saved.clone();
        self.snpd.reset();
    }

    /// The address that it left the factory with.
    pub(super) const fn initial_nad(&self) -> Nad {
        self.initial
    }

    /// The address that it has.
    pub(super) const fn nad(&self) -> Nad {
        self.assigned.nad
    }

    /// The frame that has this id at the moment, and its index.
    pub(super) fn frame(&self, id: FrameId) -> Option<(usize, SlaveFrame)> {
        let index = self.assigned.table.index_of(id)?;
        Some((index, *self.frames.get(index)?))
    }

    /// Takes a whole request; `None` if it is no service of node configuration.
    pub(super) fn serve(&mut self, request: &[u8]) -> Option<Reply> {
        let (service, arguments) = request.split_first()?;
        Some(match service {
            0xB0 => self.assign_nad(arguments),
            0xB2 => self.read_by_identifier(arguments),
            0xB3 => self.conditional_change_nad(arguments),
            0xB5 => self.assign_nad_by_position(arguments),
            0xB6 => {
                self.saved = self.assigned.clone();
                Reply::Positive(vec![])
            }
            0xB7 => self.assign_frame_id_range(arguments),
            _ => return None,
        })
    }

    fn assign_nad(&mut self, arguments: &[u8]) -> Reply {
        let [s0, s1, f0, f1, nad] = *arguments else { return Reply::Silence };
        match Nad::new(nad) {
            Ok(nad) if self.identity.is_meant([s0, s1], [f0, f1], self.defects) => {
                if self.defects.has(Defect::AssignNadIgnored) {
                    return Reply::Silence;
                }
                if !self.defects.has(Defect::AssignNadWithoutEffect) {
                    self.assigned.nad = nad;
                }
                if self.defects.has(Defect::AssignNadSilent) {
                    Reply::Silence
                } else {
                    Reply::Positive(vec![])
                }
            }
            Ok(_) | Err(_) => Reply::Silence,
        }
    }

    fn read_by_identifier(&self, arguments: &[u8]) -> Reply {
        match *arguments {
            [id, s0, s1, f0, f1] if self.identity.is_meant([s0, s1], [f0, f1], self.defects) => {
                match self.identity.read(id, self.defects) {
                    Some(content) => Reply::Positive(content),
                    None if self.defects.has(Defect::NoNegativeResponse) => Reply::Silence,
                    None if self.defects.has(Defect::WrongNegativeCode) => {
                        Reply::Negative(SERVICE_NOT_SUPPORTED)
                    }
                    None => Reply::Negative(SUB_FUNCTION_NOT_SUPPORTED),
                }
            }
            _ => Reply::Silence,
        }
    }

    /// Changes the address if `(byte ^ invert) & mask` of an identifier's byte, counted from 1, is zero.
    fn conditional_change_nad(&mut self, arguments: &[u8]) -> Reply {
        let [id, byte, mask, invert, nad] = *arguments else { return Reply::Silence };
        let content = self.identity.read(id, Defects::NONE);
        let at = usize::from(byte).checked_sub(1);
        let value = content.zip(at).and_then(|(content, at)| content.get(at).copied());
        let is_met = value.is_some_and(|value| (value ^ invert) & mask == 0);
        match Nad::new(nad) {
            Ok(nad) if is_met != self.defects.has(Defect::ConditionInverted) => {
                self.assigned.nad = nad;
                Reply::Positive(vec![])
            }
            Ok(_) | Err(_) => Reply::Silence,
        }
    }

    fn assign_nad_by_position(&mut self, arguments: &[u8]) -> Reply {
        if let [s0, s1, sub, method, nad] = *arguments
            && [SUPPLIER_WILDCARD, self.identity.supplier].contains(&u16::from_le_bytes([s0, s1]))
        {
            match (self.snpd.step([sub, method, nad]), Nad::new(nad)) {
                (Step::Take(_), Ok(nad)) => self.assigned.nad = nad,
                (Step::Store, _) => self.saved = self.assigned.clone(),
                (Step::Take(_) | Step::None, _) => {}
            }
        }
        Reply::Silence
    }

    fn assign_frame_id_range(&mut self, arguments: &[u8]) -> Reply {
        let [start, ref pids @ ..] = *arguments else { return Reply::Silence };
        let Ok(pids) = <[u8; 4]>::try_from(pids) else { return Reply::Silence };
        if self.assigned.table.assign(start, pids, &self.frames, self.defects) {
            Reply::Positive(vec![])
        } else {
            Reply::Silence
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::FrameDirection;
    use super::*;
    use rstest::rstest;

    fn node() -> Configuration {
        let identity =
            Identity { supplier: 0x1234, function: 0x5678, variant: 9, serial: [0x78, 0x56, 0x34, 0x12] };
        let frame = SlaveFrame { id: FrameId::new(0x10).unwrap(), direction: FrameDirection::Published };
        Configuration::new(identity, Nad::new(5).unwrap(), vec![frame], 0, Defects::NONE)
    }

    fn positive(content: &[u8]) -> Option<Reply> {
        Some(Reply::Positive(content.to_vec()))
    }

    #[rstest]
    #[case::product(&[0xB2, 0, 0x34, 0x12, 0x78, 0x56], positive(&[0x34, 0x12, 0x78, 0x56, 9]))]
    #[case::serial_by_wildcards(&[0xB2, 1, 0xFF, 0x7F, 0xFF, 0xFF], positive(&[0x78, 0x56, 0x34, 0x12]))]
    #[case::unknown_identifier(&[0xB2, 2, 0xFF, 0x7F, 0xFF, 0xFF], Some(Reply::Negative(0x12)))]
    #[case::other_supplier(&[0xB2, 0, 0x35, 0x12, 0xFF, 0xFF], Some(Reply::Silence))]
    #[case::other_function(&[0xB2, 0, 0xFF, 0x7F, 0x79, 0x56], Some(Reply::Silence))]
    #[case::too_short(&[0xB2, 0], Some(Reply::Silence))]
    #[case::no_address(&[0xB0, 0xFF, 0x7F, 0xFF, 0xFF, 0x7E], Some(Reply::Silence))]
    #[case::range_too_short(&[0xB7, 0, 1, 2, 3], Some(Reply::Silence))]
    #[case::obsolete(&[0xB1, 0xFF, 0x7F, 0, 0, 0], None)]
    #[case::data_dump_is_the_suppliers(&[0xB4, 0, 0, 0, 0, 0], None)]
    #[case::nothing(&[], None)]
    fn services_answer(#[case] request: &[u8], #[case] reply: Option<Reply>) {
        assert_eq!(node().serve(request), reply);
    }

    #[rstest]
    #[case::equal(&[0xB3, 0, 1, 0xFF, 0x34, 0x22], true)]
    #[case::masked(&[0xB3, 1, 4, 0x0F, 0x02, 0x22], true)]
    #[case::other_byte(&[0xB3, 0, 2, 0xFF, 0x34, 0x22], false)]
    #[case::no_such_byte(&[0xB3, 1, 5, 0x00, 0x00, 0x22], false)]
    #[case::bytes_count_from_one(&[0xB3, 0, 0, 0x00, 0x00, 0x22], false)]
    #[case::no_such_identifier(&[0xB3, 7, 1, 0x00, 0x00, 0x22], false)]
    fn an_address_changes_on_a_condition(#[case] request: &[u8], #[case] changes: bool) {
        let mut node = node();
        let reply = node.serve(request);
        assert_eq!(reply, Some(if changes { Reply::Positive(vec![]) } else { Reply::Silence }));
        assert_eq!(node.nad().get(), if changes { 0x22 } else { 5 });
    }

    #[test]
    fn what_is_not_saved_does_not_survive_a_reset() {
        let mut node = node();
        node.serve(&[0xB0, 0x34, 0x12, 0x78, 0x56, 0x22]);
        assert_eq!((node.nad().get(), node.initial_nad().get()), (0x22, 5));
        node.reset();
        assert_eq!(node.nad().get(), 5);
        node.serve(&[0xB0, 0x34, 0x12, 0x78, 0x56, 0x22]);
        node.serve(&[0xB7, 0, 0x00, 0xFF, 0xFF, 0xFF]);
        assert_eq!(node.serve(&[0xB6]), positive(&[]));
        node.reset();
        assert_eq!((node.nad().get(), node.frame(FrameId::new(0x10).unwrap())), (0x22, None));
    }

    #[test]
    fn auto_addressing_gives_and_stores_an_address() {
        let mut node = node();
        for (sub, nad) in [(1, 0xFF), (2, 0x31), (2, 0x32), (3, 0xFF), (4, 0xFF)] {
            assert_eq!(node.serve(&[0xB5, 0xFF, 0x7F, sub, 2, nad]), Some(Reply::Silence));
        }
        node.reset();
        assert_eq!(node.nad().get(), 0x31);
    }
}
