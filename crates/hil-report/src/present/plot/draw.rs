//! The picture itself.

use std::fmt::Write as _;

use hil_model::Limits;

use super::chart::{Chart, Horizontal, Line, Panel};
use super::thin::{Point, is_drawn, thin};
use super::ticks::{Span, Ticks};
use crate::present::{condition, foreign, number};
use crate::svg::{Anchor, Ink, Number, Svg};

const WIDTH: f64 = 720.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = WIDTH - 14.0;
const TOP: f64 = 6.0;

/// A line of text, and about how wide a character of it is.
const TEXT: f64 = 16.0;
const CHARACTER: f64 = 6.4;

/// How many points are drawn in all.
const POINTS: usize = 2000;

/// A line with no more points than this has a mark at each.
const MARKED: usize = 40;

/// Limits are part of the picture unless they make it so many times as high as the values do.
const FAR: f64 = 6.0;

/// The places of a panel.
#[derive(Clone, Copy)]
struct Frame {
    x: Span,
    y: Span,
    top: f64,
    bottom: f64,
}

impl Frame {
    fn x(self, x: f64) -> f64 {
        LEFT + self.x.place(x) * (RIGHT - LEFT)
    }

    fn y(self, y: f64) -> f64 {
        self.bottom - self.y.place(y).clamp(0.0, 1.0) * (self.bottom - self.top)
    }
}

/// Draws the chart.
pub(super) fn draw(chart: &Chart) -> String {
    let height = if chart.panels.len() == 1 { 200.0 } else { 120.0 };
    let legends: Vec<_> = chart.panels.iter().map(Legend::of).collect();
    let panels: f64 = legends.iter().map(|legend| legend.height() + height + 14.0).sum();
    let mut svg =
        Svg::described("plot", WIDTH, TOP + panels + 2.0 * TEXT + 4.0, &chart.title, &description(chart));
    let x = horizontal(chart);
    let (mut top, mut first) = (TOP, 0);
    let lines = chart.panels.iter().map(|panel| panel.lines.len()).sum::<usize>().max(1);
    for (panel, legend) in chart.panels.iter().zip(&legends) {
        legend.draw(&mut svg, top, first);
        top += legend.height();
        let frame = Frame { x, y: vertical(panel, chart.x.categories.is_some()), top, bottom: top + height };
        top += height + 14.0;
        axes(&mut svg, frame, panel, &chart.x, legend);
        limits(&mut svg, frame, panel, first);
        match &chart.x.categories {
            None => {
                for (at, line) in panel.lines.iter().enumerate() {
                    curve(&mut svg, frame, line, stroke(first + at), POINTS / lines);
                }
            }
            Some(texts) => bars(&mut svg, frame, panel, first, texts.len()),
        }
        first += panel.lines.len();
    }
    let below = top - 14.0 + TEXT;
    match &chart.x.categories {
        None => {
            let ticks = Ticks::of(x, 8);
            for (mark, label) in &ticks.marks {
                let place = LEFT + x.place(*mark) * (RIGHT - LEFT);
                svg.text((place, below), Anchor::Middle, Ink::TEXT, label);
            }
            named(&mut svg, &chart.x, &ticks.factor(), below + TEXT);
        }
        Some(texts) => {
            categories(&mut svg, texts, below);
            named(&mut svg, &chart.x, "", below + TEXT);
        }
    }
    svg.finish()
}

/// The colour of a line, and whether it is dashed: when the colours are used up they come again with dashes.
fn stroke(at: usize) -> (Ink, bool) {
    (Ink::LINES[at % Ink::LINES.len()], at / Ink::LINES.len() % 2 == 1)
}

fn horizontal(chart: &Chart) -> Span {
    match &chart.x.categories {
        Some(texts) => Span { low: -0.5, high: count(texts.len().max(1)) - 0.5 },
        None => {
            let points = chart.panels.iter().flat_map(|panel| &panel.lines).flat_map(|line| &line.points);
            Span::of(points.filter(|point| is_drawn(**point)).map(|point| point.0))
                .unwrap_or(Span { low: 0.0, high: 1.0 })
                .opened()
        }
    }
}

/// The values, the limits that are near enough, and zero where bars stand on it.
fn vertical(panel: &Panel, on_zero: bool) -> Span {
    let values = panel.lines.iter().flat_map(|line| &line.points).filter(|point| is_drawn(**point));
    let values = Span::of(values.map(|point| point.1)).unwrap_or(Span { low: 0.0, high: 1.0 });
    let values = if on_zero { values.with(0.0) } else { values };
    let most = values.half() * FAR;
    let ends = panel.lines.iter().flat_map(|line| ends(line.limits).chain(ends(line.marginal)));
    let span = ends.filter(|end| end.is_finite()).fold(values, |span, end| {
        let wider = span.with(end);
        // A constant line has no height that a limit could be compared with.
        if values.low == values.high || wider.half() <= most { wider } else { span }
    });
    span.opened().padded()
}

