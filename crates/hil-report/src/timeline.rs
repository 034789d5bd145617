//! Bus and supply on one time axis: a lane of ticks for each frame, the rail below it (REP-03, BEN-04).

use std::collections::BTreeMap;

use hil_model::{BenchTime, CheckSeen, Direction, FrameSeen};

use crate::svg::{Anchor, Ink, Number, Svg};
use crate::{AttemptRecord, Observation, Observed};

/// The picture's width and margins, in its own units.
const WIDTH: f64 = 920.0;
const LEFT: f64 = 170.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 22.0;

/// The height of a frame's lane, of its ticks, and of a curve.
const LANE: f64 = 18.0;
const TICK: f64 = 10.0;
const CURVE: f64 = 64.0;
const GAP: f64 = 20.0;
const AXIS: f64 = 26.0;

/// The most lanes; the frames beyond them share the last one.
const LANES: usize = 14;

/// The most characters of a lane's name.
const NAME: usize = 24;

/// A reading beyond this, in volts or amperes, is no reading.
const PLAUSIBLE: f64 = 1e5;

/// Ticks closer than this are one.
const PITCH: f64 = 0.6;

/// The frames of a lane, each with its place on the axis.
type Ticks<'a> = Vec<(f64, &'a FrameSeen)>;

/// What is drawn.
#[derive(Debug)]
pub(crate) struct Timeline<'a> {
    /// Everything that may be in the picture.
    pub(crate) observed: &'a [Observed],
    /// The axis' ends.
    pub(crate) from: BenchTime,
    pub(crate) to: BenchTime,
    /// The starts of steps, with the label of each.
    pub(crate) steps: Vec<(BenchTime, String)>,
    /// The moment of the failure.
    pub(crate) failed_at: Option<BenchTime>,
    /// Whether the run was simulated; a picture that is a file says so itself (SIM-05).
    pub(crate) simulated: bool,
}

/// Where the picture is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// In a page.
    Page,
    /// In a file of its own.
    File,
}

