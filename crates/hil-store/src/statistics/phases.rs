//! Phases that do not always end alike, and phases that take long.

use std::time::Duration;

use crate::procedure::ProcedureBrief;
use crate::sql::{Param, Select};
use crate::{Page, Result, RunFilter, Store};

/// A phase that both passed and failed for one unit, or that was tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlakyPhase {
    /// The procedure.
    pub procedure: ProcedureBrief,
    /// The phase.
    pub phase: String,
    /// How many units showed it.
    pub units: u64,
    /// How often it passed for them.
    pub passed: u64,
    /// How often it failed, or could not reach a verdict.
    pub failed: u64,
    /// How often it was tried again.
    pub retried: u64,
}

/// How long a phase takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlowPhase {
    /// The procedure.
    pub procedure: ProcedureBrief,
    /// The phase.
    pub phase: String,
    /// How often it ran to its end.
    pub count: u64,
    /// How long it took on average.
    pub mean: Duration,
    /// How long it took at most.
    pub longest: Duration,
}

impl Store {
    /// Flaky phases, those that most units showed first; at most as many as a page holds.
    pub async fn flaky_phases(&self, filter: RunFilter, limit: u32) -> Result<Vec<FlakyPhase>> {
        let limit = limit.min(Page::MAX);
        self.read_at_length((filter, limit), |link, (filter, limit)| {
            Box::pin(async move {
                let mut select = Select::new(
                    "SELECT p.id, p.identifier, p.name, f.phase, f.units, f.passed, f.failed, f.retried FROM (
                         SELECT proc, phase, COUNT(*) AS units, CAST(SUM(passed) AS BIGINT) AS passed,
                                CAST(SUM(failed) AS BIGINT) AS failed, CAST(SUM(retried) AS BIGINT) AS retried
                         FROM (
                             SELECT r.procedure_id AS proc, h.name AS phase, r.unit_id,
                                    COUNT(*) FILTER (WHERE h.outcome = 'PASS') AS passed,
                                    COUNT(*) FILTER (WHERE h.outcome IN ('FAIL', 'ERROR')) AS failed,
                                    COUNT(*) FILTER (WHERE h.retry_count > 0) AS retried
                             FROM runs r JOIN phases h ON h.run = r.seq",
                );
                filter.apply(&mut select);
                select.fragment(
                    "        GROUP BY r.procedure_id, h.name, r.unit_id
                         ) u WHERE (passed > 0 AND failed > 0) OR retried > 0 GROUP BY proc, phase
                     ) f JOIN procedures p ON p.id = f.proc
                     ORDER BY f.units DESC, p.created_at, p.id, f.phase LIMIT ?",
                    [Param::Int((*limit).into())],
                );
                let mut phases = Vec::new();
                for mut row in link.select(&select).await? {
                    phases.push(FlakyPhase {
                        procedure: ProcedureBrief::take(&mut row)?,
                        phase: row.take()?,
                        units: row.take()?,
                        passed: row.take()?,
                        failed: row.take()?,
                        retried: row.take()?,
                    });
                }
                Ok(phases)
            })
        })
        .await
    }

    /// Phases, those that take longest on average first; at most as many as a page holds. Skipped and
    /// unfinished ones do not count.
    pub async fn slowest_phases(&self, filter: RunFilter, limit: u32) -> Result<Vec<SlowPhase>> {
        let limit = limit.min(Page::MAX);
        self.read_at_length((filter, limit), |link, (filter, limit)| {
            Box::pin(async move {
                // As doubles: the difference of two foreign times may be beyond any integer.
                let mut select = Select::new(
                    "SELECT p.id, p.identifier, p.name, f.phase, f.n, f.mean, f.longest FROM (
                         SELECT r.procedure_id AS proc, h.name AS phase, COUNT(*) AS n,
                                AVG(CAST(h.ended_at AS DOUBLE PRECISION) - CAST(h.started_at AS DOUBLE PRECISION))
                                    AS mean,
                                MAX(CAST(h.ended_at AS DOUBLE PRECISION) - CAST(h.started_at AS DOUBLE PRECISION))
                                    AS longest
                         FROM runs r JOIN phases h ON h.run = r.seq",
                );
                filter.apply(&mut select);
                select.filter("h.ended_at >= h.started_at AND h.outcome <> 'SKIP'", []);
                select.fragment(
                    "    GROUP BY r.procedure_id, h.name
                     ) f JOIN procedures p ON p.id = f.proc
                     ORDER BY f.mean DESC, p.created_at, p.id, f.phase LIMIT ?",
                    [Param::Int((*limit).into())],
                );
                let mut phases = Vec::new();
                for mut row in link.select(&select).await? {
                    phases.push(SlowPhase {
                        procedure: ProcedureBrief::take(&mut row)?,
                        phase: row.take()?,
                        count: row.take()?,
                        mean: millis(row.take()?),
                        longest: millis(row.take()?),
                    });
                }
                Ok(phases)
            })
        })
        .await
    }
}

fn millis(number: f64) -> Duration {
    Duration::try_from_secs_f64(number / 1000.0).unwrap_or(Duration::MAX)
}
