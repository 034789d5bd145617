//! The light: what it shows, what it is on the way to, what was saved for later.

use std::time::Duration;

use hil::model::BenchTime;

use super::wire::Request;

/// One unit of a request's duration (hardware reference 10.1).
const DURATION_LSB: Duration = Duration::from_millis(200);

/// A colour at an intensity, in fractions of a unit so that a fade can stand between two.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Light {
    pub(super) rgb: [f64; 3],
    pub(super) intensity: f64,
}

impl Light {
    fn requested(request: &Request) -> Self {
        Self { rgb: request.rgb.map(f64::from), intensity: f64::from(request.intensity) }
    }

    fn is_dark(self) -> bool {
        self.intensity == 0.0 || self.rgb == [0.0; 3]
    }

    /// The light `share` of the way from `self` to `to`.
    fn towards(self, to: Self, share: f64) -> Self {
        let between = |from: f64, to: f64| from + (to - from) * share;
        let [r, g, b] = [0, 1, 2].map(|channel| between(self.rgb[channel], to.rgb[channel]));
        Self { rgb: [r, g, b], intensity: between(self.intensity, to.intensity) }
    }
}

/// What the light does.
#[derive(Clone, Copy, Debug)]
enum Show {
    Steady(Light),
    Fading { from: Light, to: Light, began: BenchTime, takes: Duration },
}

/// The light's state machine.
#[derive(Debug)]
pub(super) struct Lamp {
    show: Show,
    saved: Option<Request>,
    /// The request that is being shown: repeating it does not start its animation again.
    applied: Option<Request>,
}

/// The state that `ALM_Status` reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LampState {
    Off = 0,
    Animating = 1,
    On = 2,
}

impl Lamp {
    pub(super) fn off() -> Self {
        Self { show: Show::Steady(Light::default()), saved: None, applied: None }
    }

    /// Takes a request that is meant for this module.
    pub(super) fn request(&mut self, request: Request, now: BenchTime) {
        match request.update {
            0 => self.apply(request, now),
            1 => self.saved = Some(request),
            2 => {
                if let Some(saved) = self.saved.take() {
                    self.apply(saved, now);
                }
            }
            _ => self.saved = None,
        }
    }

    fn apply(&mut self, request: Request, now: BenchTime) {
        let what = Request { update: 0, ..request };
        if self.applied == Some(what) {
            return;
        }
        self.applied = Some(what);
        let to = Light::requested(&request);
        let takes = DURATION_LSB * u32::from(request.duration);
        self.show = match request.mode {
            1 | 2 if !takes.is_zero() => {
                let shown = self.light(now);
                // Mode 2 fades the intensity only: the colour is the new one from the start.
                let from = if request.mode == 2 { Light { rgb: to.rgb, ..shown } } else { shown };
                Show::Fading { from, to, began: now, takes }
            }
            _ => Show::Steady(to),
        };
    }

    /// What is shown now.
    pub(super) fn light(&self, now: BenchTime) -> Light {
        match self.show {
            Show::Steady(light) => light,
            Show::Fading { from, to, began, takes } => {
                let share = now.since(began).as_secs_f64() / takes.as_secs_f64();
                from.towards(to, share.min(1.0))
            }
        }
    }

    pub(super) fn state(&self, now: BenchTime) -> LampState {
        match self.show {
            Show::Fading { began, takes, .. } if now.since(began) < takes => LampState::Animating,
            Show::Fading { to: light, .. } | Show::Steady(light) => {
                if light.is_dark() {
                    LampState::Off
                } else {
                    LampState::On
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const RED: Request =
        Request { rgb: [255, 0, 0], intensity: 255, update: 0, mode: 0, duration: 0, lid_from: 1, lid_to: 1 };

    fn at(millis: u64) -> BenchTime {
        BenchTime::from_micros(millis * 1000)
    }

    #[rstest]
    #[case::immediate(0, 5, &[(0, LampState::On)])]
    #[case::fade(1, 2, &[(0, LampState::Animating), (399, LampState::Animating), (400, LampState::On)])]
    #[case::fade_of_no_length(1, 0, &[(0, LampState::On)])]
    fn a_mode_passes_through_its_states(
        #[case] mode: u8,
        #[case] duration: u8,
        #[case] states: &[(u64, LampState)],
    ) {
        let mut lamp = Lamp::off();
        lamp.request(Request { mode, duration, ..RED }, at(0));
        for (millis, state) in states {
            assert_eq!(lamp.state(at(*millis)), *state, "{millis} ms");
        }
    }

    #[test]
    fn a_repeated_request_does_not_start_its_animation_again() {
        let mut lamp = Lamp::off();
        let fade = Request { mode: 1, duration: 5, ..RED };
        lamp.request(fade, at(0));
        lamp.request(fade, at(900));
        assert_eq!(lamp.state(at(1000)), LampState::On);
    }

    #[test]
    fn a_saved_request_waits_until_it_is_applied_or_discarded() {
        let mut lamp = Lamp::off();
        let then = |lamp: &mut Lamp, update| lamp.request(Request { update, ..RED }, at(0));
        then(&mut lamp, 1);
        assert_eq!(lamp.state(at(1)), LampState::Off);
        then(&mut lamp, 3);
        then(&mut lamp, 2);
        assert_eq!(lamp.state(at(1)), LampState::Off, "it was discarded");
        then(&mut lamp, 1);
        then(&mut lamp, 2);
        assert_eq!(lamp.state(at(1)), LampState::On);
    }

    #[test]
    fn the_second_mode_fades_the_intensity_only() {
        let mut lamp = Lamp::off();
        lamp.request(Request { mode: 2, duration: 5, ..RED }, at(0));
        let half = lamp.light(at(500));
        assert_eq!((half.rgb, half.intensity), ([255.0, 0.0, 0.0], 127.5));
    }
}
