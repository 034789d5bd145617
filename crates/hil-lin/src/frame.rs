//! Frames and their checksum.

use std::fmt;
use std::ops::Deref;

use crate::{FrameError, FrameId, HexBytes};

/// The data bytes of a frame: zero to eight.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Data {
    bytes: [u8; 8],
    len: u8,
}

impl Data {
    /// The data bytes `bytes`.
    ///
    /// # Errors
    ///
    /// [`FrameError::Length`] for more than eight.
    pub fn new(bytes: &[u8]) -> Result<Self, FrameError> {
        let mut data = Self::default();
        data.bytes.get_mut(..bytes.len()).ok_or(FrameError::Length(bytes.len()))?.copy_from_slice(bytes);
        data.len = bytes.len() as u8;
        Ok(data)
    }
}

impl From<[u8; 8]> for Data {
    fn from(bytes: [u8; 8]) -> Self {
        Self { bytes, len: 8 }
    }
}

impl Deref for Data {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        HexBytes(self).fmt(f)
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{self}]")
    }
}

/// A frame: an id and zero to eight data bytes (LIN-01).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    id: FrameId,
    data: Data,
}

/// The request that sends every node to sleep: 0x3C with a leading zero (hardware reference 1.5).
pub const GO_TO_SLEEP: Frame = Frame {
    id: FrameId::MASTER_REQUEST,
    data: Data { bytes: [0, 255, 255, 255, 255, 255, 255, 255], len: 8 },
};

impl Frame {
    /// The frame `id` with the data bytes `data`.
    ///
    /// # Errors
    ///
    /// [`FrameError::Id`] or [`FrameError::Length`], whichever limit is broken.
    pub fn new(id: u8, data: &[u8]) -> Result<Self, FrameError> {
        Ok(Self { id: FrameId::new(id)?, data: Data::new(data)? })
    }

    /// A frame of parts that are known to be good.
    pub const fn of(id: FrameId, data: Data) -> Self {
        Self { id, data }
    }

    /// Its id.
    pub const fn id(&self) -> FrameId {
        self.id
    }

    /// Its data bytes.
    pub const fn data(&self) -> &Data {
        &self.data
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.id, self.data)
    }
}

/// What a checksum covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChecksumModel {
    /// The data bytes (LIN 1.x nodes, and 0x3C–0x3F always).
    Classic,
    /// The protected id and the data bytes (LIN 2.x nodes).
    Enhanced,
}

impl ChecksumModel {
    /// The model that a LIN 2.x node expects for this id.
    pub const fn for_id(id: FrameId) -> Self {
        if id.is_always_classic() { Self::Classic } else { Self::Enhanced }
    }
}

/// The checksum of `data` in the frame `id` under `model` (hardware reference 1.2): the sum with carry,
/// inverted.
pub fn checksum(model: ChecksumModel, id: FrameId, data: &[u8]) -> u8 {
    let start = match model {
        ChecksumModel::Classic => 0,
        ChecksumModel::Enhanced => u16::from(id.protected().get()),
    };
    let sum = data.iter().fold(start, |sum, byte| {
        let sum = sum + u16::from(*byte);
        if sum >= 256 { sum - 255 } else { sum }
    });
    !(sum as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case::specification(ChecksumModel::Classic, 0x00, &[0x4A, 0x55, 0x93, 0xE5], 0xE6)]
    #[case::go_to_sleep(ChecksumModel::Classic, 0x3C, &GO_TO_SLEEP.data, 0x00)]
    // PID 0x4A has wrong parity, so the published arithmetic is checked with the PID of 0x0A, 0xCA,
    // which adds 0x80: 0xE6 - 0x80.
    #[case::enhanced(ChecksumModel::Enhanced, 0x0A, &[0x55, 0x93, 0xE5], 0x66)]
    fn checksums_are_those_of_the_vectors(
        #[case] model: ChecksumModel,
        #[case] id: u8,
        #[case] data: &[u8],
        #[case] expected: u8,
    ) {
        assert_eq!(checksum(model, FrameId::new(id).unwrap(), data), expected);
    }

    #[test]
    fn what_cannot_be_a_frame_is_not_built() {
        assert_eq!(Frame::new(0x40, &[]), Err(FrameError::Id(0x40)));
        assert_eq!(Frame::new(0x3F, &[0; 9]), Err(FrameError::Length(9)));
        assert_eq!(Frame::new(0x0A, &[1, 0xAB]).unwrap().to_string(), "0x0A [01 AB]");
    }

    proptest! {
        /// The definition by its arithmetic: data and checksum add up to a multiple of 255.
        #[test]
        fn data_and_checksum_add_up(id in 0u8..64, data in proptest::collection::vec(any::<u8>(), 0..=8)) {
            let id = FrameId::new(id).unwrap();
            let classic = checksum(ChecksumModel::Classic, id, &data);
            let sum: u32 = data.iter().map(|byte| u32::from(*byte)).sum();
            prop_assert_eq!((sum + u32::from(classic)) % 255, 0);
            let enhanced = checksum(ChecksumModel::Enhanced, id, &data);
            prop_assert_eq!((sum + u32::from(id.protected().get()) + u32::from(enhanced)) % 255, 0);
        }
    }
}
