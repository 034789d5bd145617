//! The configured LIN adapter: what it needs, and on request whether it answers.

use std::path::PathBuf;
use std::time::Duration;

use hil_config::{Interface, InterfaceType, Resolved};
use hil_lin::LinError;
use hil_psu::{Access, access};
use hil_runner::{Desk, RunError};
use hil_sim::NodeKind;

use super::finding::Finding;
use super::import::{Import, import};
use crate::console;

/// What to do about a port that may not be opened.
pub(super) const NO_PERMISSION: &str =
    "add yourself to the group that owns it (often dialout) and log in again";

/// What the MUM is driven with.
const PACKAGES: &str = "pymumclient, pylin";

/// How long their import may take here. A run is more patient.
const IMPORT: Duration = Duration::from_secs(10);

/// What can be told without touching the adapter.
pub(super) fn look(resolved: &Resolved) -> Finding {
    let interface = &resolved.config.interface;
    match interface.kind {
        InterfaceType::Mock => mock(&resolved.config.simulation.ecu),
        InterfaceType::Mum => mum(interface),
        InterfaceType::Mcm => match &interface.host {
            None => no_host("mcm"),
            Some(host) if interface.tls_fingerprint.is_none() => Finding::missing(
                format!("LIN adapter: mcm at {host}, with any certificate"),
                "set interface.tls_fingerprint so that it is not mixed up with another one; `hil doctor --probe` prints it",
            ),
            Some(host) => Finding::not_checked(format!("LIN adapter: mcm at {host}")),
        },
        InterfaceType::Babylin => babylin(resolved),
        InterfaceType::Uart => uart(interface),
    }
}

fn mock(ecu: &str) -> Finding {
    if NodeKind::named(ecu).is_some() {
        return Finding::good(format!("LIN adapter: mock, with a simulated {ecu}"));
    }
    let known: Vec<&str> = NodeKind::all().map(|kind| kind.name).collect();
    let advice = format!("this program simulates {}", known.join(", "));
    Finding::bad(format!("LIN adapter: mock, but there is no simulated {ecu}"), advice)
}

fn no_host(kind: &str) -> Finding {
    Finding::missing(
        format!("LIN adapter: {kind}, but interface.host is not set"),
        "tests that need LIN skip; set it to the adapter's address",
    )
}

fn mum(interface: &Interface) -> Finding {
    let Some(host) = &interface.host else { return no_host("mum") };
    let python = &interface.python;
    match import(python, PACKAGES, IMPORT) {
        Import::Works => {
            Finding::not_checked(format!("LIN adapter: mum at {host}; {python} imports {PACKAGES}"))
        }
        Import::Fails => Finding::missing(
            format!("LIN adapter: mum, but {python} cannot import {PACKAGES}"),
            "tests that need LIN skip; the packages come from Melexis, interface.python names the interpreter that has them",
        ),
        Import::Hangs => Finding::missing(
            format!(
                "LIN adapter: mum, but {python} does not import {PACKAGES} within {} s",
                IMPORT.as_secs()
            ),
            "a run waits for a minute, and then tests that need LIN fail; see what the packages wait for",
        ),
        Import::NotStarted(error) => Finding::missing(
            format!("LIN adapter: mum, but {python} cannot be started: {error}"),
            "tests that need LIN skip; set interface.python",
        ),
    }
}

fn babylin(resolved: &Resolved) -> Finding {
    let interface = &resolved.config.interface;
    let missing = |what: String, key: &str| {
        Finding::missing(
            format!("LIN adapter: babylin, but {what}"),
            format!("tests that need LIN skip; set interface.{key}"),
        )
    };
    let there = |path: &PathBuf| resolved.in_root(path).is_file();
    match (&interface.library, &interface.sdf_path) {
        (_, None) => missing("interface.sdf_path is not set".to_owned(), "sdf_path"),
        (_, Some(sdf)) if !there(sdf) => missing(format!("{} is not there", sdf.display()), "sdf_path"),
        (Some(library), _) if !there(library) => {
            missing(format!("{} is not there", library.display()), "library")
        }
        (library, Some(sdf)) => {
            let library = library.as_ref().map_or_else(
                || "the vendor's library, where the system finds it".to_owned(),
                |library| library.display().to_string(),
            );
            Finding::not_checked(format!(
                "LIN adapter: babylin (deprecated), {library} and {}",
                sdf.display()
            ))
        }
    }
}

fn uart(interface: &Interface) -> Finding {
    let Some(port) = &interface.port else {
        return Finding::missing(
            "LIN adapter: uart, but interface.port is not set",
            "tests that need LIN skip; set it to the transceiver's serial port",
        );
    };
    match access(port) {
        Access::Granted => Finding::not_checked(format!("LIN adapter: uart at {port}, which may be opened")),
        Access::Denied => Finding::bad(format!("LIN adapter: no permission for {port}"), NO_PERMISSION),
        Access::Missing => Finding::missing(
            format!("LIN adapter: {port} is not there"),
            "tests that need LIN skip; plug it in",
        ),
    }
}

/// Connects the adapter, as a run would, and gives it back.
pub(super) fn probe(resolved: &Resolved) -> Finding {
    match Desk::open(resolved) {
        Ok(desk) => {
            let facts = desk.master().facts();
            let facts: Vec<String> = facts.iter().map(|(name, value)| format!("{name} {value}")).collect();
            let name = desk.master().name();
            desk.close();
            let facts = if facts.is_empty() { String::new() } else { format!(": {}", facts.join(", ")) };
            Finding::good(format!("LIN adapter {name} answers{facts}"))
        }
        Err(RunError::Connect(error @ LinError::Unavailable { .. })) => {
            Finding::missing(format!("LIN adapter: {error}"), "tests that need LIN skip")
        }
        Err(RunError::NoAdapter(reason)) => {
            Finding::missing(format!("LIN adapter: {reason}"), "tests that need LIN skip")
        }
        Err(error) => Finding::bad(
            format!("LIN adapter: {}", console::chain(&error)),
            "no test that needs LIN can run like this",
        ),
    }
}
