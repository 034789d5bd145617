//! The search in its four steps.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hil_model::Clock;

use super::{PortEnumerator, translated};
use crate::{Identity, OwonPsu, PowerSupply, PsuError, SerialParams};

/// A port that was found by looking around, and not named by the user, gets this long for its answer.
const SCAN_TIMEOUT: Duration = Duration::from_millis(400);

/// Where a port came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is the configured one.
    Configured,
    /// It is the configured one under the other system's name.
    Translated,
    /// It is a serial converter on USB.
    Usb,
    /// It is one of all the ports that the system lists.
    Scan,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Configured => "configured",
            Self::Translated => "translated",
            Self::Usb => "USB",
            Self::Scan => "scan",
        })
    }
}

/// A port with the supply on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The port.
    pub port: String,
    /// Who answers there.
    pub identity: Identity,
    /// Where the port came from.
    pub step: Step,
}

/// Why a port is not it.
#[derive(Debug)]
pub struct Refusal(PsuError);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            PsuError::Open { source, .. } => write!(f, "cannot be opened ({source})"),
            PsuError::Timeout { .. } => f.write_str("nobody answers (is its mains switch on?)"),
            PsuError::Stranger { identity, .. } => write!(f, "somebody else answers ({identity})"),
            PsuError::Unplugged { .. } => f.write_str("it was unplugged"),
            PsuError::Garbled { answer, .. } => write!(f, "answers {answer:?}"),
            error @ (PsuError::Refused { .. }
            | PsuError::NotAccepted { .. }
            | PsuError::OutOfRange { .. }
            | PsuError::Output { .. }) => write!(f, "{error}"),
        }
    }
}

/// A port that was tried in vain.
#[derive(Debug)]
pub struct Tried {
    /// The port.
    pub port: String,
    /// Where it came from.
    pub step: Step,
    /// Why it is not it.
    pub refusal: Refusal,
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.port, self.refusal)
    }
}

/// What the search found, and what it tried before.
#[derive(Debug, Default)]
pub struct Resolution {
    /// The supply's port, if it was found.
    pub found: Option<Resolved>,
    /// Every port that was tried in vain, in order.
    pub tried: Vec<Tried>,
}

/// Looks for the supply: at the configured port verbatim, at its cross-platform translation, at the serial
/// converters on USB, at every port. The first whose `*IDN?` contains `idn_substr` is it.
///
/// No port is tried twice, none is left open, and nothing but `*IDN?` is sent. Each port takes a few times
/// the line's time-out at most; `cancelled` is asked before each.
pub fn resolve_port(
    port: &str,
    idn_substr: &str,
    params: &SerialParams,
    ports: &dyn PortEnumerator,
    clock: &Arc<dyn Clock>,
    cancelled: &dyn Fn() -> bool,
) -> Resolution {
    let mut resolution = Resolution::default();
    let quick = SerialParams { timeout: params.timeout.min(SCAN_TIMEOUT), ..*params };
    let named = [(port.to_owned(), Step::Configured)].into_iter();
    let translated = translated(port).map(|port| (port, Step::Translated));
    // The later lists are made only when the earlier ports were in vain.
    let usb = std::iter::once_with(|| ports.usb()).flatten().map(|port| (port, Step::Usb));
    let all = std::iter::once_with(|| ports.all()).flatten().map(|port| (port, Step::Scan));
    for (port, step) in named.chain(translated).chain(usb).chain(all) {
        if resolution.tried.iter().any(|tried| tried.port == port) {
            continue;
        }
        if cancelled() {
            break;
        }
        let params = match step {
            Step::Configured | Step::Translated => params,
            Step::Usb | Step::Scan => &quick,
        };
        match OwonPsu::open(&port, params, idn_substr, Arc::clone(clock), None) {
            Ok(supply) => {
                let identity = supply.identity().clone();
                resolution.found = Some(Resolved { port, identity, step });
                break;
            }
            Err(error) => resolution.tried.push(Tried { port, step, refusal: Refusal(error) }),
        }
    }
    resolution
}
