//! The way from a host's name to a WebSocket.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::rustls;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config, tungstenite};

use super::trust::Trust;
use super::{Fingerprint, McmAddress};

/// The longest message that the device is let send. Its answers have some hundred bytes.
const LONGEST_MESSAGE: usize = 64 << 10;

/// What a WebSocket runs on: TLS, or TCP as it is.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<W: AsyncRead + AsyncWrite + Send + Unpin> Wire for W {}

/// An open WebSocket.
pub(super) type Socket = WebSocketStream<Box<dyn Wire>>;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum DialError {
    /// No thread, no runtime, no cryptography.
    #[error("the connection could not even be tried")]
    Nothing(#[source] io::Error),
    /// A certificate cannot be pinned where none is shown.
    #[error("a fingerprint is pinned, but ws:// shows no certificate")]
    NoCertificate,
    /// The name means nothing.
    #[error("the name could not be looked up")]
    LookUp(#[source] io::Error),
    /// The name exists and has no address.
    #[error("the name has no address")]
    NoAddress,
    /// Nothing listens there, or there is no way to it.
    #[error("could not connect")]
    Tcp(#[source] io::Error),
    /// No encryption could be agreed on.
    #[error("the TLS handshake failed")]
    Tls(#[source] io::Error),
    /// Somebody else answers.
    #[error(
        "its certificate is {seen} and not {pinned}, which is pinned: another device, or one with new firmware"
    )]
    MixUp {
        /// The certificate that was expected.
        pinned: Fingerprint,
        /// The one that was shown.
        seen: Fingerprint,
    },
    /// A web server that is no MCM.
    #[error("HTTP status {0} instead of a WebSocket: no MCM, or a path that it does not know")]
    Http(u16),
    /// The WebSocket's handshake failed otherwise.
    // The library's texts have their causes in them already.
    #[error("the WebSocket handshake failed: {0}")]
    WebSocket(Box<tungstenite::Error>),
    /// It took too long.
    #[error("no {stage} within {:.1} s", limit.as_secs_f64())]
    TimedOut {
        /// How far it had come.
        stage: Stage,
        /// How long was waited.
        limit: Duration,
    },
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The name is looked up.
    Address,
    /// The host is called.
    Tcp,
    /// Encryption is agreed on.
    Tls,
    /// The host is asked for a WebSocket.
    WebSocket,
    /// Nobody knows.
    Unknown,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Address => "address",
            Self::Tcp => "TCP connection",
            Self::Tls => "TLS handshake",
            Self::WebSocket => "WebSocket handshake",
            Self::Unknown => "connection",
        })
    }
}

impl DialError {
    /// Whether nobody is there. Somebody who is there and fails, or is another, is an error (LIV-05).
    pub(super) const fn is_absence(&self) -> bool {
        match self {
            Self::LookUp(_) | Self::NoAddress | Self::Tcp(_) => true,
            Self::TimedOut { stage, .. } => matches!(stage, Stage::Address | Stage::Tcp),
            Self::Nothing(_)
            | Self::NoCertificate
            | Self::Tls(_)
            | Self::MixUp { .. }
            | Self::Http(_)
            | Self::WebSocket(_) => false,
        }
    }

    /// Everything that is known, in a line: where, what, why.
    pub(super) fn reason(&self, address: &McmAddress) -> String {
        format!("{}: {}", address.authority(), hil_model::chain(self))
    }
}

/// Connects to the device within `limit`. Yields the certificate that it showed.
pub(super) async fn dial(
    address: &McmAddress,
    pinned: Option<Fingerprint>,
    limit: Duration,
) -> Result<(Socket, Option<Fingerprint>), DialError> {
    let stage = Cell::new(Stage::Address);
    let dialled = tokio::time::timeout(limit, dial_in_stages(address, pinned, &stage)).await;
    dialled.unwrap_or_else(|_| Err(DialError::TimedOut { stage: stage.get(), limit }))
}

async fn dial_in_stages(
    address: &McmAddress,
    pinned: Option<Fingerprint>,
    stage: &Cell<Stage>,
) -> Result<(Socket, Option<Fingerprint>), DialError> {
    if pinned.is_some() && !address.is_tls() {
        return Err(DialError::NoCertificate);
    }
    let found = lookup_host((address.host(), address.port())).await.map_err(DialError::LookUp)?;
    stage.set(Stage::Tcp);
    let stream = connect(found).await?;
    // A request is one small packet, and its answer is waited for.
    stream.set_nodelay(true).map_err(DialError::Tcp)?;
    let (wire, seen): (Box<dyn Wire>, _) = if address.is_tls() {
        stage.set(Stage::Tls);
        let (stream, seen) = encrypt(stream, pinned).await?;
        (Box::new(stream), seen)
    } else {
        (Box::new(stream), None)
    };
    stage.set(Stage::WebSocket);
    let config = WebSocketConfig::default()
        .max_message_size(Some(LONGEST_MESSAGE))
        .max_frame_size(Some(LONGEST_MESSAGE));
    match client_async_with_config(address.request_url(), wire, Some(config)).await {
        Ok((socket, _response)) => Ok((socket, seen)),
        Err(tungstenite::Error::Http(response)) => Err(DialError::Http(response.status().as_u16())),
        Err(error) => Err(DialError::WebSocket(Box::new(error))),
    }
}

/// Connects to the first address that takes the connection.
async fn connect(found: impl Iterator<Item = std::net::SocketAddr>) -> Result<TcpStream, DialError> {
    let mut failed = DialError::NoAddress;
    for address in found {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = DialError::Tcp(error),
        }
    }
    Err(failed)
}

async fn encrypt(
    stream: TcpStream,
    pinned: Option<Fingerprint>,
) -> Result<(impl Wire + use<>, Option<Fingerprint>), DialError> {
    let no_tls = |error: rustls::Error| DialError::Nothing(io::Error::other(error));
    let (connector, trust) = Trust::connector(pinned).map_err(no_tls)?;
    // The name in the certificate is not looked at, and an address is not sent as a server name either.
    let name = ServerName::IpAddress(stream.peer_addr().map_err(DialError::Tcp)?.ip().into());
    match connector.connect(name, stream).await {
        Ok(stream) => Ok((stream, trust.seen())),
        Err(error) => Err(match trust.mix_up() {
            Some((pinned, seen)) => DialError::MixUp { pinned, seen },
            None => DialError::Tls(error),
        }),
    }
}
