//! What clients say that makes no sense.

use rstest::rstest;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::tungstenite::Message;

use super::watcher::{Watcher, statistics};
use super::{frame, lab};

#[rstest]
#[case::no_json(Message::text("hello"), "MSG_INVALID_JSON", None)]
#[case::no_object(Message::text("[]"), "MSG_INVALID_JSON", None)]
#[case::bytes(Message::binary(vec![1, 2]), "MSG_INVALID_JSON", None)]
#[case::no_type(Message::text("{}"), "MSG_MISSING_FIELD", Some("type"))]
#[case::no_time(Message::text(r#"{"type":"pong"}"#), "MSG_MISSING_FIELD", Some("timestamp"))]
#[case::bad(Message::text(r#"{"type":"pong","timestamp":1}"#), "MSG_BAD_VALUE", Some("timestamp"))]
#[case::unknown(Message::text(r#"{"type":"hello"}"#), "MSG_UNKNOWN_TYPE", Some("type"))]
#[tokio::test]
async fn garbage_is_answered_and_the_socket_lives(
    #[case] said: Message,
    #[case] word: &str,
    #[case] field: Option<&str>,
) {
    let lab = lab(|_| {}).await;
    let mut watcher = Watcher::open(&lab, "?types=frame").await;
    watcher.prelude().await;
    watcher.say(said).await;
    let error = watcher.message().await;
    let details = &error["payload"]["details"];
    assert_eq!((&error["type"], &details["error_code"]), (&json!("error"), &json!(word)));
    assert_eq!(details.get("field").and_then(|field| field.as_str()), field);
    assert!(error["payload"]["error"].is_string() && details["message"].is_string());
    assert!(error.get("seq").is_none() && error["timestamp"].is_string());
    lab.hub.publish(&frame("a", 1));
    assert_eq!(watcher.message().await["seq"], 1);
    statistics(&lab, |told| told["garbage"] == 1).await;
}

#[tokio::test]
async fn a_flood_of_garbage_is_counted_and_not_answered() {
    let lab = lab(|_| {}).await;
    let mut watcher = Watcher::open(&lab, "").await;
    watcher.prelude().await;
    for _ in 0..500 {
        watcher.say("garbage").await;
    }
    statistics(&lab, |told| told["garbage"] == 500).await;
    lab.hub.publish(&frame("a", 1));
    let mut errors = 0;
    while watcher.message().await["type"] == "error" {
        errors += 1;
    }
    // All of it comes within three seconds even on a busy machine.
    assert!((1..=80).contains(&errors), "{errors}");
}

/// A frame as a client sends it, with a mask of zeros.
fn raw(first: u8, length: u64, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match u8::try_from(length) {
        Ok(length @ ..=125) => bytes.push(0x80 | length),
        _ => {
            bytes.push(0x80 | 127);
            bytes.extend(length.to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

#[rstest]
#[case::bad_text(raw(0x81, 2, b"\xff\xfe"), 1007)]
#[case::bad_text_in_pieces([raw(0x01, 1, b"\xc3"), raw(0x80, 1, b"\x28")].concat(), 1007)]
#[case::too_large(raw(0x81, (1 << 20) + 1, &vec![b'x'; (1 << 20) + 1]), 1009)]
#[case::too_large_and_not_sent(raw(0x81, 1 << 40, b""), 1009)]
#[case::too_large_in_pieces(
    [raw(0x01, 1 << 19, &vec![b'x'; 1 << 19]), raw(0x80, (1 << 19) + 1, &vec![b'x'; (1 << 19) + 1])].concat(),
    1009
)]
#[case::reserved_bits(raw(0xf1, 2, b"{}"), 1002)]
#[case::unknown_kind_of_frame(raw(0x83, 0, b""), 1002)]
#[case::no_mask(vec![0x81, 2, b'{', b'}'], 1002)]
#[tokio::test]
async fn what_is_no_message_at_all_ends_the_connection(#[case] bytes: Vec<u8>, #[case] code: u16) {
    let lab = lab(|_| {}).await;
    let mut watcher = Watcher::open(&lab, "").await;
    watcher.prelude().await;
    watcher.0.get_mut().write_all(&bytes).await.unwrap();
    assert_eq!(watcher.end().await, Some(code));
    statistics(&lab, |told| told["connections"] == 0).await;
}

#[tokio::test]
async fn a_message_of_a_mebibyte_is_just_garbage() {
    let lab = lab(|_| {}).await;
    let mut watcher = Watcher::open(&lab, "").await;
    watcher.prelude().await;
    watcher.say("x".repeat(1 << 20)).await;
    assert_eq!(watcher.message().await["payload"]["details"]["error_code"], "MSG_INVALID_JSON");
}
