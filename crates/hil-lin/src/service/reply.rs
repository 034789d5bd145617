//! Positive and negative answers.

use std::fmt;

use super::ServiceError;

/// A positive answer's service id is that of the request and this.
const POSITIVE: u8 = 0x40;

/// What stands in place of the service id in a negative answer.
const NEGATIVE: u8 = 0x7F;

/// A node's refusal of a request (ISO 14229-1 annex A; the names are the standard's).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NegativeResponse {
    /// The service that is refused.
    pub service: u8,
    /// Why.
    pub code: u8,
}

impl NegativeResponse {
    /// The code of a node that is busy: the request may be repeated.
    pub const BUSY_REPEAT_REQUEST: u8 = 0x21;
    /// The code of a node that could not write.
    pub const GENERAL_PROGRAMMING_FAILURE: u8 = 0x72;
    /// The code of a node that needs longer: this is not its last word.
    pub const RESPONSE_PENDING: u8 = 0x78;

    /// The standard's name of the code, if it has one.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.code {
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
            0x78 => "requestCorrectlyReceived-ResponsePending",
            0x7E => "subFunctionNotSupportedInActiveSession",
            0x7F => "serviceNotSupportedInActiveSession",
            0x81 => "rpmTooHigh",
            0x82 => "rpmTooLow",
            0x83 => "engineIsRunning",
            0x84 => "engineIsNotRunning",
            0x85 => "engineRunTimeTooLow",
            0x86 => "temperatureTooHigh",
            0x87 => "temperatureTooLow",
            0x88 => "vehicleSpeedTooHigh",
            0x89 => "vehicleSpeedTooLow",
            0x92 => "voltageTooHigh",
            0x93 => "voltageTooLow",
            _ => return None,
        })
    }
}

impl NegativeResponse {
    /// The code and its name, for a text that names the service itself.
    pub fn reason(self) -> impl fmt::Display {
        let name = self.name().unwrap_or("a code that the standard does not name");
        fmt::from_fn(move |f| write!(f, "{name} ({:#04x})", self.code))
    }
}

impl fmt::Display for NegativeResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "service {:#04x} is refused: {}", self.service, self.reason())
    }
}

/// A node's last word on a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It did it. The whole message, response service id first.
    Positive(Vec<u8>),
    /// It refuses.
    Negative(NegativeResponse),
}

impl Reply {
    /// Reads `message` as an answer to `service`.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Foreign`] if it is none.
    pub fn parse(service: u8, message: Vec<u8>) -> Result<Self, ServiceError> {
        match *message {
            [NEGATIVE, of, code] if of == service => Ok(Self::Negative(NegativeResponse { service, code })),
            [id, ..] if id == service.wrapping_add(POSITIVE) => Ok(Self::Positive(message)),
            _ => Err(ServiceError::Foreign { service, answer: message }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::positive(0x22, &[0x62, 0xF1, 0x95], Some(Reply::Positive(vec![0x62, 0xF1, 0x95])))]
    #[case::negative(0x22, &[0x7F, 0x22, 0x31], Some(Reply::Negative(NegativeResponse { service: 0x22, code: 0x31 })))]
    #[case::refusal_of_another_service(0x22, &[0x7F, 0x2E, 0x31], None)]
    #[case::refusal_without_a_code(0x22, &[0x7F, 0x22], None)]
    #[case::answer_to_another_service(0x22, &[0x6E, 0xF1, 0x95], None)]
    #[case::nothing(0x22, &[], None)]
    fn an_answer_is_told_from_what_is_none(
        #[case] service: u8,
        #[case] message: &[u8],
        #[case] reply: Option<Reply>,
    ) {
        let expected = reply.ok_or_else(|| ServiceError::Foreign { service, answer: message.to_vec() });
        assert_eq!(Reply::parse(service, message.to_vec()), expected);
    }

    #[rstest]
    #[case(0x31, "service 0x22 is refused: requestOutOfRange (0x31)")]
    #[case(0xEE, "service 0x22 is refused: a code that the standard does not name (0xee)")]
    fn a_refusal_has_the_standards_name(#[case] code: u8, #[case] text: &str) {
        assert_eq!(NegativeResponse { service: 0x22, code }.to_string(), text);
    }
}
