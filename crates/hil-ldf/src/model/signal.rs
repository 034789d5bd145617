//! Signals and their groups.

use std::sync::Arc;

use super::encoding::EncodingDef;
use crate::codec::Raw;

/// A signal: a number of 1 to 16 bits, or an array of 1 to 8 bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalDef {
    pub(crate) name: Arc<str>,
    pub(crate) width: u8,
    pub(crate) init: Raw,
    pub(crate) publisher: Option<Arc<str>>,
    pub(crate) subscribers: Vec<Arc<str>>,
    pub(crate) encoding: Option<Arc<EncodingDef>>,
}

impl SignalDef {
    /// Name of the signal.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Width in bits, 1 to 64. The language ends at 16 for scalars, wider ones carry a warning.
    pub fn width(&self) -> usize {
        usize::from(self.width)
    }

    /// The value before the publisher sets one.
    pub fn init(&self) -> &Raw {
        &self.init
    }

    /// Whether the signal is an array of bytes.
    pub fn is_array(&self) -> bool {
        matches!(self.init, Raw::Array(_))
    }

    /// The node that sets the signal; none for diagnostic signals.
    pub fn publisher(&self) -> Option<&str> {
        self.publisher.as_deref()
    }

    /// The nodes that read the signal.
    pub fn subscribers(&self) -> impl Iterator<Item = &str> {
        self.subscribers.iter().map(AsRef::as_ref)
    }

    /// How the raw value reads, if the file says so.
    pub fn encoding(&self) -> Option<&EncodingDef> {
        self.encoding.as_deref()
    }

    /// The largest raw value, which is also the mask of the signal at offset 0.
    pub(crate) fn mask(&self) -> u64 {
        u64::MAX.checked_shr(64 - u32::from(self.width)).unwrap_or(0)
    }
}

/// A named place for several signals, deprecated since LIN 2.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignalGroup {
    pub(crate) name: Arc<str>,
    pub(crate) size: u8,
    pub(crate) signals: Vec<(Arc<str>, u8)>,
}

impl SignalGroup {
    /// Name of the group.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Size in bits, 0 to 64.
    pub fn size(&self) -> usize {
        usize::from(self.size)
    }

    /// The signals and their offsets in the group, in bits.
    pub fn signals(&self) -> impl Iterator<Item = (&str, usize)> {
        self.signals.iter().map(|(name, offset)| (name.as_ref(), usize::from(*offset)))
    }
}
