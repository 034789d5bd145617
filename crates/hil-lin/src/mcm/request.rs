//! What the device is asked, and how that looks on the wire (hardware reference 3.1).

use serde_json::{Value, json};

use crate::{Bitrate, BootLoad, BootMemory, ChecksumModel, Frame, FrameId, Header, LinError, WakePulse};

use super::master::NAME;

/// Something that the device is asked to do.
///
/// The firmware trusts its clients: it copies the payload into a buffer of `datalength` bytes and reads
/// parameters of the boot loader that are not there. So a request is complete and consistent by its type.
#[derive(Clone, Copy, Debug)]
pub(super) enum Request<'a> {
    /// What are you?
    Info,
    /// Switch the unit's power.
    Power(bool),
    /// Send a wake-up pulse.
    WakeUp(WakePulse),
    /// Send a frame.
    Send(Sending<'a>),
    /// Send a header.
    Receive(Receiving),
    /// Program or verify a memory of the unit.
    Load(&'a BootLoad),
}

/// A frame that the device can send: it has data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sending<'a> {
    frame: &'a Frame,
    checksum: ChecksumModel,
    bitrate: Bitrate,
}

impl<'a> Sending<'a> {
    /// The frame `frame`, if the device can send it.
    pub(super) fn new(frame: &'a Frame, checksum: ChecksumModel, bitrate: Bitrate) -> Result<Self, LinError> {
        if frame.data().is_empty() {
            return Err(LinError::Unsupported { what: "send a frame without data", adapter: NAME });
        }
        Ok(Self { frame, checksum, bitrate })
    }
}

/// A header that the device can send: its response has 1–8 bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Receiving {
    header: Header,
    bitrate: Bitrate,
}

impl Receiving {
    /// The header `header`, if the device can await its response.
    pub(super) const fn new(header: Header, bitrate: Bitrate) -> Result<Self, LinError> {
        if header.length == 0 || header.length > 8 {
            let what = "await a response that has not 1 to 8 bytes";
            return Err(LinError::Unsupported { what, adapter: NAME });
        }
        Ok(Self { header, bitrate })
    }
}

impl Request<'_> {
    /// What is asked for, as a verb.
    pub(super) const fn verb(&self) -> &'static str {
        match self {
            Self::Info => "say what it is",
            Self::Power(true) => "switch the unit's power on",
            Self::Power(false) => "switch the unit's power off",
            Self::WakeUp(_) => "send a wake-up pulse",
            Self::Send(_) => "send a frame",
            Self::Receive(_) => "send a header",
            Self::Load(BootLoad { verify_only: true, .. }) => "verify the unit's memory",
            Self::Load(_) => "program the unit",
        }
    }

    /// The frame that it is about.
    pub(super) const fn frame(&self) -> Option<FrameId> {
        match self {
            Self::Send(Sending { frame, .. }) => Some(frame.id()),
            Self::Receive(Receiving { header, .. }) => Some(header.id),
            Self::Info | Self::Power(_) | Self::WakeUp(_) | Self::Load(_) => None,
        }
    }

    /// Whether the device answers no ping while it is at it.
    pub(super) const fn is_deaf(&self) -> bool {
        matches!(self, Self::Load(_))
    }

    /// The message, but for its id.
    pub(super) fn message(&self) -> Value {
        match *self {
            Self::Info => json!({ "type": "info" }),
            Self::Power(on) => command("power_out", "control", json!({ "switch_enable": on })),
            Self::WakeUp(pulse) => {
                let micros = pulse.length().as_micros() as u64;
                // Without it the device takes 200 µs, which is shorter than any node must notice.
                command("lin", "l_ifc_wake_up", json!({ "pulse_time": micros }))
            }
            Self::Send(Sending { frame, checksum, bitrate }) => command(
                "lin",
                "handle_message_on_bus",
                json!({
                    "datalength": frame.data().len(),
                    "m2s": true,
                    "baudrate": bitrate.get(),
                    "enhanced_crc": checksum == ChecksumModel::Enhanced,
                    "frameid": frame.id().get(),
                    "payload": &frame.data()[..],
                }),
            ),
            Self::Receive(Receiving { header, bitrate }) => command(
                "lin",
                "handle_message_on_bus",
                json!({
                    "datalength": header.length,
                    "m2s": false,
                    "baudrate": bitrate.get(),
                    "enhanced_crc": header.checksum == ChecksumModel::Enhanced,
                    "frameid": header.id.get(),
                }),
            ),
            Self::Load(job) => command(
                "bootloader",
                if job.verify_only { "verify" } else { "program" },
                json!({
                    "hexfile": job.hex,
                    "memory": match job.memory {
                        BootMemory::Flash => "flash",
                        BootMemory::Nvram => "nvram",
                        BootMemory::Eeprom => "eeprom",
                    },
                    "manpow": job.manual_power,
                    "bitrate": job.bitrate.get(),
                    "project": job.project,
                }),
            ),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "`json!` takes its values by reference")]
