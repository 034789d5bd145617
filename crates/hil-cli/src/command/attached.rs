//! A run that a server started: its standard input is a socket to that server.
//!
//! Entries of the journal go to the server as [`ChildLine`]s, from a thread of their own: a test never waits for it. When
//! the server does not keep up, frames and samples of the supply stay in the journal, and the server is told so. The
//! end of the socket, which the end of the server is, ends the run as SIGTERM does.

use std::io::{self, BufWriter, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context as _;
use hil_model::{Entry, Event};
use hil_runner::{Listener, Owner};
use hil_server::ChildLine;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// How many entries may wait for the server before the frequent ones are no longer sent.
const WAITING: usize = 65_536;
/// A server that takes nothing for so long gets nothing more.
const DEAF: Duration = Duration::from_secs(30);

/// The server at the other end.
#[derive(Debug)]
pub(super) struct Server {
    lines: Sender<Line>,
    waiting: Arc<AtomicUsize>,
    thread: JoinHandle<()>,
}

enum Line {
    Say(ChildLine),
    /// There is nothing more to say.
    Over,
}

impl Server {
    /// Takes standard input for the socket.
    pub(super) fn on_stdin() -> anyhow::Result<Self> {
        let stdin = io::stdin().as_fd().try_clone_to_owned().context("cannot take standard input")?;
        let socket = UnixStream::from(stdin);
        socket.set_write_timeout(Some(DEAF)).context("standard input is no socket")?;
        let mut end = socket.try_clone().context("cannot take standard input")?;
        std::thread::Builder::new().name("server's end".to_owned()).spawn(move || {
            let mut nothing = [0; 64];
            while matches!(end.read(&mut nothing), Ok(1..)) {}
            // To the process and not to this thread, whose signals nobody listens to.
            let _ = kill(Pid::this(), Signal::SIGTERM);
        })?;
        let (lines, queued) = channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&waiting);
        let write = move || write_all(&queued, socket, &left);
        let thread = std::thread::Builder::new().name("server".to_owned()).spawn(write)?;
        Ok(Self { lines, waiting, thread })
    }

    /// What tells the server of every event.
    pub(super) fn listener(&self) -> Told {
        Told { lines: self.lines.clone(), waiting: Arc::clone(&self.waiting), unsent: None }
    }

    /// Tells the server what the run waits for.
    pub(super) fn waiting(&self, what: &str, owner: Option<&Owner>) {
        let line = ChildLine::Waiting { what: what.to_owned(), owner: owner.map(ToString::to_string) };
        // Its end is noticed by the other thread.
        let _ = self.lines.send(Line::Say(line));
    }

    /// Waits until all of it is sent.
    pub(super) fn close(self) {
        let _ = self.lines.send(Line::Over);
        let _ = self.thread.join();
    }
}

/// Tells the server of every event.
#[derive(Debug)]
pub(super) struct Told {
    lines: Sender<Line>,
    waiting: Arc<AtomicUsize>,
    /// How many entries were not sent, the first and the last of them.
    unsent: Option<(u64, u64, u64)>,
}

impl Told {
    fn say(&self, line: ChildLine) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let _ = self.lines.send(Line::Say(line));
    }
}

impl Listener for Told {
    fn on_entry(&mut self, entry: &Entry) {
        let is_full = self.waiting.load(Ordering::Relaxed) >= WAITING;
        if is_full && is_frequent(&entry.event) {
            let (count, from, _) = self.unsent.unwrap_or((0, entry.seq, entry.seq));
            self.unsent = Some((count + 1, from, entry.seq));
            return;
        }
        if let Some((count, from, to)) = self.unsent.take() {
            self.say(ChildLine::Unsent { count, from, to });
        }
        self.say(ChildLine::Entry(Box::new(entry.clone())));
    }
}

/// Whether there may be any number of such events.
fn is_frequent(event: &Event) -> bool {
    match event {
        Event::Frame(_) | Event::Supply(_) => true,
        Event::RunStarted(_)
        | Event::Planned(_)
        | Event::SessionStepStarted { .. }
        | Event::SessionStepFinished { .. }
        | Event::Progressed { .. }
        | Event::TestStarted { .. }
        | Event::StepStarted { .. }
        | Event::StepFinished { .. }
        | Event::Measured(_)
        | Event::Noted(_)
        | Event::Logged(_)
        | Event::Attached(_)
        | Event::TestFinished { .. }
        | Event::Stopped { .. }
        | Event::Interrupted { .. }
        | Event::OutputVerified(_)
        | Event::RunFinished(_) => false,
    }
}

fn write_all(queued: &Receiver<Line>, socket: UnixStream, waiting: &AtomicUsize) {
    let mut out = BufWriter::with_capacity(64 << 10, socket);
    let mut gone = false;
    let mut next = queued.recv().ok();
    while let Some(Line::Say(line)) = next {
        if matches!(line, ChildLine::Entry(_) | ChildLine::Unsent { .. }) {
            waiting.fetch_sub(1, Ordering::Relaxed);
        }
        gone = gone || write(&mut out, &line).is_err();
        next = match queued.try_recv() {
            Ok(line) => Some(line),
            Err(TryRecvError::Empty) => {
                gone = gone || out.flush().is_err();
                queued.recv().ok()
            }
            Err(TryRecvError::Disconnected) => None,
        };
    }
    if !gone {
        // The journal has all of it.
        let _ = out.flush();
    }
}

fn write(out: &mut BufWriter<UnixStream>, line: &ChildLine) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

/// Two listeners in place of one.
pub(super) struct Both(pub(super) Told, pub(super) Box<dyn Listener>);

impl Listener for Both {
    fn on_entry(&mut self, entry: &Entry) {
        self.0.on_entry(entry);
        self.1.on_entry(entry);
    }
}
