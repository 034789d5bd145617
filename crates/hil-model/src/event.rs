//! The one enum that says all that can happen in a run.
//!
//! These types are the journal's format, version [`SCHEMA`]: one [`Entry`] a line, as JSON. They are
//! meant to be written to disk and read back by any later version, so a change that an old reader
//! would misread raises [`SCHEMA`]. Every fold over events matches without a wildcard arm, so that a new
//! variant cannot vanish from a report.

mod measured;
mod number;
mod subject;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use subject::Subject;

use crate::run::Measurement;
use crate::{
    Amps, BenchTime, ExitStatus, Outcome, PlannedTest, ReqId, RunId, SourceLocation, StartUp, TestName, Volts,
};

/// The version of the journal's format.
///
/// 2 added [`Event::Progressed`]. 3 added [`Event::Stopped`], [`Level::Critical`], [`RunStarted::subject`], and all that
/// a measurement has beside a value, a unit, limits and a verdict. 4 added [`SessionStep::Node`], [`RunStarted::start_up`],
/// and what a test mutates and covers. Everything of versions 1 to 3 is read as it is.
pub const SCHEMA: u32 = 4;

/// A moment in the world's time: milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WallTime(i64);

impl WallTime {
    /// The moment `millis` milliseconds after the Unix epoch.
    pub const fn from_unix_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn unix_millis(self) -> i64 {
        self.0
    }
}

/// A line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The event's number, from 1, without holes.
    pub seq: u64,
    /// When it happened on the bench's clock, in microseconds.
    #[serde(rename = "t_us")]
    pub at: BenchTime,
    /// When it happened in the world. The only field, with the ids, that differs between two runs of
    /// the same suite on the same simulated bench.
    #[serde(rename = "wall_ms")]
    pub wall: WallTime,
    /// What happened.
    pub event: Event,
}

/// What can happen in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The first event: what this run is.
    RunStarted(Box<RunStarted>),
    /// Every test in the binary, and why it runs or does not.
    Planned(Vec<PlannedTest>),
    /// A step of the way up or down begins.
    SessionStepStarted {
        /// Up or down.
        phase: SessionPhase,
        /// Which resource.
        step: SessionStep,
    },
    /// A step of the way up or down is over.
    SessionStepFinished {
        /// Up or down.
        phase: SessionPhase,
        /// Which resource.
        step: SessionStep,
        /// How it ended; a skip names the missing thing.
        outcome: Outcome,
        /// What was learnt: identities, versions, hashes.
        facts: Vec<Property>,
    },
    /// A long step of the way up has come this far.
    Progressed {
        /// Which resource.
        step: SessionStep,
        /// What is being done, such as `transfer`.
        what: String,
        /// How much of it is done.
        done: u64,
        /// How much there is; 0 where that is not known.
        total: u64,
    },
    /// A test begins.
    TestStarted {
        /// The test.
        test: TestName,
        /// Which try this is, from 1.
        attempt: u32,
    },
    /// A step within the test begins; its number is unique within the attempt.
    StepStarted {
        /// The step's number.
        id: StepId,
        /// The step that it is part of.
        parent: Option<StepId>,
        /// What is done.
        title: String,
    },
    /// A step within the test is over.
    StepFinished {
        /// The step's number.
        id: StepId,
        /// How it ended.
        end: StepEnd,
    },
    /// A value was measured, or a declared one was not.
    Measured(#[serde(with = "measured")] Box<Measurement>),
    /// A property was recorded (`rp`).
    Noted(Property),
    /// A line was logged.
    Logged(LogLine),
    /// A frame was on the bus.
    Frame(FrameSeen),
    /// The supply was sampled.
    Supply(SupplySample),
    /// A file was attached.
    Attached(Attachment),
    /// A test is over.
    TestFinished {
        /// The test.
        test: TestName,
        /// Which try it was, from 1.
        attempt: u32,
        /// How it ended.
        outcome: Outcome,
        /// Whether another try follows.
        retried: bool,
    },
    /// No further test is begun, but for those that take down what others set up.
    Stopped {
        /// Why, in words.
        reason: String,
    },
    /// A signal asks for the end.
    Interrupted {
        /// Its name, such as `SIGTERM`.
        signal: String,
    },
    /// What the supply's output is at the end of the run (BEN-02).
    OutputVerified(OutputVerified),
    /// The last event of a run that came to its end.
    RunFinished(RunFinished),
}

