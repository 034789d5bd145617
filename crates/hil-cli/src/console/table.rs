//! Columns of text, aligned by the width that a terminal gives to each character.

use unicode_width::UnicodeWidthStr;

use super::visible::visible;

/// To which side the cells of a column are pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// A table that knows its columns before its rows.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Align>,
    /// With a header, that is the first row.
    rows: Vec<Vec<String>>,
    gap: &'static str,
}

impl Table {
    /// A table without header.
    pub(crate) fn new(columns: impl IntoIterator<Item = Align>) -> Self {
        Self { columns: columns.into_iter().collect(), rows: Vec::new(), gap: "  " }
    }

    /// A table with a header over its columns.
    pub(crate) fn with_header<const N: usize>(columns: [(&str, Align); N]) -> Self {
        let mut table = Self::new(columns.map(|(_, align)| align));
        table.row(columns.map(|(title, _)| title.to_owned()));
        table
    }

    /// Adds a row. Its cells may be text from a file.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| visible(&cell)).collect());
    }

    /// The rows as lines, each behind `indent`, without blanks at their ends.
    pub(crate) fn lines(&self, indent: &str) -> String {
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|at| {
                self.rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.width()).max().unwrap_or(0)
            })
            .collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = indent.to_owned();
            for (at, ((cell, width), align)) in row.iter().zip(&widths).zip(&self.columns).enumerate() {
                let padding = " ".repeat(width.saturating_sub(cell.width()));
                line.push_str(if at == 0 { "" } else { self.gap });
                match align {
                    Align::Left => line.extend([cell.as_str(), &padding]),
                    Align::Right => line.extend([&padding, cell.as_str()]),
                }
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        let mut table = Table::with_header([("unit", Align::Left), ("n", Align::Right), ("", Align::Left)]);
        for (unit, number, rest) in [("°C", "5", "x"), ("温度", "10", ""), ("e\u{301}", "100", "\u{1b}")] {
            table.row([unit.to_owned(), number.to_owned(), rest.to_owned()]);
        }
        let expected = "  unit    n\n  °C      5  x\n  温度   10\n  e\u{301}     100  \\u{1b}\n";
        assert_eq!(table.lines("  "), expected);
    }
}
