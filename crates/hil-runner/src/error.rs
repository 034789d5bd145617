//! What ends a test early, and what ends a run.

use hil_ldf::{CodecError, LookupError};
use hil_lin::{AddressingError, FrameError, LinError, ScheduleError, ServiceError, TransportError};
use hil_model::{Failure, Fault, FaultKind, Outcome, PollError, SourceLocation, chain};
use hil_psu::PsuError;

use crate::description::TableError;

/// What a test returns.
pub type TestResult<T = ()> = Result<T, TestError>;

/// Why a test ended early. Verdict is not error: each variant is a different finding.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TestError {
    /// A requirement was not met.
    #[error("{0}")]
    Failed(Box<Failure>),
    /// The test cannot run here.
    #[error("skipped: {0}")]
    Skipped(String),
    /// The bench or the test broke.
    #[error("{0}")]
    Broken(Box<Fault>),
    /// A requirement was not met without which the rest of the run makes no sense.
    #[error("{0}")]
    Stopped(Box<Failure>),
    /// The test wants to be run again; this attempt has no verdict.
    #[error("to be repeated: {0}")]
    Repeat(String),
}

impl TestError {
    /// A requirement that was not met, noticed by the caller.
    #[track_caller]
    pub fn failed(message: impl Into<String>) -> Self {
        Self::from(Failure { location: Some(SourceLocation::caller()), ..Failure::new(message) })
    }

    /// A requirement that was not met, noticed by the caller, and the end of the run: but for teardown tests, no
    /// further test is begun, and this one is not tried again.
    #[track_caller]
    pub fn stop(message: impl Into<String>) -> Self {
        let location = Some(SourceLocation::caller());
        Self::Stopped(Box::new(Failure { location, ..Failure::new(message) }))
    }

    /// An attempt that reached no verdict, and the wish for another one. Too many of them fail the test: more than
    /// its `repeats`, or `run.repeats`.
    pub fn repeat(why: impl Into<String>) -> Self {
        Self::Repeat(why.into())
    }

    /// A bench that broke, noticed by the caller.
    #[track_caller]
    pub fn bench(message: impl Into<String>) -> Self {
        Self::broken(FaultKind::Bench, message)
    }

    /// A test that is at fault itself, noticed by the caller.
    #[track_caller]
    pub fn misuse(message: impl Into<String>) -> Self {
        Self::broken(FaultKind::Test, message)
    }

    #[track_caller]
    fn broken(kind: FaultKind, message: impl Into<String>) -> Self {
        let location = Some(SourceLocation::caller());
        Self::Broken(Box::new(Fault { location, ..Fault::new(kind, message) }))
    }

    /// The same with a line of evidence more.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        match &mut self {
            Self::Failed(failure) | Self::Stopped(failure) => failure.details.push(detail.into()),
            Self::Broken(fault) => fault.details.push(detail.into()),
            Self::Skipped(_) | Self::Repeat(_) => {}
        }
        self
    }

    /// The same, noticed at `location`: what a helper says of its caller, in place of its own line.
    #[must_use]
    pub fn at(mut self, location: SourceLocation) -> Self {
        match &mut self {
            Self::Failed(failure) | Self::Stopped(failure) => failure.location = Some(location),
            Self::Broken(fault) => fault.location = Some(location),
            Self::Skipped(_) | Self::Repeat(_) => {}
        }
        self
    }
}

impl From<Failure> for TestError {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

impl From<TestError> for Outcome {
    fn from(error: TestError) -> Self {
        match error {
            TestError::Failed(failure) | TestError::Stopped(failure) => Self::Failed(*failure),
            TestError::Skipped(reason) => Self::Skipped { reason },
            TestError::Repeat(_) => Self::Skipped { reason: error.to_string() },
            TestError::Broken(fault) => Self::Errored(*fault),
        }
    }
}

/// What `?` makes of the errors that the bench's parts return: `bench` where the world is wrong,
/// `misuse` where the test is.
macro_rules! from_error {
    ($($error:ty => $blame:ident),* $(,)?) => {$(
        impl From<$error> for TestError {
            #[track_caller]
            fn from(error: $error) -> Self {
                Self::$blame(chain(&error))
            }
        }
    )*};
}

from_error! {
    TableError => misuse,
    FrameError => misuse,
    CodecError => misuse,
    LookupError => misuse,
    ScheduleError => misuse,
}

impl From<LinError> for TestError {
    /// A response that is no frame was sent by the unit: that is a finding about it. What an adapter cannot
    /// do cannot be tested with it. All else is the bench's.
    #[track_caller]
    fn from(error: LinError) -> Self {
        let text = chain(&error);
        match error {
            LinError::Checksum { .. } | LinError::Incomplete { .. } | LinError::Disturbed { .. } => {
                Self::failed(text)
            }
            LinError::Unsupported { .. } | LinError::Unavailable { .. } => Self::Skipped(text),
            LinError::NotConnected { .. }
            | LinError::BitError { .. }
            | LinError::ShortedToGround
            | LinError::Timeout { .. }
            | LinError::Refused { .. }
            | LinError::Garbled { .. }
            | LinError::Unusable { .. }
            | LinError::AdapterLost { .. } => Self::bench(text),
        }
    }
}

impl From<TransportError> for TestError {
    /// A message that the unit breaks off or garbles is a finding about it. What the bus does below is blamed
    /// as ever, and said without the layers above it.
    #[track_caller]
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::Bus(error) => Self::from(error),
            TransportError::Length { .. } => Self::misuse(chain(&error)),
            TransportError::NotSent { .. } => Self::bench(chain(&error)),
            TransportError::BrokeOff { .. }
            | TransportError::Sequence { .. }
            | TransportError::Malformed { .. } => Self::failed(chain(&error)),
        }
    }
}

impl From<ServiceError> for TestError {
    /// What the unit answers is a finding about it.
    #[track_caller]
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Transport(error) => Self::from(error),
            ServiceError::Refused(_)
            | ServiceError::Foreign { .. }
            | ServiceError::Form { .. }
            | ServiceError::StillPending { .. }
            | ServiceError::PendingThenSilent { .. } => Self::failed(chain(&error)),
        }
    }
}

impl From<AddressingError> for TestError {
    /// No node answers, so none can be blamed.
    #[track_caller]
    fn from(error: AddressingError) -> Self {
        match error {
            AddressingError::Count(_) => Self::misuse(chain(&error)),
            AddressingError::Step { step, source } => {
                Self::from(source).with_detail(format!("auto addressing, step \"{step}\""))
            }
        }
    }
}

impl From<PsuError> for TestError {
    /// A set-point that the test was not allowed to ask for is the test's fault; all else is the bench's.
    #[track_caller]
    fn from(error: PsuError) -> Self {
        if error.is_refusal() { Self::misuse(chain(&error)) } else { Self::bench(chain(&error)) }
    }
}

impl From<PollError<Self>> for TestError {
    /// What did not happen in time was not met.
    #[track_caller]
    fn from(error: PollError<Self>) -> Self {
        match error {
            PollError::TimedOut { .. } => Self::failed(error.to_string()),
            PollError::Failed(error) => error,
        }
    }
}