fn ends(limits: Limits) -> impl Iterator<Item = f64> {
    limits.low.into_iter().chain(limits.high)
}

fn axes(svg: &mut Svg, frame: Frame, panel: &Panel, x: &Horizontal, legend: &Legend) {
    let ticks = Ticks::of(frame.y, if frame.bottom - frame.top > 150.0 { 6 } else { 4 });
    for (mark, label) in &ticks.marks {
        let y = frame.y(*mark);
        svg.line((LEFT, y), (RIGHT, y), Ink::GRID);
        svg.text((LEFT - 6.0, y + 4.0), Anchor::End, Ink::TEXT, label);
    }
    // Bars stand on a line of their own, at zero.
    if x.categories.is_none() {
        svg.line((LEFT, frame.bottom), (RIGHT, frame.bottom), Ink::MARK);
        for (mark, _) in &Ticks::of(frame.x, 8).marks {
            let x = frame.x(*mark);
            svg.line((x, frame.bottom), (x, frame.bottom + 4.0), Ink::MARK);
        }
    }
    let unit = foreign::fit(&panel.unit, 12);
    let unit = format!("{} {unit}", ticks.factor());
    svg.text((2.0, frame.top - legend.height() + 11.0), Anchor::Start, Ink::TEXT, unit.trim());
}

/// The band between limits that all lines share, or dashes in the colours of those that have their own.
fn limits(svg: &mut Svg, frame: Frame, panel: &Panel, first: usize) {
    let inside = |end: f64| end.is_finite() && (0.0..=1.0).contains(&frame.y.place(end));
    let across = |end: f64| format!("M{} {}H{}", Number(LEFT), Number(frame.y(end)), Number(RIGHT));
    let Some(line) = panel.lines.first() else { return };
    let shared =
        panel.lines.iter().all(|other| other.limits == line.limits && other.marginal == line.marginal);
    if !shared {
        for (at, line) in panel.lines.iter().enumerate() {
            for end in ends(line.limits).chain(ends(line.marginal)).filter(|end| inside(*end)) {
                svg.dashed(&across(end), 1.0, stroke(first + at).0);
            }
        }
        return;
    }
    if line.limits != Limits::default() && ends(line.limits).all(|end| !end.is_nan()) {
        let top = line.limits.high.map_or(frame.top, |high| frame.y(high));
        let bottom = line.limits.low.map_or(frame.bottom, |low| frame.y(low));
        svg.rect((LEFT, top), (RIGHT - LEFT, (bottom - top).max(0.0)), Ink::ZONE);
    }
    for (limits, ink, word) in [(line.marginal, Ink::MARGINAL, "marginal "), (line.limits, Ink::BAD, "")] {
        for (end, sign) in [(limits.low, '≥'), (limits.high, '≤')] {
            let Some(end) = end.filter(|end| inside(*end)) else { continue };
            svg.dashed(&across(end), 1.0, ink);
            let label = format!("{word}{sign} {}", number::limit(end, number::USUAL));
            svg.text((RIGHT - 4.0, frame.y(end) - 3.0), Anchor::End, Ink::TEXT, &label);
        }
    }
}

/// A line with its gaps. A point between two gaps is a mark, or it would not be seen.
fn curve(svg: &mut Svg, frame: Frame, line: &Line, (ink, dashed): (Ink, bool), most: usize) {
    let points = thin(&line.points, most);
    let (mut path, mut marks) = (String::new(), String::new());
    let all_marked = points.len() <= MARKED;
    for run in points.split(|point| !is_drawn(*point)).filter(|run| !run.is_empty()) {
        for (at, &(x, y)) in run.iter().enumerate() {
            let (x, y) = (frame.x(x), frame.y(y));
            let word = if at == 0 { 'M' } else { 'L' };
            // Writing to a string cannot fail.
            let _ = write!(path, "{word}{} {}", Number(x), Number(y));
            if all_marked || run.len() == 1 {
                let _ = write!(marks, "M{} {}h4", Number(x - 2.0), Number(y));
            }
        }
    }
    if dashed {
        svg.dashed(&path, 1.5, ink);
    } else {
        svg.path(&path, 1.5, ink);
    }
    if !marks.is_empty() {
        svg.path(&marks, 4.0, ink);
    }
}

