//! The exit codes of `hil`, which scripts and pipelines rely on.

/// How a run ended, as the process's exit code (RUN-05). The numbers never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitStatus {
    /// Something passed and nothing failed.
    Passed = 0,
    /// A test failed, or broke by itself (panic, misuse, time-out).
    Failed = 1,
    /// A signal ended the run early.
    Interrupted = 2,
    /// `hil` itself failed.
    Internal = 3,
    /// The command line or the configuration is wrong.
    Usage = 4,
    /// Nothing ran: no test was selected, or every one was skipped.
    NothingRan = 5,
    /// The bench failed, so that there is no verdict on the unit under test.
    BenchFault = 6,
    /// The supply's output could not be confirmed off. Outranks every other code.
    OutputUnconfirmed = 7,
}

impl ExitStatus {
    /// All of them, in order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::Passed,
        Self::Failed,
        Self::Interrupted,
        Self::Internal,
        Self::Usage,
        Self::NothingRan,
        Self::BenchFault,
        Self::OutputUnconfirmed,
    ];

    /// The number that the process ends with.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What the code means, in one line.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Passed => "something passed and nothing failed",
            Self::Failed => "a test failed",
            Self::Interrupted => "interrupted",
            Self::Internal => "internal error",
            Self::Usage => "usage or configuration error",
            Self::NothingRan => "nothing ran: none selected, or everything skipped",
            Self::BenchFault => "bench fault: no verdict on the unit under test",
            Self::OutputUnconfirmed => "the supply's output could not be confirmed off",
        }
    }
}

/// How `hil smoke` ended (LIV-09). Its exit codes are its own: a bench that is ready, one that is not, and one on which
/// there is nothing to prove it with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmokeEnd {
    /// A frame was written and its effect read back, and a record was submitted and reached COMPLETED.
    Proven,
    /// The bench answers, but there is nothing that could be written to.
    NothingEligible,
    /// The adapter, the unit or the supply cannot be had.
    Unreachable,
    /// A smoke test or a step of the set-up is red.
    Red,
    /// The supply's output could not be confirmed off.
    OutputUnconfirmed,
    /// The record did not reach COMPLETED in time.
    NotCompleted,
    /// The server does not take the key.
    Unauthorized,
    /// The server or the store did not take the record.
    NotTaken,
    /// Anything else: the configuration, a bench that is in use, a signal, `hil` itself.
    Broken,
}

impl SmokeEnd {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Proven,
        Self::NothingEligible,
        Self::Unreachable,
        Self::Red,
        Self::OutputUnconfirmed,
        Self::NotCompleted,
        Self::Unauthorized,
        Self::NotTaken,
        Self::Broken,
    ];

    /// The number that the process ends with.
    pub const fn code(self) -> u8 {
        match self {
            Self::Proven => 0,
            Self::NothingEligible => 2,
            Self::Unreachable
            | Self::Red
            | Self::OutputUnconfirmed
            | Self::NotCompleted
            | Self::Unauthorized
            | Self::NotTaken
            | Self::Broken => 1,
        }
    }

    /// What it says on the terminal.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Proven => "the write path is proven",
            Self::NothingEligible => "the bench answers, but there is nothing to write to",
            Self::Unreachable => "the bench cannot be reached",
            Self::Red => "the bench answers, but not as it should",
            Self::OutputUnconfirmed => "the supply's output could not be confirmed off",
            Self::NotCompleted => "the record did not reach COMPLETED in time",
            Self::Unauthorized => "the server does not take the key",
            Self::NotTaken => "the record was not taken",
            Self::Broken => "smoke could not be run",
        }
    }
}
