//! The configured supply and the serial ports: may they be opened, and on request who is there.

use std::sync::Arc;

use hil_config::Resolved;
use hil_model::Clock;
use hil_psu::{Access, PortEnumerator as _, SystemPorts, access, guardian, resolve_port};
use hil_runner::SystemClock;

use super::adapter::NO_PERMISSION;
use super::finding::Finding;

/// What can be told without touching the supply.
pub(super) fn look(resolved: &Resolved) -> Finding {
    let settings = &resolved.config.power_supply;
    match &settings.port {
        _ if !settings.enabled => {
            Finding::missing("supply: power_supply.enabled is false", "tests that need the supply skip")
        }
        None => Finding::missing(
            "supply: power_supply.port is not set",
            "with a real adapter every serial port is searched for it when tests run, else tests that need it skip; `hil psu ports` lists what is there",
        ),
        Some(port) if port == hil_runner::SIMULATED_PORT => {
            Finding::good("supply: simulated, on a pseudo-terminal")
        }
        Some(port) => match access(port) {
            Access::Granted => Finding::not_checked(format!("supply: {port}, which may be opened")),
            Access::Denied => Finding::bad(format!("supply: no permission for {port}"), NO_PERMISSION),
            Access::Missing => Finding::missing(
                format!("supply: {port} is not there"),
                "plug it in; otherwise every port is searched for it when tests run",
            ),
        },
    }
}

/// Searches the supply as a run would, and asks who it is. Nothing but `*IDN?` is sent.
pub(super) fn probe(resolved: &Resolved) -> Option<Finding> {
    let settings = &resolved.config.power_supply;
    let port = settings.port.as_deref().filter(|port| *port != hil_runner::SIMULATED_PORT)?;
    if !settings.enabled {
        return None;
    }
    let params = hil_runner::serial_params(settings);
    let clock: Arc<dyn Clock> = SystemClock::new();
    let resolution = resolve_port(Some(port), &settings.idn_substr, &params, &SystemPorts, &clock, &|| false);
    Some(match resolution.found {
        Some(found) => Finding::good(format!("supply: {} answers at {}", found.identity, found.port)),
        None => {
            let tried: Vec<String> = resolution.tried.iter().map(ToString::to_string).collect();
            Finding::missing(
                format!("supply: nobody answers: {}", tried.join("; ")),
                "tests that need the supply skip; a port without an answer often means that its mains are off",
            )
        }
    })
}

/// The serial converters on USB.
pub(super) fn ports() -> Vec<Finding> {
    let ports = SystemPorts.usb();
    if ports.is_empty() {
        return vec![Finding::missing("serial converters on USB: none", "a simulated bench needs none")];
    }
    let finding = |port: &String| match access(port) {
        Access::Granted => Finding::good(format!("port {port}")),
        Access::Denied | Access::Missing => {
            Finding::missing(format!("port {port}: no permission"), NO_PERMISSION)
        }
    };
    ports.iter().map(finding).collect()
}

/// What guardians left that no run has reported yet.
pub(super) fn guardians() -> Vec<Finding> {
    let finding = |note: &guardian::Note| {
        if note.verified {
            Finding::missing(
                note.to_string(),
                "look at the bench; the next run on it reports this, and then it is gone",
            )
        } else {
            Finding::bad(
                note.to_string(),
                "switch the output off by hand, or with `hil psu off`; the next run on this bench reports this, and then it is gone",
            )
        }
    };
    guardian::notes(&guardian::folder()).iter().map(finding).collect()
}
