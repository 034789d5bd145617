//! What an exception of the vendor's packages means.
//!
//! Which ones they raise is not attested (hardware reference 2.1), so everything here is (U): the words are
//! looked for that a package would use. What nobody knows counts against the adapter, never against the unit.

use super::dialogue::Exception;

/// What an exception means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// No slave answered.
    Silence,
    /// The bus is dominant all the time.
    Shorted,
    /// The frame was disturbed on the bus.
    Disturbed,
    /// The device cannot do it now.
    Refused,
    /// The device is gone.
    Lost,
    /// Anybody's guess.
    Unknown,
}

/// Words by which a meaning is known, in the order in which they count.
const WORDS: [(Meaning, &[&str]); 5] = [
    (Meaning::Shorted, &["shorted", "short to", "short circuit", "stuck dominant", "stuck low"]),
    (
        Meaning::Disturbed,
        &[
            "checksum",
            "crc",
            "framing",
            "frame error",
            "collision",
            "bit error",
            "bit_error",
            "incomplete",
            "parity",
        ],
    ),
    (Meaning::Lost, &["connection", "disconnected", "socket is closed", "unreachable", "no such device"]),
    (
        Meaning::Refused,
        &["not available", "unavailable", "busy", "not set up", "not initialised", "not initialized"],
    ),
    (
        Meaning::Silence,
        &[
            "no response",
            "noresponse",
            "not respond",
            "no answer",
            "noanswer",
            "not answer",
            "timeout",
            "timed out",
        ],
    ),
];

/// What `exception` means.
pub(super) fn meaning(exception: &Exception) -> Meaning {
    if exception.network {
        return Meaning::Lost;
    }
    let said = said(exception).to_lowercase();
    let known = WORDS.into_iter().find(|(_, words)| words.iter().any(|word| said.contains(word)));
    known.map_or(Meaning::Unknown, |(meaning, _)| meaning)
}

/// The exception as Python shows it.
pub(super) fn said(exception: &Exception) -> String {
    let Exception { class, text, .. } = exception;
    if text.is_empty() { class.clone() } else { format!("{class}: {text}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::class("LinTimeoutError", "", Meaning::Silence)]
    #[case::text("LinLowLevelException", "No Response from slave", Meaning::Silence)]
    #[case::builtin("TimeoutError", "timed out", Meaning::Silence)]
    #[case::checksum("LinLowLevelException", "LIN checksum error", Meaning::Disturbed)]
    #[case::crc("LinLowLevelException", "CRC mismatch after timeout", Meaning::Disturbed)]
    #[case::framing("LinFramingError", "", Meaning::Disturbed)]
    #[case::collision("LinLowLevelException", "collision detected", Meaning::Disturbed)]
    #[case::short("LinLowLevelException", "bus shorted to ground", Meaning::Shorted)]
    #[case::busy("RuntimeError", "LIN channel is busy", Meaning::Refused)]
    #[case::missing("RuntimeError", "power_out1 not available", Meaning::Refused)]
    #[case::gone("ConnectionClosedError", "no close frame received", Meaning::Lost)]
    #[case::gone_in_time("ConnectionError", "connection timed out", Meaning::Lost)]
    #[case::bug("AttributeError", "'NoneType' object has no attribute 'x'", Meaning::Unknown)]
    #[case::mute("LinLowLevelException", "", Meaning::Unknown)]
    fn words_tell(#[case] class: &str, #[case] text: &str, #[case] expected: Meaning) {
        let exception = Exception { class: class.to_owned(), text: text.to_owned(), network: false };
        assert_eq!(meaning(&exception), expected);
    }

    #[test]
    fn a_broken_network_needs_no_words() {
        let exception =
            Exception { class: "OSError".to_owned(), text: "timed out".to_owned(), network: true };
        assert_eq!(meaning(&exception), Meaning::Lost);
        assert_eq!(said(&exception), "OSError: timed out");
    }
}
