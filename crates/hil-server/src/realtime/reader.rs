//! What clients say.

use std::io::{self, ErrorKind, Read, Write};
use std::sync::atomic::Ordering;
use std::time::Duration;

use hil_realtime::{Incoming, Notice, Refusal};
use tokio::net::TcpStream;
use tokio::task::coop::consume_budget;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::clients::{Client, Realtime};
use super::ending::End;

/// The largest message of a client.
const LARGEST: usize = 1 << 20;
/// What clients say is short.
const BUFFER: usize = 4 << 10;
/// How many mistakes are answered a second.
const ANSWERS: u32 = 20;

/// The socket as the protocol sees it: it reads what is there, and what the protocol wants to send by itself goes
/// nowhere, because everything that goes out is the writer's.
struct Inbound<'a>(&'a TcpStream);

impl Read for Inbound<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buffer)
    }
}

impl Write for Inbound<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Listens to a client until there is nothing more to hear; `early` has come already.
pub(super) async fn listen(stream: &TcpStream, early: Vec<u8>, realtime: &Realtime, client: &Client) -> End {
    let config = WebSocketConfig::default()
        .max_message_size(Some(LARGEST))
        .max_frame_size(Some(LARGEST))
        .read_buffer_size(BUFFER)
        .write_buffer_size(0);
    let mut socket = WebSocket::from_partially_read(Inbound(stream), early, Role::Server, Some(config));
    let mut answers = Answers::new(Instant::now());
    loop {
        // Whoever talks without end must not keep the others from being heard.
        consume_budget().await;
        let refusal = match socket.read() {
            Ok(Message::Text(text)) => match Incoming::parse(text.as_bytes()) {
                Ok(Incoming::Pong { timestamp: _ }) => {
                    client.pulse.hear(Instant::now());
                    continue;
                }
                Ok(Incoming::Ping) => {
                    client.lane.answer(realtime.hub.encode(&Notice::Pong));
                    continue;
                }
                Err(refusal) => refusal,
            },
            Ok(Message::Binary(_)) => Refusal::not_text(),
            Ok(Message::Ping(payload)) => {
                client.lane.pong(payload);
                continue;
            }
            Ok(Message::Pong(_) | Message::Frame(_)) => continue,
            Ok(Message::Close(said)) => return End::Left(said.map(|said| said.code.into())),
            Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => match stream.readable().await {
                Ok(()) => continue,
                Err(_) => return End::Gone,
            },
            Err(Error::Capacity(_)) => return End::TooLarge,
            Err(Error::Utf8(_)) => return End::BadText,
            Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => return End::Gone,
            Err(Error::Protocol(_)) => return End::Violation,
            Err(_) => return End::Gone,
        };
        realtime.counted.garbage.fetch_add(1, Ordering::Relaxed);
        if answers.is_one_more(Instant::now()) {
            client.lane.refuse(realtime.hub.encode(&Notice::Refusal(&refusal)));
        }
    }
}

/// How many mistakes were answered in this second.
struct Answers {
    since: Instant,
    count: u32,
}

impl Answers {
    fn new(now: Instant) -> Self {
        Self { since: now, count: 0 }
    }

    fn is_one_more(&mut self, now: Instant) -> bool {
        if now.duration_since(self.since) >= Duration::from_secs(1) {
            *self = Self::new(now);
        }
        self.count += 1;
        self.count <= ANSWERS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_mistakes_are_answered_a_second() {
        let start = Instant::now();
        let mut answers = Answers::new(start);
        let answered = (0..100).filter(|_| answers.is_one_more(start)).count();
        assert_eq!(answered, 20);
        assert!(!answers.is_one_more(start + Duration::from_millis(999)));
        assert!(answers.is_one_more(start + Duration::from_secs(1)));
    }
}
