//! What the server tells of jobs while they run.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use hil_model::SourceLocation;
use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest as _;
use tungstenite::http::header::AUTHORIZATION;
use tungstenite::{Message, WebSocket};

use super::LabServer;
use crate::{Result, TestError};

/// How long the connection may take for anything before the wait looks at its limit.
const LOOK: Duration = Duration::from_millis(200);

/// A message of the server.
#[derive(Clone, Debug)]
pub struct WatchMessage(pub Value);

impl WatchMessage {
    /// Its type, such as `progress`.
    pub fn kind(&self) -> &str {
        self.0["type"].as_str().unwrap_or_default()
    }

    /// The job that it is about, if it is about one.
    pub fn job(&self) -> Option<&str> {
        self.0["job_id"].as_str()
    }
}

/// A connection on which the server tells what happens. It is closed by the server, by default after a minute, if nobody
/// reads it.
#[derive(Debug)]
pub struct Watch {
    socket: WebSocket<TcpStream>,
}

impl LabServer {
    /// Connects to the server's messages. What happens from now on is among them.
    ///
    /// # Errors
    ///
    /// A skip, if the server has none, or is reached over TLS, which this client does not speak; a bench fault, if the
    /// connection cannot be made.
    #[track_caller]
    pub fn watch(&self) -> Result<Watch> {
        let location = SourceLocation::caller();
        self.connect().map_err(|error| error.at(location))
    }

    fn connect(&self) -> Result<Watch> {
        let Some(rest) = self.url().strip_prefix("http://") else {
            return Err(Self::lacks("plain http:// address, which the client of its messages needs"));
        };
        let authority = rest.split('/').next().unwrap_or(rest);
        let with_port =
            if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
        let lost = |error: &dyn std::fmt::Display| {
            TestError::bench(format!(
                "GET /v1/realtime: the server {} cannot be reached: {error}",
                self.url()
            ))
        };
        let stream = TcpStream::connect(with_port).map_err(|error| lost(&error))?;
        stream.set_read_timeout(Some(super::PATIENCE)).map_err(|error| lost(&error))?;
        let mut request =
            format!("ws://{rest}/v1/realtime").into_client_request().map_err(|error| lost(&error))?;
        let bearer = format!("Bearer {}", self.key.reveal());
        let bearer = bearer.parse().map_err(|_| TestError::bench("HIL_API_KEY is no header's value"))?;
        request.headers_mut().insert(AUTHORIZATION, bearer);
        match tungstenite::client(request, stream) {
            Ok((socket, _)) => {
                socket.get_ref().set_read_timeout(Some(LOOK)).map_err(|error| lost(&error))?;
                Ok(Watch { socket })
            }
            Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(answer))) => {
                let status = answer.status().as_u16();
                let excerpt = self.excerpt(answer.body().as_deref().unwrap_or_default());
                match status {
                    404 => Err(Self::lacks("messages: GET /v1/realtime answers 404")),
                    401 | 403 => Err(TestError::bench(format!(
                        "GET /v1/realtime: the server does not take the key ({status})"
                    ))
                    .with_detail(format!("answer: {excerpt}"))),
                    _ => Err(TestError::failed(format!("GET /v1/realtime: want status 101, got {status}"))
                        .with_detail(format!("answer: {excerpt}"))),
                }
            }
            Err(error) => Err(lost(&error)),
        }
    }
}

impl Watch {
    /// The messages up to the first that `ends` says is the last, each as it came.
    ///
    /// # Errors
    ///
    /// A failure with the last messages, if it does not come within `timeout`; a bench fault, if the connection breaks.
    #[track_caller]
    pub fn until(
        &mut self,
        what: &str,
        timeout: Duration,
        ends: impl Fn(&WatchMessage) -> bool,
    ) -> Result<Vec<WatchMessage>> {
        let location = SourceLocation::caller();
        self.read_until(what, timeout, ends).map_err(|error| error.at(location))
    }

    fn read_until(
        &mut self,
        what: &str,
        timeout: Duration,
        ends: impl Fn(&WatchMessage) -> bool,
    ) -> Result<Vec<WatchMessage>> {
        let began = Instant::now();
        let mut messages: Vec<WatchMessage> = Vec::new();
        while began.elapsed() < timeout {
            let text = match self.socket.read() {
                Ok(Message::Text(text)) => text,
                Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => continue,
                Ok(Message::Close(frame)) => {
                    let why = frame.map(|frame| frame.to_string()).unwrap_or_default();
                    return Err(TestError::bench(format!("the server ended the connection: {why}")));
                }
                Err(tungstenite::Error::Io(error)) if is_idle(&error) => continue,
                Err(error) => return Err(TestError::bench(format!("the connection broke: {error}"))),
            };
            let message = serde_json::from_str(&text)
                .map_err(|error| TestError::failed(format!("a message is no JSON: {error}: {text}")))?;
            let message = WatchMessage(message);
            if message.kind() == "ping" {
                self.answer(&message)?;
            }
            messages.push(message);
            if messages.last().is_some_and(&ends) {
                return Ok(messages);
            }
        }
        let last = messages.iter().rev().take(3).map(|message| message.0.to_string());
        let error = TestError::failed(format!("{what}: not within {:.1} s", timeout.as_secs_f64()));
        Err(last.fold(error, |error, message| error.with_detail(format!("before: {message}"))))
    }

    /// The server closes connections that do not answer its pings.
    fn answer(&mut self, ping: &WatchMessage) -> Result<()> {
        let pong = json!({ "type": "pong", "payload": { "timestamp": ping.0["timestamp"] } });
        self.socket
            .send(Message::text(pong.to_string()))
            .map_err(|error| TestError::bench(format!("the connection broke: {error}")))
    }
}

fn is_idle(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
}