impl Timeline<'_> {
    /// Draws it; nothing if neither a frame nor a sample falls between the axis' ends.
    pub(crate) fn draw(&self, place: Place, title: &str) -> Option<String> {
        let lanes = self.lanes();
        let samples: Vec<(f64, f64, f64)> = self
            .visible()
            .filter_map(|seen| match &seen.what {
                Observation::Supply(sample) => Some((self.x(seen.at), sample.volts.get(), sample.amps.get())),
                Observation::Frame(_) | Observation::Log(_) => None,
            })
            .collect();
        if lanes.is_empty() && samples.is_empty() {
            return None;
        }

        let lanes_end = TOP + LANE * as_f64(lanes.len());
        let curves = if samples.is_empty() { 0.0 } else { 2.0 * (CURVE + GAP) };
        let bottom = lanes_end + curves + GAP / 2.0;
        let mut svg = match place {
            Place::Page => Svg::inline("timeline", WIDTH, bottom + AXIS, title),
            Place::File => Svg::file(WIDTH, bottom + AXIS, title),
        };
        match place {
            Place::File if self.simulated => {
                svg.text((8.0, bottom + 17.0), Anchor::Start, Ink::AMPS, "SIMULATED");
            }
            Place::File | Place::Page => {}
        }
        self.draw_axis(&mut svg, bottom);
        self.draw_steps(&mut svg, bottom);
        for (index, (name, frames)) in lanes.iter().enumerate() {
            self.draw_lane(&mut svg, TOP + LANE * as_f64(index), name, frames);
        }
        if !samples.is_empty() {
            let volts: Vec<_> = samples.iter().map(|(x, volts, _)| (*x, *volts)).collect();
            let amps: Vec<_> = samples.iter().map(|(x, _, amps)| (*x, *amps)).collect();
            draw_curve(&mut svg, lanes_end + GAP, ("rail", "V"), 0.5, Ink::VOLTS, &volts);
            draw_curve(&mut svg, lanes_end + 2.0 * GAP + CURVE, ("current", "A"), 0.05, Ink::AMPS, &amps);
        }
        if let Some(at) = self.failed_at {
            let x = self.x(at);
            svg.path(&format!("M{} {}V{}", Number(x), Number(TOP - 6.0), Number(bottom)), 1.5, Ink::BAD);
            svg.text((x - 4.0, TOP - 10.0), Anchor::End, Ink::BAD, "failure");
        }
        Some(svg.finish())
    }

    fn visible(&self) -> impl Iterator<Item = &Observed> {
        self.observed.iter().filter(|seen| (self.from..=self.to).contains(&seen.at))
    }

    /// The frames by lane: an id and its name each.
    fn lanes(&self) -> Vec<(String, Ticks<'_>)> {
        let mut lanes: BTreeMap<(u8, Option<&str>), Ticks<'_>> = BTreeMap::new();
        for seen in self.visible() {
            match &seen.what {
                Observation::Frame(frame) => {
                    lanes
                        .entry((frame.id, frame.name.as_deref()))
                        .or_default()
                        .push((self.x(seen.at), frame));
                }
                Observation::Supply(_) | Observation::Log(_) => {}
            }
        }
        let mut named: Vec<_> = lanes
            .into_iter()
            .map(|((id, name), frames)| {
                let name: String = name.unwrap_or_default().chars().take(NAME).collect();
                (format!("{name} 0x{id:02X}").trim_start().to_owned(), frames)
            })
            .collect();
        if named.len() > LANES {
            let rest = named.split_off(LANES - 1);
            let name = format!("{} more frames", rest.len());
            named.push((name, rest.into_iter().flat_map(|(_, frames)| frames).collect()));
        }
        named
    }

    fn x(&self, at: BenchTime) -> f64 {
        let span = (self.to - self.from).as_secs_f64().max(1e-6);
        let part = (at - self.from).as_secs_f64() / span;
        LEFT + part.min(1.0) * (WIDTH - LEFT - RIGHT)
    }

    fn draw_axis(&self, svg: &mut Svg, bottom: f64) {
        svg.line((LEFT, bottom), (WIDTH - RIGHT, bottom), Ink::MARK);
        let (from, to) = (self.from.as_secs_f64(), self.to.as_secs_f64());
        let step = nice_step((to - from) / 7.0);
        for time in multiples(step, from, to) {
            let x = LEFT + (time - from) / (to - from).max(1e-6) * (WIDTH - LEFT - RIGHT);
            svg.line((x, TOP - 4.0), (x, bottom + 4.0), Ink::GRID);
            let label = format!("{time:.*} s", decimals(step));
            svg.text((x, bottom + 17.0), Anchor::Middle, Ink::TEXT, &label);
        }
    }

    fn draw_steps(&self, svg: &mut Svg, bottom: f64) {
        let mut free = f64::MIN;
        for (at, label) in &self.steps {
            let x = self.x(*at);
            svg.dashes(x, TOP - 6.0, bottom, Ink::MARK);
            // Labels that would overlap are left out; the dashes stay.
            if x >= free {
                svg.text((x + 2.0, TOP - 10.0), Anchor::Start, Ink::TEXT, label);
                free = x + 8.0 + 6.0 * as_f64(label.chars().count());
            }
        }
    }

    fn draw_lane(&self, svg: &mut Svg, top: f64, name: &str, frames: &[(f64, &FrameSeen)]) {
        svg.text((LEFT - 10.0, top + LANE - 6.0), Anchor::End, Ink::TEXT, name);
        svg.line((LEFT, top + LANE - 3.0), (WIDTH - RIGHT, top + LANE - 3.0), Ink::GRID);
        for (ink, wanted) in [(Ink::TX, Kind::Sent), (Ink::RX, Kind::Received), (Ink::BAD, Kind::Wrong)] {
            let mut ticks: Vec<f64> = Vec::new();
            for (x, frame) in frames {
                if Kind::of(frame) == wanted && ticks.last().is_none_or(|last| x - last >= PITCH) {
                    ticks.push(*x);
                }
            }
            if !ticks.is_empty() {
                let y = Number(top + LANE - 3.0 - TICK);
                let d: String = ticks.into_iter().map(|x| format!("M{} {y}v{TICK}", Number(x))).collect();
                svg.path(&d, 1.4, ink);
            }
        }
    }
}

