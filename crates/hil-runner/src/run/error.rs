//! What keeps a run from happening or from being recorded.

use std::io;
use std::path::PathBuf;

use hil_config::ConfigErrors;
use hil_flash::{ImageError, OutsideMemory, TemplateError};
use hil_ldf::LoadError;
use hil_lin::{LinError, McmSettingError};
use hil_model::run::FieldError;
use hil_model::{ExitStatus, NameError};
use hil_report::{JournalError, ReportError};

use crate::live::UnclearSwitch;
use crate::registry::RegistryError;
use crate::select::SelectionError;
use crate::session::Owner;

/// What keeps a run from happening or from being recorded. None of them is a verdict.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The configuration cannot be taken.
    #[error("{0}")]
    Config(ConfigErrors),
    /// The configuration names a simulated unit that is not linked into the program.
    #[error("simulation.ecu is {name:?}, but this program simulates only {}", .known.join(", "))]
    UnknownEcu {
        /// The name in the configuration.
        name: String,
        /// The units that there are.
        known: Vec<&'static str>,
    },
    /// The configuration names a mistake that no simulated unit makes.
    #[error("simulation.defects has {name:?}, which is no defect{}", .nearest.map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default())]
    UnknownDefect {
        /// The name in the configuration.
        name: String,
        /// The defect that was probably meant.
        nearest: Option<&'static str>,
    },
    /// A real adapter would be used with a simulated supply.
    #[error(
        "power_supply.port is `simulated`, but interface.type is {adapter}: a real unit cannot be fed by a simulated supply; set power_supply.port, or `power_supply.enabled=false`"
    )]
    SimulatedSupply {
        /// The adapter's name.
        adapter: &'static str,
    },
    /// `interface.host` is no address of an MCM.
    #[error("interface.host")]
    Host(#[source] McmSettingError),
    /// `flash.command` cannot flash anything.
    #[error("flash.command")]
    FlashCommand(#[source] TemplateError),
    /// The image of `flash.hex_path` cannot be read.
    #[error("flash.hex_path: cannot read {}", path.display())]
    ImageUnread {
        /// The image.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The image of `flash.hex_path` is damaged. Nothing was sent.
    #[error("flash.hex_path: {} is no image", path.display())]
    Image {
        /// The image.
        path: PathBuf,
        /// What is wrong with it.
        source: ImageError,
    },
    /// The image of `flash.hex_path` does not fit into the unit's memory. Nothing was sent.
    #[error("flash.hex_path: {} reaches beyond flash.memory", path.display())]
    ImageOutside {
        /// The image.
        path: PathBuf,
        /// Where.
        source: OutsideMemory,
    },
    /// The catalogue of requirements holds an id that is none.
    #[error("run.requirements")]
    Requirement(#[source] NameError),
    /// What the configuration says of the unit, the procedure or the operator cannot be taken.
    #[error("{key}")]
    Subject {
        /// The key.
        key: &'static str,
        /// What is wrong with its text.
        source: FieldError,
    },
    /// The key for the server cannot be read.
    #[error("record.key_file: {} cannot be read", path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The URL of the server is none. It is not shown: it may hold a password.
    #[error(
        "the server's URL (HIL_SERVER_URL or record.server) is not http://HOST[:PORT] or https://HOST[:PORT], with a path or without"
    )]
    ServerUrl,
    /// The key for the server is none. It is not shown.
    #[error("the key for the server (HIL_API_KEY or record.key_file) has characters that no key has")]
    ServerKey,
    /// A switch of live running is neither on nor off.
    #[error(transparent)]
    Switch(#[from] UnclearSwitch),
    /// The LDF cannot be taken.
    #[error("{0}")]
    Ldf(LoadError),
    /// The selection cannot be meant.
    #[error(transparent)]
    Selection(#[from] SelectionError),
    /// A test's registration cannot be taken.
    #[error("a test cannot be registered")]
    Registry(#[from] RegistryError),
    /// The LIN adapter cannot be had.
    #[error("{0}")]
    NoAdapter(String),
    /// The LIN adapter cannot be connected.
    #[error("the LIN adapter cannot be connected")]
    Connect(#[source] LinError),
    /// Somebody else uses the bench.
    #[error("{what} is in use by {}; `--wait` waits for it", .owner.as_ref().map_or_else(|| "somebody".to_owned(), Owner::to_string))]
    Busy {
        /// What is in use.
        what: String,
        /// By whom, where that could be read.
        owner: Option<Owner>,
    },
    /// A lock file cannot be used.
    #[error("cannot lock {}", path.display())]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The journal cannot be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A report cannot be written.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// A thread cannot be started, or signals cannot be listened to.
    #[error("cannot start a thread")]
    Thread(#[source] io::Error),
}

impl RunError {
    /// The exit code that it stands for.
    pub const fn exit_status(&self) -> ExitStatus {
        match self {
            Self::Config(_)
            | Self::UnknownEcu { .. }
            | Self::UnknownDefect { .. }
            | Self::SimulatedSupply { .. }
            | Self::Host(_)
            | Self::FlashCommand(_)
            | Self::ImageUnread { .. }
            | Self::Image { .. }
            | Self::ImageOutside { .. }
            | Self::Requirement(_)
            | Self::Subject { .. }
            | Self::KeyFile { .. }
            | Self::ServerUrl
            | Self::ServerKey
            | Self::Switch(_)
            | Self::Ldf(_)
            | Self::Selection(_) => ExitStatus::Usage,
            Self::Busy { .. } | Self::NoAdapter(_) | Self::Connect(_) => ExitStatus::BenchFault,
            Self::Registry(_) | Self::Lock { .. } | Self::Journal(_) | Self::Report(_) | Self::Thread(_) => {
                ExitStatus::Internal
            }
        }
    }
}
