//! Encoding and decoding whole frames.

use super::convert::{from_bits, to_bits};
use super::error::CodecError;
use super::layout::{bytes_to_bits, extract, insert};
use super::payload::{Fill, Payload};
use super::value::{Decoded, Value};
use crate::model::{FrameDef, SignalSlot};
use crate::nearest::nearest;

impl FrameDef {
    /// Encodes signal values. Signals that are not given have their initial value; of a signal that is given
    /// twice the last value counts.
    ///
    /// # Errors
    ///
    /// A signal that the frame does not have, or a value that the signal cannot have.
    pub fn encode<'a>(
        &self,
        values: impl IntoIterator<Item = (&'a str, Value)>,
        fill: Fill,
    ) -> Result<Payload, CodecError> {
        if let Some(slot) = self.signals.iter().find(|slot| self.layout.is_uncertain(slot.signal())) {
            return Err(self.byte_order(slot));
        }
        self.set(self.layout.initial(fill), values)
    }

    /// Encodes signal values over an existing payload. What is not given stays as it is, unused bits too.
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode), and if `base` has not the length of the frame.
    pub fn encode_over<'a>(
        &self,
        base: &[u8],
        values: impl IntoIterator<Item = (&'a str, Value)>,
    ) -> Result<Payload, CodecError> {
        self.set(self.bits(base)?, values)
    }

    /// Decodes all signals, in the order of the frame.
    ///
    /// # Errors
    ///
    /// A payload of another length, or a signal that cannot be read at all: a BCD one with a byte above 9, or
    /// one beyond 8 bits in a big endian file.
    pub fn decode(&self, payload: &[u8]) -> Result<Vec<Decoded>, CodecError> {
        let bits = self.bits(payload)?;
        self.signals.iter().map(|slot| self.get(bits, slot)).collect()
    }

    /// Decodes one signal.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode), and if the frame has no such signal.
    pub fn decode_signal(&self, payload: &[u8], signal: &str) -> Result<Decoded, CodecError> {
        let slot = self.slot(signal).ok_or_else(|| self.unknown(signal))?;
        self.get(self.bits(payload)?, slot)
    }

    fn set<'a>(
        &self,
        mut bits: u64,
        values: impl IntoIterator<Item = (&'a str, Value)>,
    ) -> Result<Payload, CodecError> {
        for (name, value) in values {
            let slot = self.slot(name).ok_or_else(|| self.unknown(name))?;
            if self.layout.is_uncertain(slot.signal()) {
                return Err(self.byte_order(slot));
            }
            bits = insert(bits, slot, to_bits(slot.signal(), value)?);
        }
        Ok(Payload::from_bits(bits, self.length))
    }

    fn get(&self, bits: u64, slot: &SignalSlot) -> Result<Decoded, CodecError> {
        if self.layout.is_uncertain(slot.signal()) {
            return Err(self.byte_order(slot));
        }
        from_bits(slot.signal(), extract(bits, slot))
    }

    fn bits(&self, payload: &[u8]) -> Result<u64, CodecError> {
        if payload.len() == self.length() {
            return Ok(bytes_to_bits(payload));
        }
        Err(CodecError::PayloadLength {
            frame: self.name().to_owned(),
            expected: self.length(),
            actual: payload.len(),
        })
    }

    fn unknown(&self, signal: &str) -> CodecError {
        CodecError::UnknownSignal {
            frame: self.name().to_owned(),
            signal: signal.to_owned(),
            nearest: nearest(signal, self.signals.iter().map(SignalSlot::name)).map(str::to_owned),
        }
    }

    fn byte_order(&self, slot: &SignalSlot) -> CodecError {
        CodecError::ByteOrder { signal: slot.name().to_owned(), width: slot.signal().width() }
    }
}
