//! Lists of lists without an allocation for each: items of one type lie in one pool, a [`List`] says which.

use std::marker::PhantomData;

/// Several items in the pool for `T`.
#[derive(Debug)]
pub(crate) struct List<T> {
    start: u32,
    end: u32,
    of: PhantomData<fn() -> T>,
}

// Derived, these would ask the same of `T`.
impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for List<T> {}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { start: 0, end: 0, of: PhantomData }
    }
}

impl<T> List<T> {
    /// What has been added to the pool since it had `start` items.
    pub(crate) fn since(start: usize, pool: &[T]) -> Self {
        // No pool has more items than the text has bytes, which 32 bits count.
        let index = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: index(start), end: index(pool.len()), of: PhantomData }
    }

    /// The items.
    #[inline]
    pub(crate) fn of(self, pool: &[T]) -> &[T] {
        pool.get(self.start as usize..self.end as usize).unwrap_or(&[])
    }
}
