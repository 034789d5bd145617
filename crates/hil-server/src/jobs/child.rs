//! Tests on the configured bench: a process of its own carries them out, so that a crash of a test takes nobody along.
//!
//! The process writes its journal's entries to a socket that is its standard input. The end of that socket, which the
//! end of this server is as well, makes it end in order, and so does SIGTERM. Its supply has a guardian, whatever
//! happens to either of the two.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus as ProcessEnd, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use hil_model::run::RunOutcome;
use hil_model::{ExitStatus, RunId};
use hil_realtime::{Percent, Severity, Trouble, Warning};
use hil_report::JOURNAL_FILE;
use hil_store::JobStatus;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use super::control::{Control, Why};
use super::launcher::JobLauncher;
use super::line::ChildLine;
use super::live::{Live, details, plugin};
use super::plugins::{self, RUN};
use super::request::RunOrder;
use super::translate::{Translator, meaning};

/// How long the process may take to end in order. Its own bounds, for a test to unwind and for the way down, add up to
/// less.
const GRACE: Duration = Duration::from_secs(45);
/// How many lines may wait to be translated. When there are more, they wait in the process.
const WAITING: usize = 1024;
/// How often the process is looked at while it says nothing.
const TICK: Duration = Duration::from_millis(200);
/// The same once it has nothing more to say.
const LAST_TICK: Duration = Duration::from_millis(20);
/// How long to wait for the rest of what a process said that is gone. Something that it started may hold the socket.
const REST: Duration = Duration::from_secs(2);
/// How much of what the process wrote at last is told.
const TAIL: u64 = 4096;

/// The folder of the reports in that of the job.
pub(super) fn reports(folder: &Path) -> PathBuf {
    folder.join("reports")
}

/// What a job is carried out with.
#[derive(Debug)]
pub(super) struct Bench<'a> {
    pub(super) launcher: &'a dyn JobLauncher,
    pub(super) folder: &'a Path,
    pub(super) live: &'a Live,
    pub(super) control: &'a Control,
}

/// How it ended.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) status: JobStatus,
    /// The verdict, as far as the end of the process tells it.
    pub(super) outcome: RunOutcome,
    pub(super) run: Option<RunId>,
}

/// What can happen while the process is at work.
enum Heard {
    Line(ChildLine),
    /// A line that is none of ours.
    Garbled,
    /// It says nothing more.
    End,
    /// Somebody wants it to end.
    Asked,
}

/// Carries the order out.
pub(super) fn run(order: &RunOrder, operator: Option<&str>, bench: &Bench<'_>) -> Finished {
    for metadata in plugins::steps() {
        bench.live.say(metadata);
    }
    for test in bench.launcher.plan(order) {
        bench.live.say(plugins::test(&test));
    }
    bench.live.progress(Percent::START, Some("starting".to_owned()), None);
    match start(order, operator, bench) {
        Ok((child, lines)) => attend(child, lines, bench),
        Err(error) => {
            say_error(bench.live, "The run cannot be started", "RUN_NOT_STARTED", error.to_string());
            Finished { status: JobStatus::Failed, outcome: RunOutcome::Error, run: None }
        }
    }
}

fn start(
    order: &RunOrder,
    operator: Option<&str>,
    bench: &Bench<'_>,
) -> io::Result<(Child, Receiver<Heard>)> {
    let (ours, theirs) = UnixStream::pair()?;
    let mut command = bench.launcher.command(order, operator, &reports(bench.folder))?;
    command
        // Ctrl-C in the server's terminal is the server's.
        .process_group(0)
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(File::create(bench.folder.join("stdout.txt"))?)
        .stderr(File::create(bench.folder.join("stderr.txt"))?);
    let child = command.spawn()?;
    // With it goes this process's own copy of the other end.
    drop(command);
    let (heard, lines) = sync_channel(WAITING);
    let nudge: SyncSender<Heard> = heard.clone();
    bench.control.nudge(move || {
        // Where it is full, somebody is awake.
        let _ = nudge.try_send(Heard::Asked);
    });
    std::thread::Builder::new().name("entries".to_owned()).spawn(move || listen(ours, &heard))?;
    Ok((child, lines))
}

