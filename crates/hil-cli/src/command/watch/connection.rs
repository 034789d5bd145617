//! The connection to a server: a WebSocket, over TLS where the URL says so.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use hil_archive::ApiKey;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::{Error, Message};

/// How long it may take to connect.
const CONNECT: Duration = Duration::from_secs(10);
/// A server that says nothing for so long is gone: it asks whether its clients live every half minute or so.
const SILENCE: Duration = Duration::from_secs(120);
/// Or for so many of the intervals at which it says that it asks.
const INTERVALS: f64 = 2.5;

/// A server, and the key for it.
#[derive(Debug)]
pub(super) struct Place {
    host: String,
    port: u16,
    is_tls: bool,
    /// What comes before the paths.
    prefix: String,
    key: Option<ApiKey>,
}

impl Place {
    /// The server at an `http` or `https` URL.
    pub(super) fn new(url: &str, key: Option<ApiKey>) -> Result<Self, String> {
        let wrong = || format!("{url:?} is not the URL of a server, such as http://127.0.0.1:8080");
        let (is_tls, rest) = match url.split_once("://") {
            Some(("http", rest)) => (false, rest),
            Some(("https", rest)) => (true, rest),
            Some(_) | None => return Err(wrong()),
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let port_at = authority.rfind(':').filter(|at| !authority[*at..].contains(']'));
        let (host, port) = match port_at {
            Some(at) => (&authority[..at], authority[at + 1..].parse().map_err(|_| wrong())?),
            None => (authority, if is_tls { 443 } else { 80 }),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() || host.contains(['@', '?', '#']) || path.contains(['?', '#']) {
            return Err(wrong());
        }
        let path = path.trim_end_matches('/');
        let prefix = if path.is_empty() { String::new() } else { format!("/{path}") };
        Ok(Self { host: host.to_owned(), port, is_tls, prefix, key })
    }

    /// The URL of a path, with the scheme of its kind.
    fn url(&self, [plain, tls]: [&str; 2], path: &str) -> String {
        let scheme = if self.is_tls { tls } else { plain };
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        format!("{scheme}://{host}:{}{}{path}", self.port, self.prefix)
    }

    pub(super) fn http(&self, path: &str) -> String {
        self.url(["http", "https"], path)
    }

    /// The header that shows the key, if there is one.
    pub(super) fn bearer(&self) -> Option<String> {
        self.key.as_ref().map(ApiKey::bearer)
    }
}

/// Why there is no connection any more.
#[derive(Debug)]
pub(super) enum Ended {
    /// It broke; another one may not.
    Broken(String),
    /// The server does not want this client.
    Refused(String),
    /// The job is over.
    JobOver,
}

trait Stream: AsyncRead + AsyncWrite + Send {}

impl<T: AsyncRead + AsyncWrite + Send> Stream for T {}

/// A WebSocket to a server.
pub(super) struct Connection {
    socket: WebSocketStream<Pin<Box<dyn Stream>>>,
    /// How long the server may be silent.
    silence: Duration,
}

impl Connection {
    /// Connects, for the messages of a job or for all, from the number `since` on.
    pub(super) async fn open(place: &Place, job: Option<&str>, since: Option<&str>) -> Result<Self, Ended> {
        let connected = tokio::time::timeout(CONNECT, Self::connect(place, job, since)).await;
        connected.unwrap_or_else(|_| Err(Ended::Broken("the server does not answer".to_owned())))
    }

    async fn connect(place: &Place, job: Option<&str>, since: Option<&str>) -> Result<Self, Ended> {
        let wanted = [("job_id", job), ("since", since)];
        let wanted = wanted.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?)));
        let query = wanted.collect::<Vec<_>>().join("&");
        let url = place.url(["ws", "wss"], &format!("/v1/realtime?{query}"));
        let mut request = url.into_client_request().map_err(|error| Ended::Refused(error.to_string()))?;
        if let Some(bearer) = place.bearer() {
            let value = HeaderValue::try_from(bearer);
            let value = value.map_err(|_| Ended::Refused("the key is none".to_owned()))?;
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        let broken = |error: std::io::Error| Ended::Broken(error.to_string());
        let stream = TcpStream::connect((place.host.as_str(), place.port)).await.map_err(broken)?;
        let _ = stream.set_nodelay(true);
        let stream: Pin<Box<dyn Stream>> = if place.is_tls {
            let name = ServerName::try_from(place.host.clone());
            let name = name.map_err(|error| Ended::Refused(error.to_string()))?;
            Box::pin(tls().connect(name, stream).await.map_err(broken)?)
        } else {
            Box::pin(stream)
        };
        match tokio_tungstenite::client_async(request, stream).await {
            Ok((socket, _)) => Ok(Self { socket, silence: SILENCE }),
            Err(Error::Http(answer)) if answer.status().is_client_error() => {
                let body = answer.body().as_deref().unwrap_or_default();
                let said: Value = serde_json::from_slice(body).unwrap_or_default();
                let said = said["details"]["message"].as_str().unwrap_or("it does not say why");
                Err(Ended::Refused(format!("the server refuses ({}): {said}", answer.status())))
            }
            Err(error) => Err(Ended::Broken(error.to_string())),
        }
    }

