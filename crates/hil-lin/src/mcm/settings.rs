//! How the device is to be used.

use std::time::Duration;

use super::{Fingerprint, McmAddress};
use crate::Bitrate;

/// How the device is to be used.
#[derive(Clone, Debug)]
pub struct McmSettings {
    /// Where it is.
    pub address: McmAddress,
    /// The certificate that it must show. Without one any is taken, and shown in the adapter's facts.
    pub fingerprint: Option<Fingerprint>,
    /// The bus's bit rate.
    pub bitrate: Bitrate,
    /// How long the unit boots after its power came.
    pub boot_settle: Duration,
    /// How long a connection may take, from the name's look-up to the WebSocket. Real time.
    pub connect_timeout: Duration,
    /// How long an ordinary request may take. Real time; must be well above the 150 ms that the device
    /// waits for a response, because it answers nothing else meanwhile.
    pub request_timeout: Duration,
    /// How long the boot loader may take. Real time; nothing else can tell a long load from a dead device.
    pub boot_load_timeout: Duration,
    /// How often the device is asked for a sign of life. After three without one it is lost.
    pub keep_alive: Duration,
}

impl McmSettings {
    /// The device at `address` on a bus at `bitrate`: any certificate, 500 ms for the unit to boot, 5 s to
    /// connect, 2 s for a request, 5 min for the boot loader, a sign of life every 2 s.
    pub const fn new(address: McmAddress, bitrate: Bitrate) -> Self {
        Self {
            address,
            fingerprint: None,
            bitrate,
            boot_settle: Duration::from_millis(500),
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(2),
            boot_load_timeout: Duration::from_secs(300),
            keep_alive: Duration::from_secs(2),
        }
    }
}
