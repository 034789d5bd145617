//! How clients of the stream are treated.

use std::time::Duration;

use hil_realtime::HubOptions;

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
}
