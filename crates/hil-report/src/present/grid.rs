//! A table on a terminal: columns as wide as they need to be, decimal points under each other, cut where the
//! terminal ends.

use unicode_width::UnicodeWidthStr;

use super::foreign::fit;
use super::number::Points;
use super::{Emphasis, Terminal};

/// Blanks between two columns.
const GAP: usize = 2;

/// What a column keeps when it has to give way.
const LEAST: usize = 9;

/// Where a cell stands in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lie {
    Left,
    /// Like left, and over the empty cells that follow.
    Spill,
    Right,
    Point,
}

/// One cell.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    text: String,
    lie: Lie,
    emphasis: Option<Emphasis>,
}

impl Cell {
    pub(super) fn left(text: impl Into<String>) -> Self {
        Self { text: text.into(), lie: Lie::Left, emphasis: None }
    }

    /// A text that has the room of the empty cells behind it as well.
    pub(super) fn spilling(text: impl Into<String>) -> Self {
        Self { lie: Lie::Spill, ..Self::left(text) }
    }

    pub(super) fn right(text: impl Into<String>) -> Self {
        Self { lie: Lie::Right, ..Self::left(text) }
    }

    /// A number, which stands by its decimal point.
    pub(super) fn number(text: impl Into<String>) -> Self {
        Self { lie: Lie::Point, ..Self::left(text) }
    }

    pub(super) fn emphasised(self, emphasis: Emphasis) -> Self {
        Self { emphasis: Some(emphasis), ..self }
    }
}

/// Rows of cells. A row may have fewer cells than another.
#[derive(Debug, Default)]
pub(super) struct Grid {
    rows: Vec<Vec<Cell>>,
}

/// What is known of a column.
#[derive(Clone, Copy, Debug, Default)]
struct Column {
    points: Points,
    width: usize,
}

