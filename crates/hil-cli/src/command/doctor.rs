//! `hil doctor`: what is there, what is missing, what to do about it (BEN-05).

use std::process::{Command, Stdio};

use hil_config::{InterfaceType, Resolved};
use hil_model::ExitStatus;
use hil_psu::{Access, PortEnumerator, SystemPorts, access};
use hil_sim::NodeKind;
use owo_colors::OwoColorize;

use super::configuration;
use crate::args::BenchArgs;
use crate::console;

/// How a finding looks to whoever wants to run tests.
enum Health {
    Good,
    /// Something is missing that the configured bench does not need, or that makes tests skip.
    Missing,
    /// The configured bench cannot work like this.
    Bad,
}

/// A finding, and what to do about it.
struct Finding {
    health: Health,
    what: String,
    advice: Option<String>,
}

impl Finding {
    fn good(what: impl Into<String>) -> Self {
        Self { health: Health::Good, what: what.into(), advice: None }
    }

    fn missing(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { health: Health::Missing, what: what.into(), advice: Some(advice.into()) }
    }

    fn bad(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { health: Health::Bad, what: what.into(), advice: Some(advice.into()) }
    }
}

/// Looks around and prints what it finds. Opens no port.
pub(crate) fn run(bench: &BenchArgs) -> anyhow::Result<ExitStatus> {
    let resolved = match configuration(bench) {
        Ok(resolved) => resolved,
        Err(error) => {
            show(&Finding::bad(
                "configuration",
                "mend what is named below; `hil config check` checks it again",
            ));
            anstream::println!("{}", console::error(&error));
            return Ok(ExitStatus::Usage);
        }
    };
    let mut findings = vec![Finding::good(format!("configuration: bench {:?}", resolved.config.bench.name))];
    findings.push(adapter(&resolved));
    findings.push(ldf(&resolved));
    findings.push(supply(&resolved));
    findings.extend(ports());
    findings.push(reports(&resolved));
    let bad = findings.iter().any(|finding| matches!(finding.health, Health::Bad));
    for finding in &findings {
        show(finding);
    }
    Ok(if bad { ExitStatus::BenchFault } else { ExitStatus::Passed })
}

fn show(finding: &Finding) {
    let mark = match finding.health {
        Health::Good => "ok     ".green().to_string(),
        Health::Missing => "missing".yellow().to_string(),
        Health::Bad => "BAD    ".red().bold().to_string(),
    };
    anstream::println!("{mark}  {}", finding.what);
    if let Some(advice) = &finding.advice {
        anstream::println!("         {} {advice}", "→".dimmed());
    }
}

fn adapter(resolved: &Resolved) -> Finding {
    let interface = &resolved.config.interface;
    let kind = interface.kind.as_str();
    match interface.kind {
        InterfaceType::Mock => {
            let ecu = &resolved.config.simulation.ecu;
            match NodeKind::named(ecu) {
                Some(_) => Finding::good(format!("LIN adapter: mock, with a simulated {ecu}")),
                None => {
                    let known: Vec<&str> = NodeKind::all().map(|kind| kind.name).collect();
                    let advice = format!("this program simulates {}", known.join(", "));
                    Finding::bad(format!("LIN adapter: mock, but there is no simulated {ecu}"), advice)
                }
            }
        }
        InterfaceType::Mum => {
            let advice = "this version of hil cannot drive it yet; tests that need LIN skip";
            Finding::missing(format!("LIN adapter: {kind}; {}", vendor_packages(&interface.python)), advice)
        }
        InterfaceType::Mcm | InterfaceType::Babylin => Finding::missing(
            format!("LIN adapter: {kind}"),
            "this version of hil cannot drive it yet; tests that need LIN skip",
        ),
    }
}

/// Whether the MUM's Python packages can be imported.
fn vendor_packages(python: &str) -> String {
    let mut import = Command::new(python);
    import
        .args(["-c", "import pymumclient, pylin"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    match import.status() {
        Ok(status) if status.success() => format!("{python} imports pymumclient and pylin"),
        Ok(_) => format!("{python} cannot import pymumclient and pylin (they come from Melexis)"),
        Err(error) => format!("{python} cannot be started: {error}"),
    }
}

fn ldf(resolved: &Resolved) -> Finding {
    let Some(path) = &resolved.config.interface.ldf_path else {
        return Finding::missing(
            "LDF: interface.ldf_path is not set",
            "tests that need the LDF skip; set it",
        );
    };
    match hil_ldf::load(&resolved.in_root(path)) {
        Ok(parsed) => {
            let (frames, warnings) = (parsed.database.frames().count(), parsed.warnings.len());
            Finding::good(format!("LDF: {}, {frames} frames, {warnings} warnings", path.display()))
        }
        Err(error) => {
            Finding::bad(format!("LDF: {}", console::chain(&error)), "no test can run with it; mend it")
        }
    }
}

fn supply(resolved: &Resolved) -> Finding {
    let settings = &resolved.config.power_supply;
    match &settings.port {
        _ if !settings.enabled => {
            Finding::missing("supply: power_supply.enabled is false", "tests that need the supply skip")
        }
        None => Finding::missing(
            "supply: power_supply.port is not set",
            "tests that need the supply skip; `hil psu ports` lists what is there",
        ),
        Some(port) if port == hil_runner::SIMULATED_PORT => {
            Finding::good("supply: simulated, on a pseudo-terminal")
        }
        Some(port) => match access(port) {
            Access::Granted => Finding::good(format!("supply: {port}; `hil psu identify` asks who is there")),
            Access::Denied => Finding::bad(
                format!("supply: no permission for {port}"),
                "add yourself to the group that owns it (often dialout) and log in again",
            ),
            Access::Missing => Finding::missing(
                format!("supply: {port} is not there"),
                "plug it in; otherwise every port is searched for it when tests run",
            ),
        },
    }
}

fn ports() -> Vec<Finding> {
    let ports = SystemPorts.usb();
    if ports.is_empty() {
        return vec![Finding::missing("serial converters on USB: none", "a simulated bench needs none")];
    }
    let finding = |port: &String| match access(port) {
        Access::Granted => Finding::good(format!("port {port}")),
        Access::Denied | Access::Missing => Finding::missing(
            format!("port {port}: no permission"),
            "add yourself to the group that owns it (often dialout) and log in again",
        ),
    };
    ports.iter().map(finding).collect()
}

fn reports(resolved: &Resolved) -> Finding {
    let folder = resolved.in_root(&resolved.config.reports.dir);
    match std::fs::create_dir_all(&folder).and_then(|()| {
        let probe = folder.join(".writable");
        std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe))
    }) {
        Ok(()) => Finding::good(format!("reports: {}", folder.display())),
        Err(error) => Finding::bad(
            format!("reports: cannot write to {}: {error}", folder.display()),
            "set reports.dir, or give --reports",
        ),
    }
}
