//! What the device's error texts mean (hardware reference 3.2).
//!
//! The texts of the present LIN library are not public, so they are told apart by fragments, whatever
//! their case and spelling ("Stop bit", "stopbit", "stop_bit").

use super::master::NAME;
use super::request::Request;
use crate::LinError;

/// What a text complains about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Complaint {
    /// Nothing came within the device's 150 ms.
    NoResponse,
    /// Something came that was no response.
    Disturbed,
    /// The bus is held low.
    Shorted,
    /// The device does not understand what it was sent, or claims to have been asked something else.
    Misunderstood,
    /// The firmware has no such command.
    Unknown,
    /// Anything else, including that the bus is taken by somebody else.
    Refused,
}

/// Fragments of texts about LIN, the first that fits counts.
const ABOUT_LIN: [(&str, Complaint); 19] = [
    ("corruptedrequest", Complaint::Misunderstood),
    ("protocolunknown", Complaint::Misunderstood),
    ("transportlayererror", Complaint::Misunderstood),
    ("invalidmessagedatalength", Complaint::Misunderstood),
    ("endpointunknown", Complaint::Unknown),
    ("commandunknown", Complaint::Unknown),
    ("commandisnotsupported", Complaint::Unknown),
    ("notavailable", Complaint::Refused),
    ("shorted", Complaint::Shorted),
    ("shortto", Complaint::Shorted),
    ("dominant", Complaint::Shorted),
    ("timeout", Complaint::NoResponse),
    ("timedout", Complaint::NoResponse),
    ("checksum", Complaint::Disturbed),
    ("stopbit", Complaint::Disturbed),
    ("collision", Complaint::Disturbed),
    // The bus stays high although the device pulls it low.
    ("didnotgolow", Complaint::Disturbed),
    ("responseid", Complaint::Disturbed),
    ("parity", Complaint::Disturbed),
];

/// The boot loader's texts and the codes behind them.
const ABOUT_BOOT_LOADING: [(&str, i8); 12] = [
    ("unknownerror", -1),
    ("internalerror", -2),
    ("failedsettingnewbaudrate", -16),
    ("failedenteringppmmode", -17),
    ("failedsendingcalibrationframe", -18),
    ("failedunlockingsessionmode", -19),
    ("connectedchipisnotsupported", -20),
    ("actionisnotsupported", -21),
    ("hexfilecouldnotberead", -22),
    ("nodataforthememoryinthehexfile", -23),
    ("programmingfailed", -24),
    ("verificationfailed", -25),
];

/// Whether the text says that nobody answered a header.
pub(super) fn means_no_response(text: &str) -> bool {
    about_lin(text) == Complaint::NoResponse
}

/// What it means that the device complains with `text` about `request`.
pub(super) fn error(request: &Request<'_>, text: &str) -> LinError {
    let operation = request.verb();
    let refused = |reason| LinError::Refused { adapter: NAME, operation, reason };
    if let Request::Load(_) = request
        && let Some(code) = boot_code(text)
    {
        return refused(format!("{text} ({code})"));
    }
    match about_lin(text) {
        Complaint::Unknown => LinError::Unsupported { what: operation, adapter: NAME },
        Complaint::Misunderstood => {
            LinError::Garbled { adapter: NAME, what: format!("“{text}” when asked to {operation}") }
        }
        Complaint::Shorted => LinError::ShortedToGround,
        Complaint::Disturbed => match request.frame() {
            Some(id) => LinError::Disturbed { id, what: text.to_owned() },
            None => refused(text.to_owned()),
        },
        // Nobody has to answer what is sent: there it is the device that took too long.
        Complaint::NoResponse | Complaint::Refused => refused(text.to_owned()),
    }
}

fn about_lin(text: &str) -> Complaint {
    let text = squeezed(text);
    let known = ABOUT_LIN.iter().find(|(fragment, _)| text.contains(fragment));
    known.map_or(Complaint::Refused, |(_, complaint)| *complaint)
}

fn boot_code(text: &str) -> Option<i8> {
    let text = squeezed(text);
    ABOUT_BOOT_LOADING.iter().find(|(fragment, _)| text.contains(fragment)).map(|(_, code)| *code)
}

