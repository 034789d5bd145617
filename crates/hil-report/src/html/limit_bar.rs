//! A measurement against its limits, as a small bar: the good band, and where the value lies.

use hil_model::run::{Measurement, MeasurementOutcome};

use crate::svg::{Ink, Number, Svg};

const WIDTH: f64 = 140.0;
const HEIGHT: f64 = 14.0;

/// The part of the bar on each side that is outside the limits.
const OUTSIDE: f64 = 0.2;

/// Draws the bar; nothing for what is no number or has no limits.
pub(super) fn draw(measurement: &Measurement) -> Option<String> {
    let limits = measurement.bounds();
    let value = measurement.value.number().filter(|value| value.is_finite())?;
    // With one limit, the band reaches from it as far to the good side as the value asks for.
    let (low, high) = match (limits.low, limits.high) {
        (Some(low), Some(high)) => (low, high),
        (Some(low), None) => (low, value.max(low) + (value - low).abs().max(low.abs() * 0.1)),
        (None, Some(high)) => (value.min(high) - (value - high).abs().max(high.abs() * 0.1), high),
        (None, None) => return None,
    };
    let span = high - low;
    if !span.is_finite() {
        return None;
    }
    let span = if span > 0.0 { span } else { low.abs().max(1.0) * 0.01 };
    let inside = 1.0 - 2.0 * OUTSIDE;
    let x = |value: f64| WIDTH * (OUTSIDE + (value - low) / span * inside).clamp(0.01, 0.99);

    let mut svg = Svg::inline("limits", WIDTH, HEIGHT, &format!("{} within {limits}", measurement.value));
    svg.rect((0.0, 5.0), (WIDTH, 4.0), Ink::GRID);
    svg.rect((x(low), 5.0), ((x(high) - x(low)).max(1.0), 4.0), Ink::BAND);
    for end in limits.low.into_iter().chain(limits.high) {
        svg.line((x(end), 3.0), (x(end), 11.0), Ink::MARK);
    }
    let ink = match measurement.outcome {
        MeasurementOutcome::Fail | MeasurementOutcome::Error => Ink::BAD,
        MeasurementOutcome::Pass | MeasurementOutcome::Skip | MeasurementOutcome::Unset => Ink::GOOD,
    };
    svg.path(&format!("M{} 1V13", Number(x(value))), 3.0, ink);
    Some(svg.finish())
}
