//! Pages of lists.

use crate::Result;
use crate::sql::Row;

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    limit: u32,
    offset: u64,
}

impl Page {
    /// The most that one page holds.
    pub const MAX: u32 = 1000;

    /// `limit` items from the one with number `offset` on; at least one and at most [`Page::MAX`].
    pub fn new(limit: u32, offset: u64) -> Self {
        Self { limit: limit.clamp(1, Self::MAX), offset }
    }

    /// The same page with at most so many items.
    pub(crate) fn at_most(self, limit: u32) -> Self {
        Self { limit: self.limit.min(limit).max(1), ..self }
    }

    pub(crate) fn limit(&self) -> i64 {
        self.limit.into()
    }

    pub(crate) fn offset(&self) -> i64 {
        i64::try_from(self.offset).unwrap_or(i64::MAX)
    }

    /// Makes a list of the rows, of which there may be one more than the page holds.
    pub(crate) fn of<T>(&self, rows: Vec<Row>, item: impl FnMut(Row) -> Result<T>) -> Result<Listed<T>> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        let items = rows.into_iter().take(limit).map(item).collect::<Result<Vec<_>>>()?;
        let next = has_more.then(|| self.offset.saturating_add(self.limit.into()));
        Ok(Listed { items, next })
    }
}

impl Default for Page {
    fn default() -> Self {
        Self::new(50, 0)
    }
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed<T> {
    /// The items.
    pub items: Vec<T>,
    /// The offset of the next page, if there is more.
    pub next: Option<u64>,
}

impl<T> Listed<T> {
    /// Whether there is more.
    pub const fn has_more(&self) -> bool {
        self.next.is_some()
    }
}

/// Which way a list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// The least first.
    Ascending,
    /// The greatest first.
    #[default]
    Descending,
}