/// Bars side by side in each category.
fn bars(svg: &mut Svg, frame: Frame, panel: &Panel, first: usize, categories: usize) {
    let slot = (RIGHT - LEFT) / count(categories.max(1));
    let width = slot * 0.72 / count(panel.lines.len().max(1));
    let zero = frame.y(0.0);
    for (at, line) in panel.lines.iter().enumerate() {
        for &(x, y) in line.points.iter().filter(|point| is_drawn(**point)) {
            let left = frame.x(x) - slot * 0.36 + width * count(at);
            let (top, bottom) = (frame.y(y).min(zero), frame.y(y).max(zero));
            svg.rect((left, top), ((width - 1.0).max(1.0), (bottom - top).max(1.0)), stroke(first + at).0);
        }
    }
    svg.line((LEFT, zero), (RIGHT, zero), Ink::MARK);
}

/// The texts along the axis, as many of them as there is room for.
fn categories(svg: &mut Svg, texts: &[String], y: f64) {
    let slot = (RIGHT - LEFT) / count(texts.len().max(1));
    let every = if slot >= 24.0 { 1 } else { 3 };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few dozen characters")]
    let room = (slot * count(every) / CHARACTER) as usize;
    for (at, text) in texts.iter().enumerate().step_by(every) {
        let x = LEFT + slot * (count(at) + 0.5);
        svg.text((x, y), Anchor::Middle, Ink::TEXT, &foreign::fit(text, room));
    }
}

fn named(svg: &mut Svg, x: &Horizontal, factor: &str, y: f64) {
    let unit = format!("{factor} {}", x.unit);
    let name = match unit.trim() {
        "" => x.name.clone(),
        unit => format!("{}, {unit}", x.name),
    };
    svg.text((f64::midpoint(LEFT, RIGHT), y), Anchor::Middle, Ink::TEXT, &name);
}

/// The names above a panel.
struct Legend {
    /// Where each name stands: its row, the place of its sample, the name.
    entries: Vec<(usize, f64, String)>,
}

impl Legend {
    fn of(panel: &Panel) -> Self {
        let (mut row, mut x) = (0, LEFT + 40.0);
        let entries = panel.lines.iter().map(|line| {
            let name = foreign::fit(&line.name, 40);
            let width = 26.0 + CHARACTER * count(name.chars().count()) + 14.0;
            if x + width > RIGHT && x > LEFT + 40.0 {
                (row, x) = (row + 1, LEFT + 40.0);
            }
            let place = x;
            x += width;
            (row, place, name)
        });
        Self { entries: entries.collect() }
    }

    fn height(&self) -> f64 {
        TEXT * count(self.entries.last().map_or(1, |(row, ..)| row + 1)) + 4.0
    }

    fn draw(&self, svg: &mut Svg, top: f64, first: usize) {
        for (at, (row, x, name)) in self.entries.iter().enumerate() {
            let y = top + TEXT * count(*row);
            let (ink, dashed) = stroke(first + at);
            let sample = format!("M{} {}h20", Number(*x), Number(y + 7.0));
            if dashed {
                svg.dashed(&sample, 3.0, ink);
            } else {
                svg.path(&sample, 3.0, ink);
            }
            svg.text((x + 26.0, y + 11.0), Anchor::Start, Ink::TEXT, name);
        }
    }
}

/// The picture in words.
fn description(chart: &Chart) -> String {
    let kind = if chart.x.categories.is_some() { "Bars" } else { "Lines" };
    let mut text = format!("{kind} over {}, {} rows.", with_unit(&chart.x.name, &chart.x.unit), chart.rows);
    for panel in &chart.panels {
        for line in &panel.lines {
            let drawn = line.points.iter().filter(|point| is_drawn(**point)).map(|point: &Point| point.1);
            let Some(span) = Span::of(drawn) else { continue };
            let (low, high) = (number::usual(span.low), number::usual(span.high));
            // Writing to a string cannot fail.
            let _ = write!(text, " {}: {low} to {high}", with_unit(&line.name, &panel.unit));
            let limits = condition::band(line.limits, number::USUAL);
            if !limits.is_empty() {
                let _ = write!(text, ", limits {limits}");
            }
            text.push('.');
        }
    }
    text
}

fn with_unit(name: &str, unit: &str) -> String {
    if unit.is_empty() { name.to_owned() } else { format!("{name} ({unit})") }
}

#[expect(clippy::cast_precision_loss, reason = "a few dozen")]
const fn count(count: usize) -> f64 {
    count as f64
}
