//! Pictures of series: which columns make which lines, round numbers along the axes, limits as bands.
//!
//! A series does not say which of its columns are coordinates. So: the first column is the horizontal axis, and each
//! further one a line over it, those of one unit in one panel. A table of several dimensions gives itself away by a
//! first column that repeats itself while its coordinates together do not; it becomes a line for each value of the
//! other dimensions. Texts along the horizontal axis become bars.

mod chart;
mod column;
mod dimensions;
mod draw;
mod figure;
mod thin;
mod ticks;

use hil_model::run::{MeasuredValue, Measurement};

use self::chart::Chart;
pub(super) use column::Column;
pub(super) use figure::Figure;

/// The picture of a measured series; nothing for any other value, and for a series without a number to draw.
///
/// It is an `<svg>` element for a page that has the reports' style sheet; without that it has the colours of a light
/// page. Names and units are escaped in it.
pub fn series_svg(measurement: &Measurement) -> Option<String> {
    let MeasuredValue::Series(series) = &measurement.value else { return None };
    Chart::of(measurement, series).map(|chart| draw::draw(&chart))
}