impl Grid {
    pub(super) fn push(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    /// How wide the table wants to be.
    pub(super) fn width(&self) -> usize {
        total(&self.columns())
    }

    /// A line for each row. If the table is wider than the terminal, the columns in `giving` give way, in that order.
    pub(super) fn lines(&self, indent: usize, giving: &[usize], terminal: &Terminal<'_>) -> Vec<String> {
        let mut columns = self.columns();
        for &at in giving {
            let excess = (indent + total(&columns)).saturating_sub(terminal.width());
            if let Some(column) = columns.get_mut(at) {
                // Numbers are never cut: half of one would be another one.
                let least = LEAST.max(column.points.width());
                column.width = column.width.min(column.width.saturating_sub(excess).max(least));
            }
        }
        self.rows.iter().map(|row| line(row, &columns, indent, terminal)).collect()
    }

    fn columns(&self) -> Vec<Column> {
        let count = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut columns: Vec<_> = (0..count)
            .map(|at| {
                let cells = || self.rows.iter().filter_map(move |row| row.get(at));
                let points =
                    Points::of(cells().filter(|cell| cell.lie == Lie::Point).map(|cell| cell.text.as_str()));
                let texts = cells().filter(|cell| matches!(cell.lie, Lie::Left | Lie::Right));
                let texts = texts.map(|cell| cell.text.width()).max().unwrap_or(0);
                Column { points, width: texts.max(points.width()) }
            })
            .collect();
        for row in &self.rows {
            for (at, cell) in row.iter().enumerate().filter(|(_, cell)| cell.lie == Lie::Spill) {
                if let Some(room) = room(row, at, &columns) {
                    columns[at].width += cell.text.width().saturating_sub(room);
                }
            }
        }
        columns
    }
}

/// How wide the cell is with the empty ones behind it; nothing if there are no others.
fn room(row: &[Cell], at: usize, columns: &[Column]) -> Option<usize> {
    let empty = row[at + 1..].iter().take_while(|cell| cell.text.is_empty()).count();
    (at + 1 + empty < row.len()).then(|| total(&columns[at..=at + empty]))
}

fn total(columns: &[Column]) -> usize {
    // A column in which nothing stands takes no room.
    let used: Vec<_> = columns.iter().map(|column| column.width).filter(|width| *width > 0).collect();
    used.iter().sum::<usize>() + GAP * used.len().saturating_sub(1)
}

fn line(row: &[Cell], columns: &[Column], indent: usize, terminal: &Terminal<'_>) -> String {
    let (mut line, mut used, mut start) = (String::new(), 0, indent);
    for (at, (cell, column)) in row.iter().zip(columns).enumerate() {
        let text = match cell.lie {
            Lie::Left | Lie::Right | Lie::Spill => cell.text.clone(),
            Lie::Point => column.points.align(&cell.text),
        };
        let room = match cell.lie {
            Lie::Left | Lie::Right | Lie::Point => column.width,
            Lie::Spill => {
                room(row, at, columns).unwrap_or(usize::MAX).min(terminal.width().saturating_sub(start))
            }
        };
        let text = fit(text.trim_end(), room);
        let inset = if cell.lie == Lie::Right { room - text.width().min(room) } else { 0 };
        if !text.is_empty() {
            let width = text.width();
            line.extend(std::iter::repeat_n(' ', (start + inset).saturating_sub(used)));
            line.push_str(
                &cell.emphasis.map_or_else(|| text.clone(), |emphasis| terminal.paint(emphasis, &text)),
            );
            used = start + inset + width;
        }
        start += if column.width > 0 { column.width + GAP } else { 0 };
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        let mut grid = Grid::default();
        grid.push(vec![Cell::left("supply voltage"), Cell::number("12.25"), Cell::left(""), Cell::left("V")]);
        grid.push(vec![Cell::left("電流"), Cell::number("-0.5"), Cell::left(""), Cell::left("A")]);
        grid.push(vec![Cell::left(""), Cell::right("OK").emphasised(Emphasis::Good)]);
        grid
    }

    #[test]
    fn points_stand_under_each_other_and_empty_columns_take_no_room() {
        let lines = grid().lines(2, &[], &Terminal::plain(80));
        assert_eq!(
            lines,
            ["  supply voltage  12.25  V", "  電流            -0.5   A", "                     OK"]
        );
    }

    #[test]
    fn a_spilling_cell_widens_a_column_only_where_it_has_to() {
        let mut grid = grid();
        grid.push(vec![Cell::left("firmware"), Cell::spilling("v1.4.2-rc1 of the boot loader")]);
        grid.push(vec![Cell::left("rail"), Cell::spilling("12V0_A"), Cell::left(""), Cell::left("Ω")]);
        let lines = grid.lines(0, &[], &Terminal::plain(80));
        assert_eq!(lines[0], "supply voltage  12.25   V");
        assert_eq!(lines[3], "firmware        v1.4.2-rc1 of the boot loader");
        assert_eq!(lines[4], "rail            12V0_A  Ω");
    }

    #[test]
    fn paint_has_no_width() {
        let paint = |_, text: &str| format!("<{text}>");
        let lines = grid().lines(0, &[], &Terminal::painted(80, &paint));
        assert_eq!(lines[2], "                   <OK>");
    }

    #[test]
    fn a_column_gives_way_where_the_terminal_ends() {
        let mut grid = Grid::default();
        grid.push(vec![Cell::left("n".repeat(50)), Cell::left("l".repeat(50)), Cell::right("9 %")]);
        let lines = grid.lines(0, &[1, 0], &Terminal::plain(80));
        assert_eq!(lines[0], format!("{}  {}…  9 %", "n".repeat(50), "l".repeat(22)));
        grid.push(vec![Cell::left("n".repeat(70)), Cell::number("12.5")]);
        let lines = grid.lines(0, &[1, 0], &Terminal::plain(80));
        assert_eq!(lines[0], format!("{:64}  {}…  9 %", "n".repeat(50), "l".repeat(8)));
        assert_eq!(lines[1], format!("{}…  12.5", "n".repeat(63)));
    }
}
