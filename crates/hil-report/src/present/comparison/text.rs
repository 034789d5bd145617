//! The comparison on a terminal.

use super::Comparison;
use super::row::{MeasurementRow, PhaseRow};
use crate::present::grid::{Cell, Grid};
use crate::present::{Emphasis, Terminal};

/// What stands in front of a row that differs.
const MARK: &str = "≠";

impl Comparison {
    /// The comparison as text. If the terminal is not wide enough for all runs, the first stands beside as many of the
    /// others as there is room for, and then beside the next.
    pub fn text(&self, terminal: &Terminal<'_>) -> String {
        let others: Vec<usize> = (1..self.heads.len()).collect();
        let mut text = String::new();
        let mut rest = others.as_slice();
        loop {
            let mut count = rest.len();
            while count > 1 && self.grid(&rest[..count]).width() > terminal.width() {
                count -= 1;
            }
            let (shown, later) = rest.split_at(count);
            // Long values give way first, then what differs, then names.
            let values = std::iter::once(2).chain((0..shown.len()).map(|at| 4 + 4 * at));
            let giving: Vec<_> = values.chain([4 + 4 * shown.len(), 1]).collect();
            for line in self.grid(shown).lines(0, &giving, terminal) {
                text.push_str(&line);
                text.push('\n');
            }
            rest = later;
            if rest.is_empty() {
                break;
            }
            text.push('\n');
        }
        text
    }

    /// The table of the first run and these others.
    fn grid(&self, others: &[usize]) -> Grid {
        let runs: Vec<usize> =
            std::iter::once(0).filter(|_| !self.heads.is_empty()).chain(others.iter().copied()).collect();
        let mut grid = Grid::default();
        let mut heading = vec![Cell::left(""), Cell::left("")];
        for &run in &runs {
            let head = &self.heads[run];
            let note = if head.simulated { " SIMULATED" } else { "" };
            heading.push(
                Cell::spilling(format!("{} {}{note}", head.label, head.outcome)).emphasised(head.emphasis),
            );
            heading.extend(blank(if run == 0 { 1 } else { 3 }));
        }
        grid.push(heading);
        for fact in &self.facts {
            let mut row = vec![mark(fact.differs), muted(fact.label)];
            for &run in &runs {
                row.push(Cell::spilling(fact.texts[run].clone()));
                row.extend(blank(if run == 0 { 1 } else { 3 }));
            }
            grid.push(row);
        }
        for phase in &self.phases {
            grid.push(vec![]);
            grid.push(phase_row(phase, &runs));
            for measurement in &phase.measurements {
                grid.push(measurement_row(measurement, &runs));
            }
        }
        grid
    }
}

fn phase_row(phase: &PhaseRow, runs: &[usize]) -> Vec<Cell> {
    let mut row = vec![mark(phase.differs()), Cell::left(phase.name.clone()).emphasised(Emphasis::Strong)];
    for &run in runs {
        match &phase.cells[run] {
            Some(cell) => {
                row.push(Cell::left(cell.outcome).emphasised(cell.emphasis));
                row.push(muted(&cell.time));
            }
            None => row.extend([missing(), Cell::left("")]),
        }
        row.extend(blank(if run == 0 { 0 } else { 2 }));
    }
    row.push(changes(&phase.changes));
    row
}

fn measurement_row(measurement: &MeasurementRow, runs: &[usize]) -> Vec<Cell> {
    let name = match measurement.unit.as_str() {
        "" => format!("  {}", measurement.name),
        unit => format!("  {}, {unit}", measurement.name),
    };
    let mut row = vec![mark(!measurement.changes.is_empty()), Cell::left(name)];
    for &run in runs {
        match &measurement.cells[run] {
            Some(cell) => {
                let value = cell.value.clone();
                row.push(if cell.is_number { Cell::number(value) } else { Cell::left(value) });
                row.push(Cell::left(cell.outcome).emphasised(cell.emphasis));
                if run != 0 {
                    row.push(Cell::number(cell.delta.clone()));
                    row.push(Cell::right(cell.percent.clone()));
                }
            }
            None => {
                row.extend([missing(), Cell::left("")]);
                row.extend(blank(if run == 0 { 0 } else { 2 }));
            }
        }
    }
    let limits = |run: &usize| measurement.cells[*run].as_ref().map(|cell| cell.limits.as_str());
    let mut changes = changes(&measurement.changes);
    if measurement.changes.contains(&"limits") {
        let limits: Vec<_> = runs
            .iter()
            .filter_map(limits)
            .map(|limits| if limits.is_empty() { "none" } else { limits })
            .collect();
        changes = Cell::left(format!("{}: {}", measurement.changes.join(", "), limits.join(" → ")))
            .emphasised(Emphasis::Odd);
    }
    row.push(changes);
    row
}

fn blank(count: usize) -> impl Iterator<Item = Cell> {
    std::iter::repeat_n(Cell::left(""), count)
}

fn mark(differs: bool) -> Cell {
    Cell::left(if differs { MARK } else { "" }).emphasised(Emphasis::Odd)
}

fn missing() -> Cell {
    muted("missing")
}

fn muted(text: &str) -> Cell {
    Cell::left(text).emphasised(Emphasis::Muted)
}

fn changes(changes: &[&'static str]) -> Cell {
    Cell::left(changes.join(", ")).emphasised(Emphasis::Odd)
}
