//! What must be known to reach a MUM.

use std::time::Duration;

use crate::Bitrate;

/// How a MUM is reached, and what hangs on it.
#[derive(Clone, Debug)]
pub struct MumSettings {
    /// The Python interpreter that can import `pymumclient` and `pylin`.
    pub python: String,
    /// The device's host name or address.
    pub host: String,
    /// The device's name for its LIN channel.
    pub lin_device: String,
    /// The device's name for the output that powers the unit.
    pub power_device: String,
    /// The bus's bit rate.
    pub bitrate: Bitrate,
    /// From power-up to the first frame.
    pub boot_settle: Duration,
    /// How long the packages may take to reach the device, and to set it up. Theirs is not documented (U).
    pub connect_timeout: Duration,
    /// Variables that the helper process finds in its environment besides ours.
    pub environment: Vec<(String, String)>,
}

impl MumSettings {
    /// The device at `host`, the rest as benches have it today (hardware reference 2.2).
    pub fn new(host: impl Into<String>) -> Self {
        Self {
            python: "python3".to_owned(),
            host: host.into(),
            lin_device: "lin0".to_owned(),
            power_device: "power_out0".to_owned(),
            bitrate: Bitrate::LIN_2,
            boot_settle: Duration::from_millis(500),
            connect_timeout: Duration::from_secs(20),
            environment: Vec::new(),
        }
    }
}
