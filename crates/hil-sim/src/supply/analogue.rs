//! The voltage at the terminals, in closed form over time.

use std::time::Duration;

use hil_model::{Amps, BenchTime, Volts};

/// How fast the voltage rises, in volts a second (hardware reference 5.3).
const RISE: f64 = 5.5;
/// How fast it falls: slower, against the output capacitor. Chosen by us.
const FALL: f64 = 3.5;
/// How much slower a slow rail is.
const SLOWNESS: f64 = 10.0;
/// How long the terminals take to come up after switch-on (hardware reference 5.1).
const SWITCH_ON: Duration = Duration::from_millis(100);
/// The time constant with which the output capacitor empties after switch-off. Chosen by us.
const DISCHARGE: f64 = 0.15;
/// The resistance of the leads in ohms (hardware reference 5.1: 12–16 mΩ).
const LEADS: f64 = 0.015;

/// How the voltage moves from a moment on.
#[derive(Clone, Copy, Debug)]
enum Course {
    /// Towards `to` at `rate` volts a second.
    Ramp { to: f64, rate: f64 },
    /// Towards nothing, exponentially.
    Discharge,
}

/// The output stage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Analogue {
    since: BenchTime,
    from: f64,
    course: Course,
    /// Beyond this the over-voltage protection cuts a driven output.
    trip: f64,
}

impl Analogue {
    /// An output that is off, and has been for long.
    pub(super) const fn off(trip: Volts) -> Self {
        Self { since: BenchTime::ZERO, from: 0.0, course: Course::Discharge, trip: trip.get() }
    }

    /// When the over-voltage protection cuts the output, as things are.
    pub(super) fn tripped_at(&self) -> Option<BenchTime> {
        match self.course {
            Course::Ramp { .. } if self.from > self.trip => Some(self.since),
            Course::Ramp { to, rate } if to > self.trip => {
                Some(self.since + Duration::from_secs_f64((self.trip - self.from) / rate))
            }
            Course::Ramp { .. } | Course::Discharge => None,
        }
    }

    /// The voltage of the output stage at a moment, before the leads.
    fn inner(&self, at: BenchTime) -> f64 {
        if let Some(tripped) = self.tripped_at().filter(|tripped| at > *tripped) {
            return discharged(self.from.max(self.trip), at.since(tripped));
        }
        let elapsed = at.since(self.since).as_secs_f64();
        match self.course {
            Course::Ramp { to, rate } => {
                let way = rate * elapsed;
                if to >= self.from { (self.from + way).min(to) } else { (self.from - way).max(to) }
            }
            Course::Discharge => discharged(self.from, at.since(self.since)),
        }
    }

    /// The voltage at the unit's end of the leads.
    pub(super) fn volts(&self, at: BenchTime, draw: Amps) -> Volts {
        Volts::new((self.inner(at) - LEADS * draw.get()).max(0.0))
    }

    /// The output is switched on with `target` set.
    pub(super) fn switch_on(&mut self, target: Volts, now: BenchTime) {
        let from = self.inner(now);
        let rate = (target.get() - from).abs() / SWITCH_ON.as_secs_f64();
        *self = Self { since: now, from, course: Course::Ramp { to: target.get(), rate }, ..*self };
    }

    /// The set-point changes to `target` while the output is on.
    pub(super) fn move_to(&mut self, target: Volts, now: BenchTime, slow: bool) {
        let from = self.inner(now);
        let rate = if target.get() > from { RISE } else { FALL };
        let rate = if slow { rate / SLOWNESS } else { rate };
        *self = Self { since: now, from, course: Course::Ramp { to: target.get(), rate }, ..*self };
    }

    /// The over-voltage protection is set to `trip`.
    pub(super) fn protect(&mut self, trip: Volts, now: BenchTime) {
        *self = Self { since: now, from: self.inner(now), trip: trip.get(), ..*self };
    }

    /// The output is switched off.
    pub(super) fn switch_off(&mut self, now: BenchTime) {
        *self = Self { since: now, from: self.inner(now), course: Course::Discharge, ..*self };
    }
}

/// What is left of `from` volts some time after nothing drives them any more.
fn discharged(from: f64, elapsed: Duration) -> f64 {
    from * (-elapsed.as_secs_f64() / DISCHARGE).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> BenchTime {
        BenchTime::from_micros(millis * 1000)
    }

    #[test]
    fn up_and_down_take_different_times_and_off_is_near_zero_within_a_second() {
        let volts = |output: &Analogue, ms| output.volts(at(ms), Amps::ZERO).get();
        let mut output = Analogue::off(Volts::new(20.0));
        output.switch_on(Volts::new(12.0), at(0));
        assert_eq!(volts(&output, 100), 12.0);
        output.move_to(Volts::new(17.5), at(1000), false);
        assert_eq!((volts(&output, 1500), volts(&output, 2000)), (14.75, 17.5));
        output.move_to(Volts::new(12.0), at(3000), false);
        assert!(volts(&output, 4000) > 13.9 && volts(&output, 4572) == 12.0);
        output.switch_off(at(5000));
        assert!(volts(&output, 5700) < 0.12);
    }

    #[test]
    fn the_over_voltage_protection_cuts_a_rising_output_at_its_point_and_not_later() {
        let volts = |output: &Analogue, ms| output.volts(at(ms), Amps::ZERO).get();
        let mut output = Analogue::off(Volts::new(14.2));
        output.switch_on(Volts::new(12.0), at(0));
        assert_eq!(output.tripped_at(), None);
        output.move_to(Volts::new(18.0), at(1000), false);
        // 2.2 V at 5.5 V/s.
        assert_eq!(output.tripped_at(), Some(at(1400)));
        let course = [1399, 1401, 1400 + 150].map(|ms| volts(&output, ms));
        assert!(course[0] < 14.2 && course[1] < 14.2 && course[2] < 14.2 / 2.7, "{course:?}");
    }

    #[test]
    fn a_protection_below_the_output_cuts_it_at_once() {
        let mut output = Analogue::off(Volts::new(20.0));
        output.switch_on(Volts::new(12.0), at(0));
        output.protect(Volts::new(10.0), at(500));
        assert_eq!(output.tripped_at(), Some(at(500)));
        assert!(output.volts(at(1000), Amps::ZERO) < Volts::new(1.0));
    }

    #[test]
    fn a_load_pulls_the_voltage_down() {
        let mut output = Analogue::off(Volts::new(20.0));
        output.switch_on(Volts::new(12.0), at(0));
        assert_eq!(output.volts(at(200), Amps::new(2.0)), Volts::new(11.97));
    }
}
