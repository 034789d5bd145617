//! What is taken and what is refused, field by field.

use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Map, Value, json};

use super::job;
use crate::{Code, Envelope, Incoming, Kind};

/// What a field may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    Text,
    Name,
    Object,
    AtLeastZero,
    Count,
    Percent,
    Yes,
    OneOf(&'static [&'static str]),
}

/// A field, whether it must be there, and what it may be.
type Field = (&'static str, bool, Rule);

/// The table of the protocol.
const TABLE: &[(Kind, &[Field])] = &[
    (
        Kind::Frame,
        &[
            ("frame_id", true, Rule::Name),
            ("plugin", true, Rule::Name),
            ("data", true, Rule::Object),
            ("device_used", true, Rule::Text),
            ("timing_ms", true, Rule::AtLeastZero),
        ],
    ),
    (
        Kind::PartialResult,
        &[("result", true, Rule::Object), ("plugin", true, Rule::Name), ("partial", true, Rule::Yes)],
    ),
    (
        Kind::Progress,
        &[
            ("job_id", true, Rule::Name),
            ("progress", true, Rule::Percent),
            ("stage", false, Rule::Text),
            ("plugin", false, Rule::Name),
        ],
    ),
    (
        Kind::PluginStatus,
        &[
            ("plugin", true, Rule::Name),
            ("status", true, Rule::OneOf(&["started", "running", "completed", "failed"])),
            ("timing_ms", true, Rule::AtLeastZero),
            ("frames_processed", false, Rule::Count),
            ("warnings_count", false, Rule::Count),
        ],
    ),
    (
        Kind::Warning,
        &[
            ("plugin", true, Rule::Name),
            ("message", true, Rule::Text),
            ("severity", false, Rule::OneOf(&["low", "medium", "high"])),
            ("frame_id", false, Rule::Name),
        ],
    ),
    (
        Kind::Error,
        &[
            ("error", true, Rule::Text),
            ("plugin", false, Rule::Name),
            ("details", false, Rule::Object),
            ("frame_id", false, Rule::Name),
        ],
    ),
    (Kind::Metadata, &[("plugin", true, Rule::Name), ("metadata", true, Rule::Object)]),
    (Kind::Ping, &[("interval_seconds", false, Rule::AtLeastZero)]),
];

const WORDS: &[&str] = &[
    "started",
    "running",
    "completed",
    "failed",
    "low",
    "medium",
    "high",
    "ok",
    "degraded",
    "LOW",
    "50",
    "true",
];

impl Rule {
    fn allows(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Name => value.as_str().is_some_and(|text| !text.is_empty()),
            Self::Object => value.is_object(),
            Self::AtLeastZero => value.is_number() && value.as_f64() >= Some(0.0),
            Self::Count => value.is_u64(),
            Self::Percent => value.is_u64() && value.as_u64() <= Some(100),
            Self::Yes => value == &json!(true),
            Self::OneOf(words) => value.as_str().is_some_and(|word| words.contains(&word)),
        }
    }
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3..110_i64).prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-2.0..200.0_f64).prop_map(Value::from),
        Just(json!(50.0)),
        Just(json!("")),
        prop::sample::select(WORDS).prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!({ "error_code": "X" })),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn the_table_decides(
        (row, values) in (0..TABLE.len()).prop_flat_map(|row| {
            (Just(row), prop::collection::vec(prop::option::of(value()), TABLE[row].1.len()))
        }),
        good in prop::collection::vec(any::<bool>(), 5),
    ) {
        let (kind, fields) = TABLE[row];
        let mut payload = json!({ "extra": 1 });
        let mut wrong = Vec::new();
        for (((field, is_required, rule), value), good) in fields.iter().zip(values).zip(good) {
            let value = if good { Some(fitting(*rule)) } else { value };
            match &value {
                None if *is_required => wrong.push((*field, Code::MissingField)),
                None => {}
                Some(Value::Null) if !is_required => {}
                Some(value) if !rule.allows(value) => wrong.push((*field, Code::BadValue)),
                Some(_) => {}
            }
            if let Some(value) = value {
                payload[*field] = value;
            }
        }
        let envelope =
            json!({ "type": kind.word(), "payload": payload, "timestamp": "2026-11-21T09:00:00Z" }).to_string();
        match Envelope::parse(envelope.as_bytes()) {
            Ok(envelope) => {
                prop_assert_eq!(wrong, []);
                prop_assert_eq!(envelope.message.payload.kind(), kind);
                // A client that sends null for what it does not say is passed on as if it had not.
                let said = payload.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
                let said: Map<String, Value> = said.map(|(name, value)| (name.clone(), value.clone())).collect();
                prop_assert_eq!(envelope.payload, said);
            }
            Err(refusal) => {
                prop_assert!(wrong.contains(&(refusal.field.unwrap(), refusal.code)), "{:?} {:?}", refusal, wrong);
                prop_assert!(refusal.message.contains(refusal.field.unwrap()));
            }
        }
    }
}

fn fitting(rule: Rule) -> Value {
    match rule {
        Rule::Text | Rule::Name => json!("x"),
        Rule::Object => json!({}),
        Rule::AtLeastZero => json!(0.25),
        Rule::Count | Rule::Percent => json!(7),
        Rule::Yes => json!(true),
        Rule::OneOf(words) => json!(words[0]),
    }
}

