//! Names as numbers: each distinct name of a file is one [`Symbol`], so that the tables of the check and of the
//! database are indexed, not searched.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::span::Span;

/// A name of the file, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Symbol(u32);

impl Symbol {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// All names of a file. The texts stay in the source; here is where each was first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Symbols {
    spans: Vec<Span>,
    table: HashTable<Symbol>,
    hasher: DefaultHashBuilder,
}

impl Symbols {
    /// Room for about `names` names.
    pub(crate) fn with_capacity(names: usize) -> Self {
        Self {
            spans: Vec::with_capacity(names),
            table: HashTable::with_capacity(names),
            hasher: DefaultHashBuilder::default(),
        }
    }

    /// The symbol of the name that stands at `span` of `source`.
    pub(crate) fn intern(&mut self, source: &str, span: Span) -> Symbol {
        let Self { spans, table, hasher } = self;
        let name = span.of(source).as_bytes();
        let text = |symbol: &Symbol| spans.get(symbol.index()).map_or(&[][..], |span| bytes(source, *span));
        let entry = table.entry(
            hasher.hash_one(name),
            |symbol| text(symbol) == name,
            |symbol| hasher.hash_one(text(symbol)),
        );
        match entry {
            hashbrown::hash_table::Entry::Occupied(entry) => *entry.get(),
            hashbrown::hash_table::Entry::Vacant(entry) => {
                // There are fewer names than bytes, and those are counted by 32 bits.
                let symbol = Symbol(u32::try_from(spans.len()).unwrap_or(u32::MAX));
                entry.insert(symbol);
                spans.push(span);
                symbol
            }
        }
    }

    /// The symbol of `name`, if the file has such a name.
    pub(crate) fn find(&self, source: &str, name: &str) -> Option<Symbol> {
        let name = name.as_bytes();
        let text =
            |symbol: &Symbol| self.spans.get(symbol.index()).map_or(&[][..], |span| bytes(source, *span));
        self.table.find(self.hasher.hash_one(name), |symbol| text(symbol) == name).copied()
    }

    /// Where the name first stands.
    pub(crate) fn span(&self, symbol: Symbol) -> Span {
        self.spans.get(symbol.index()).copied().unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }
}

fn bytes(source: &str, span: Span) -> &[u8] {
    source.as_bytes().get(span.range()).unwrap_or(&[])
}

/// What a name stands for, for each name of a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct BySymbol<T>(Vec<Option<T>>);

impl<T: Copy> BySymbol<T> {
    pub(crate) fn new(symbols: &Symbols) -> Self {
        Self(vec![None; symbols.len()])
    }

    pub(crate) fn get(&self, symbol: Symbol) -> Option<T> {
        self.0.get(symbol.index()).copied().flatten()
    }

    /// Sets what the name stands for, and returns what it stood for before.
    pub(crate) fn insert(&mut self, symbol: Symbol, value: T) -> Option<T> {
        self.0.get_mut(symbol.index()).and_then(|place| place.replace(value))
    }

    pub(crate) fn contains(&self, symbol: Symbol) -> bool {
        self.get(symbol).is_some()
    }

    /// All names that stand for something, in the order in which they first occur in the file.
    pub(crate) fn indices(&self) -> impl Iterator<Item = Symbol> {
        (0..).zip(&self.0).filter(|(_, value)| value.is_some()).map(|(index, _)| Symbol(index))
    }
}
