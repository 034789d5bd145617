//! What of a series is drawn, and as what.

use hil_model::Limits;
use hil_model::run::{Measurement, Series};

use super::column::Column;
use super::dimensions::Dimensions;
use super::thin::{Point, is_drawn};
use crate::present::foreign;

/// The most lines of a picture, and the most panels above each other.
const LINES: usize = 10;
const PANELS: usize = 5;

/// The most texts along the horizontal axis.
pub(super) const CATEGORIES: usize = 40;

/// A picture before it has a size.
#[derive(Debug)]
pub(in crate::present) struct Chart {
    pub(super) title: String,
    pub(super) x: Horizontal,
    pub(super) panels: Vec<Panel>,
    pub(super) rows: usize,
    /// What is not drawn, and why.
    pub(in crate::present) notes: Vec<String>,
}

/// The horizontal axis.
#[derive(Debug)]
pub(super) struct Horizontal {
    pub(super) name: String,
    pub(super) unit: String,
    /// The texts along it; numbers otherwise.
    pub(super) categories: Option<Vec<String>>,
}

/// Lines that share a vertical axis.
#[derive(Debug)]
pub(super) struct Panel {
    pub(super) unit: String,
    pub(super) lines: Vec<Line>,
}

/// One line, or one bar of each category.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) points: Vec<Point>,
    pub(super) limits: Limits,
    pub(super) marginal: Limits,
}

impl Chart {
    /// Decides what to draw; nothing if no column but the first has a number.
    pub(in crate::present) fn of(measurement: &Measurement, series: &Series) -> Option<Self> {
        let rows = series.len();
        let mut notes = Vec::new();
        let columns = Column::all(measurement, series);
        let (x, lines) = match columns.as_slice() {
            [] => return None,
            [only] => (Horizontal::rows(), vec![(only, only.over(&ordinals(rows)))]),
            [first, rest @ ..] => match Dimensions::of(&columns) {
                Some(dimensions) => dimensions.lines(&columns),
                None => {
                    let (x, places) = Horizontal::along(first, rows, &mut notes);
                    (x, rest.iter().map(|column| (column, column.over(&places))).collect())
                }
            },
        };
        let mut panels: Vec<Panel> = Vec::new();
        let (mut drawn, mut left_out) = (0, 0);
        for (column, line) in lines {
            if !line.points.iter().any(|point| is_drawn(*point)) {
                notes.push(format!("{} has no number to draw", line.name));
                continue;
            }
            let known = panels.iter().position(|panel| panel.unit == column.unit);
            if drawn == LINES || (known.is_none() && panels.len() == PANELS) {
                left_out += 1;
                continue;
            }
            drawn += 1;
            match known {
                Some(at) => panels[at].lines.push(line),
                None => panels.push(Panel { unit: column.unit.clone(), lines: vec![line] }),
            }
        }
        if left_out > 0 {
            notes.push(format!("{left_out} more lines are not drawn"));
        }
        let infinite = panels.iter().flat_map(|panel| &panel.lines).flat_map(|line| &line.points);
        let infinite = infinite.filter(|(x, y)| x.is_infinite() || y.is_infinite()).count();
        if infinite > 0 {
            notes.push(format!("{infinite} infinite values are not drawn"));
        }
        let title = foreign::line(&measurement.name, foreign::IN_A_LINE);
        (!panels.is_empty()).then_some(Self { title, x, panels, rows, notes })
    }
}

impl Horizontal {
    fn rows() -> Self {
        Self { name: "row".to_owned(), unit: String::new(), categories: None }
    }

    /// The axis that a column makes, and the place of each row along it.
    fn along(column: &Column<'_>, rows: usize, notes: &mut Vec<String>) -> (Self, Vec<f64>) {
        let (name, unit) = (column.name.clone(), column.unit.clone());
        if !column.is_text {
            let places = (0..rows).map(|row| column.number(row)).collect();
            return (Self { name, unit, categories: None }, places);
        }
        if rows > CATEGORIES {
            notes.push(format!("{name} has {rows} texts, too many for an axis"));
            return (Self::rows(), ordinals(rows));
        }
        let texts = (0..rows).map(|row| column.text(row)).collect();
        (Self { name, unit, categories: Some(texts) }, ordinals(rows))
    }
}

