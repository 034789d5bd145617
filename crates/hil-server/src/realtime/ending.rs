//! Why a connection ends, and how the client is told.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::wire;

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The client closed it, with this code if any.
    Left(Option<u16>),
    /// There is nobody at the other end any more.
    Gone,
    /// The server stops.
    GoingAway,
    /// What arrived is no WebSocket.
    Violation,
    /// What arrived is no UTF-8.
    BadText,
    /// What arrived is too large.
    TooLarge,
    /// The label is too long or not printable.
    BadLabel,
    /// There are as many connections as there may be.
    Full,
    /// Its key is no longer good.
    NotAllowed,
    /// No pong came in time.
    Silent,
    /// Only messages wait that may not be dropped.
    TooSlow,
    /// The socket takes nothing any more.
    Stuck,
}

impl End {
    /// The code and the reason that the client is told; nothing if it cannot be told anything.
    fn code(self) -> Option<(Option<u16>, &'static str)> {
        let (code, reason) = match self {
            Self::Gone => return None,
            Self::Left(code) => return Some((code, "")),
            Self::GoingAway => (1001, "the server stops"),
            Self::Violation => (1002, "this is no WebSocket"),
            Self::BadText => (1007, "this is no UTF-8"),
            Self::TooLarge => (1009, "a message may have at most 1 MiB"),
            Self::BadLabel => (4000, "session_id: at most 128 printable characters"),
            Self::Full => (4001, "as many connections as there may be"),
            Self::NotAllowed => (4003, "no longer allowed"),
            Self::Silent => (4008, "no pong in time"),
            Self::TooSlow => (4009, "too slow: only messages left that may not be dropped"),
            Self::Stuck => (4009, "too slow: nothing is taken any more"),
        };
        Some((Some(code), reason))
    }
}

/// How long a client may take to hear that it is over, and how long to hang up then.
const FAREWELL: Duration = Duration::from_secs(1);

/// Tells the client that it is over, after `rest`, which has been begun, and hangs up.
pub(super) async fn close(mut stream: TcpStream, rest: &[u8], end: End) {
    let Some((code, reason)) = end.code() else { return };
    let mut last = rest.to_vec();
    wire::close(&mut last, code, reason);
    let told = timeout_at(Instant::now() + FAREWELL, async {
        stream.write_all(&last).await?;
        stream.shutdown().await
    });
    let told = matches!(told.await, Ok(Ok(())));
    // A socket that is closed while there is something to read takes back what it has sent.
    if !told || timeout_at(Instant::now() + FAREWELL, hang_up(&stream)).await.is_err() {
        // Whatever is still in the system's buffers goes with the connection.
        let _ = stream.set_zero_linger();
    }
}

/// Reads until the client hangs up as well.
async fn hang_up(stream: &TcpStream) {
    let mut scrap = vec![0; 16 << 10];
    loop {
        if stream.readable().await.is_err() {
            return;
        }
        match stream.try_read(&mut scrap) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}
