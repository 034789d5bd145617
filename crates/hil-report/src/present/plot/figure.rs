//! What stands beneath a picture: its columns in a few words, and the first rows.

use hil_model::run::{Measurement, Series};
use serde::Serialize;

use super::chart::Chart;
use super::column::Column;
use super::draw;
use crate::present::number::Points;
use crate::present::summary::Summary;

/// How many rows are shown, and of how many columns.
const ROWS: usize = 20;
const COLUMNS: usize = 24;

/// A series on a page.
#[derive(Debug, Serialize)]
pub(in crate::present) struct Figure {
    /// The picture, if there is anything to draw.
    picture: String,
    notes: Vec<String>,
    columns: Vec<Summary>,
    /// How many columns the tables leave out.
    columns_left_out: usize,
    rows: Vec<Vec<String>>,
    count: usize,
}

impl Figure {
    pub(in crate::present) fn of(measurement: &Measurement, series: &Series) -> Self {
        let chart = Chart::of(measurement, series);
        let columns = Column::all(measurement, series);
        let shown = &columns[..columns.len().min(COLUMNS)];
        let count = series.len();
        let printed: Vec<_> = shown.iter().map(|column| column.printed(count.min(ROWS))).collect();
        Self {
            picture: chart.as_ref().map(draw::draw).unwrap_or_default(),
            notes: chart.map_or_else(|| vec!["nothing to draw".to_owned()], |chart| chart.notes),
            columns: aligned(shown.iter().map(Summary::of).collect()),
            columns_left_out: columns.len() - shown.len(),
            rows: (0..count.min(ROWS))
                .map(|row| printed.iter().map(|column| column[row].clone()).collect())
                .collect(),
            count,
        }
    }
}

/// The summaries, in each column of them decimal points under each other.
fn aligned(mut summaries: Vec<Summary>) -> Vec<Summary> {
    let parts: [fn(&mut Summary) -> &mut String; 3] = [|s| &mut s.min, |s| &mut s.mean, |s| &mut s.max];
    for part in parts {
        let numbers: Vec<String> = summaries.iter_mut().map(|summary| part(summary).clone()).collect();
        let points = Points::of(numbers.iter().map(String::as_str));
        for (summary, number) in summaries.iter_mut().zip(numbers).filter(|(_, number)| !number.is_empty()) {
            *part(summary) = points.align_in_print(&number);
        }
    }
    summaries
}
