//! Tables of several dimensions: which column runs along the axis, and which ones tell the lines apart.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::Hash;

use super::chart::{CATEGORIES, Horizontal, Line};
use super::column::Column;
use super::thin::Point;

/// The coordinates of a table whose last column is the measured one.
pub(super) struct Dimensions {
    /// The column along the horizontal axis.
    along: usize,
    /// For each row, which value of that column it has.
    places: Vec<usize>,
    /// The other coordinates.
    others: Vec<usize>,
    /// For each row, which line it belongs to.
    lines: Vec<usize>,
}

impl Dimensions {
    /// Recognises such a table: every coordinate repeats itself, all of them together do not, and at least half of
    /// their combinations were measured.
    pub(super) fn of(columns: &[Column<'_>]) -> Option<Self> {
        let (measured, coordinates) = columns.split_last()?;
        let rows = columns.iter().map(|column| column.axis.data.len()).max()?;
        if coordinates.len() < 2 || measured.is_text {
            return None;
        }
        let mut numbered = Vec::new();
        for column in coordinates {
            let (places, count) = numbers((0..rows).map(|row| column.key(row)));
            if count == rows {
                return None;
            }
            numbered.push((places, count));
        }
        let along = (0..coordinates.len())
            .max_by_key(|&at| (numbered[at].1, !coordinates[at].is_text, Reverse(at)))?;
        let others: Vec<_> = (0..coordinates.len()).filter(|at| *at != along).collect();
        let none = (vec![0; rows], 1);
        let (lines, count) = others
            .iter()
            .fold(none, |(so_far, _), &at| numbers(so_far.into_iter().zip(numbered[at].0.iter().copied())));
        let (places, length) = numbered.swap_remove(along);
        let (_, combined) = numbers(lines.iter().copied().zip(places.iter().copied()));
        let is_table = combined == rows && rows >= length.saturating_mul(count) / 2;
        let has_room = !coordinates[along].is_text || length <= CATEGORIES;
        (is_table && has_room).then_some(Self { along, places, others, lines })
    }

    /// The axis, and a line for each combination of the other coordinates.
    pub(super) fn lines<'c, 'a>(
        &self,
        columns: &'c [Column<'a>],
    ) -> (Horizontal, Vec<(&'c Column<'a>, Line)>) {
        let along = &columns[self.along];
        let mut categories: Vec<String> = Vec::new();
        let mut lines: Vec<(String, Vec<Point>)> = Vec::new();
        let measured = &columns[columns.len() - 1];
        for (row, (&place, &line)) in self.places.iter().zip(&self.lines).enumerate() {
            let x = if along.is_text { ordinal(place) } else { along.number(row) };
            if along.is_text && place == categories.len() {
                categories.push(along.text(row));
            }
            if line == lines.len() {
                lines.push((self.name(columns, row), Vec::new()));
            }
            lines[line].1.push((x, measured.number(row)));
        }
        let (name, unit) = (along.name.clone(), along.unit.clone());
        let horizontal = Horizontal { name, unit, categories: along.is_text.then_some(categories) };
        let lines = lines.into_iter().map(|(name, points)| (measured, measured.line(name, points)));
        (horizontal, lines.collect())
    }

    /// What tells the line of this row from the others: `CPU`, `load 3 A`.
    fn name(&self, columns: &[Column<'_>], row: usize) -> String {
        let part = |&at: &usize| {
            let column = &columns[at];
            let text = column.text(row);
            if column.is_text {
                text
            } else {
                format!("{} {text} {}", column.name, column.unit).trim_end().to_owned()
            }
        };
        self.others.iter().map(part).collect::<Vec<_>>().join(", ")
    }
}

/// Numbers things in the order in which they first appear, and counts them.
fn numbers<T: Eq + Hash>(things: impl Iterator<Item = T>) -> (Vec<usize>, usize) {
    let mut known = HashMap::new();
    let numbers = things
        .map(|thing| {
            let next = known.len();
            *known.entry(thing).or_insert(next)
        })
        .collect();
    (numbers, known.len())
}

#[expect(clippy::cast_precision_loss, reason = "there are few categories")]
const fn ordinal(place: usize) -> f64 {
    place as f64
}
