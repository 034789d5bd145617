//! A program of the user's: bounded time, bounded output, and nothing of it left behind.

use std::ffi::OsString;
use std::io::{self, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// How often a waiting run looks up: at the program, at its own lease.
pub(crate) const SLICE: Duration = Duration::from_millis(50);
/// How long the pipes of a program that has ended may stay open in the hands of others.
const LINGER: Duration = Duration::from_millis(500);
/// How much of the output an error shows.
const TAIL: usize = 2000;
/// How many lines of each stream go to the log.
const LINES: usize = 1000;
/// How long a line in the log may be.
const LINE: usize = 400;
/// How much of the standard output is kept for the caller.
const KEPT: usize = 16 << 10;

/// A program that did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// It cannot be started: there is no such program, or it may not be run.
    #[error("cannot start {program}")]
    Start {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// Its output cannot be read.
    #[error("cannot read what {program} writes")]
    Pipe {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// Nobody knows how it ended.
    #[error("cannot wait for {program}")]
    Wait {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// It did not end in time. It was killed, with all that it had started.
    #[error("{program} did not end within {:.0} s and was killed{}", timeout.as_secs_f64(), after(output))]
    TimedOut {
        /// The program.
        program: String,
        /// How long was waited.
        timeout: Duration,
        /// The end of what it wrote.
        output: String,
    },
    /// It says that it failed, or was killed.
    #[error("{program} ended with {status}{}", after(output))]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it wrote.
        output: String,
    },
}

fn after(output: &str) -> String {
    if output.is_empty() { String::new() } else { format!(", after: {output}") }
}

/// A program that is about to run.
pub(crate) struct Program {
    words: Vec<OsString>,
    timeout: Duration,
    /// Whether what it writes is fit for logs and errors. What it complains about always is.
    is_secret: bool,
}

impl Program {
    pub(crate) const fn new(words: Vec<OsString>, timeout: Duration) -> Self {
        Self { words, timeout, is_secret: false }
    }

    /// Its standard output appears nowhere.
    pub(crate) fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    /// Runs it to its end and returns the first 16 KiB of its standard output.
    ///
    /// `waited` hears of each [`SLICE`] of real time that passes, and may unwind: nothing is left behind then.
    pub(crate) fn run(&self, waited: &mut dyn FnMut(Duration)) -> Result<Vec<u8>, ProcessError> {
        let (first, rest) =
            self.words.split_first().map_or_else(Default::default, |(first, rest)| (first.clone(), rest));
        let program = first.to_string_lossy().into_owned();
        let started = Instant::now();
        let mut group = Command::new(first)
            .args(rest)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map(|child| Group { child, status: None })
            .map_err(|source| ProcessError::Start { program: program.clone(), source })?;

        // A program that floods its output blocks until it is read.
        let (sender, receiver) = sync_channel(16);
        let streams: [Option<Box<dyn Read + Send>>; 2] = [
            group.child.stdout.take().map(|stream| Box::new(stream) as _),
            group.child.stderr.take().map(|stream| Box::new(stream) as _),
        ];
        let mut open = 0;
        for (stream, from) in streams.into_iter().zip([Stream::Output, Stream::Complaints]) {
            if let Some(stream) = stream {
                read(from, stream, sender.clone())
                    .map_err(|source| ProcessError::Pipe { program: program.clone(), source })?;
                open += 1;
            }
        }

        let mut written = Written::new(self.is_secret);
        let mut told = started;
        let mut ended = None;
        loop {
            match receiver.recv_timeout(SLICE) {
                Ok((_, None)) => open -= 1,
                Ok((from, Some(bytes))) => written.take(from, &bytes),
                // The sender above lives, so this is the end of the slice.
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
            while told.elapsed() >= SLICE {
                told += SLICE;
                waited(SLICE);
            }
            let status =
                group.poll().map_err(|source| ProcessError::Wait { program: program.clone(), source })?;
            if let Some(status) = status {
                let ended = *ended.get_or_insert_with(Instant::now);
                if open > 0 && ended.elapsed() < LINGER {
                    continue;
                }
                let (kept, output) = written.finish();
                return if status.success() {
                    Ok(kept)
                } else {
                    Err(ProcessError::Failed { program, status, output })
                };
            }
            if started.elapsed() >= self.timeout {
                let output = written.finish().1;
                return Err(ProcessError::TimedOut { program, timeout: self.timeout, output });
            }
        }
    }
}

/// A process and all that it starts. Dropping it kills them.
struct Group {
    child: Child,
    status: Option<ExitStatus>,
}

impl Group {
    /// How the first process ended, once it has. What it left running is killed then.
    fn poll(&mut self) -> io::Result<Option<ExitStatus>> {
        if self.status.is_none() {
            self.status = self.child.try_wait()?;
            if self.status.is_some() {
                self.kill();
            }
        }
        Ok(self.status)
    }

    /// A number of a group is not given to others while anybody is in it. Nobody in it is an error that is none.
    fn kill(&self) {
        if let Ok(leader) = i32::try_from(self.child.id()) {
            let _ = killpg(Pid::from_raw(leader), Signal::SIGKILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.status.is_none() {
            self.kill();
            // Killed processes end; and who cannot be waited for cannot be helped.
            let _ = self.child.wait();
        }
    }
}

#[derive(Clone, Copy)]
enum Stream {
    Output,
    Complaints,
}

/// Reads `stream` in a thread of its own, which ends with the stream or with the receiver.
fn read(
    from: Stream,
    mut stream: Box<dyn Read + Send>,
    sender: SyncSender<(Stream, Option<Vec<u8>>)>,
) -> io::Result<()> {
    let body = move || {
        let mut buffer = [0; 4096];
        loop {
            let bytes = match stream.read(&mut buffer) {
                Ok(0) => None,
                Ok(length) => buffer.get(..length).map(<[u8]>::to_vec),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => None,
            };
            let is_end = bytes.is_none();
            if sender.send((from, bytes)).is_err() || is_end {
                return;
            }
        }
    };
    std::thread::Builder::new().name("output of a command".to_owned()).spawn(body).map(drop)
}

/// What a program wrote: lines for the log, the start for the caller, the end for an error.
struct Written {
    is_secret: bool,
    kept: Vec<u8>,
    tail: Vec<u8>,
    lines: [Lines; 2],
}

/// The lines of one stream.
#[derive(Default)]
struct Lines {
    partial: Vec<u8>,
    logged: usize,
}

impl Written {
    fn new(is_secret: bool) -> Self {
        Self { is_secret, kept: Vec::new(), tail: Vec::new(), lines: Default::default() }
    }

    fn take(&mut self, from: Stream, bytes: &[u8]) {
        let lines = match from {
            Stream::Output => {
                let room = KEPT.saturating_sub(self.kept.len()).min(bytes.len());
                self.kept.extend_from_slice(&bytes[..room]);
                if self.is_secret {
                    return;
                }
                &mut self.lines[0]
            }
            Stream::Complaints => &mut self.lines[1],
        };
        lines.take(bytes);
        self.tail.extend_from_slice(bytes);
        let surplus = self.tail.len().saturating_sub(TAIL);
        self.tail.drain(..surplus);
    }

    fn finish(mut self) -> (Vec<u8>, String) {
        for lines in &mut self.lines {
            lines.log();
        }
        (self.kept, readable(&self.tail))
    }
}

impl Lines {
    fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'\n' => self.log(),
                _ if self.partial.len() < LINE => self.partial.push(*byte),
                _ => {}
            }
        }
    }

    fn log(&mut self) {
        let line = readable(&std::mem::take(&mut self.partial));
        if line.is_empty() || self.logged > LINES {
            return;
        }
        self.logged += 1;
        if self.logged > LINES {
            tracing::info!("the command writes more than {LINES} lines; the rest is not logged");
        } else {
            tracing::info!("{line}");
        }
    }
}

/// Text for a line of a log: what is foreign must not steer a terminal.
fn readable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
