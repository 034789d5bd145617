//! Why a unit refuses.

use std::fmt;

/// A negative response code of ISO 14229.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseCode(pub u8);

impl ResponseCode {
    /// The unit is busy: the request may be repeated.
    pub(crate) const BUSY_REPEAT_REQUEST: Self = Self(0x21);
    /// Writing failed.
    pub(crate) const GENERAL_PROGRAMMING_FAILURE: Self = Self(0x72);
    /// The unit needs longer, up to P2*.
    pub(crate) const RESPONSE_PENDING: Self = Self(0x78);

    /// Its name in the standard.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0x10 => "generalReject",
            0x11 => "serviceNotSupported",
            0x12 => "subFunctionNotSupported",
            0x13 => "incorrectMessageLengthOrInvalidFormat",
            0x14 => "responseTooLong",
            0x21 => "busyRepeatRequest",
            0x22 => "conditionsNotCorrect",
            0x24 => "requestSequenceError",
            0x25 => "noResponseFromSubnetComponent",
            0x26 => "failurePreventsExecutionOfRequestedAction",
            0x31 => "requestOutOfRange",
            0x33 => "securityAccessDenied",
            0x34 => "authenticationRequired",
            0x35 => "invalidKey",
            0x36 => "exceededNumberOfAttempts",
            0x37 => "requiredTimeDelayNotExpired",
            0x70 => "uploadDownloadNotAccepted",
            0x71 => "transferDataSuspended",
            0x72 => "generalProgrammingFailure",
            0x73 => "wrongBlockSequenceCounter",
            0x78 => "requestCorrectlyReceivedResponsePending",
            0x7E => "subFunctionNotSupportedInActiveSession",
            0x7F => "serviceNotSupportedInActiveSession",
            0x92 => "voltageTooHigh",
            0x93 => "voltageTooLow",
            _ => return None,
        })
    }

    /// Whether the same request may be granted after a fresh start: codes about the course of things (a session that
    /// is gone is one: the unit has started again), not about
    /// what is asked for.
    pub(crate) const fn may_pass(self) -> bool {
        matches!(self.0, 0x10 | 0x21 | 0x24 | 0x26 | 0x71..=0x73 | 0x7E | 0x7F | 0x92 | 0x93)
    }
}

impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({:#04x})", self.0),
            None => write!(f, "code {:#04x}, which the standard does not name", self.0),
        }
    }
}
