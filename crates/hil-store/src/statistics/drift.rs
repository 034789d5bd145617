//! Drift: whether what is measured wanders towards its limits.

use hil_model::{Limits, WallTime};

use crate::engine::Link;
use crate::procedure::ProcedureBrief;
use crate::sql::{Param, Row, Select};
use crate::statistics::mean;
use crate::{Direction, Listed, Page, ProcedureId, Result, RunFilter, Store};

/// How many periods a page has at most, of all measurements together.
const MAX_PERIODS: u32 = 20_000;

/// How one measurement changed over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// The procedure.
    pub procedure: ProcedureBrief,
    /// The phase that measures it.
    pub phase: String,
    /// The measurement.
    pub measurement: String,
    /// Its unit, if all values have one and the same.
    pub unit: Option<String>,
    /// The narrowest limits that any value was held against.
    pub limits: Limits,
    /// Periods with as many values each, give or take one, oldest first.
    pub periods: Vec<Period>,
}

/// The values of one period.
#[derive(Clone, Debug, PartialEq)]
pub struct Period {
    /// When the first run of the period began.
    pub from: WallTime,
    /// When the last one did.
    pub until: WallTime,
    /// How many finite values there are.
    pub count: u64,
    /// How many of them passed as marginal.
    pub marginal: u64,
    /// Their mean; nothing if one of them is beyond 1e140.
    pub mean: Option<f64>,
}

impl Period {
    /// The share of values that passed as marginal, from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "nobody measures that often")]
    pub fn marginal_share(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.marginal as f64 / self.count as f64 }
    }
}

impl Drift {
    /// How much the mean moved from the first period to the last; nothing if there is one period only.
    pub fn shift(&self) -> Option<f64> {
        let (first, last) = self.ends()?;
        Some(last.mean? - first.mean?)
    }

    /// How much of the way from the first mean to its nearest limit is gone: 0.3 if the mean came nearer by 30 %,
    /// more than 1 if it is beyond, negative if it went away from the limits. Nothing if the first mean was beyond
    /// them.
    pub fn approach(&self) -> Option<f64> {
        let (first, last) = self.ends()?;
        let (before, now) = (self.margin(first.mean?)?, self.margin(last.mean?)?);
        (before > 0.0).then(|| (before - now) / before)
    }

    /// How much the share of marginal values rose from the first period to the last.
    pub fn marginal_rise(&self) -> Option<f64> {
        let (first, last) = self.ends()?;
        Some(last.marginal_share() - first.marginal_share())
    }

    fn ends(&self) -> Option<(&Period, &Period)> {
        match &self.periods[..] {
            [first, .., last] => Some((first, last)),
            [] | [_] => None,
        }
    }

    /// How far `value` is from the nearer limit; negative beyond it.
    fn margin(&self, value: f64) -> Option<f64> {
        let (low, high) = (self.limits.low.map(|low| value - low), self.limits.high.map(|high| high - value));
        match (low, high) {
            (Some(low), Some(high)) => Some(low.min(high)),
            (one, other) => one.or(other),
        }
    }
}

/// A period, and what it belongs to.
struct Piece {
    of: Drift,
    period: Period,
}

impl Piece {
    fn take(mut row: Row) -> Result<Self> {
        let of = Drift {
            procedure: ProcedureBrief::take(&mut row)?,
            phase: row.take()?,
            measurement: row.take()?,
            unit: row.take()?,
            limits: Limits { low: row.take()?, high: row.take()? },
            periods: Vec::new(),
        };
        let period = Period {
            from: row.take()?,
            until: row.take()?,
            count: row.take()?,
            marginal: row.take()?,
            mean: row.take()?,
        };
        Ok(Self { of, period })
    }
}

