//! `hil sim`: a simulated bench behind an imitation of an adapter, for harnesses in other processes.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use hil_model::ExitStatus;
use hil_sim::{LineDoor, McmOptions, McmServer, UartDoor};
use signal_hook::consts::TERM_SIGNALS;
use signal_hook::iterator::Signals;

use super::{Wrong, configuration};
use crate::args::{BenchArgs, SimArgs, SimCommand};
use crate::console;

/// What leads to the simulated bus from outside; dropping it closes it.
enum Door {
    Mcm(McmServer),
    Uart(UartDoor),
    Lines(LineDoor),
}

impl Door {
    fn open(what: &SimCommand, unit: &hil_runner::LiveUnit) -> std::io::Result<Self> {
        let bench = Arc::clone(&unit.bench);
        match what {
            SimCommand::Mcm { listen } => {
                McmServer::start(bench, *listen, McmOptions::default()).map(Self::Mcm)
            }
            SimCommand::Uart => UartDoor::open(bench).map(Self::Uart),
            SimCommand::Lines { listen } => LineDoor::open(bench, *listen).map(Self::Lines),
        }
    }

    /// What the configuration of a harness must say to reach it.
    fn settings(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Mcm(server) => vec![
                ("interface.type", "mcm".to_owned()),
                ("interface.host", host(server.addr())),
                ("interface.tls_fingerprint", server.fingerprint().to_owned()),
            ],
            Self::Uart(door) => vec![
                ("interface.type", "uart".to_owned()),
                ("interface.port", door.port().to_owned()),
                // The only one that a pseudo-terminal carries to its other end.
                ("interface.break", "baud_echo".to_owned()),
            ],
            Self::Lines(door) => {
                vec![("interface.type", "mum".to_owned()), ("interface.host", host(door.addr()))]
            }
        }
    }
}

fn host(addr: SocketAddr) -> String {
    addr.to_string()
}

/// Serves until it is told to end.
pub(crate) fn run(args: &SimArgs, bench: &BenchArgs) -> anyhow::Result<ExitStatus> {
    let resolved = configuration(bench)?;
    // Before anything can be reached: a signal must find somebody who listens.
    let mut signals = Signals::new(TERM_SIGNALS).context("cannot listen to signals")?;
    let unit = hil_runner::live_unit(&resolved, !args.no_supply)?;
    let door = Door::open(&args.what, &unit)
        .map_err(|error| Wrong::bench(format!("cannot open the simulated adapter: {error}")))?;
    // A bench of its own name: its lock is not that of another one on this machine.
    let mut settings =
        vec![("bench.name", format!("sim-{}", std::process::id())), ("bench.simulated", "true".to_owned())];
    settings.extend(door.settings());
    match &unit.supply {
        Some(supply) => settings.push(("power_supply.port", supply.port().to_owned())),
        None => settings.push(("power_supply.enabled", "false".to_owned())),
    }
    if let Some(path) = &args.config_out {
        write_config(path, &settings).map_err(|error| {
            Wrong::usage(format!("--config-out: cannot write {}: {error}", path.display()))
        })?;
    }
    let flags: Vec<String> = settings.iter().map(|(key, value)| format!("--set {key}={value}")).collect();
    let power = if unit.supply.is_some() {
        "its supply is off until a run switches it on; `--no-supply` lets the adapter power the unit, for `hil lin`\n"
    } else {
        ""
    };
    console::print(&format!(
        "a simulated bench in real time; end it with Ctrl-C. To use it:\n  hil {}\n{power}",
        flags.join(" ")
    ))?;
    signals.forever().next();
    drop(door);
    Ok(ExitStatus::Passed)
}

/// Writes the settings as a configuration file, whole or not at all: it is what others wait for.
fn write_config(path: &Path, settings: &[(&'static str, String)]) -> std::io::Result<()> {
    let mut text = String::from(
        "# Written by `hil sim`: a simulated bench in another process.\nsimulation:\n  realtime: true\n",
    );
    let mut section = "";
    for (key, value) in settings {
        let (of, key) = key.split_once('.').unwrap_or(("", key));
        if of != section {
            let _ = writeln!(text, "{of}:");
            section = of;
        }
        // A word of the configuration or a quoted text: JSON is YAML.
        let is_flag = ["true", "false"].contains(&value.as_str());
        let value = if is_flag { value.clone() } else { format!("{value:?}") };
        let _ = writeln!(text, "  {key}: {value}");
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut file, text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}
