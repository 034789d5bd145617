//! Which ports there are.

use std::fs;
use std::path::Path;

use nix::unistd::{AccessFlags, access as permitted};

/// Says which ports there are. Behind a trait because pseudo-terminals are never listed, so tests bring a
/// list of their own.
pub trait PortEnumerator {
    /// Serial converters on USB, in the order of their names.
    fn usb(&self) -> Vec<String>;

    /// Every port that the system lists, in the order of their names.
    fn all(&self) -> Vec<String>;
}

/// The ports of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemPorts;

impl PortEnumerator for SystemPorts {
    fn usb(&self) -> Vec<String> {
        let Ok(devices) = fs::read_dir("/dev") else { return Vec::new() };
        let mut ports: Vec<String> = devices
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| name.starts_with("ttyUSB") || name.starts_with("ttyACM"))
            .map(|name| format!("/dev/{name}"))
            .collect();
        ports.sort();
        ports
    }

    fn all(&self) -> Vec<String> {
        let listed = serialport::available_ports().unwrap_or_else(|error| {
            tracing::warn!("cannot list the serial ports: {error}");
            Vec::new()
        });
        let mut ports: Vec<String> = listed.into_iter().map(|port| port.port_name).collect();
        ports.sort();
        ports
    }
}

/// Whether this user may use a port. "No supply" and "no permission" are different findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It may be opened.
    Granted,
    /// It is there, but may not be opened.
    Denied,
    /// It is not there.
    Missing,
}

/// Whether this user may use `port`.
pub fn access(port: &str) -> Access {
    if !Path::new(port).exists() {
        return Access::Missing;
    }
    match permitted(port, AccessFlags::R_OK | AccessFlags::W_OK) {
        Ok(()) => Access::Granted,
        Err(_) => Access::Denied,
    }
}