    /// The next message.
    pub(super) async fn next(&mut self) -> Result<Value, Ended> {
        loop {
            let next = tokio::time::timeout(self.silence, self.socket.next()).await;
            let next = next.map_err(|_| Ended::Broken("the server says nothing any more".to_owned()))?;
            match next {
                Some(Ok(Message::Text(text))) => {
                    // A server that is newer may say what is not known here, but never what is no JSON.
                    if let Ok(message) = serde_json::from_str::<Value>(&text) {
                        if let Some(silence) = allowed_silence(&message) {
                            self.silence = silence;
                        }
                        return Ok(message);
                    }
                }
                Some(Ok(Message::Close(frame))) => {
                    let why = frame.map_or_else(
                        || "closed".to_owned(),
                        |frame| format!("closed: {} {}", u16::from(frame.code), frame.reason),
                    );
                    return Err(Ended::Broken(why));
                }
                Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Err(error)) => return Err(Ended::Broken(error.to_string())),
                None => return Err(Ended::Broken("closed".to_owned())),
            }
        }
    }

    /// Says something to the server.
    pub(super) async fn send(&mut self, text: String) -> Result<(), Ended> {
        self.socket.send(Message::text(text)).await.map_err(|error| Ended::Broken(error.to_string()))
    }
}

/// How long the server may be silent, if it says how often it pings. A ping with a number is a station's.
fn allowed_silence(message: &Value) -> Option<Duration> {
    if message["type"] != "ping" || !message["seq"].is_null() {
        return None;
    }
    let interval = message["payload"]["interval_seconds"].as_f64()?;
    Some(Duration::try_from_secs_f64(INTERVALS * interval).ok()?.max(SILENCE))
}

fn tls() -> TlsConnector {
    let roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    TlsConnector::from(Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("http://127.0.0.1:8080", Some("http://127.0.0.1:8080/v1/jobs"))]
    #[case("https://hil.lab", Some("https://hil.lab:443/v1/jobs"))]
    #[case("https://lab/hil/", Some("https://lab:443/hil/v1/jobs"))]
    #[case("http://[::1]:80", Some("http://[::1]:80/v1/jobs"))]
    #[case("http://[::1]", Some("http://[::1]:80/v1/jobs"))]
    #[case("lab:8080", None)]
    #[case("ftp://lab", None)]
    #[case("http://", None)]
    #[case("http://lab:port", None)]
    #[case("http://me@lab", None)]
    fn a_server_has_a_url(#[case] url: &str, #[case] jobs: Option<&str>) {
        let place = Place::new(url, None);
        assert_eq!(place.ok().map(|place| place.http("/v1/jobs")).as_deref(), jobs);
    }

    #[rstest]
    #[case::often(r#"{"type":"ping","payload":{"interval_seconds":30.0}}"#, Some(120))]
    #[case::rarely(r#"{"type":"ping","payload":{"interval_seconds":300}}"#, Some(750))]
    #[case::of_a_station(r#"{"type":"ping","seq":7,"payload":{"interval_seconds":300}}"#, None)]
    #[case::no_time(r#"{"type":"ping","payload":{"interval_seconds":-1}}"#, None)]
    #[case::unsaid(r#"{"type":"ping","payload":{}}"#, None)]
    #[case::no_ping(r#"{"type":"progress","payload":{"interval_seconds":300}}"#, None)]
    fn a_server_is_silent_as_long_as_it_says(#[case] message: &str, #[case] seconds: Option<u64>) {
        let message = serde_json::from_str(message).unwrap();
        assert_eq!(allowed_silence(&message), seconds.map(Duration::from_secs));
    }
}