/// Reads what the process says. The socket stays open until it says nothing more, because its end is an order.
fn listen(socket: UnixStream, heard: &SyncSender<Heard>) {
    for line in BufReader::new(socket).split(b'\n') {
        let Ok(line) = line else { break };
        let line = serde_json::from_slice(&line).map_or(Heard::Garbled, Heard::Line);
        if heard.send(line).is_err() {
            return;
        }
    }
    // Nobody listens to a job that is over.
    let _ = heard.send(Heard::End);
}

/// The process at work.
struct Attended<'a> {
    translator: Translator,
    bench: &'a Bench<'a>,
    /// The number of the last entry that was heard.
    last: u64,
    garbled: bool,
}

impl Attended<'_> {
    fn hear(&mut self, line: ChildLine) {
        let live = self.bench.live;
        match line {
            ChildLine::Entry(entry) => {
                self.last = self.last.max(entry.seq);
                for message in self.translator.entry(&entry, live.elapsed()) {
                    live.publish(message);
                }
            }
            ChildLine::Waiting { what, owner } => {
                let owner = owner.unwrap_or_else(|| "somebody".to_owned());
                let stage = format!("waiting for {what} (held by {owner})");
                live.progress(Percent::START, Some(stage), None);
            }
            ChildLine::Unsent { count, from, to } => {
                let what = format!(
                    "{count} frames and samples between the entries {from} and {to} are in the journal only: \
                     the server did not keep up"
                );
                say_warning(live, what, Severity::Medium);
            }
        }
    }

    /// Takes from the journal what a process that died had written there and not yet said.
    fn catch_up(&mut self) {
        let Ok(journal) = hil_report::read(reports(self.bench.folder).join(JOURNAL_FILE)) else {
            // Nothing was begun.
            return;
        };
        for entry in journal.entries {
            if entry.seq > self.last {
                self.hear(ChildLine::Entry(Box::new(entry)));
            }
        }
    }

    fn garbled(&mut self) {
        if !std::mem::replace(&mut self.garbled, true) {
            say_warning(
                self.bench.live,
                "the run says something that is no entry of a journal".to_owned(),
                Severity::Medium,
            );
        }
    }
}

fn attend(mut child: Child, lines: Receiver<Heard>, bench: &Bench<'_>) -> Finished {
    let device = bench.launcher.bench().name.clone();
    let root = bench.launcher.bench().root.clone();
    let translator = Translator::new(bench.live.job().clone(), device, root);
    let mut attended = Attended { translator, bench, last: 0, garbled: false };
    let (mut silent, mut told, mut killed) = (false, None, false);
    let end = loop {
        let heard = lines.recv_timeout(if silent { LAST_TICK } else { TICK });
        let idle = matches!(heard, Err(_) | Ok(Heard::End));
        match heard {
            Ok(Heard::Line(line)) => attended.hear(line),
            Ok(Heard::Garbled) => attended.garbled(),
            Ok(Heard::End) => silent = true,
            Ok(Heard::Asked) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        if told.is_none() && bench.control.asked().is_some() {
            told = Some(Instant::now());
            signal(&child, Signal::SIGTERM);
        }
        if !killed && told.is_some_and(|told| told.elapsed() > GRACE) {
            killed = true;
            // All that it started, but not the guardian of its supply, which has a session of its own.
            signal_group(&child, Signal::SIGKILL);
        }
        if idle {
            match child.try_wait() {
                Ok(None) => {}
                Ok(Some(end)) => break Some(end),
                Err(error) => {
                    tracing::error!(target: "hil_server", %error, "a run cannot be waited for");
                    break None;
                }
            }
        }
    };
    if !silent {
        rest(&lines, &mut attended);
    }
    conclude(end, killed, attended)
}

/// What the process said before it ended.
fn rest(lines: &Receiver<Heard>, attended: &mut Attended<'_>) {
    let until = Instant::now() + REST;
    while let Ok(heard) = lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
        match heard {
            Heard::Line(line) => attended.hear(line),
            Heard::Garbled => attended.garbled(),
            Heard::End => return,
            Heard::Asked => {}
        }
    }
}

