//! What the device says.

use serde_json::{Map, Value};

use crate::Data;

/// A message from the device.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Message {
    /// It asks for a sign of life.
    Ping,
    /// It gives one.
    Pong,
    /// It answers the request `id`: with a payload, or with what it complains about.
    Answer {
        /// The request's id.
        id: String,
        /// The payload, or the complaint.
        outcome: Result<Value, String>,
    },
    /// A message that is no answer to anything that was asked here.
    Stray(String),
    /// Nothing that the protocol knows.
    Nonsense(String),
}

impl Message {
    /// Reads a text message.
    pub(super) fn read(text: &str) -> Self {
        match serde_json::from_str(text) {
            Ok(Value::Object(message)) => Self::of(message, text),
            Ok(_) | Err(_) => Self::Nonsense(shortened(text)),
        }
    }

    fn of(mut message: Map<String, Value>, text: &str) -> Self {
        if message.contains_key("__ping__") {
            return Self::Ping;
        }
        if message.contains_key("__pong__") {
            return Self::Pong;
        }
        // All ids that were given out are text.
        let Some(Value::String(id)) = message.remove("id") else { return Self::Stray(shortened(text)) };
        let payload = message.remove("payload").unwrap_or_default();
        let kind = message.get("type").and_then(Value::as_str).unwrap_or_default();
        if kind.eq_ignore_ascii_case("ack") {
            return Self::Answer { id, outcome: Ok(payload) };
        }
        match payload.get("message").and_then(Value::as_str) {
            Some(complaint) if kind.eq_ignore_ascii_case("error") => {
                Self::Answer { id, outcome: Err(shortened(complaint)) }
            }
            _ => Self::Nonsense(shortened(text)),
        }
    }
}

/// What the device says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) model: Option<String>,
    pub(super) firmware: Option<String>,
    pub(super) api_rev: Option<u64>,
}

impl Identity {
    /// Reads the answer to `info`. What is missing there is missing here.
    pub(super) fn read(payload: &Value) -> Self {
        let text = |key| payload.get(key).and_then(Value::as_str).map(shortened);
        Self {
            model: text("model"),
            firmware: text("firmware_version"),
            api_rev: payload.get("api_rev").and_then(Value::as_u64),
        }
    }
}

/// Reads the data bytes of a response; what came instead if there are none, or more than a frame has.
pub(super) fn data(payload: &Value) -> Result<Data, String> {
    let bytes = payload.get("data").and_then(Value::as_array).and_then(|data| {
        let byte = |value: &Value| value.as_u64().and_then(|byte| u8::try_from(byte).ok());
        data.iter().map(byte).collect::<Option<Vec<u8>>>()
    });
    bytes
        .and_then(|bytes| Data::new(&bytes).ok())
        .ok_or_else(|| format!("{} as a frame's data", shortened(&payload.to_string())))
}

/// The beginning of `text`, fit for a line of a log whatever it contains.
pub(super) fn shortened(text: &str) -> String {
    const LONGEST: usize = 160;
    let mut short: String =
        text.chars().take(LONGEST).map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    fn answer(outcome: Result<Value, &str>) -> Message {
        Message::Answer { id: "7".to_owned(), outcome: outcome.map_err(str::to_owned) }
    }

    fn nonsense(text: &str) -> Message {
        Message::Nonsense(text.to_owned())
    }

    fn stray(text: &str) -> Message {
        Message::Stray(text.to_owned())
    }

    #[rstest]
    #[case::ping(r#"{"__ping__":true}"#, Message::Ping)]
    #[case::pong(r#"{ "__pong__" : true }"#, Message::Pong)]
    #[case::done(r#"{"id":"7","type":"ack","payload":{}}"#, answer(Ok(json!({}))))]
    #[case::bare(r#"{"id":"7","type":"ACK"}"#, answer(Ok(Value::Null)))]
    #[case::data(r#"{"id":"7","type":"ack","payload":{"data":[1]}}"#, answer(Ok(json!({"data": [1]}))))]
    #[case::error(r#"{"id":"7","type":"error","payload":{"message":"no"}}"#, answer(Err("no")))]
    #[case::mute_error(r#"{"id":"7","type":"error"}"#, nonsense(r#"{"id":"7","type":"error"}"#))]
    #[case::unknown(r#"{"id":"7","type":"x"}"#, nonsense(r#"{"id":"7","type":"x"}"#))]
    #[case::number(r#"{"id":7,"type":"ack"}"#, stray(r#"{"id":7,"type":"ack"}"#))]
    #[case::no_id(r#"{"type":"ack"}"#, stray(r#"{"type":"ack"}"#))]
    #[case::text("Hello\n", nonsense("Hello\u{FFFD}"))]
    #[case::array("[]", nonsense("[]"))]
    fn messages_are_told_apart(#[case] text: &str, #[case] expected: Message) {
        assert_eq!(Message::read(text), expected);
    }

    #[rstest]
    #[case::missing(json!({}))]
    #[case::null(Value::Null)]
    #[case::text(json!({ "data": "0102" }))]
    #[case::no_byte(json!({ "data": [1, 256] }))]
    #[case::negative(json!({ "data": [-1] }))]
    #[case::too_many(json!({ "data": [0, 0, 0, 0, 0, 0, 0, 0, 0] }))]
    fn what_is_no_data_is_nonsense(#[case] payload: Value) {
        let what = data(&payload).unwrap_err();
        assert!(what.ends_with(" as a frame's data"), "{what}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_comes_is_read_and_shown_in_a_line(text: String) {
            if let Message::Nonsense(what) | Message::Stray(what) = Message::read(&text) {
                prop_assert!(!what.contains(char::is_control) && what.chars().count() <= 161);
            }
        }
    }
}
