//! Signals and their groups.

use super::database::Database;
use super::encoding::{EncodingDef, EntryRecord};
use super::view::view;
use crate::codec::{Raw, mask};
use crate::pool::List;
use crate::syntax::Symbol;

#[derive(Clone, Debug)]
pub(crate) struct SignalRecord {
    pub(crate) name: Symbol,
    pub(crate) width: u8,
    pub(crate) init: Raw,
    pub(crate) publisher: Option<Symbol>,
    pub(crate) subscribers: List<Symbol>,
    /// Index in the table of encoding types.
    pub(crate) encoding: Option<u32>,
    /// The entries of that encoding type: what the codec needs, a step nearer.
    pub(crate) entries: List<EntryRecord>,
}

view! {
    /// A signal: a number of 1 to 16 bits, or an array of 1 to 8 bytes.
    SignalDef of SignalRecord
}

impl<'d> SignalDef<'d> {
    /// Width in bits, 1 to 64. The language ends at 16 for scalars, wider ones carry a warning.
    pub fn width(self) -> usize {
        usize::from(self.record.width)
    }

    /// The value before the publisher sets one.
    pub fn init(self) -> Raw {
        self.record.init
    }

    /// Whether the signal is an array of bytes.
    pub fn is_array(self) -> bool {
        matches!(self.record.init, Raw::Array(_))
    }

    /// The node that sets the signal; none for diagnostic signals.
    pub fn publisher(self) -> Option<&'d str> {
        self.record.publisher.map(|publisher| self.database.name(publisher))
    }

    /// The nodes that read the signal.
    pub fn subscribers(self) -> impl ExactSizeIterator<Item = &'d str> {
        self.database.names(self.record.subscribers)
    }

    /// How the raw value reads, if the file says so.
    pub fn encoding(self) -> Option<EncodingDef<'d>> {
        let record = self.database.tables.encodings.get(self.record.encoding? as usize)?;
        Some(EncodingDef { database: self.database, record })
    }

    /// The entries of the encoding type, as the codec works on them.
    #[inline]
    pub(crate) fn entry_records(self) -> Option<&'d [EntryRecord]> {
        self.record.encoding.map(|_| self.record.entries.of(&self.database.tables.entries))
    }

    /// The largest raw value, which is also the mask of the signal at offset 0.
    pub(crate) fn mask(self) -> u64 {
        mask(self.record.width)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct GroupRecord {
    pub(crate) name: Symbol,
    pub(crate) size: u8,
    pub(crate) signals: List<(Symbol, u8)>,
}

view! {
    /// A named place for several signals, deprecated since LIN 2.1.
    SignalGroup of GroupRecord
}

impl<'d> SignalGroup<'d> {
    /// Size in bits, 0 to 64.
    pub fn size(self) -> usize {
        usize::from(self.record.size)
    }

    /// The signals and their offsets in the group, in bits.
    pub fn signals(self) -> impl ExactSizeIterator<Item = (&'d str, usize)> {
        let Self { database, record } = self;
        let places = record.signals.of(&database.tables.group_places).iter();
        places.map(move |(name, offset)| (database.name(*name), usize::from(*offset)))
    }
}
