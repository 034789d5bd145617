//! The library's return codes, and what they mean for the adapter (hardware reference 4).

use std::fmt;
use std::time::Duration;

use super::master::NAME;
use crate::LinError;

/// A return code that is not 0.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Code(pub(super) i32);

impl Code {
    pub(super) const NO_CONNECTION: Self = Self(-100_003);
    pub(super) const NO_DATA: Self = Self(-100_009);
    pub(super) const TIMEOUT: Self = Self(-100_022);

    const HANDLE: Self = Self(-100_002);
    const SERIAL_PORT: Self = Self(-100_004);
    const NO_ANSWER: Self = Self(-100_006);

    /// What the vendor's headers call it.
    const fn text(self) -> &'static str {
        match self.0 {
            -1 => "pending",
            0 => "ok",
            98 => "not an SDF",
            104 => "wrong channel",
            105 | 107 => "wrong section type",
            112 => "licence missing",
            113 => "heap exhausted",
            122 => "wrong frame id",
            130 => "no such macro",
            150 => "macro still running",
            200 => "wrong parameter value",
            210 => "condition not met",
            211 => "wrong number of parameters",
            300 => "service queue full",
            997 => "not supported",
            999 => "unknown command",
            -100_001 => "out of resources",
            -100_002 => "wrong handle",
            -100_003 => "no connection",
            -100_004 => "serial port failed",
            -100_005 => "syntax error in the command",
            -100_006 => "no answer",
            -100_007 => "file cannot be used",
            -100_008 => "wrong parameter",
            -100_009 => "no data",
            -100_010 => "no SDF loaded",
            -100_012 => "no such signal",
            -100_015 => "firmware too old for the SDF",
            -100_017 => "buffer too small",
            -100_020 => "no channels",
            -100_021 => "unknown command",
            -100_022 => "timeout",
            -100_023 => "SDF incompatible with the device",
            -100_026 => "download in progress",
            -100_027 => "wrong mode",
            _ => "unknown code",
        }
    }

    /// `operation` ended with this code. `detail` is what the library says of it, and may be empty.
    pub(super) fn failed(self, operation: &'static str, within: Duration, detail: &str) -> LinError {
        let reason = if detail.is_empty() { self.to_string() } else { format!("{self}: {detail}") };
        match self {
            Self::NO_CONNECTION | Self::HANDLE | Self::SERIAL_PORT => {
                LinError::AdapterLost { adapter: NAME, reason }
            }
            Self::NO_ANSWER | Self::TIMEOUT => {
                LinError::Timeout { adapter: NAME, operation, timeout: within }
            }
            _ => LinError::Refused { adapter: NAME, operation, reason },
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.text(), self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(-100_003, "", "babylin is gone: no connection (-100003)")]
    #[case(-100_004, "ttyUSB0", "babylin is gone: serial port failed (-100004): ttyUSB0")]
    #[case(-100_006, "", "babylin did not start within 2.00 s")]
    #[case(-100_022, "", "babylin did not start within 2.00 s")]
    #[case(112, "", "babylin refuses to start: licence missing (112)")]
    #[case(4711, "odd", "babylin refuses to start: unknown code (4711): odd")]
    fn a_code_is_an_error(#[case] code: i32, #[case] detail: &str, #[case] expected: &str) {
        assert_eq!(Code(code).failed("start", Duration::from_secs(2), detail).to_string(), expected);
    }
}
