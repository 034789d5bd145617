//! `hil config`.

use hil_model::ExitStatus;

use super::configuration;
use crate::args::{BenchArgs, ConfigArgs, ConfigCommand};

/// Checks, shows or describes the configuration.
pub(crate) fn run(args: &ConfigArgs, bench: &BenchArgs) -> anyhow::Result<ExitStatus> {
    match args.what {
        ConfigCommand::Check => {
            let resolved = configuration(bench)?;
            if let Some(requirements) = &resolved.config.run.requirements {
                hil_config::load_requirements(&resolved.in_root(requirements))
                    .map_err(hil_runner::RunError::Config)?;
            }
            hil_runner::check_bench(&resolved)?;
            anstream::println!("the configuration is good: {} values", resolved.effective().len());
        }
        ConfigCommand::Show => {
            let resolved = configuration(bench)?;
            let width = resolved.effective().iter().map(|setting| setting.key.len()).max().unwrap_or(0);
            for setting in resolved.effective() {
                let assignment = format!("{:width$}  {}", setting.key, setting.value);
                anstream::println!("{assignment:<60}  # {}", setting.layer);
            }
        }
        ConfigCommand::Schema => anstream::println!("{}", hil_config::json_schema().trim_end()),
    }
    Ok(ExitStatus::Passed)
}
