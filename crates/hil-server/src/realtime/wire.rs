//! Frames of the WebSocket protocol on their way out.

/// Appends a text frame.
pub(super) fn text(out: &mut Vec<u8>, text: &[u8]) {
    frame(out, 0x81, text);
}

/// Appends a pong frame: the protocol's own, not ours.
pub(super) fn pong(out: &mut Vec<u8>, payload: &[u8]) {
    frame(out, 0x8a, payload);
}

/// Appends a close frame.
pub(super) fn close(out: &mut Vec<u8>, code: Option<u16>, reason: &str) {
    let Some(code) = code else { return frame(out, 0x88, &[]) };
    let payload = [&code.to_be_bytes()[..], reason.as_bytes()].concat();
    frame(out, 0x88, &payload);
}

/// A whole frame, unmasked, as a server sends it.
fn frame(out: &mut Vec<u8>, first: u8, payload: &[u8]) {
    let length = payload.len();
    out.push(first);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(length @ ..=125), _) => out.push(length),
        (_, Ok(length)) => {
            out.push(126);
            out.extend_from_slice(&length.to_be_bytes());
        }
        _ => {
            out.push(127);
            out.extend_from_slice(&u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes());
        }
    }
    out.extend_from_slice(payload);
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket};
    use tokio_tungstenite::tungstenite::{Error, Message};

    use super::*;

    /// What a client makes of it.
    fn heard(bytes: Vec<u8>) -> Message {
        let mut client = WebSocket::from_partially_read(std::io::empty(), bytes, Role::Client, None);
        match client.read() {
            Ok(message) => message,
            Err(Error::Io(error)) => panic!("{error}"),
            Err(error) => panic!("{error}"),
        }
    }

    #[rstest]
    fn texts_arrive_whatever_their_length(
        #[values(0, 1, 125, 126, 127, 65_535, 65_536, 200_000)] length: usize,
    ) {
        let mut out = Vec::new();
        text(&mut out, "x".repeat(length).as_bytes());
        assert_eq!(heard(out), Message::text("x".repeat(length)));
    }

    #[test]
    fn a_close_says_why() {
        let mut out = Vec::new();
        close(&mut out, Some(4008), "no pong in time");
        let Message::Close(Some(said)) = heard(out) else { panic!("no close") };
        assert_eq!((u16::from(said.code), said.reason.as_str()), (4008, "no pong in time"));
        let mut out = Vec::new();
        close(&mut out, None, "");
        assert_eq!(heard(out), Message::Close(None));
    }
}
