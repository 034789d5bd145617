//! One client's connection.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::StatusCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

use super::device::{Device, Reply};

/// How long a client may take to become one.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// After how many pings without any message a client is hung up on.
const UNANSWERED: u32 = 3;

/// Serves a client until either side hangs up. A connection that breaks is the client's affair.
pub(super) async fn serve(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    device: Arc<Device>,
    ping_interval: Duration,
) {
    let served = match tls {
        Some(tls) => match timeout(HANDSHAKE, tls.accept(stream)).await {
            Ok(Ok(stream)) => upgrade(stream, &device, ping_interval).await,
            Ok(Err(error)) => Err(Error::Io(error)),
            Err(_) => Ok(()),
        },
        None => upgrade(stream, &device, ping_interval).await,
    };
    if let Err(error) = served {
        tracing::debug!("the simulated MCM lost a client: {error}");
    }
}

async fn upgrade<S>(stream: S, device: &Device, ping_interval: Duration) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match timeout(HANDSHAKE, accept_hdr_async(stream, at_its_path)).await {
        Ok(socket) => converse(socket?, device, ping_interval).await,
        Err(_) => Ok(()),
    }
}

#[expect(clippy::result_large_err, reason = "the library's callback has this signature")]
fn at_its_path(request: &Request, response: Response) -> Result<Response, ErrorResponse> {
    let status = match request.uri().path() {
        "/ws/v1" | "/ws/v1/" => return Ok(response),
        path if path.starts_with("/api/") => StatusCode::NOT_IMPLEMENTED,
        _ => StatusCode::NOT_FOUND,
    };
    let mut refusal = ErrorResponse::new(None);
    *refusal.status_mut() = status;
    Err(refusal)
}

async fn converse<S>(
    mut socket: WebSocketStream<S>,
    device: &Device,
    ping_interval: Duration,
) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut pings = interval(ping_interval);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut unanswered = 0;
    let mut late: Vec<(Instant, String)> = Vec::new();
    loop {
        let next_late = late.iter().map(|(at, _)| *at).min();
        tokio::select! {
            message = socket.next() => {
                unanswered = 0;
                let text = match message {
                    Some(Ok(Message::Text(text))) => text,
                    Some(Ok(Message::Close(_))) | None => return Ok(()),
                    Some(Ok(_)) => continue,
                    Some(Err(error)) => return Err(error),
                };
                match device.handle(&text) {
                    Reply::Nothing => {}
                    Reply::Text(text) => socket.send(Message::text(text)).await?,
                    Reply::Binary(bytes) => socket.send(Message::binary(bytes)).await?,
                    Reply::Later(by, text) => late.push((Instant::now() + by, text)),
                    Reply::HangUp => return Ok(()),
                }
            }
            () = sleep_until(next_late.unwrap_or_else(Instant::now)), if next_late.is_some() => {
                let now = Instant::now();
                for (_, text) in late.extract_if(.., |(at, _)| *at <= now) {
                    socket.send(Message::text(text)).await?;
                }
            }
            _ = pings.tick() => {
                if device.is_hung() {
                    continue;
                }
                if unanswered == UNANSWERED {
                    return Ok(());
                }
                unanswered += 1;
                socket.send(Message::text(r#"{"__ping__":true}"#)).await?;
            }
        }
    }
}