fn command(endpoint: &str, command: &str, params: Value) -> Value {
    json!({
        "type": "command",
        "payload": { "endpoint": endpoint, "command": command, "params": params },
    })
}

/// The message `message` with the id `id`. The id is text: the reply to a number carries none.
pub(super) fn with_id(mut message: Value, id: &str) -> String {
    message["id"] = Value::from(id);
    message.to_string()
}

/// The question for a sign of life, in either direction.
pub(super) const PING: &str = r#"{"__ping__":true}"#;

/// The answer to it.
pub(super) const PONG: &str = r#"{"__pong__":true}"#;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::LoaderBitrate;
    use proptest::prelude::*;
    use rstest::rstest;

    const READ: Header = Header::new(FrameId::SLAVE_RESPONSE, 8);

    fn pulse() -> WakePulse {
        WakePulse::new(Duration::from_micros(250)).unwrap()
    }

    fn receive() -> Receiving {
        Receiving::new(READ, Bitrate::new(9_600).unwrap()).unwrap()
    }

    fn load(verify_only: bool) -> BootLoad {
        BootLoad {
            hex: ":00000001FF\n".to_owned(),
            memory: BootMemory::Nvram,
            verify_only,
            bitrate: LoaderBitrate::FASTEST,
            manual_power: true,
            project: 7,
        }
    }

    #[rstest]
    #[case::info(Request::Info, r#"{"id":"1","type":"info"}"#)]
    #[case::power(
        Request::Power(true),
        r#"{"id":"1","type":"command","payload":{"endpoint":"power_out","command":"control",
            "params":{"switch_enable":true}}}"#
    )]
    #[case::wake_up(
        Request::WakeUp(pulse()),
        r#"{"id":"1","type":"command","payload":{"endpoint":"lin","command":"l_ifc_wake_up",
            "params":{"pulse_time":250}}}"#
    )]
    #[case::header(
        Request::Receive(receive()),
        r#"{"id":"1","type":"command","payload":{"endpoint":"lin","command":"handle_message_on_bus",
            "params":{"datalength":8,"m2s":false,"baudrate":9600,"enhanced_crc":false,"frameid":61}}}"#
    )]
    #[case::program(
        Request::Load(&load(false)),
        r#"{"id":"1","type":"command","payload":{"endpoint":"bootloader","command":"program",
            "params":{"hexfile":":00000001FF\n","memory":"nvram","manpow":true,"bitrate":300000,"project":7}}}"#
    )]
    #[case::verify(
        Request::Load(&load(true)),
        r#"{"id":"1","type":"command","payload":{"endpoint":"bootloader","command":"verify",
            "params":{"hexfile":":00000001FF\n","memory":"nvram","manpow":true,"bitrate":300000,"project":7}}}"#
    )]
    fn requests_are_what_the_reference_says(#[case] request: Request<'_>, #[case] expected: &str) {
        let text = with_id(request.message(), "1");
        let [got, expected]: [Value; 2] = [&text, expected].map(|text| serde_json::from_str(text).unwrap());
        assert_eq!(got, expected);
    }

    #[test]
    fn what_the_firmware_would_choke_on_is_not_built() {
        let empty = Frame::new(0x10, &[]).unwrap();
        assert!(Sending::new(&empty, ChecksumModel::Enhanced, Bitrate::LIN_2).is_err());
        for length in [0, 9, usize::MAX] {
            assert!(Receiving::new(Header::new(READ.id, length), Bitrate::LIN_2).is_err(), "{length}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_frames_length_is_that_of_its_payload(
            id in 0u8..64,
            data in proptest::collection::vec(any::<u8>(), 1..=8),
            enhanced: bool,
        ) {
            let frame = Frame::new(id, &data).unwrap();
            let model = if enhanced { ChecksumModel::Enhanced } else { ChecksumModel::Classic };
            let request = Request::Send(Sending::new(&frame, model, Bitrate::LIN_2).unwrap());
            let params = &request.message()["payload"]["params"];
            prop_assert_eq!(params, &json!({
                "datalength": data.len(), "m2s": true, "baudrate": 19200, "enhanced_crc": enhanced,
                "frameid": id, "payload": data,
            }));
        }
    }
}
