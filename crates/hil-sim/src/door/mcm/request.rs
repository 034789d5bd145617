//! What clients say, read as the firmware reads it.

use serde_json::{Map, Value};

use super::McmImage;

/// A message from a client.
#[derive(Debug, PartialEq)]
pub(super) enum Heard {
    /// It asks for a sign of life.
    Ping,
    /// It gives one.
    Pong,
    /// It wants something. Only text is an id; the answer to any other carries none.
    Request(Option<String>, Asked),
    /// Nothing that could be answered.
    Nothing,
}

/// What a client wants.
#[derive(Debug, PartialEq)]
pub(super) enum Asked {
    Info,
    Power(bool),
    PowerStatus,
    Network,
    WakeUp {
        micros: u64,
    },
    Send {
        bitrate: u64,
        enhanced: bool,
        id: u8,
        data: Vec<u8>,
    },
    Receive {
        bitrate: u64,
        enhanced: bool,
        id: u8,
        length: u8,
    },
    Load {
        verify: bool,
        image: McmImage,
    },
    /// Something that is answered with this error.
    Wrong(&'static str),
    /// Something that the firmware does not survive.
    Fatal(String),
}

const CORRUPTED: Asked = Asked::Wrong("Corrupted request");

impl Heard {
    /// Reads a text message.
    pub(super) fn read(text: &str) -> Self {
        let Ok(Value::Object(message)) = serde_json::from_str(text) else { return Self::Nothing };
        if message.contains_key("__ping__") {
            return Self::Ping;
        }
        if message.contains_key("__pong__") {
            return Self::Pong;
        }
        let Some(kind) = word(message.get("type")) else { return Self::Nothing };
        let id = message.get("id").and_then(Value::as_str).map(str::to_owned);
        let payload = message.get("payload").and_then(Value::as_object);
        let asked = match kind.as_str() {
            "info" => Asked::Info,
            "command" => payload.map_or(CORRUPTED, command),
            _ => CORRUPTED,
        };
        Self::Request(id, asked)
    }
}

fn command(payload: &Map<String, Value>) -> Asked {
    let (Some(endpoint), Some(command)) = (word(payload.get("endpoint")), word(payload.get("command")))
    else {
        return Asked::Wrong("Protocol unknown");
    };
    let none = Map::new();
    let params = payload.get("params").and_then(Value::as_object).unwrap_or(&none);
    match (endpoint.as_str(), command.as_str()) {
        ("system", "wifi") => Asked::Network,
        ("power_out", "control") => {
            params.get("switch_enable").and_then(Value::as_bool).map_or(CORRUPTED, Asked::Power)
        }
        ("power_out", "status") => Asked::PowerStatus,
        ("lin", "l_ifc_wake_up") => {
            Asked::WakeUp { micros: params.get("pulse_time").and_then(Value::as_u64).unwrap_or(200) }
        }
        ("lin", "handle_message_on_bus") => frame(params).unwrap_or(CORRUPTED),
        ("bootloader", "program" | "verify") => load(command == "verify", params),
        ("system" | "power_out" | "lin" | "bootloader", _) => Asked::Wrong("Command unknown"),
        _ => Asked::Wrong("Endpoint unknown"),
    }
}

/// A command about a frame; nothing where a parameter is missing or of the wrong type.
fn frame(params: &Map<String, Value>) -> Option<Asked> {
    let number = |key| params.get(key).and_then(Value::as_u64);
    let truth = |key| params.get(key).and_then(Value::as_bool);
    let (length, to_slave) = (number("datalength")?, truth("m2s")?);
    let (bitrate, enhanced, id) = (number("baudrate")?, truth("enhanced_crc")?, number("frameid")?);
    let fatal = |what: String| Some(Asked::Fatal(what));
    let (Ok(length), Ok(id)) = (u8::try_from(length), u8::try_from(id)) else {
        return fatal(format!("frame {id} of {length} bytes"));
    };
    if length > 8 {
        return fatal(format!("{length} data bytes"));
    }
    if id > 0x3F {
        return fatal(format!("frame id {id:#04x}, which is no 6-bit id"));
    }
    if !to_slave {
        return Some(Asked::Receive { bitrate, enhanced, id, length });
    }
    let byte = |value: &Value| value.as_u64().and_then(|byte| u8::try_from(byte).ok());
    let data = params.get("payload")?.as_array()?.iter().map(byte).collect::<Option<Vec<u8>>>()?;
    if data.len() != usize::from(length) {
        return fatal(format!("a datalength of {length} with {} bytes of payload", data.len()));
    }
    Some(Asked::Send { bitrate, enhanced, id, data })
}

fn load(verify: bool, params: &Map<String, Value>) -> Asked {
    let text = |key| params.get(key).and_then(Value::as_str);
    let (Some(hex), Some(memory)) = (text("hexfile"), text("memory")) else {
        return Asked::Fatal("a boot load without hexfile or memory".to_owned());
    };
    if !["flash", "nvram", "eeprom"].contains(&memory) {
        return CORRUPTED;
    }
    let number = |key| params.get(key).and_then(Value::as_u64);
    let image = McmImage {
        hex: hex.to_owned(),
        memory: memory.to_owned(),
        bitrate: number("bitrate").unwrap_or(300_000),
        manual_power: params.get("manpow").and_then(Value::as_bool).unwrap_or(false),
        project: number("project").unwrap_or(0),
    };
    Asked::Load { verify, image }
}

/// A word whose case does not matter.
fn word(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn asked(id: &str, asked: Asked) -> Heard {
        Heard::Request(Some(id.to_owned()), asked)
    }

    #[rstest]
    #[case::ping(r#"{"__ping__":true}"#, Heard::Ping)]
    #[case::info(r#"{"id":"1","type":"INFO"}"#, asked("1", Asked::Info))]
    #[case::number(r#"{"id":1,"type":"info"}"#, Heard::Request(None, Asked::Info))]
    #[case::untyped(r#"{"id":"1"}"#, Heard::Nothing)]
    #[case::no_json("info", Heard::Nothing)]
    #[case::bare(r#"{"id":"1","type":"command"}"#, asked("1", CORRUPTED))]
    #[case::nowhere(
        r#"{"id":"1","type":"command","payload":{}}"#,
        asked("1", Asked::Wrong("Protocol unknown"))
    )]
    #[case::endpoint(
        r#"{"id":"1","type":"command","payload":{"endpoint":"can","command":"send"}}"#,
        asked("1", Asked::Wrong("Endpoint unknown"))
    )]
    #[case::command(
        r#"{"id":"1","type":"command","payload":{"endpoint":"lin","command":"ld_send_message"}}"#,
        asked("1", Asked::Wrong("Command unknown"))
    )]
    #[case::default_pulse(
        r#"{"id":"1","type":"Command","payload":{"endpoint":"LIN","command":"L_ifc_wake_up"}}"#,
        asked("1", Asked::WakeUp { micros: 200 })
    )]
    #[case::no_parameters(
        r#"{"id":"1","type":"command","payload":{"endpoint":"lin","command":"handle_message_on_bus"}}"#,
        asked("1", CORRUPTED)
    )]
    #[case::overflow(
        r#"{"id":"1","type":"command","payload":{"endpoint":"lin","command":"handle_message_on_bus","params":
            {"datalength":1,"m2s":true,"baudrate":19200,"enhanced_crc":true,"frameid":1,"payload":[1,2]}}}"#,
        asked("1", Asked::Fatal("a datalength of 1 with 2 bytes of payload".to_owned()))
    )]
    #[case::protected_id(
        r#"{"id":"1","type":"command","payload":{"endpoint":"lin","command":"handle_message_on_bus","params":
            {"datalength":1,"m2s":false,"baudrate":19200,"enhanced_crc":true,"frameid":193}}}"#,
        asked("1", Asked::Fatal("frame id 0xc1, which is no 6-bit id".to_owned()))
    )]
    #[case::null(
        r#"{"id":"1","type":"command","payload":{"endpoint":"bootloader","command":"verify"}}"#,
        asked("1", Asked::Fatal("a boot load without hexfile or memory".to_owned()))
    )]
    fn messages_are_read_as_the_firmware_reads_them(#[case] text: &str, #[case] expected: Heard) {
        assert_eq!(Heard::read(text), expected);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn only_objects_are_heard(text: String) {
            let is_object = text.trim_start().starts_with('{');
            prop_assert!(is_object || Heard::read(&text) == Heard::Nothing);
        }
    }
}