#[rstest]
#[case::nothing("", Code::InvalidJson, None)]
#[case::half("{\"type\":", Code::InvalidJson, None)]
#[case::list("[]", Code::InvalidJson, None)]
#[case::number("5", Code::InvalidJson, None)]
#[case::no_type("{}", Code::MissingField, Some("type"))]
#[case::type_is_no_text(r#"{"type":5}"#, Code::BadValue, Some("type"))]
#[case::pong(
    r#"{"type":"pong","payload":{},"timestamp":"2026-11-21T09:00:00Z"}"#,
    Code::UnknownType,
    Some("type")
)]
#[case::ours(
    r#"{"type":"gap","payload":{},"timestamp":"2026-11-21T09:00:00Z"}"#,
    Code::UnknownType,
    Some("type")
)]
#[case::no_payload(
    r#"{"type":"ping","timestamp":"2026-11-21T09:00:00Z"}"#,
    Code::MissingField,
    Some("payload")
)]
#[case::payload_is_a_list(r#"{"type":"ping","payload":[],"timestamp":""}"#, Code::BadValue, Some("payload"))]
#[case::no_time(r#"{"type":"ping","payload":{}}"#, Code::MissingField, Some("timestamp"))]
#[case::no_zone(
    r#"{"type":"ping","payload":{},"timestamp":"2026-11-21T09:00:00"}"#,
    Code::BadValue,
    Some("timestamp")
)]
#[case::no_name(
    r#"{"type":"ping","payload":{},"timestamp":"2026-11-21T09:00:00Z","job_id":""}"#,
    Code::BadValue,
    Some("job_id")
)]
#[case::two_jobs(
    r#"{"type":"progress","payload":{"job_id":"a","progress":1},"timestamp":"2026-11-21T09:00:00Z","job_id":"b"}"#,
    Code::BadValue,
    Some("job_id")
)]
#[case::another_job_in_a_payload(
    r#"{"type":"warning","payload":{"plugin":"p","message":"m","job_id":"a"},"timestamp":"2026-11-21T09:00:00Z","job_id":"b"}"#,
    Code::BadValue,
    Some("job_id")
)]
#[case::details(
    r#"{"type":"error","payload":{"error":"","details":{"error_code":5}},"timestamp":"2026-11-21T09:00:00Z"}"#,
    Code::BadValue,
    Some("error_code")
)]
fn an_envelope_is_refused(#[case] json: &str, #[case] code: Code, #[case] field: Option<&str>) {
    let refusal = Envelope::parse(json.as_bytes()).unwrap_err();
    assert_eq!((refusal.code, refusal.field), (code, field), "{refusal}");
}

#[test]
fn the_job_of_a_payload_is_that_of_the_message() {
    let json = r#"{"type":"warning","payload":{"plugin":"p","message":"m","job_id":"a"},"timestamp":"2026-11-21T09:00:00Z"}"#;
    assert_eq!(Envelope::parse(json.as_bytes()).unwrap().message.job, Some(job("a")));
}

fn pong() -> Incoming {
    Incoming::Pong { timestamp: "2026-11-21T09:00:00Z".to_owned() }
}

#[rstest]
#[case(r#"{"type":"pong","payload":{"timestamp":"2026-11-21T09:00:00Z"}}"#, Ok(pong()))]
#[case(r#"{"type":"pong","timestamp":"2026-11-21T09:00:00Z"}"#, Ok(pong()))]
#[case(r#"{"type":"pong","payload":{},"timestamp":"2026-11-21T09:00:00Z"}"#, Ok(pong()))]
#[case(r#"{"type":"pong","timestamp":"2026-11-21T09:00:00"}"#, Err((Code::BadValue, Some("timestamp"))))]
#[case(r#"{"type":"pong","payload":{"timestamp":""}}"#, Err((Code::BadValue, Some("timestamp"))))]
#[case(r#"{"type":"ping","payload":5}"#, Err((Code::BadValue, Some("payload"))))]
#[case(r#"{"type":"ping"}"#, Ok(Incoming::Ping))]
#[case(r#"{"type":"pong"}"#, Err((Code::MissingField, Some("timestamp"))))]
#[case(r#"{"type":"pong","payload":5,"timestamp":"t"}"#, Err((Code::BadValue, Some("payload"))))]
#[case(r#"{"type":"pong","timestamp":5}"#, Err((Code::BadValue, Some("timestamp"))))]
#[case(r#"{"type":"hello"}"#, Err((Code::UnknownType, Some("type"))))]
#[case(r#"{"type":"frame"}"#, Err((Code::MissingField, Some("payload"))))]
#[case(
    r#"{"type":"metadata","payload":{"plugin":"p","metadata":{}},"timestamp":"2026-11-21T09:00:00Z"}"#,
    Err((Code::UnknownType, Some("type")))
)]
#[case("hello", Err((Code::InvalidJson, None)))]
fn a_client_says(#[case] json: &str, #[case] expected: Result<Incoming, (Code, Option<&str>)>) {
    let said = Incoming::parse(json.as_bytes()).map_err(|refusal| (refusal.code, refusal.field));
    assert_eq!(said, expected);
}
