//! A door for stand-ins: JSON lines over TCP, one request, one answer.
//!
//! | request | answer |
//! | --- | --- |
//! | `{"op":"send","id":10,"data":[1,2],"enhanced":true}` | `{"ok":true}` |
//! | `{"op":"receive","id":17,"length":4,"enhanced":true,"timeout_ms":100}` | `{"data":[…]}`, or `{"data":null}`: no response |
//! | `{"op":"wake","micros":1000}` | `{"ok":true}` |
//! | `{"op":"power","on":true}` | `{"ok":true}` |
//!
//! What goes wrong is `{"error":"checksum","text":"…"}`; the first word is `checksum`, `incomplete`, `bit`,
//! `short` or `request`.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use hil_lin::{ChecksumModel, Frame, FrameId, Header, LinError, LinMaster, Response, WakePulse};
use serde::{Deserialize, Serialize};

use crate::{LiveBench, SimMaster};

/// The longest line that is read. A request takes about a hundred bytes.
const LONGEST_LINE: u64 = 4096;

/// The longest time that a response is awaited: the door must close in bounded time.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// How many clients are served at once. More are hung up on.
const CLIENTS: usize = 8;

/// How long a new connection to ourselves may take when the door closes.
const KNOCK: Duration = Duration::from_secs(1);

/// A TCP door to a bench, open until it is dropped.
///
/// Several clients may come; the bus is one, so their frames follow one after the other.
pub struct LineDoor {
    addr: SocketAddr,
    stop: Arc<AtomicBool>,
    porter: Option<JoinHandle<()>>,
}

impl LineDoor {
    /// Opens a door to `bench` at `listen`; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// When the address or a thread is not to be had.
    pub fn open(bench: Arc<LiveBench>, listen: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(listen)?;
        let addr = listener.local_addr()?;
        let mut master = bench.master();
        master.connect().map_err(io::Error::other)?;
        let room = Arc::new(Room { bench, master: Mutex::new(master) });
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let porter = std::thread::Builder::new()
            .name("line door".to_owned())
            .spawn(move || let_in(&listener, &room, &stopped))?;
        Ok(Self { addr, stop, porter: Some(porter) })
    }

    /// Where it listens.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }
}

impl Drop for LineDoor {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        // The porter waits for a client; without one it would wait for ever.
        let knocked = TcpStream::connect_timeout(&self.addr, KNOCK);
        if let (Ok(_), Some(porter)) = (knocked, self.porter.take()) {
            // A porter that panicked has nothing left to clean up.
            let _ = porter.join();
        }
    }
}

impl fmt::Debug for LineDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineDoor").field("addr", &self.addr).finish_non_exhaustive()
    }
}

/// What the clients share.
struct Room {
    bench: Arc<LiveBench>,
    master: Mutex<SimMaster>,
}

/// Serves who comes until told to stop, then sends everybody home.
fn let_in(listener: &TcpListener, room: &Arc<Room>, stop: &AtomicBool) {
    let mut guests: Vec<(TcpStream, JoinHandle<()>)> = Vec::new();
    for arrival in listener.incoming() {
        if stop.load(Ordering::Acquire) {
            break;
        }
        guests.retain(|(_, guest)| !guest.is_finished());
        let served = arrival.and_then(|stream| {
            if guests.len() >= CLIENTS {
                return Err(io::Error::other("too many clients"));
            }
            let (room, ours) = (Arc::clone(room), stream.try_clone()?);
            let guest =
                std::thread::Builder::new().name("line door: a client".to_owned()).spawn(move || {
                    if let Err(error) = serve(&stream, &room) {
                        tracing::debug!("a client of the line door is gone: {error}");
                    }
                    // Our second handle must not keep the connection open.
                    let _ = stream.shutdown(Shutdown::Both);
                })?;
            Ok((ours, guest))
        });
        match served {
            Ok(guest) => guests.push(guest),
            Err(error) => tracing::debug!("the line door turned a client away: {error}"),
        }
    }
    for (stream, guest) in guests {
        let _ = stream.shutdown(Shutdown::Both);
        let _ = guest.join();
    }
}

