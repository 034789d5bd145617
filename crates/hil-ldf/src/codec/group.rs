//! Signal groups: several signals of a frame, set and read as one value. Deprecated since LIN 2.1.

use super::bytes::bytes_to_bits;
use super::error::CodecError;
use super::layout::{extract, insert};
use super::value::Value;
use crate::model::{FrameDef, SignalGroup, SlotRecord};

impl<'d> FrameDef<'d> {
    /// The value of the signal group called `group`: each of its signals at its offset within the group. Bits of the
    /// group that belong to no signal are 0.
    ///
    /// # Errors
    ///
    /// A payload of another length, or no group by this name whose signals are all in the frame.
    pub fn decode_group(self, payload: &[u8], group: &str) -> Result<u64, CodecError> {
        let bits = self.bits(payload)?;
        let group = self.group(group).ok_or_else(|| self.unknown(group))?;
        Ok(self.members(group).fold(0, |value, (slot, offset)| value | (extract(bits, slot) << offset)))
    }

    /// The payload with the signals of a group set. None if the frame does not carry such a group.
    pub(super) fn set_group(
        self,
        bits: u64,
        name: &str,
        value: Value<'_>,
    ) -> Option<Result<u64, CodecError>> {
        let group = self.group(name)?;
        Some(group_bits(group, value).map(|value| {
            self.members(group).fold(bits, |bits, (slot, offset)| insert(bits, slot, value >> offset))
        }))
    }

    /// The group by this name, if all of its signals are in the frame.
    fn group(self, name: &str) -> Option<SignalGroup<'d>> {
        let group = self.database.signal_groups().find(|group| group.name() == name)?;
        let count = group.signals().len();
        (count > 0 && self.members(group).count() == count).then_some(group)
    }

    /// The places in the frame of a group's signals, and their offsets within the group.
    fn members(self, group: SignalGroup<'d>) -> impl Iterator<Item = (&'d SlotRecord, usize)> {
        group.signals().filter_map(move |(signal, offset)| {
            let index = self.index_of(signal, 0)?;
            self.slot_records().get(index).map(|slot| (slot, offset))
        })
    }
}

fn group_bits(group: SignalGroup<'_>, value: Value<'_>) -> Result<u64, CodecError> {
    let (signal, width) = (group.name().to_owned(), group.size());
    match value {
        Value::Raw(raw) if width == 64 || raw >> width == 0 => Ok(raw),
        Value::Raw(raw) => Err(CodecError::TooWide { signal, width, value: raw }),
        Value::Bytes(bytes) if bytes.len() * 8 == width => Ok(bytes_to_bits(bytes)),
        Value::Bytes(bytes) => {
            Err(CodecError::ArrayLength { signal, width, actual: bytes.len(), value: value.to_string() })
        }
        Value::Physical(_) | Value::Text(_) => {
            let takes = "a raw number or bytes, as a group has no unit";
            Err(CodecError::WrongKind { signal, width, takes, value: value.to_string() })
        }
    }
}
