//! A value against its limits, as a small bar: the good band, its marginal edges, and where the value lies.

use hil_model::Limits;

use super::number;
use crate::svg::{Ink, Number, Svg};

const WIDTH: f64 = 140.0;
const HEIGHT: f64 = 14.0;

/// The part of the bar on each side that is outside the limits.
const OUTSIDE: f64 = 0.2;

/// Draws the bar; nothing for what is no finite number or has no limits.
pub(super) fn draw(value: f64, [limits, marginal]: [Limits; 2], ink: Ink, label: &str) -> Option<String> {
    if !value.is_finite() {
        return None;
    }
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

    let mut svg = Svg::inline("limits", WIDTH, HEIGHT, &format!("{} against {label}", number::usual(value)));
    svg.rect((0.0, 5.0), (WIDTH, 4.0), Ink::GRID);
    svg.rect((x(low), 5.0), ((x(high) - x(low)).max(1.0), 4.0), Ink::BAND);
    for (from, to) in
        [marginal.low.map(|end| (low, end)), marginal.high.map(|end| (end, high))].into_iter().flatten()
    {
        // A marginal limit outside the band has no edge in it.
        if low <= from && from < to && to <= high {
            svg.rect((x(from), 5.0), (x(to) - x(from), 4.0), Ink::MARGINAL);
        }
    }
    for end in limits.low.into_iter().chain(limits.high) {
        svg.line((x(end), 3.0), (x(end), 11.0), Ink::MARK);
    }
    svg.path(&format!("M{} 1V13", Number(x(value))), 3.0, ink);
    Some(svg.finish())
}