fn serve(stream: &TcpStream, room: &Room) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut lines = BufReader::new(stream);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        let whole = line.ends_with(b"\n");
        let answer = match serde_json::from_slice(&line) {
            _ if read == 0 => return Ok(()),
            Ok(request) if whole => room.answer(request),
            Ok(_) => Answer::refused("the line is too long or broke off"),
            Err(error) => Answer::refused(error),
        };
        let mut text = serde_json::to_vec(&answer)?;
        text.push(b'\n');
        let mut stream = stream;
        stream.write_all(&text)?;
        if !whole {
            // Where the next request begins is unknown.
            return Ok(());
        }
    }
}

/// What a client asks for.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "lowercase", deny_unknown_fields)]
enum Request {
    Send { id: u8, data: Vec<u8>, enhanced: bool },
    Receive { id: u8, length: usize, enhanced: bool, timeout_ms: u64 },
    Wake { micros: u64 },
    Power { on: bool },
}

/// What it is told.
#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Done { ok: bool },
    Data { data: Option<Vec<u8>> },
    Failed { error: &'static str, text: String },
}

impl Answer {
    const DONE: Self = Self::Done { ok: true };

    fn refused(why: impl fmt::Display) -> Self {
        Self::Failed { error: "request", text: why.to_string() }
    }
}

impl From<LinError> for Answer {
    fn from(error: LinError) -> Self {
        let kind = match error {
            LinError::Checksum { .. } | LinError::Disturbed { .. } => "checksum",
            LinError::Incomplete { .. } => "incomplete",
            LinError::BitError { .. } => "bit",
            LinError::ShortedToGround => "short",
            LinError::NotConnected { .. }
            | LinError::Unsupported { .. }
            | LinError::Unavailable { .. }
            | LinError::Unusable { .. }
            | LinError::AdapterLost { .. }
            | LinError::Timeout { .. }
            | LinError::Refused { .. }
            | LinError::Garbled { .. } => "request",
        };
        Self::Failed { error: kind, text: error.to_string() }
    }
}

impl Room {
    fn answer(&self, request: Request) -> Answer {
        self.act(request).unwrap_or_else(|answer| answer)
    }

    fn act(&self, request: Request) -> Result<Answer, Answer> {
        match request {
            Request::Send { id, data, enhanced } => {
                let frame = Frame::new(id, &data).map_err(Answer::refused)?;
                self.master().send_raw(&frame, model(enhanced))?;
            }
            Request::Receive { id, length, enhanced, timeout_ms } => {
                let id = FrameId::new(id).map_err(Answer::refused)?;
                let timeout = Duration::from_millis(timeout_ms);
                if !(1..=8).contains(&length) || timeout > LONGEST_WAIT {
                    return Err(Answer::refused("length is not in 1–8, or timeout_ms beyond 5000"));
                }
                let header = Header::new(id, length).with_checksum(model(enhanced));
                let data = match self.master().receive(header, timeout)? {
                    Response::Data(data) => Some(data.to_vec()),
                    Response::None => None,
                };
                return Ok(Answer::Data { data });
            }
            Request::Wake { micros } => {
                let pulse = WakePulse::new(Duration::from_micros(micros)).map_err(Answer::refused)?;
                self.master().wake_up(pulse)?;
            }
            Request::Power { on } => self.bench.power_out(on),
        }
        Ok(Answer::DONE)
    }

    /// A client that panicked must not take the bus along.
    fn master(&self) -> MutexGuard<'_, SimMaster> {
        self.master.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const fn model(enhanced: bool) -> ChecksumModel {
    if enhanced { ChecksumModel::Enhanced } else { ChecksumModel::Classic }
}
