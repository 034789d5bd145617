//! The helper process: started in a group of its own, listened to, and ended with all that it started.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;

/// The longest line that is taken for an answer, in bytes.
const LONGEST_ANSWER: usize = 64 * 1024;

/// The longest piece of a line on standard error that is kept, in bytes.
const LONGEST_COMPLAINT: usize = 300;

/// How many lines of standard error an obituary quotes.
const LAST_WORDS: usize = 5;

/// How many lines of standard error reach the log, over all helpers of an adapter: they become part of the
/// run's record, and vendor packages can be talkative without end.
const LOGGED: usize = 500;

/// How many answers may wait to be read. More make the helper wait.
const BACKLOG: usize = 16;

/// What the helper needs for its way down: two seconds by its own rules, and some to notice.
const GRACE: Duration = Duration::from_secs(3);

/// How long pipes may take to run dry after the helper's end, and its end after it was killed.
const AFTERMATH: Duration = Duration::from_millis(500);

/// Why no answer came.
#[derive(Debug)]
pub(super) enum Failure {
    /// The helper has ended, or no longer speaks.
    Died,
    /// It did not answer in time.
    Late,
    /// It answered, but that was no answer.
    Nonsense(String),
}

/// What the threads that listen have to tell.
#[derive(Debug)]
enum Notice {
    Line(Vec<u8>),
    /// A line that is too long; nothing is read behind it.
    Oversized,
    /// Standard output is closed.
    Closed,
    /// The helper has ended and can still be waited for.
    Exited,
}

/// The last lines of standard error.
type Tail = Arc<Mutex<VecDeque<String>>>;

/// How many lines of standard error may still be logged. Shared by the helpers of an adapter.
#[derive(Clone, Debug)]
pub(super) struct LogBudget(Arc<AtomicUsize>);

impl Default for LogBudget {
    fn default() -> Self {
        // One more, for the line that says that there will be no more.
        Self(Arc::new(AtomicUsize::new(LOGGED + 1)))
    }
}

impl LogBudget {
    fn log(&self, line: &str) {
        let spend = |left: usize| left.checked_sub(1);
        match self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend) {
            Err(_) => {}
            Ok(1) => tracing::info!(target: "mum", "the helper goes on writing; it is no longer logged"),
            Ok(_) => tracing::info!(target: "mum", "{line}"),
        }
    }
}

/// A running helper. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    notices: Receiver<Notice>,
    tail: Tail,
    /// Disconnected when standard error is closed.
    complaints: Receiver<Infallible>,
    has_exited: bool,
    /// What became of it, once it was ended.
    obituary: Option<String>,
}