impl Store {
    /// How each numeric measurement that has limits changed over `periods` periods, or the one with that name did.
    ///
    /// At least two periods and at most 100; a measurement with fewer values has a period for each. By procedure, phase
    /// and name. A page has at most 20 000 periods, and so the fewer measurements the more periods each has.
    pub async fn drift(
        &self,
        filter: RunFilter,
        measurement: Option<String>,
        periods: u32,
        page: Page,
    ) -> Result<Listed<Drift>> {
        let periods = periods.clamp(2, 100);
        let page = page.at_most(MAX_PERIODS / periods);
        let args = (filter, measurement, i64::from(periods), page);
        self.read_at_length(args, |link, (filter, measurement, periods, page)| {
            Box::pin(async move {
                // What is on the page comes first: to sort all values into periods takes long.
                let Listed { items: wanted, next } = names(link, filter, measurement.as_ref(), page).await?;
                if wanted.is_empty() {
                    return Ok(Listed { items: Vec::new(), next });
                }
                let mut select = Select::new(concat!(
                    "SELECT p.id, p.identifier, p.name, g.phase, g.name,
                            CASE WHEN g.unit = g.last_unit THEN g.unit END, g.low, g.high,
                            g.began, g.until, g.n, g.marginal, g.mean
                     FROM (
                         SELECT proc, phase, name, stage, COUNT(*) AS n,
                                COUNT(*) FILTER (WHERE marginal = 1) AS marginal, ",
                    mean!("number"),
                    " AS mean,
                                MAX(MAX(low)) OVER w AS low, MIN(MIN(high)) OVER w AS high,
                                MIN(MIN(unit)) OVER w AS unit, MAX(MAX(unit)) OVER w AS last_unit,
                                MIN(started_at) AS began, MAX(started_at) AS until
                         FROM (
                             SELECT r.procedure_id AS proc, h.name AS phase, m.name AS name, m.number, m.marginal,
                                    m.low, m.high, m.unit, r.started_at, NTILE(CAST(",
                ));
                // PostgreSQL counts tiles in a smaller integer than this crate's parameters are.
                select.fragment(
                    "CAST(? AS BIGINT) AS INTEGER)) OVER (
                                        PARTITION BY r.procedure_id, h.name, m.name
                                        ORDER BY r.started_at, r.seq, m.phase, m.position) AS stage
                             FROM runs r JOIN measurements m ON m.run = r.seq
                             JOIN phases h ON h.run = m.run AND h.position = m.phase",
                    [Param::Int(*periods)],
                );
                apply(filter, measurement.as_ref(), &mut select);
                select.filter("(r.procedure_id, h.name, m.name) IN (VALUES ", []);
                for (i, (procedure, phase, name)) in wanted.iter().enumerate() {
                    let row = if i == 0 { "(?, ?, ?)" } else { ", (?, ?, ?)" };
                    select.fragment(row, [(*procedure).into(), phase.into(), name.into()]);
                }
                select.fragment(
                    ")       ) v GROUP BY proc, phase, name, stage
                         WINDOW w AS (PARTITION BY proc, phase, name)
                     ) g JOIN procedures p ON p.id = g.proc
                     ORDER BY p.created_at, p.id, g.phase, g.name, g.stage",
                    [],
                );
                let mut drifts: Vec<Drift> = Vec::new();
                for row in link.select(&select).await? {
                    let Piece { of, period } = Piece::take(row)?;
                    let belongs = |drift: &Drift| {
                        (drift.procedure.id, &drift.phase, &drift.measurement)
                            == (of.procedure.id, &of.phase, &of.measurement)
                    };
                    match drifts.last_mut() {
                        Some(last) if belongs(last) => last.periods.push(period),
                        Some(_) | None => drifts.push(Drift { periods: vec![period], ..of }),
                    }
                }
                Ok(Listed { items: drifts, next })
            })
        })
        .await
    }
}

/// The values that have limits, of the measurement with that name or of all.
fn apply<'a>(filter: &'a RunFilter, measurement: Option<&'a String>, select: &mut Select<'a>) {
    filter.apply(select);
    select.filter("m.number IS NOT NULL AND (m.low IS NOT NULL OR m.high IS NOT NULL)", []);
    select.maybe("m.name = ?", measurement);
}

/// A page of what was measured: procedure, phase and name.
async fn names(
    link: &mut Link,
    filter: &RunFilter,
    measurement: Option<&String>,
    page: &Page,
) -> Result<Listed<(ProcedureId, String, String)>> {
    let mut select = Select::new(
        "SELECT p.id, g.phase, g.name FROM (
             SELECT DISTINCT r.procedure_id AS proc, h.name AS phase, m.name AS name
             FROM runs r JOIN measurements m ON m.run = r.seq
             JOIN phases h ON h.run = m.run AND h.position = m.phase",
    );
    apply(filter, measurement, &mut select);
    select.fragment(") g JOIN procedures p ON p.id = g.proc", []);
    select.page(&["p.created_at", "p.id", "g.phase", "g.name"], page, Direction::Ascending);
    let rows = link.select(&select).await?;
    page.of(rows, |mut row| Ok((row.take()?, row.take()?, row.take()?)))
}