/// Letters and digits only, in lower case.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::super::request::{Receiving, Sending};
    use super::*;
    use crate::{
        Bitrate, BootLoad, BootMemory, ChecksumModel, Frame, FrameId, Header, LoaderBitrate, WakePulse,
    };
    use rstest::rstest;

    const ID: FrameId = FrameId::SLAVE_RESPONSE;

    fn receiving(text: &str) -> LinError {
        let header = Receiving::new(Header::new(ID, 8), Bitrate::LIN_2).unwrap();
        error(&Request::Receive(header), text)
    }

    /// Every text of the reference that can follow a command on the bus.
    #[rstest]
    #[case("Endpoint unknown", Complaint::Unknown)]
    #[case("Command unknown", Complaint::Unknown)]
    #[case("Error unknown", Complaint::Refused)]
    #[case("Protocol unknown", Complaint::Misunderstood)]
    #[case("Corrupted request", Complaint::Misunderstood)]
    #[case("interface is not available at the moment", Complaint::Refused)]
    #[case("internal error", Complaint::Refused)]
    #[case("Physical layer error: collision", Complaint::Disturbed)]
    #[case("Physical layer error: stop bit", Complaint::Disturbed)]
    #[case("Physical layer error: timeout while receiving", Complaint::NoResponse)]
    #[case("Physical layer error: checksum", Complaint::Disturbed)]
    #[case("Physical layer error: bus did not go low", Complaint::Disturbed)]
    #[case("Physical layer error: wrong response id", Complaint::Disturbed)]
    #[case("Physical layer error: internal", Complaint::Refused)]
    #[case("Physical layer error: wrong mode", Complaint::Refused)]
    #[case("Physical layer error: unknown loader version", Complaint::Refused)]
    #[case("Transport Layer error: unexpected response (consecutive in single)", Complaint::Misunderstood)]
    #[case("Transport Layer error: invalid NAD", Complaint::Misunderstood)]
    #[case("Transport Layer error: invalid PCI", Complaint::Misunderstood)]
    #[case("Transport Layer error: invalid frame counter", Complaint::Misunderstood)]
    #[case("Transport Layer error: invalid data length", Complaint::Misunderstood)]
    #[case("Transport Layer error: internal", Complaint::Misunderstood)]
    #[case("invalid message data length", Complaint::Misunderstood)]
    #[case("unknown error", Complaint::Refused)]
    #[case("command is not supported", Complaint::Unknown)]
    // Spellings that the library which is not public may have.
    #[case("LIN_STOPBIT_ERROR", Complaint::Disturbed)]
    #[case("Time-out", Complaint::NoResponse)]
    #[case("LIN bus shorted to ground", Complaint::Shorted)]
    #[case("", Complaint::Refused)]
    fn texts_about_the_bus_mean_what_they_say(#[case] text: &str, #[case] expected: Complaint) {
        assert_eq!(about_lin(text), expected);
    }

    #[rstest]
    #[case("unknown error", "unknown error (-1)")]
    #[case("internal error", "internal error (-2)")]
    #[case("failed setting new baudrate", "failed setting new baudrate (-16)")]
    #[case("failed entering ppm mode", "failed entering ppm mode (-17)")]
    #[case("failed sending calibration frame", "failed sending calibration frame (-18)")]
    #[case("failed unlocking session mode", "failed unlocking session mode (-19)")]
    #[case("connected chip is not supported", "connected chip is not supported (-20)")]
    #[case("action is not supported", "action is not supported (-21)")]
    #[case("hex file could not be read", "hex file could not be read (-22)")]
    #[case("no data for the memory in the hex file", "no data for the memory in the hex file (-23)")]
    #[case("programming failed", "programming failed (-24)")]
    #[case("verification failed", "verification failed (-25)")]
    #[case("Unknown error", "Unknown error (-1)")]
    #[case("interface is not available at the moment", "interface is not available at the moment")]
    #[case("operation was successful", "operation was successful")]
    fn the_boot_loader_refuses_with_its_code(#[case] text: &str, #[case] expected: &str) {
        let job = BootLoad {
            hex: String::new(),
            memory: BootMemory::Flash,
            verify_only: false,
            bitrate: LoaderBitrate::FASTEST,
            manual_power: false,
            project: 0,
        };
        let reason = expected.to_owned();
        let expected = LinError::Refused { adapter: NAME, operation: "program the unit", reason };
        assert_eq!(error(&Request::Load(&job), text), expected);
        let missing = LinError::Unsupported { what: "program the unit", adapter: NAME };
        assert_eq!(error(&Request::Load(&job), "Command unknown"), missing);
    }

    #[test]
    fn a_complaint_becomes_the_error_of_its_request() {
        let disturbed = |what: &str| LinError::Disturbed { id: ID, what: what.to_owned() };
        assert_eq!(receiving("checksum"), disturbed("checksum"));
        assert_eq!(receiving("bus shorted"), LinError::ShortedToGround);
        let unsupported = LinError::Unsupported { what: "send a header", adapter: NAME };
        assert_eq!(receiving("Command unknown"), unsupported);
        assert!(matches!(receiving("Corrupted request"), LinError::Garbled { .. }));
        assert!(matches!(receiving("not available"), LinError::Refused { .. }));

        let frame = Frame::new(ID.get(), &[1]).unwrap();
        let sending = Sending::new(&frame, ChecksumModel::Classic, Bitrate::LIN_2).unwrap();
        assert!(matches!(error(&Request::Send(sending), "timeout"), LinError::Refused { .. }));
        assert_eq!(error(&Request::Send(sending), "collision"), disturbed("collision"));
        // A wake-up pulse is no frame, so there is none to blame.
        let pulse = error(&Request::WakeUp(WakePulse::DEFAULT), "collision");
        assert!(matches!(pulse, LinError::Refused { .. }), "{pulse}");
    }
}
