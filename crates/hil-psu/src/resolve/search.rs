//! The search in its four steps.

use std::fmt;
use std::path::PathBuf;
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
pub enum Refusal {
    /// It cannot be used, or the device there is another one.
    Failed(PsuError),
    /// It would do as well, but another port was found before it.
    Another(Identity),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = match self {
            Self::Failed(error) => error,
            Self::Another(identity) => {
                return write!(f, "matches, too ({identity}); name the port to choose it");
            }
        };
        match error {
            PsuError::Open { source, .. } => write!(f, "cannot be opened ({source})"),
            PsuError::Timeout { .. } => f.write_str("nobody answers (is its mains switch on?)"),
            PsuError::Stranger { identity, .. } => write!(f, "somebody else answers ({identity})"),
            PsuError::Unplugged { .. } => f.write_str("it was unplugged"),
            PsuError::Garbled { answer, .. } => write!(f, "answers {answer:?}"),
            PsuError::Refused { .. }
            | PsuError::NotAccepted { .. }
            | PsuError::OutOfRange { .. }
            | PsuError::Output { .. } => write!(f, "{error}"),
        }
    }
}

/// A port that was tried and not taken.
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
    /// Every other port that was tried, in order.
    pub tried: Vec<Tried>,
}

/// Makes the list of a step.
type List<'a> = &'a dyn Fn() -> Vec<String>;

/// Looks for the supply: at the configured port, if there is one, verbatim, at its cross-platform translation, at the serial
/// converters on USB, at every port. The first whose `*IDN?` contains `idn_substr` is it.
///
/// Where the port was found by looking around, the rest of that list is looked at as well, and another match
/// is warned of: it may be the wrong supply that was found.
///
/// No device is tried twice, none is left open, and nothing but `*IDN?` is sent. Each port takes four times
/// the line's time-out and two seconds at most; `cancelled` is asked before each.
pub fn resolve_port(
    port: Option<&str>,
    idn_substr: &str,
    params: &SerialParams,
    ports: &dyn PortEnumerator,
    clock: &Arc<dyn Clock>,
    cancelled: &dyn Fn() -> bool,
) -> Resolution {
    let mut resolution = Resolution::default();
    let mut seen: Vec<PathBuf> = Vec::new();
    let quick = SerialParams { timeout: params.timeout.min(SCAN_TIMEOUT), ..*params };
    // Each list is made only when the earlier ones were in vain.
    let steps: [(Step, &SerialParams, List<'_>); 4] = [
        (Step::Configured, params, &|| port.map(str::to_owned).into_iter().collect()),
        (Step::Translated, params, &|| port.and_then(translated).into_iter().collect()),
        (Step::Usb, &quick, &|| ports.usb()),
        (Step::Scan, &quick, &|| ports.all()),
    ];
    for (step, params, list) in steps {
        for port in list() {
            if cancelled() {
                return resolution;
            }
            // The same device may have several names, such as those in /dev/serial/by-id.
            let device = std::fs::canonicalize(&port).unwrap_or_else(|_| PathBuf::from(&port));
            if seen.contains(&device) {
                continue;
            }
            seen.push(device);
            let opened = OwonPsu::open(&port, params, idn_substr, Arc::clone(clock), None);
            let refusal = match (opened, &resolution.found) {
                (Ok(supply), None) => {
                    resolution.found = Some(Resolved { port, identity: supply.identity().clone(), step });
                    continue;
                }
                (Ok(supply), Some(found)) => {
                    let another = supply.identity().clone();
                    tracing::warn!("{} is taken, but {port} matches, too: {another}", found.port);
                    Refusal::Another(another)
                }
                (Err(error), _) => Refusal::Failed(error),
            };
            resolution.tried.push(Tried { port, step, refusal });
        }
        if resolution.found.is_some() {
            break;
        }
    }
    resolution
}