/// The starts of an attempt's outermost steps, numbered as in its step tree.
pub(crate) fn step_marks(attempt: &AttemptRecord) -> Vec<(BenchTime, String)> {
    let outermost = attempt.evidence.steps.iter().filter(|step| step.parent.is_none());
    outermost.zip(1..).map(|(step, number)| (step.started, number.to_string())).collect()
}

/// What a tick's colour tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sent,
    Received,
    Wrong,
}

impl Kind {
    fn of(frame: &FrameSeen) -> Self {
        match (&frame.check, frame.direction) {
            (CheckSeen::NoResponse | CheckSeen::Bad(_), _) => Self::Wrong,
            (CheckSeen::Good, Direction::Tx) => Self::Sent,
            (CheckSeen::Good, Direction::Rx) => Self::Received,
        }
    }
}

/// A curve with its own scale; samples that fall on the same spot are reduced to their extremes. The
/// scale spans at least twice `least`, so that noise does not look like an event.
fn draw_curve(
    svg: &mut Svg,
    top: f64,
    (name, unit): (&str, &str),
    least: f64,
    ink: Ink,
    points: &[(f64, f64)],
) {
    let points: Vec<_> = points.iter().copied().filter(|(_, value)| value.abs() <= PLAUSIBLE).collect();
    let low = points.iter().map(|(_, value)| *value).fold(f64::MAX, f64::min);
    let high = points.iter().map(|(_, value)| *value).fold(f64::MIN, f64::max);
    if points.is_empty() {
        return;
    }
    let step = nice_step(((high - low) / 2.0).max(least));
    let (foot, head) = ((low / step - 0.2).floor() * step, (high / step + 0.2).ceil() * step);
    let y = |value: f64| top + CURVE - (value - foot) / (head - foot) * CURVE;

    for value in multiples(step, foot, head) {
        svg.line((LEFT, y(value)), (WIDTH - RIGHT, y(value)), Ink::GRID);
        let label = format!("{value:.*} {unit}", decimals(step));
        svg.text((LEFT - 10.0, y(value) + 4.0), Anchor::End, Ink::TEXT, &label);
    }
    svg.text((8.0, top + CURVE / 2.0 + 4.0), Anchor::Start, ink, name);

    let corners: Vec<_> = thinned(&points)
        .into_iter()
        .map(|(x, value)| format!("{} {}", Number(x), Number(y(value))))
        .collect();
    svg.path(&format!("M{}", corners.join("L")), 1.6, ink);
}

/// The multiples of `step` from `from` to `to`, not more than a picture has room for: far from zero, a
/// step may be too small for a double to take.
fn multiples(step: f64, from: f64, to: f64) -> impl Iterator<Item = f64> {
    let first = (from / step - 1e-6).ceil();
    (0..20).map(move |n| (first + f64::from(n)) * step).take_while(move |value| *value <= to + step * 1e-6)
}

/// The decimals that a label needs to tell neighbours apart.
fn decimals(step: f64) -> usize {
    [1.0, 0.1, 0.01].into_iter().take_while(|unit| step < *unit).count()
}

/// At most two points, the least and the greatest, for each column of two units.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut result = Vec::new();
    for column in points.chunk_by(|a, b| (a.0 / 2.0).floor() == (b.0 / 2.0).floor()) {
        let least = column.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1));
        let most = column.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1));
        let mut ends: Vec<_> = least.into_iter().chain(most).collect();
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        ends.dedup();
        result.extend(ends);
    }
    result
}

/// The least of 1, 2 and 5 times a power of ten that is not below `rough`.
fn nice_step(rough: f64) -> f64 {
    let power = 10_f64.powf(rough.max(1e-6).log10().floor());
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough)
        .unwrap_or(10.0 * power)
}

#[expect(clippy::cast_precision_loss, reason = "lanes and characters are few")]
const fn as_f64(count: usize) -> f64 {
    count as f64
}
