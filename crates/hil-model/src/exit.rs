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