fn signal(child: &Child, signal: Signal) {
    // It was not waited for, so the number is still its own.
    if let Ok(pid) = i32::try_from(child.id()) {
        let _ = kill(Pid::from_raw(pid), signal);
    }
}

/// The same to everything that the process started and that stayed in its group, which has its number.
fn signal_group(child: &Child, signal: Signal) {
    if let Ok(group) = i32::try_from(child.id()) {
        let _ = killpg(Pid::from_raw(group), signal);
    }
}

/// Whether the process came to its end in order: then its exit code says how the supply was left.
fn is_in_order(code: Option<ExitStatus>) -> bool {
    match code {
        Some(
            ExitStatus::Passed
            | ExitStatus::Failed
            | ExitStatus::Interrupted
            | ExitStatus::Usage
            | ExitStatus::NothingRan
            | ExitStatus::BenchFault
            | ExitStatus::OutputUnconfirmed,
        ) => true,
        Some(ExitStatus::Internal) | None => false,
    }
}

fn conclude(end: Option<ProcessEnd>, killed: bool, mut attended: Attended<'_>) -> Finished {
    let bench = attended.bench;
    let code = end.and_then(|end| end.code()).and_then(|code| u8::try_from(code).ok()).and_then(meaning);
    let how = how(end);
    if attended.translator.exit().is_none() {
        attended.catch_up();
    }
    for message in attended.translator.broke_off(&how, bench.live.elapsed()) {
        bench.live.publish(message);
    }
    let translator = &attended.translator;
    let run = translator.run_id().cloned();
    // Whoever does not come to the end of the process has not kept the run.
    if run.is_some() && (translator.exit().is_none() || code.is_none()) {
        bench.launcher.keep(&reports(bench.folder));
    }
    if killed {
        let text = format!(
            "the run did not end within {} s and was killed; the guardian of its supply switches it off",
            GRACE.as_secs()
        );
        say_warning(bench.live, text, Severity::High);
    }
    let unsafe_end = translator.output() == Some(false)
        || code == Some(ExitStatus::OutputUnconfirmed)
        || (!is_in_order(code) && translator.is_unproven());
    let (status, outcome) = verdict(code, bench.control.asked(), unsafe_end);
    if status == JobStatus::Failed {
        let (error, code) = if unsafe_end {
            ("The supply's output could not be confirmed off: switch it off by hand", "OUTPUT_UNCONFIRMED")
        } else {
            ("The run failed", "RUN_FAILED")
        };
        let last = tail(&bench.folder.join("stderr.txt"));
        say_error(bench.live, error, code, if last.is_empty() { how } else { format!("{how}:\n{last}") });
    }
    Finished { status, outcome, run }
}

/// What became of the job, by the exit code of its process, by who ended it early, and by whether the supply's output may
/// still be on.
fn verdict(code: Option<ExitStatus>, asked: Option<Why>, unsafe_end: bool) -> (JobStatus, RunOutcome) {
    let early = asked.map(|why| match why {
        Why::Cancelled => JobStatus::Aborted,
        Why::ServerEnds => JobStatus::Interrupted,
    });
    match (code, early) {
        _ if unsafe_end => (JobStatus::Failed, RunOutcome::Error),
        // It had come to its end before it heard that it should.
        (Some(ExitStatus::Passed), _) => (JobStatus::Completed, RunOutcome::Pass),
        (Some(ExitStatus::Failed), _) => (JobStatus::Completed, RunOutcome::Fail),
        (Some(ExitStatus::NothingRan | ExitStatus::BenchFault), None) => {
            (JobStatus::Completed, RunOutcome::Error)
        }
        (Some(ExitStatus::Interrupted), early) => (early.unwrap_or(JobStatus::Aborted), RunOutcome::Aborted),
        (_, Some(early)) => (early, RunOutcome::Aborted),
        (Some(ExitStatus::Internal | ExitStatus::Usage | ExitStatus::OutputUnconfirmed) | None, None) => {
            (JobStatus::Failed, RunOutcome::Error)
        }
    }
}

