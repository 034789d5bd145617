//! Power and sleep: when the node can answer.

use std::time::Duration;

use hil_model::{BenchTime, Volts};

/// How power and sleep take their time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerTiming {
    /// Below this the node loses its mind, above it it starts again.
    pub reset_below: Volts,
    /// From power or wake-up to the first answer; a slave may take 100 ms (hardware reference 1.5, (U)).
    pub boot: Duration,
    /// How long the bus must be idle for the node to fall asleep: 4 s to 10 s (hardware reference 1.5, (U)).
    /// `None`: it waits for go-to-sleep, however long that takes. That is the default, because a bench idles
    /// a lot.
    pub idle: Option<Duration>,
}

impl Default for PowerTiming {
    fn default() -> Self {
        Self { reset_below: Volts::new(5.5), boot: Duration::from_millis(80), idle: None }
    }
}

/// Whether the node can answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Unpowered,
    Starting { ready: BenchTime },
    Awake,
    Asleep,
}

/// What a tick changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Nothing,
    /// Power came: the node starts from scratch.
    Started,
    /// The bus was idle for too long.
    FellAsleep,
}

/// The power and sleep of a node.
#[derive(Debug)]
pub(super) struct Power {
    state: State,
    timing: PowerTiming,
    /// When the bus was last busy.
    busy: BenchTime,
}

impl Power {
    /// A node without power.
    pub(super) const fn new(timing: PowerTiming) -> Self {
        Self { state: State::Unpowered, timing, busy: BenchTime::ZERO }
    }

    pub(super) fn is_awake(&self) -> bool {
        self.state == State::Awake
    }

    pub(super) fn has_power(&self) -> bool {
        self.state != State::Unpowered
    }

    /// The bus is busy.
    pub(super) const fn bus_is_busy(&mut self, now: BenchTime) {
        self.busy = now;
    }

    /// The bus was dominant for long enough to wake a node.
    pub(super) fn dominant(&mut self, now: BenchTime) {
        self.bus_is_busy(now);
        if self.state == State::Asleep {
            self.state = State::Starting { ready: now + self.timing.boot };
        }
    }

    pub(super) const fn go_to_sleep(&mut self) {
        self.state = State::Asleep;
    }

    /// The node was reset: it boots as after power came.
    pub(super) fn restart(&mut self, now: BenchTime) {
        self.state = State::Starting { ready: now + self.timing.boot };
    }

    /// Time has passed with this much on the rail.
    pub(super) fn tick(&mut self, rail: Volts, now: BenchTime) -> Change {
        match self.state {
            _ if rail < self.timing.reset_below => self.state = State::Unpowered,
            State::Unpowered => {
                self.bus_is_busy(now);
                self.state = State::Starting { ready: now + self.timing.boot };
                return Change::Started;
            }
            State::Starting { ready } if now >= ready => self.state = State::Awake,
            State::Awake if self.timing.idle.is_some_and(|idle| now.since(self.busy) >= idle) => {
                self.state = State::Asleep;
                return Change::FellAsleep;
            }
            State::Starting { .. } | State::Awake | State::Asleep => {}
        }
        Change::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> BenchTime {
        BenchTime::from_micros(millis * 1000)
    }

    const RAIL: Volts = Volts::new(12.0);

    #[test]
    fn a_node_starts_sleeps_and_wakes() {
        let mut power = Power::new(PowerTiming::default());
        assert_eq!(power.tick(RAIL, at(0)), Change::Started);
        assert_eq!((power.tick(RAIL, at(70)), power.is_awake()), (Change::Nothing, false));
        assert_eq!((power.tick(RAIL, at(80)), power.is_awake()), (Change::Nothing, true));
        assert_eq!(power.tick(RAIL, at(60_000)), Change::Nothing, "idle does not matter by default");
        power.go_to_sleep();
        power.dominant(at(60_000));
        assert!(!power.is_awake());
        power.tick(RAIL, at(60_080));
        assert!(power.is_awake());
        power.tick(Volts::new(4.0), at(60_090));
        assert!(!power.has_power() && !power.is_awake());
    }

    #[test]
    fn an_idle_bus_is_sleep_where_that_is_asked_for() {
        let idle = Some(Duration::from_secs(4));
        let mut power = Power::new(PowerTiming { idle, ..PowerTiming::default() });
        power.tick(RAIL, at(0));
        power.tick(RAIL, at(80));
        power.bus_is_busy(at(1_000));
        assert_eq!(power.tick(RAIL, at(4_990)), Change::Nothing);
        assert_eq!(power.tick(RAIL, at(5_000)), Change::FellAsleep);
    }
}