impl Process {
    /// Starts `command` with its three standard streams connected to us. What it writes to standard error is
    /// logged within `budget`.
    pub(super) fn start(mut command: Command, budget: LogBudget) -> io::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child = command.spawn()?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (notice, notices) = mpsc::sync_channel(BACKLOG);
        let (complaint, complaints) = mpsc::sync_channel::<Infallible>(0);
        let tail = Tail::default();
        let pid = pid_of(&child);
        // From here on dropping it ends the child, also if a thread is not to be had.
        let process = Self {
            child,
            stdin,
            notices,
            tail: Arc::clone(&tail),
            complaints,
            has_exited: false,
            obituary: None,
        };
        let exited = notice.clone();
        spawn("mum: end of the helper", move || watch(pid, &exited))?;
        if let Some(stdout) = stdout {
            spawn("mum: answers", move || hear_answers(BufReader::new(stdout), &notice))?;
        }
        if let Some(stderr) = stderr {
            spawn("mum: standard error", move || {
                hear_complaints(BufReader::new(stderr), &budget, &tail);
                drop(complaint);
            })?;
        }
        Ok(process)
    }

    /// Says `line`, which must be short: the helper reads one after the other, and a pipe holds 64 KiB.
    pub(super) fn say(&mut self, line: &str) -> Result<(), Failure> {
        let Some(stdin) = &mut self.stdin else { return Err(Failure::Died) };
        stdin.write_all(format!("{line}\n").as_bytes()).map_err(|_broken_pipe| Failure::Died)
    }

    /// The next line that it says within `within`.
    pub(super) fn hear(&mut self, within: Duration) -> Result<Vec<u8>, Failure> {
        let mut deadline = Instant::now() + within;
        if self.has_exited {
            deadline = deadline.min(Instant::now() + AFTERMATH);
        }
        loop {
            match self.notices.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(Notice::Line(line)) => return Ok(line),
                Ok(Notice::Oversized) => {
                    return Err(Failure::Nonsense(format!("a line of more than {LONGEST_ANSWER} bytes")));
                }
                Ok(Notice::Closed) | Err(RecvTimeoutError::Disconnected) => return Err(Failure::Died),
                Ok(Notice::Exited) => {
                    // Its last words may still be in the pipe, which a child of it may keep open.
                    self.has_exited = true;
                    deadline = deadline.min(Instant::now() + AFTERMATH);
                }
                Err(RecvTimeoutError::Timeout) if self.has_exited => return Err(Failure::Died),
                Err(RecvTimeoutError::Timeout) => return Err(Failure::Late),
            }
        }
    }

    /// Ends it: closes its standard input, leaves it some time to end by itself, and kills what is left of
    /// its process group. Returns what became of it, with its last words.
    pub(super) fn end(&mut self) -> String {
        if let Some(obituary) = &self.obituary {
            return obituary.clone();
        }
        drop(self.stdin.take());
        let ended_by_itself = self.wait_for_exit(GRACE);
        // Not reaped yet, so that its number still belongs to it and its group.
        match killpg(pid_of(&self.child), Signal::SIGKILL) {
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(error) => {
                tracing::warn!(target: "mum", "the helper's process group cannot be killed: {error}")
            }
        }
        let ended = ended_by_itself || self.wait_for_exit(AFTERMATH);
        let status = match self.child.try_wait() {
            Ok(Some(status)) if ended_by_itself => format!("the helper ended with {status}"),
            Ok(Some(_)) => "the helper was killed".to_owned(),
            Ok(None) | Err(_) => format!("the helper does not end (was killed: {ended})"),
        };
        let obituary = match self.last_words() {
            words if words.is_empty() => status,
            words => format!("{status}; it last wrote: {words}"),
        };
        self.obituary.insert(obituary).clone()
    }

    /// Whether it ends within `within`. Takes what it still says meanwhile, so that it can.
    fn wait_for_exit(&mut self, within: Duration) -> bool {
        let deadline = Instant::now() + within;
        while !self.has_exited {
            match self.notices.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(Notice::Exited) => self.has_exited = true,
                Ok(Notice::Line(_) | Notice::Oversized | Notice::Closed) => {
                    // A flood must not keep the deadline from being noticed.
                    if Instant::now() >= deadline {
                        break;
                    }
                }
                Err(_) => break,
            }
        }
        self.has_exited
    }

    fn last_words(&self) -> String {
        // Returns early, disconnected, once all has been read.
        let _ = self.complaints.recv_timeout(AFTERMATH);
        let tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        tail.iter().map(String::as_str).collect::<Vec<_>>().join(" / ")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

fn pid_of(child: &Child) -> Pid {
    Pid::from_raw(child.id().cast_signed())
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    // Each ends with its pipe or with the helper; joining them could wait for a stranger that holds a pipe.
    thread::Builder::new().name(name.to_owned()).spawn(body).map(drop)
}

/// Waits for the end of the helper, without reaping it.
fn watch(pid: Pid, exited: &SyncSender<Notice>) {
    while let Err(Errno::EINTR) = waitid(Id::Pid(pid), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT) {}
    // Nobody listens any more where the helper was ended already.
    let _ = exited.send(Notice::Exited);
}

fn hear_answers(from: impl BufRead, notice: &SyncSender<Notice>) {
    each_line(from, LONGEST_ANSWER, |line| match line {
        Line::Whole(text) => notice.send(Notice::Line(text.to_vec())).is_ok(),
        Line::TooLong(_) => {
            let _ = notice.send(Notice::Oversized);
            false
        }
        Line::Unfinished(_) => false,
    });
    let _ = notice.send(Notice::Closed);
}

fn hear_complaints(from: impl BufRead, budget: &LogBudget, tail: &Tail) {
    each_line(from, LONGEST_COMPLAINT, |line| {
        let text = match line {
            Line::Whole(text) | Line::Unfinished(text) => String::from_utf8_lossy(text).into_owned(),
            Line::TooLong(text) => format!("{}…", String::from_utf8_lossy(text)),
        };
        // Colours and the like belong to a terminal of its own.
        let text: String = text.trim().chars().filter(|letter| !letter.is_control()).collect();
        if !text.is_empty() {
            budget.log(&text);
        }
        let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
        if tail.len() == LAST_WORDS {
            tail.pop_front();
        }
        tail.push_back(text);
        true
    });
}

/// A line without its end.
#[derive(Debug, PartialEq, Eq)]
enum Line<'a> {
    Whole(&'a [u8]),
    /// The beginning of a line beyond the limit; the rest of it is left out.
    TooLong(&'a [u8]),
    /// The stream ended in the middle of it.
    Unfinished(&'a [u8]),
}

/// Gives each line to `take`, until the stream ends or breaks, or `take` has had enough.
fn each_line(mut from: impl BufRead, limit: usize, mut take: impl FnMut(Line<'_>) -> bool) {
    let mut line = Vec::new();
    let mut skipping = false;
    loop {
        let chunk = match from.fill_buf() {
            Ok([]) => break,
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => break,
        };
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let part = &chunk[..end.unwrap_or(chunk.len())];
        let room = limit - line.len();
        line.extend_from_slice(&part[..part.len().min(room)]);
        let overflows = part.len() > room;
        let used = part.len() + usize::from(end.is_some());
        from.consume(used);
        let goes_on = if overflows && !skipping {
            skipping = true;
            take(Line::TooLong(&line))
        } else if end.is_some() && !skipping {
            take(Line::Whole(&line))
        } else {
            true
        };
        if !goes_on {
            return;
        }
        if end.is_some() {
            line.clear();
            skipping = false;
        }
    }
    if !line.is_empty() && !skipping {
        take(Line::Unfinished(&line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const SOON: Duration = Duration::from_secs(10);

    fn shell(script: &str) -> Process {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Process::start(command, LogBudget::default()).unwrap()
    }

    fn is_gone(pid: i32) -> bool {
        // An orphan that has ended may stay a zombie where nobody reaps.
        std::fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| stat.contains(") Z "))
    }

    #[rstest]
    #[case::lines("a\nbc\n", "Whole:a Whole:bc")]
    #[case::empty_lines("\n\n", "Whole: Whole:")]
    #[case::at_the_limit("12345678\n", "Whole:12345678")]
    #[case::beyond("123456789abc\nx\n", "TooLong:12345678 Whole:x")]
    #[case::no_end("ab\ncd", "Whole:ab Unfinished:cd")]
    #[case::endless("123456789abcdefgh", "TooLong:12345678")]
    #[case::nothing("", "")]
    fn lines_are_bounded(#[case] text: &str, #[case] expected: &str, #[values(1, 3, 64)] chunk: usize) {
        let mut seen = Vec::new();
        each_line(BufReader::with_capacity(chunk, text.as_bytes()), 8, |line| {
            let (kind, text) = match line {
                Line::Whole(text) => ("Whole", text),
                Line::TooLong(text) => ("TooLong", text),
                Line::Unfinished(text) => ("Unfinished", text),
            };
            seen.push(format!("{kind}:{}", String::from_utf8_lossy(text)));
            true
        });
        assert_eq!(seen.join(" "), expected);
    }

    #[test]
    fn a_line_comes_back() {
        let mut process = shell("read line; echo \"heard $line\"; cat >&2");
        process.say("this").unwrap();
        assert_eq!(process.hear(SOON).unwrap(), b"heard this");
        process.say("that").unwrap();
        assert_eq!(process.end(), "the helper ended with exit status: 0; it last wrote: that");
    }

    #[rstest]
    #[case::silent("cat >/dev/null", "Late", "the helper ended with exit status: 0")]
    #[case::dies(
        "echo oh >&2; echo no >&2; exit 3",
        "Died",
        "the helper ended with exit status: 3; it last wrote: oh / no"
    )]
    #[case::dies_in_mid_line("printf half; exit 4", "Died", "the helper ended with exit status: 4")]
    #[case::falls_silent("exec >&-; cat >/dev/null", "Died", "the helper ended with exit status: 0")]
    #[case::killed("kill -9 $$", "Died", "the helper ended with signal: 9 (SIGKILL)")]
    #[case::flood("yes | tr -d '\\n'", "Nonsense", "the helper")]
    #[case::leaves_a_child("sleep 600 & exit 5", "Died", "the helper ended with exit status: 5")]
    fn no_answer_is_a_failure_with_an_obituary(
        #[case] script: &str,
        #[case] failure: &str,
        #[case] obituary: &str,
    ) {
        let mut process = shell(script);
        let within = if failure == "Late" { Duration::from_millis(100) } else { SOON };
        let got = process.hear(within).unwrap_err();
        assert!(format!("{got:?}").starts_with(failure), "{got:?}");
        let words = process.end();
        assert!(words.starts_with(obituary), "{words}");
        assert_eq!(process.end(), words, "it dies once");
    }

    #[rstest]
    #[case::deaf("trap '' TERM HUP INT; echo $$; while :; do sleep 600; done")]
    #[case::forks("sleep 600 & echo $!; wait")]
    #[case::leaves_its_child_behind("sleep 600 & echo $!")]
    fn nothing_of_it_stays(#[case] script: &str) {
        let mut process = shell(script);
        let pid = String::from_utf8(process.hear(SOON).unwrap()).unwrap().parse().unwrap();
        process.end();
        let deadline = Instant::now() + SOON;
        while !is_gone(pid) {
            assert!(Instant::now() < deadline, "{pid} is still there");
            thread::yield_now();
        }
    }

    #[test]
    fn a_talkative_helper_is_cut_short() {
        let mut process = shell("yes complaint | head -n 100000 >&2; printf '%01000d' 0 >&2");
        assert!(matches!(process.hear(SOON), Err(Failure::Died)));
        let words = process.end();
        assert!(words.ends_with(&format!("complaint / {}…", "0".repeat(LONGEST_COMPLAINT))), "{words}");
        assert!(words.len() < 2 * LONGEST_COMPLAINT, "{words}");
    }
}