/// What a run is: the journal's first line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunStarted {
    /// The version of the journal's format, [`SCHEMA`].
    pub schema: u32,
    /// The run's id.
    pub run_id: RunId,
    /// The version of `hil` that wrote it.
    pub version: String,
    /// The bench's name.
    pub bench: String,
    /// The machine's name.
    pub host: String,
    /// What of the bench is simulated.
    pub simulated: Simulated,
    /// The seed of the simulation and of `--shuffle`.
    pub seed: u64,
    /// Every effective configuration value with the layer that set it.
    pub config: Vec<(Property, String)>,
    /// The catalogue of requirements, id to title, if the configuration names one.
    pub requirements: BTreeMap<ReqId, String>,
    /// What the run is about.
    #[serde(default)]
    pub subject: Subject,
    /// What it may do, and what it was given to work with. Journals of earlier versions do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_up: Option<StartUp>,
}

/// What of the bench is simulated (SIM-05).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulated {
    /// The LIN bus and the unit under test.
    pub lin: bool,
    /// The power supply.
    pub psu: bool,
    /// The clock: bench time jumps.
    pub clock: bool,
}

impl Simulated {
    /// Whether anything is simulated.
    pub const fn any(self) -> bool {
        self.lin || self.psu || self.clock
    }
}

/// The way up, or the way down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionPhase {
    /// Resources are set up.
    Setup,
    /// Resources are given back, in reverse order.
    Teardown,
}

/// A resource of the session, in the order of the way up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStep {
    /// The configuration was loaded.
    Config,
    /// The bench is ours: nobody else's run uses it.
    Lock,
    /// The LIN adapter.
    Lin,
    /// The LDF database.
    Ldf,
    /// The bench power supply.
    Psu,
    /// The node under test: looked for, where nobody said its address.
    Node,
    /// The unit's firmware.
    Flash,
}

impl SessionStep {
    /// The step in a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Lock => "lock",
            Self::Lin => "lin",
            Self::Ldf => "ldf",
            Self::Psu => "psu",
            Self::Node => "node",
            Self::Flash => "flash",
        }
    }
}

/// The number of a step within its attempt, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(pub u32);

/// How a step within a test ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepEnd {
    /// It did what its title says.
    Done,
    /// It did not; the message says why.
    Broken(String),
}

/// A name and a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Property {
    /// The name.
    pub key: String,
    /// The value.
    pub value: String,
}

impl Property {
    /// The property `key` = `value`.
    pub fn new(key: impl Into<String>, value: impl ToString) -> Self {
        Self { key: key.into(), value: value.to_string() }
    }
}

/// How much a log line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// For whoever debugs `hil`.
    Debug,
    /// For the reader of the report.
    Info,
    /// Something is odd.
    Warning,
    /// Something is broken.
    Error,
    /// Nothing works any more.
    Critical,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogLine {
    /// How much it matters.
    pub level: Level,
    /// Who wrote it.
    pub target: String,
    /// The text.
    pub message: String,
    /// Where it was written.
    pub location: Option<SourceLocation>,
}

/// Who sent a frame's response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The master, that is, the harness.
    Tx,
    /// A slave.
    Rx,
}

/// What the adapter found out about a frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckSeen {
    /// The checksum is right.
    Good,
    /// No slave answered the header.
    NoResponse,
    /// Something came, but it is not a frame; the text says what is wrong.
    Bad(String),
}

/// A frame on the bus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrameSeen {
    /// The frame's id, 0x00–0x3F.
    pub id: u8,
    /// Its name in the LDF, if that knows it.
    pub name: Option<String>,
    /// Who sent the response.
    pub direction: Direction,
    /// The data bytes, as far as they came.
    pub data: Vec<u8>,
    /// What the adapter found out about it.
    pub check: CheckSeen,
}

/// A sample of the supply.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SupplySample {
    /// The voltage at the terminals.
    pub volts: Volts,
    /// The current drawn.
    pub amps: Amps,
}

/// A file that belongs to a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// What the test calls it.
    pub name: String,
    /// Where it lies, relative to the reports' directory. Made by `hil`, never from the name as it is.
    pub path: String,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// What the supply's output is at the end of the run (BEN-02).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputVerified {
    /// Whether the supply says that its output is off and the rail is near zero.
    pub confirmed: bool,
    /// The last voltage that was read on the rail.
    pub rail: Option<Volts>,
    /// How long after the command that was, in milliseconds of bench time.
    pub after_ms: u64,
    /// What was done to find out, and why it is not confirmed if it is not.
    pub how: String,
}

/// How a run ended that came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFinished {
    /// The exit code.
    pub exit: u8,
}

impl From<ExitStatus> for RunFinished {
    fn from(status: ExitStatus) -> Self {
        Self { exit: status.code() }
    }
}