/// How the process ended, in words.
fn how(end: Option<ProcessEnd>) -> String {
    let Some(end) = end else { return "nobody knows how the run's process ended".to_owned() };
    if let Some(number) = end.signal() {
        let name = Signal::try_from(number).map_or_else(|_| number.to_string(), |signal| signal.to_string());
        return format!("the run's process was ended by {name}");
    }
    let code = end.code().unwrap_or(-1);
    let meaning = u8::try_from(code).ok().and_then(meaning).map_or("unknown", ExitStatus::meaning);
    format!("the run ended with exit code {code}: {meaning}")
}

/// The last lines of a text.
fn tail(path: &Path) -> String {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut bytes = Vec::new();
        file.take(TAIL).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).trim().to_owned()
}

fn say_error(live: &Live, error: &str, code: &str, message: String) {
    let details = Some(details(code, message));
    live.say(Trouble { error: error.to_owned(), plugin: None, details, frame_id: None });
}

fn say_warning(live: &Live, message: String, severity: Severity) {
    live.say(Warning { plugin: plugin(RUN), message, severity: Some(severity), frame_id: None });
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::process::Command;

    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::passed(Some(ExitStatus::Passed), None, JobStatus::Completed, RunOutcome::Pass)]
    #[case::red(Some(ExitStatus::Failed), None, JobStatus::Completed, RunOutcome::Fail)]
    #[case::nothing_ran(Some(ExitStatus::NothingRan), None, JobStatus::Completed, RunOutcome::Error)]
    #[case::bench(Some(ExitStatus::BenchFault), None, JobStatus::Completed, RunOutcome::Error)]
    #[case::by_hand(Some(ExitStatus::Interrupted), None, JobStatus::Aborted, RunOutcome::Aborted)]
    #[case::usage(Some(ExitStatus::Usage), None, JobStatus::Failed, RunOutcome::Error)]
    #[case::fault(Some(ExitStatus::Internal), None, JobStatus::Failed, RunOutcome::Error)]
    #[case::killed(None, None, JobStatus::Failed, RunOutcome::Error)]
    #[case::cancelled(
        Some(ExitStatus::Interrupted),
        Some(Why::Cancelled),
        JobStatus::Aborted,
        RunOutcome::Aborted
    )]
    #[case::cancelled_too_late(
        Some(ExitStatus::Failed),
        Some(Why::Cancelled),
        JobStatus::Completed,
        RunOutcome::Fail
    )]
    #[case::cancelled_before_it_ran(
        Some(ExitStatus::NothingRan),
        Some(Why::Cancelled),
        JobStatus::Aborted,
        RunOutcome::Aborted
    )]
    #[case::cancelled_and_killed(None, Some(Why::Cancelled), JobStatus::Aborted, RunOutcome::Aborted)]
    #[case::server_ends(
        Some(ExitStatus::Interrupted),
        Some(Why::ServerEnds),
        JobStatus::Interrupted,
        RunOutcome::Aborted
    )]
    fn what_became_of_a_job(
        #[case] code: Option<ExitStatus>,
        #[case] asked: Option<Why>,
        #[case] status: JobStatus,
        #[case] outcome: RunOutcome,
    ) {
        assert_eq!(verdict(code, asked, false), (status, outcome));
        assert_eq!(
            verdict(code, asked, true),
            (JobStatus::Failed, RunOutcome::Error),
            "the output may be on"
        );
    }

    #[test]
    fn the_end_of_a_process_is_that_of_what_it_started() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 600 & echo; wait"]).process_group(0).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut said = child.stdout.take().unwrap();
        // Both are there, and both have the pipe.
        assert_eq!(said.read(&mut [0]).unwrap(), 1);
        let began = Instant::now();
        signal_group(&child, Signal::SIGKILL);
        assert_eq!(child.wait().unwrap().signal(), Some(9));
        assert_eq!(said.read_to_end(&mut Vec::new()).unwrap(), 0);
        assert!(began.elapsed() < Duration::from_secs(300));
    }
}
