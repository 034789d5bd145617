//! `STDDEV_SAMP`, which PostgreSQL has and SQLite has not.

use rusqlite::Connection;
use rusqlite::functions::{Aggregate, Context, FunctionFlags};

/// Welford's method: one pass, and no difference of large sums.
#[derive(Debug, Default)]
struct Spread {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Spread {
    fn add(&mut self, number: f64) {
        self.count += 1.0;
        let before = number - self.mean;
        self.mean += before / self.count;
        self.squares += before * (number - self.mean);
    }

    fn deviation(&self) -> Option<f64> {
        (self.count > 1.0).then(|| (self.squares / (self.count - 1.0)).sqrt())
    }
}

struct StandardDeviation;

impl Aggregate<Spread, Option<f64>> for StandardDeviation {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<Spread> {
        Ok(Spread::default())
    }

    fn step(&self, context: &mut Context<'_>, spread: &mut Spread) -> rusqlite::Result<()> {
        if let Some(number) = context.get::<Option<f64>>(0)? {
            spread.add(number);
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, spread: Option<Spread>) -> rusqlite::Result<Option<f64>> {
        Ok(spread.and_then(|spread| spread.deviation()))
    }
}

/// Teaches a connection the function.
pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_aggregate_function("stddev_samp", 1, flags, StandardDeviation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_spread_around_a_large_mean_is_seen() {
        let mut spread = Spread::default();
        assert_eq!(spread.deviation(), None);
        [1e9 + 1.0, 1e9 + 2.0, 1e9 + 3.0].into_iter().for_each(|number| spread.add(number));
        assert_eq!(spread.deviation(), Some(1.0));
    }
}