/// Rows by their number, from 0.
#[expect(clippy::cast_precision_loss, reason = "a row beyond 2^53 does not fit into memory")]
fn ordinals(rows: usize) -> Vec<f64> {
    (0..rows).map(|row| row as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hil_model::run::{Axis, Cell, MeasuredValue, Operator, Validator};

    fn column(name: &str, unit: &str, data: &[f64]) -> Axis {
        let data = data.iter().map(|x| Cell::Number(*x)).collect();
        Axis { name: Some(name.into()), unit: Some(unit.into()), data, ..Axis::default() }
    }

    fn texts(name: &str, data: &[&str]) -> Axis {
        Axis {
            name: Some(name.into()),
            data: data.iter().map(|text| (*text).into()).collect(),
            ..Axis::default()
        }
    }

    fn chart(axes: Vec<Axis>) -> Option<Chart> {
        let measurement =
            Measurement { value: MeasuredValue::Series(Series { axes }), ..Measurement::new("m") };
        let MeasuredValue::Series(series) = &measurement.value else { return None };
        Chart::of(&measurement, series)
    }

    /// `panel unit: line, line | …`
    fn lines(chart: &Chart) -> String {
        let panel = |panel: &Panel| {
            let names: Vec<_> = panel.lines.iter().map(|line| line.name.as_str()).collect();
            format!("{}: {}", panel.unit, names.join(", "))
        };
        chart.panels.iter().map(panel).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn columns_over_the_first_one_share_a_panel_if_they_share_a_unit() {
        let chart = chart(vec![
            column("time", "s", &[0.0, 1.0, 2.0]),
            column("red", "V", &[1.0, 2.0, 3.0]),
            column("current", "A", &[1.0, 2.0, 3.0]),
            column("green", "V", &[1.0, 1.0, 1.0]),
        ])
        .unwrap();
        assert_eq!(lines(&chart), "V: red, green | A: current");
        assert_eq!(chart.x.name, "time");
    }

    #[test]
    fn a_column_that_repeats_itself_is_a_dimension() {
        let chart = chart(vec![
            column("load", "A", &[0.0, 1.0, 0.0, 1.0, 0.0, 1.0]),
            column("input", "V", &[9.0, 9.0, 12.0, 12.0, 16.0, 16.0]),
            column("output", "V", &[5.0, 4.9, 5.1, 5.0, 5.1, 5.0]),
        ])
        .unwrap();
        assert_eq!((lines(&chart).as_str(), chart.x.name.as_str()), ("V: load 0 A, load 1 A", "input"));
        assert_eq!(chart.panels[0].lines[1].points, [(9.0, 4.9), (12.0, 5.0), (16.0, 5.0)]);
    }

    #[test]
    fn a_path_that_crosses_itself_is_no_table_of_dimensions() {
        let chart = chart(vec![
            column("x", "", &[0.0, 1.0, 0.0, 1.0]),
            column("y", "", &[0.1, 0.2, 0.3, 0.4]),
            column("z", "", &[0.5, 0.6, 0.7, 0.8]),
        ])
        .unwrap();
        assert_eq!(lines(&chart), ": y, z");
    }

    #[test]
    fn texts_are_dimensions_and_categories() {
        let sensors = texts("sensor", &["CPU", "GPU", "CPU", "GPU"]);
        let time = column("time", "s", &[0.0, 0.0, 1.0, 1.0]);
        let degrees = column("temperature", "°C", &[20.0, 30.0, 21.0, 31.0]);
        let over_time = chart(vec![time, sensors, degrees]).unwrap();
        assert_eq!(lines(&over_time), "°C: CPU, GPU");
        let bars =
            chart(vec![texts("rail", &["3V3", "5V"]), column("voltage", "V", &[3.3, f64::NAN])]).unwrap();
        assert_eq!(bars.x.categories.as_deref(), Some(&["3V3".to_owned(), "5V".to_owned()][..]));
    }

    #[test]
    fn what_is_not_drawn_is_noted() {
        let many = (0..14).map(|at| column(&format!("c{at}"), "", &[1.0, f64::INFINITY]));
        let state = texts("state", &["on", "off"]);
        let axes = [column("t", "s", &[0.0, 1.0]), state].into_iter().chain(many).collect();
        let notes = chart(axes).unwrap().notes;
        assert_eq!(
            notes,
            ["state has no number to draw", "4 more lines are not drawn", "10 infinite values are not drawn"]
        );
        assert!(chart(vec![texts("a", &["x"]), texts("b", &["y"])]).is_none());
        assert!(chart(vec![]).is_none());
    }

    #[test]
    fn the_measurements_own_limits_are_those_of_its_last_column() {
        let mut output = column("output", "V", &[5.0]);
        output.validators =
            vec![Validator::new(Operator::AtMost, 6.0), Validator::new(Operator::AtMost, 5.5).marginal()];
        let axes = vec![column("t", "s", &[0.0]), column("input", "V", &[12.0]), output];
        let series = Series { axes };
        let limits = Limits { low: Some(4.0), high: None };
        let chart = Chart::of(&Measurement { limits, ..Measurement::new("m") }, &series).unwrap();
        let [input, output] = chart.panels[0].lines.as_slice() else { panic!("{chart:?}") };
        assert_eq!(input.limits, Limits::default());
        assert_eq!(output.limits, Limits { low: Some(4.0), high: Some(6.0) });
        assert_eq!(output.marginal, Limits { low: None, high: Some(5.5) });
    }
}
