//! The real LIN adapters, from the configuration.

use std::path::PathBuf;
use std::sync::Arc;

use hil_config::{BreakMethod as Break, Interface, InterfaceType};
use hil_lin::{
    BabyLinMaster, BabyLinSettings, Bitrate, BreakMethod, Fingerprint, LinMaster, McmAddress, McmMaster,
    McmSettings, MumMaster, MumSettings, UartMaster, UartSettings,
};
use hil_model::Clock;

/// The adapter that the configuration names, not connected yet, or why it cannot be had.
///
/// `in_root` turns a path of the configuration into one that can be opened.
pub(super) fn adapter(
    interface: &Interface,
    in_root: impl Fn(&PathBuf) -> PathBuf,
    clock: Arc<dyn Clock>,
) -> Result<Box<dyn LinMaster>, String> {
    let bitrate = Bitrate::new(interface.bitrate).map_err(|error| error.to_string())?;
    let unset =
        |key: &str| format!("interface.{key} is not set (interface.type is {})", interface.kind.as_str());
    let host = || interface.host.clone().ok_or_else(|| unset("host"));
    let boot_settle = interface.boot_settle_seconds;
    Ok(match interface.kind {
        InterfaceType::Mock => return Err("interface.type is mock, which is no real adapter".to_owned()),
        InterfaceType::Mum => Box::new(MumMaster::new(
            MumSettings {
                python: interface.python.clone(),
                host: host()?,
                lin_device: interface.lin_device.clone(),
                power_device: interface.power_device.clone(),
                bitrate,
                boot_settle,
                ..MumSettings::new(host()?)
            },
            clock,
        )),
        InterfaceType::Mcm => {
            let address: McmAddress = host()?.parse().map_err(|error| format!("interface.host: {error}"))?;
            let fingerprint = interface.tls_fingerprint.as_deref().map(str::parse::<Fingerprint>).transpose();
            let fingerprint = fingerprint.map_err(|error| format!("interface.tls_fingerprint: {error}"))?;
            let settings = McmSettings { fingerprint, boot_settle, ..McmSettings::new(address, bitrate) };
            Box::new(McmMaster::new(settings, clock))
        }
        InterfaceType::Babylin => {
            let sdf = interface.sdf_path.as_ref().ok_or_else(|| unset("sdf_path"))?;
            Box::new(BabyLinMaster::new(
                BabyLinSettings {
                    library: interface.library.as_ref().map(&in_root),
                    sdf: Some(in_root(sdf)),
                    schedule: interface.schedule_nr,
                    port: interface.port.clone(),
                },
                clock,
            ))
        }
        InterfaceType::Uart => {
            let port = interface.port.clone().ok_or_else(|| unset("port"))?;
            let break_method = match interface.break_method {
                Break::Ioctl => BreakMethod::Ioctl,
                Break::Baud => BreakMethod::Baud,
                Break::BaudEcho => BreakMethod::BaudEcho,
            };
            let settings = UartSettings { port, bitrate, latency: interface.latency, break_method };
            Box::new(UartMaster::new(settings, clock))
        }
    })
}
