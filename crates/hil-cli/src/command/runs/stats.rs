//! `hil runs stats`: tables of what an archive counts.

use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use hil_archive::answer::{Band, Capability, Drift, FirstPass, FlakyPhase, SlowPhase, TrendPoint, UnitTrend};
use hil_archive::{Archive, Order};
use hil_model::ExitStatus;

use super::filter::FilterArgs;
use super::moment::{duration, moment};
use super::{print, print_json};
use crate::command::Wrong;
use crate::console::{Align, Table};

#[derive(Args, Debug)]
pub(super) struct StatsArgs {
    /// What is counted; everything but trends if nothing is said.
    #[arg(value_enum)]
    what: Option<What>,
    #[command(flatten)]
    filter: FilterArgs,
    /// The measurement; for cpk and drift all of them if nothing is said.
    #[arg(long, value_name = "NAME")]
    measurement: Option<String>,
    /// A trend over time, or over units.
    #[arg(long, value_enum, default_value = "time")]
    by: By,
    /// How many rows at most.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Over how many periods drift is looked for.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(2..=100))]
    periods: u32,
    /// Print JSON.
    #[arg(long, requires = "what")]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum What {
    /// First-pass yield: the share of units that passed in their first run.
    Yield,
    /// Cp and Cpk of each measurement that has limits.
    Cpk,
    /// A measurement over time, or over units.
    Trend,
    /// Phases that both passed and failed for one unit, or were tried again.
    Flaky,
    /// Phases that take longest.
    Slowest,
    /// Measurements that wander towards their limits.
    Drift,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum By {
    /// One row a value, in the order of the runs.
    Time,
    /// One row a unit.
    Unit,
}

/// Counts.
pub(super) fn run(args: &StatsArgs, archive: &Archive) -> anyhow::Result<ExitStatus> {
    match args.what {
        Some(what) => print_one(what, args, archive)?,
        None => {
            for (what, title) in [
                (What::Yield, "First-pass yield"),
                (What::Cpk, "Capability"),
                (What::Flaky, "Flaky phases"),
                (What::Slowest, "Slowest phases"),
                (What::Drift, "Drift"),
            ] {
                print(&format!("{title}\n"))?;
                print_one(what, args, archive)?;
                print("\n")?;
            }
        }
    }
    Ok(ExitStatus::Passed)
}

fn print_one(what: What, args: &StatsArgs, archive: &Archive) -> anyhow::Result<()> {
    let (filter, measurement, limit) = (args.filter.filter(), args.measurement.as_deref(), args.limit);
    match what {
        What::Yield => {
            let page = archive.first_pass(filter, limit, 0)?;
            show_page(args, (&page.procedures[..], page.next), yields)
        }
        What::Cpk => {
            let page = archive.capability(filter, measurement, limit, 0)?;
            show_page(args, (&page.measurements[..], page.next), capabilities)
        }
        What::Trend => {
            let measurement = measurement
                .ok_or_else(|| Wrong::usage("a trend is that of one measurement: say --measurement NAME"))?;
            match args.by {
                By::Time => {
                    let trend = archive.trend(filter, measurement, Order::Newest, limit, 0)?;
                    show(args, &trend.points, points)
                }
                By::Unit => {
                    let trend = archive.unit_trend(filter, measurement, Order::Newest, limit, 0)?;
                    show(args, &trend.units, units)
                }
            }
        }
        What::Flaky => show(args, &archive.flaky(filter, limit)?, flaky),
        What::Slowest => show(args, &archive.slowest(filter, limit)?, slowest),
        What::Drift => {
            let page = archive.drift(filter, measurement, args.periods, limit, 0)?;
            show_page(args, (&page.measurements[..], page.next), drifts)
        }
    }
}

/// Shows a page, and says where it ends before the list does.
fn show_page<T: serde::Serialize>(
    args: &StatsArgs,
    (rows, next): (&[T], Option<u64>),
    table: fn(&[T]) -> Table,
) -> anyhow::Result<()> {
    show(args, rows, table)?;
    match next {
        Some(_) if !args.json => print("  … and more: narrow it down, or say --limit\n"),
        Some(_) | None => Ok(()),
    }
}

fn show<T: serde::Serialize>(args: &StatsArgs, rows: &[T], table: fn(&[T]) -> Table) -> anyhow::Result<()> {
    if args.json {
        print_json(&rows)
    } else if rows.is_empty() {
        print("  nothing\n")
    } else {
        print(&table(rows).lines("  "))
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A number with as many digits as tell values of its size apart.
fn number(value: f64) -> String {
    let digits = match value.abs() {
        0.0 => 0,
        size if (1e-3..1e6).contains(&size) => {
            #[expect(clippy::cast_possible_truncation, reason = "the logarithm of such a number is small")]
            let magnitude = size.log10().floor() as i32;
            usize::try_from(4 - magnitude).unwrap_or(0)
        }
        _ => return format!("{value:.4e}"),
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn maybe(value: Option<f64>) -> String {
    value.map_or_else(|| "—".to_owned(), number)
}

fn band(band: &Band) -> String {
    match (band.low, band.high) {
        (Some(low), Some(high)) => format!("{} … {}", number(low), number(high)),
        (Some(low), None) => format!("≥ {}", number(low)),
        (None, Some(high)) => format!("≤ {}", number(high)),
        (None, None) => String::new(),
    }
}

/// A unit in a column of its own, where a bare count needs none.
fn unit(unit: Option<&str>) -> String {
    unit.filter(|unit| *unit != "1").unwrap_or_default().to_owned()
}

use Align::{Left, Right};

fn yields(rows: &[FirstPass]) -> Table {
    let mut table =
        Table::with_header([("procedure", Left), ("units", Right), ("passed", Right), ("yield", Right)]);
    for row in rows {
        table.row([
            row.procedure.name.clone(),
            row.units.to_string(),
            row.passed.to_string(),
            percent(row.share),
        ]);
    }
    table
}

fn capabilities(rows: &[Capability]) -> Table {
    let mut table = Table::with_header([
        ("phase", Left),
        ("measurement", Left),
        ("n", Right),
        ("marginal", Right),
        ("mean", Right),
        ("deviation", Right),
        ("limits", Left),
        ("unit", Left),
        ("Cp", Right),
        ("Cpk", Right),
    ]);
    for row in rows {
        let index = |value: Option<f64>| value.map_or_else(|| "—".to_owned(), |value| format!("{value:.2}"));
        table.row([
            row.phase.clone(),
            row.measurement.clone(),
            row.count.to_string(),
            row.marginal.to_string(),
            maybe(row.mean),
            maybe(row.deviation),
            band(&row.limits),
            unit(row.unit.as_deref()),
            index(row.cp),
            index(row.cpk),
        ]);
    }
    table
}

fn points(rows: &[TrendPoint]) -> Table {
    let mut table = Table::with_header([
        ("began (UTC)", Left),
        ("serial number", Left),
        ("phase", Left),
        ("value", Right),
        ("unit", Left),
        ("limits", Left),
        ("outcome", Left),
        ("run", Left),
    ]);
    for row in rows {
        let outcome = if row.marginal { "MARGINAL".to_owned() } else { row.outcome.clone() };
        table.row([
            moment(row.started_ms),
            row.serial_number.clone(),
            row.phase.clone(),
            number(row.value),
            unit(row.unit.as_deref()),
            band(&row.limits),
            outcome,
            row.run.clone(),
        ]);
    }
    table
}

fn units(rows: &[UnitTrend]) -> Table {
    let mut table = Table::with_header([
        ("serial number", Left),
        ("first (UTC)", Left),
        ("n", Right),
        ("mean", Right),
        ("least", Right),
        ("greatest", Right),
        ("unit", Left),
        ("limits", Left),
        ("marginal", Right),
        ("failed", Right),
    ]);
    for row in rows {
        table.row([
            row.serial_number.clone(),
            moment(row.first_ms),
            row.count.to_string(),
            maybe(row.mean),
            number(row.least),
            number(row.greatest),
            unit(row.unit.as_deref()),
            band(&row.limits),
            row.marginal.to_string(),
            row.failed.to_string(),
        ]);
    }
    table
}

fn flaky(rows: &[FlakyPhase]) -> Table {
    let mut table = Table::with_header([
        ("procedure", Left),
        ("phase", Left),
        ("units", Right),
        ("passed", Right),
        ("failed", Right),
        ("retried", Right),
    ]);
    for row in rows {
        table.row([
            row.procedure.name.clone(),
            row.phase.clone(),
            row.units.to_string(),
            row.passed.to_string(),
            row.failed.to_string(),
            row.retried.to_string(),
        ]);
    }
    table
}

fn slowest(rows: &[SlowPhase]) -> Table {
    let mut table = Table::with_header([
        ("procedure", Left),
        ("phase", Left),
        ("n", Right),
        ("mean", Right),
        ("longest", Right),
    ]);
    for row in rows {
        table.row([
            row.procedure.name.clone(),
            row.phase.clone(),
            row.count.to_string(),
            duration(row.mean_us),
            duration(row.longest_us),
        ]);
    }
    table
}

fn drifts(rows: &[Drift]) -> Table {
    let mut table = Table::with_header([
        ("phase", Left),
        ("measurement", Left),
        ("means", Left),
        ("unit", Left),
        ("limits", Left),
        ("shift", Right),
        ("towards limit", Right),
        ("marginal", Left),
    ]);
    for row in rows {
        let (mut means, mut marginal) = (String::new(), String::new());
        for (at, period) in row.periods.iter().enumerate() {
            let arrow = if at == 0 { "" } else { " → " };
            // Writing to a string cannot fail.
            let _ = write!(means, "{arrow}{}", maybe(period.mean));
            let _ = write!(marginal, "{arrow}{}", percent(period.marginal_share));
        }
        table.row([
            row.phase.clone(),
            row.measurement.clone(),
            means,
            unit(row.unit.as_deref()),
            band(&row.limits),
            row.shift.map_or_else(String::new, number),
            row.approach.map_or_else(String::new, percent),
            marginal,
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0.0, "0")]
    #[case(5.0, "5")]
    #[case(-11.96, "-11.96")]
    #[case(0.1 + 0.2, "0.3")]
    #[case(0.001_234_56, "0.0012346")]
    #[case(123_456.7, "123457")]
    #[case(1.5e-9, "1.5000e-9")]
    #[case(1e300, "1.0000e300")]
    fn numbers_are_short(#[case] value: f64, #[case] text: &str) {
        assert_eq!(number(value), text);
    }
}
