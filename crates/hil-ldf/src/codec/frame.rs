//! Encoding and decoding whole frames.

use super::bytes::{Bytes, Fill, bytes_to_bits};
use super::convert::{check_digits, to_bits};
use super::error::CodecError;
use super::layout::{extract, insert};
use super::value::{Decoded, Value};
use crate::model::{FrameDef, SignalSlot, SlotRecord};
use crate::nearest::nearest;

impl<'d> FrameDef<'d> {
    /// Encodes signal values. Signals that are not given have their initial value; of a signal that is given
    /// twice the last value counts. A signal group whose signals are all in the frame is set as one raw value.
    /// Allocates nothing; values in the order of the frame are found fastest.
    ///
    /// # Errors
    ///
    /// A signal that the frame does not have, or a value that the signal cannot have.
    pub fn encode<'v>(
        self,
        values: impl IntoIterator<Item = (&'v str, Value<'v>)>,
        fill: Fill,
    ) -> Result<Bytes, CodecError> {
        if self.record.layout.is_uncertain {
            self.check_byte_order()?;
        }
        self.set(self.record.layout.initial(fill), values)
    }

    /// Encodes signal values over an existing payload. What is not given stays as it is, unused bits too.
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode), and if `base` has not the length of the frame.
    pub fn encode_over<'v>(
        self,
        base: &[u8],
        values: impl IntoIterator<Item = (&'v str, Value<'v>)>,
    ) -> Result<Bytes, CodecError> {
        self.set(self.bits(base)?, values)
    }

    /// Decodes all signals, in the order of the frame. Allocates nothing.
    ///
    /// # Errors
    ///
    /// A payload of another length, or a signal that cannot be read at all: a BCD one with a byte above 9, or
    /// one beyond 8 bits in a big endian file.
    #[inline]
    pub fn decode(self, payload: &[u8]) -> Result<DecodedFrame<'d>, CodecError> {
        let bits = self.bits(payload)?;
        if self.record.layout.is_uncertain {
            self.check_byte_order()?;
        }
        if self.record.layout.has_digits {
            for slot in self.slot_records() {
                check_digits(self.slot_view(slot), extract(bits, slot))?;
            }
        }
        Ok(DecodedFrame { frame: self, bits })
    }

    /// Decodes one signal.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode), and if the frame has no such signal.
    pub fn decode_signal(self, payload: &[u8], signal: &str) -> Result<Decoded<'d>, CodecError> {
        let slot = self.slot(signal).ok_or_else(|| self.unknown(signal))?;
        let bits = self.bits(payload)?;
        if slot.is_uncertain() {
            return Err(byte_order(slot));
        }
        let field = extract(bits, slot.record);
        check_digits(slot, field)?;
        Ok(Decoded::new(slot, field))
    }

    #[inline]
    fn set<'v>(
        self,
        mut bits: u64,
        values: impl IntoIterator<Item = (&'v str, Value<'v>)>,
    ) -> Result<Bytes, CodecError> {
        let slots = self.slot_records();
        let mut expected = 0;
        for (name, value) in values {
            let Some(index) = self.index_of(name, expected) else {
                bits = self.set_group(bits, name, value).unwrap_or_else(|| Err(self.unknown(name)))?;
                continue;
            };
            let Some(slot) = slots.get(index) else { continue };
            expected = index + 1;
            let field = match value {
                // What nearly every value is.
                Value::Raw(raw) if raw <= slot.mask() && !slot.is_array && !slot.is_uncertain => raw,
                _ if slot.is_uncertain => return Err(byte_order(self.slot_view(slot))),
                _ => to_bits(self.slot_view(slot).signal(), value)?,
            };
            bits = insert(bits, slot, field);
        }
        Ok(Bytes::from_bits(bits, self.record.length))
    }

    #[inline]
    pub(super) fn bits(self, payload: &[u8]) -> Result<u64, CodecError> {
        if payload.len() == self.length() {
            return Ok(bytes_to_bits(payload));
        }
        Err(CodecError::PayloadLength {
            frame: self.name().to_owned(),
            expected: self.length(),
            actual: payload.len(),
        })
    }

    fn check_byte_order(self) -> Result<(), CodecError> {
        match self.signals().find(|slot| slot.is_uncertain()) {
            Some(slot) => Err(byte_order(slot)),
            None => Ok(()),
        }
    }

    #[cold]
    pub(super) fn unknown(self, signal: &str) -> CodecError {
        CodecError::UnknownSignal {
            frame: self.name().to_owned(),
            signal: signal.to_owned(),
            nearest: nearest(signal, self.signals().map(|slot| slot.name())).map(str::to_owned),
        }
    }
}

#[cold]
fn byte_order(slot: SignalSlot<'_>) -> CodecError {
    CodecError::ByteOrder { signal: slot.name().to_owned(), width: slot.signal().width() }
}

/// A payload, taken as a frame.
#[derive(Clone, Copy, Debug)]
pub struct DecodedFrame<'d> {
    frame: FrameDef<'d>,
    bits: u64,
}

impl<'d> DecodedFrame<'d> {
    /// The frame.
    pub fn frame(&self) -> FrameDef<'d> {
        self.frame
    }

    /// The signals, in the order of the frame.
    #[inline]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Decoded<'d>> + use<'d> {
        let Self { frame, bits } = *self;
        frame.slot_records().iter().map(move |slot| decoded(frame, slot, bits))
    }

    /// The signal called `name`.
    pub fn get(&self, name: &str) -> Option<Decoded<'d>> {
        let index = self.frame.index_of(name, 0)?;
        let slot = self.frame.slot_records().get(index)?;
        Some(decoded(self.frame, slot, self.bits))
    }
}

#[inline]
fn decoded<'d>(frame: FrameDef<'d>, slot: &'d SlotRecord, bits: u64) -> Decoded<'d> {
    Decoded::new(frame.slot_view(slot), extract(bits, slot))
}
