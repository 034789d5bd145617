//! How clients of the stream are treated.

use std::time::Duration;

use hil_realtime::HubOptions;

use super::pulse::jittered;

/// How clients of the stream are treated.
#[derive(Clone, Copy, Debug)]
pub struct RealtimeOptions {
    /// How often a client is asked whether it is there; each time a little earlier or later.
    pub ping_interval: Duration,
    /// How long it may be silent.
    pub pong_timeout: Duration,
    /// How long its socket may refuse to take anything.
    pub write_deadline: Duration,
    /// How many there may be at once.
    pub max_connections: usize,
    /// How long their ends may take when the server stops.
    pub shutdown_wait: Duration,
    /// How much is kept for them.
    pub hub: HubOptions,
}

impl Default for RealtimeOptions {
    fn default() -> Self {
        Self {
            ping_interval: Duration::from_secs(30),
            pong_timeout: Duration::from_secs(60),
            write_deadline: Duration::from_secs(60),
            max_connections: 1000,
            shutdown_wait: Duration::from_secs(5),
            hub: HubOptions::default(),
        }
    }
}

/// Options that contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pong time-out of {timeout:?} must be longer than the ping interval of {interval:?}")]
pub struct RealtimeOptionsError {
    interval: Duration,
    timeout: Duration,
}

impl RealtimeOptions {
    pub(crate) fn check(&self) -> Result<(), RealtimeOptionsError> {
        if self.ping_interval.is_zero() || self.pong_timeout <= self.ping_interval {
            let (interval, timeout) = (self.ping_interval, self.pong_timeout);
            return Err(RealtimeOptionsError { interval, timeout });
        }
        Ok(())
    }

    /// How long until the next ping, which is early enough for its answer to come before the time-out.
    pub(super) fn until_ping(&self) -> Duration {
        jittered(self.ping_interval).min(self.ping_interval + (self.pong_timeout - self.ping_interval) / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ping_comes_before_its_time_out_however_close_that_is() {
        let [ping_interval, pong_timeout] = [1.0, 1.05].map(Duration::from_secs_f64);
        let options = RealtimeOptions { ping_interval, pong_timeout, ..RealtimeOptions::default() };
        let longest = (0..500).map(|_| options.until_ping()).max();
        assert_eq!(longest, Some(Duration::from_secs_f64(1.025)));
    }
}
