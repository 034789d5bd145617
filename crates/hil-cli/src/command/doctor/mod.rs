//! `hil doctor`: what is there, what is missing, what to do about it (BEN-05).

mod adapter;
mod finding;
mod import;
mod supply;

use hil_config::Resolved;
use hil_model::ExitStatus;

use self::finding::{Finding, Health};
use super::configuration;
use crate::args::{BenchArgs, DoctorArgs};
use crate::console;

/// Looks around and prints what it finds. Opens no port and no connection, unless it is asked to probe.
pub(crate) fn run(args: &DoctorArgs, bench: &BenchArgs) -> anyhow::Result<ExitStatus> {
    let resolved = match configuration(bench) {
        Ok(resolved) => resolved,
        Err(error) => {
            let advice = "mend what is named below; `hil config check` checks it again";
            Finding::bad("configuration", advice).show();
            anstream::println!("{}", console::error(&error));
            return Ok(ExitStatus::Usage);
        }
    };
    let mut findings = vec![Finding::good(format!("configuration: bench {:?}", resolved.config.bench.name))];
    findings.push(adapter::look(&resolved));
    findings.push(ldf(&resolved));
    findings.push(supply::look(&resolved));
    findings.push(firmware(&resolved));
    findings.extend(supply::ports());
    findings.extend(supply::guardians());
    if args.probe {
        findings.retain(|finding| finding.health != Health::NotChecked);
        findings.push(adapter::probe(&resolved));
        findings.extend(supply::probe(&resolved));
    }
    findings.push(reports(&resolved));
    let bad = findings.iter().any(|finding| matches!(finding.health, Health::Bad));
    for finding in &findings {
        finding.show();
    }
    Ok(if bad { ExitStatus::BenchFault } else { ExitStatus::Passed })
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

fn firmware(resolved: &Resolved) -> Finding {
    let flash = &resolved.config.flash;
    match hil_runner::check_firmware(resolved) {
        _ if !flash.enabled => Finding::good("flashing: off; the unit is tested as it is"),
        Ok(Some(summary)) => Finding::good(format!("flashing: {} by {}", summary, flash.method.as_str())),
        Ok(None) => {
            Finding::missing("flashing: flash.hex_path is not set", "set it; until then flashing is skipped")
        }
        Err(error) => Finding::bad(
            format!("flashing: {}", console::chain(&error)),
            "no run can begin with it; mend flash.hex_path, or set flash.enabled=false",
        ),
    }
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
