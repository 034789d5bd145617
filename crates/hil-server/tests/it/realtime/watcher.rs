//! A client of the live stream.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use hyper::StatusCode;
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::lab::Lab;

/// Longer than anything takes that works.
pub(super) const LONG: Duration = Duration::from_secs(20);

pub(super) struct Watcher(pub(super) WebSocketStream<TcpStream>);

/// What comes from the server.
#[derive(Debug)]
pub(super) enum Heard {
    Message(Value),
    /// The end, with the code of the close frame if there was one.
    End(Option<u16>),
}

impl Watcher {
    /// The one who reads everything.
    pub(super) async fn open(lab: &Lab, query: &str) -> Self {
        let headers = [("authorization", format!("Bearer {}", lab.user))];
        Self::try_open(lab, query, &headers, None).await.unwrap()
    }

    /// One whose system takes next to nothing for it.
    pub(super) async fn narrow(lab: &Lab, query: &str) -> Self {
        let headers = [("authorization", format!("Bearer {}", lab.user))];
        Self::try_open(lab, query, &headers, Some(4096)).await.unwrap()
    }

    pub(super) async fn try_open(
        lab: &Lab,
        query: &str,
        headers: &[(&'static str, String)],
        receive_buffer: Option<u32>,
    ) -> Result<Self, StatusCode> {
        let socket = TcpSocket::new_v4().unwrap();
        if let Some(size) = receive_buffer {
            socket.set_recv_buffer_size(size).unwrap();
        }
        let stream = socket.connect(lab.address).await.unwrap();
        let mut request = format!("ws://{}/v1/realtime{query}", lab.address).into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        match tokio_tungstenite::client_async(request, stream).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => Err(response.status()),
            Err(error) => panic!("{error}"),
        }
    }

    /// The next that comes. It must come soon.
    pub(super) async fn next(&mut self) -> Heard {
        loop {
            let next = tokio::time::timeout(LONG, self.0.next()).await.expect("nothing comes");
            return match next {
                Some(Ok(Message::Text(text))) => Heard::Message(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(said))) => Heard::End(said.map(|said| said.code.into())),
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => Heard::End(None),
            };
        }
    }

    /// The next message.
    pub(super) async fn message(&mut self) -> Value {
        match self.next().await {
            Heard::Message(message) => message,
            Heard::End(code) => panic!("ended with {code:?}"),
        }
    }

    /// The next message of that type; those before it are skipped.
    pub(super) async fn of_type(&mut self, kind: &str) -> Value {
        loop {
            let message = self.message().await;
            if message["type"] == kind {
                return message;
            }
        }
    }

    /// Everything before the stream, the first ping included.
    pub(super) async fn prelude(&mut self) -> Vec<Value> {
        let mut messages = Vec::new();
        loop {
            messages.push(self.message().await);
            if messages.last().is_some_and(|message| message["type"] == "ping") {
                return messages;
            }
        }
    }

    /// The code with which the connection ends.
    pub(super) async fn end(&mut self) -> Option<u16> {
        loop {
            if let Heard::End(code) = self.next().await {
                return code;
            }
        }
    }

    pub(super) async fn say(&mut self, message: impl Into<Message>) {
        self.0.send(message.into()).await.unwrap();
    }

    pub(super) async fn pong(&mut self) {
        self.say(r#"{"type":"pong","payload":{"timestamp":"2026-11-21T09:00:00Z"}}"#).await;
    }
}

/// What the statistics say, as soon as they say what is waited for.
pub(super) async fn statistics(lab: &Lab, until: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    for _ in 0..1000 {
        last = lab.get("/v1/realtime/stats").await.json();
        if until(&last) {
            return last;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{last}");
}
