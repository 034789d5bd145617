//! A device that said what it is.

use std::time::{Duration, Instant};

use hil_model::Clock;
use serde_json::Value;

use super::answer::Identity;
use super::conversation::Failure;
use super::link::Link;
use super::master::NAME;
use super::request::Request;
use super::{Fingerprint, McmSettings, complaint};
use crate::LinError;

/// The firmware's interface that this adapter was written for.
const KNOWN_API: u64 = 2;

/// What became of a request.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It was done; this is the answer.
    Done(Value),
    /// The device says why it did not do it.
    Complaint(String),
    /// The connection had broken before.
    NotSent,
}

/// A connection to a device that said what it is.
#[derive(Debug)]
pub(super) struct Session {
    link: Link,
    identity: Identity,
    powered: bool,
}

impl Session {
    /// Connects and asks the device what it is.
    pub(super) fn open(settings: &McmSettings, clock: &dyn Clock) -> Result<Self, LinError> {
        let link = accounted(clock, || Link::open(settings)).map_err(|error| {
            let reason = error.reason(&settings.address);
            if error.is_absence() {
                LinError::Unavailable { adapter: NAME, reason }
            } else {
                LinError::Unusable { adapter: NAME, reason }
            }
        })?;
        let mut session = Self { link, identity: Identity::default(), powered: false };
        let request = Request::Info;
        let outcome = session.ask(&request, settings.request_timeout, clock)?;
        session.identity = Identity::read(&session.answer(&request, outcome)?);
        match session.identity.api_rev {
            Some(KNOWN_API) => {}
            Some(other) => tracing::warn!("mcm: api_rev {other} is not {KNOWN_API}, which is known here"),
            None => tracing::warn!("mcm: {} does not say its api_rev", settings.address),
        }
        Ok(session)
    }

    /// The same, knowing from before whether the unit's power is, or may be, on.
    pub(super) fn powered(self, powered: bool) -> Self {
        Self { powered, ..self }
    }

    /// Asks the device.
    pub(super) fn ask(
        &mut self,
        request: &Request<'_>,
        limit: Duration,
        clock: &dyn Clock,
    ) -> Result<Outcome, LinError> {
        let answer = accounted(clock, || self.link.ask(request, limit));
        match (request, &answer) {
            (Request::Power(on), Ok(_)) => self.powered = *on,
            // Nobody knows, so it is on until it is known to be off.
            (Request::Power(true), Err(Failure::TimedOut | Failure::Lost(_) | Failure::Garbled(_))) => {
                self.powered = true;
            }
            _ => {}
        }
        match answer {
            Ok(payload) => Ok(Outcome::Done(payload)),
            Err(Failure::Complaint(text)) => Ok(Outcome::Complaint(text)),
            Err(Failure::NotSent) => Ok(Outcome::NotSent),
            Err(Failure::Lost(why)) => {
                let reason = format!("{why} when asked to {}, which it may have done", request.verb());
                Err(LinError::AdapterLost { adapter: NAME, reason })
            }
            Err(Failure::TimedOut) => {
                Err(LinError::Timeout { adapter: NAME, operation: request.verb(), timeout: limit })
            }
            Err(Failure::Garbled(what)) => Err(LinError::Garbled { adapter: NAME, what }),
        }
    }

    /// The answer to `request`, where nothing but an answer will do.
    pub(super) fn answer(&self, request: &Request<'_>, outcome: Outcome) -> Result<Value, LinError> {
        match outcome {
            Outcome::Done(payload) => Ok(payload),
            Outcome::Complaint(text) => Err(complaint::error(request, &text)),
            Outcome::NotSent => Err(LinError::AdapterLost { adapter: NAME, reason: self.broke().to_owned() }),
        }
    }

    /// Switches the unit's power.
    pub(super) fn power(&mut self, on: bool, limit: Duration, clock: &dyn Clock) -> Result<(), LinError> {
        let request = Request::Power(on);
        let outcome = self.ask(&request, limit, clock)?;
        self.answer(&request, outcome).map(drop)
    }

    /// Whether the unit's power was, or may have been, switched on here.
    pub(super) const fn is_powered(&self) -> bool {
        self.powered
    }

    /// Whether the connection stands, as far as is known.
    pub(super) fn is_open(&self) -> bool {
        self.link.is_open()
    }

    /// Why it broke.
    pub(super) fn broke(&self) -> &str {
        self.link.broke().unwrap_or("the connection ended")
    }

    /// What the device says it is.
    pub(super) const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The certificate that it showed.
    pub(super) const fn certificate(&self) -> Option<Fingerprint> {
        self.link.certificate()
    }
}

/// Tells the bench's clock how long `operation` was blocked on the socket.
fn accounted<T>(clock: &dyn Clock, operation: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let result = operation();
    clock.waited_on_io(began.elapsed());
    result
}
