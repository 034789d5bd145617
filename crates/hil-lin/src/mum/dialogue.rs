//! What is said between us and the helper: JSON lines, one request, one answer. `helper.py` is the other half.

use std::process::Command;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::process::{Failure, LogBudget, Process};

/// The version of the dialogue that we speak.
const VERSION: u32 = 1;

/// The longest time that an answer is awaited: no device needs more, and neither clock overflows.
const LONGEST: Duration = Duration::from_secs(3600);

/// How much of nonsense is quoted, in characters.
const QUOTED: usize = 120;

/// The helper's first line.
#[derive(Debug, Deserialize)]
struct Hello {
    hello: u32,
    python: String,
}

/// What the helper is asked to do.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Task {
    Load {},
    Open { host: String },
    Prepare { lin_device: String, power_device: String, bitrate: u32 },
    Power { on: bool },
    Send { frame: u8, data: Vec<u8> },
    SendClassic { data: Vec<u8> },
    Receive { frame: u8, length: usize },
    Wake {},
    Close {},
}

#[derive(Serialize)]
struct Request<'a> {
    id: u64,
    within_ms: u64,
    #[serde(rename = "do")]
    task: &'a Task,
}

/// The answer to any request, for its id.
#[derive(Deserialize)]
struct Answer<T> {
    id: u64,
    ok: Option<T>,
    error: Option<Trouble>,
}

/// Where there is nothing to say.
#[derive(Debug, Deserialize)]
pub(super) struct Done {}

/// The versions of the vendor's packages, as far as they tell.
#[derive(Debug, Deserialize)]
pub(super) struct Loaded {
    pub(super) pymumclient: String,
    pub(super) pylin: String,
}

/// What the device turned out to be able to do.
#[derive(Debug, Deserialize)]
pub(super) struct Prepared {
    pub(super) wake_up: bool,
}

/// What a header brought.
#[derive(Debug, Deserialize)]
pub(super) struct Received {
    pub(super) data: Option<Vec<u8>>,
}

/// Which steps of the way down failed.
#[derive(Debug, Deserialize)]
pub(super) struct Closed {
    pub(super) troubles: Vec<String>,
}

/// Why the packages did not do what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Trouble {
    /// A package cannot be imported.
    Missing {
        package: String,
        text: String,
    },
    /// The packages lack something.
    Unable(String),
    /// They returned something that makes no sense.
    Odd(String),
    Raised(Exception),
}

/// An exception that the packages raised.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Exception {
    /// The name of its class.
    #[serde(rename = "type")]
    pub(super) class: String,
    pub(super) text: String,
    /// Whether it says that the network between helper and device broke.
    pub(super) network: bool,
}

/// A helper that said hello.
#[derive(Debug)]
pub(super) struct Dialogue {
    process: Process,
    /// The interpreter's version.
    pub(super) python: String,
    asked: u64,
}

/// A failure, and what became of the helper: after any failure its state is unknown, so it is ended.
#[derive(Debug)]
pub(super) struct BrokenOff {
    pub(super) failure: Failure,
    pub(super) obituary: String,
}

impl Dialogue {
    /// Starts the helper and awaits its hello.
    pub(super) fn begin(
        command: Command,
        budget: LogBudget,
        within: Duration,
    ) -> std::io::Result<Result<Self, BrokenOff>> {
        let mut process = Process::start(command, budget)?;
        let hello = process.hear(within).and_then(|line| match parsed::<Hello>(&line)? {
            Hello { hello: VERSION, python } => Ok(python),
            Hello { hello, .. } => {
                Err(Failure::Nonsense(format!("the helper speaks version {hello}, not {VERSION}")))
            }
        });
        Ok(match hello {
            Ok(python) => Ok(Self { process, python, asked: 0 }),
            Err(failure) => Err(break_off(&mut process, failure)),
        })
    }

    /// Asks for `task` and awaits the answer for at most `within`, an hour at the longest. The inner result is what the helper answered.
    pub(super) fn ask<T: DeserializeOwned>(
        &mut self,
        task: &Task,
        within: Duration,
    ) -> Result<Result<T, Trouble>, BrokenOff> {
        self.exchange(task, within).map_err(|failure| break_off(&mut self.process, failure))
    }

    fn exchange<T: DeserializeOwned>(
        &mut self,
        task: &Task,
        within: Duration,
    ) -> Result<Result<T, Trouble>, Failure> {
        self.asked += 1;
        let within = within.min(LONGEST);
        let within_ms = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
        let request = serde_json::to_string(&Request { id: self.asked, within_ms, task })
            .map_err(|error| Failure::Nonsense(error.to_string()))?;
        self.process.say(&request)?;
        let line = self.process.hear(within)?;
        match parsed::<Answer<T>>(&line)? {
            Answer { id, .. } if id != self.asked => {
                Err(Failure::Nonsense(format!("an answer to request {id}, not to {}", self.asked)))
            }
            Answer { ok: Some(done), error: None, .. } => Ok(Ok(done)),
            Answer { ok: None, error: Some(trouble), .. } => Ok(Err(trouble)),
            Answer { .. } => Err(Failure::Nonsense(quoted(&line))),
        }
    }
}

fn break_off(process: &mut Process, failure: Failure) -> BrokenOff {
    BrokenOff { failure, obituary: process.end() }
}

fn parsed<T: DeserializeOwned>(line: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(line).map_err(|_no_answer| Failure::Nonsense(quoted(line)))
}

fn quoted(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let mut quoted: String = text.chars().take(QUOTED).flat_map(char::escape_debug).collect();
    if text.chars().nth(QUOTED).is_some() {
        quoted.push('…');
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const SOON: Duration = Duration::from_secs(10);

    /// A helper that says `hello`, and `answer` to whatever it is asked.
    fn helper(hello: &str, answer: &str) -> Result<Dialogue, BrokenOff> {
        let mut command = Command::new("sh");
        command.args(["-c", "echo \"$0\"; read request; printf '%b\\n' \"$1\"; cat >/dev/null"]);
        command.args([hello, answer]);
        Dialogue::begin(command, LogBudget::default(), SOON).unwrap()
    }

    const HELLO: &str = r#"{"hello":1,"python":"3.9.0"}"#;

    #[rstest]
    #[case::version(r#"{"hello":2,"python":"3.9.0"}"#, "the helper speaks version 2, not 1")]
    #[case::no_json("Python 2.7", "Python 2.7")]
    #[case::long(&"x".repeat(200), &format!("{}…", "x".repeat(120)))]
    fn a_wrong_hello_is_nonsense(#[case] hello: &str, #[case] expected: &str) {
        let broken = helper(hello, "").unwrap_err();
        assert!(matches!(&broken.failure, Failure::Nonsense(what) if what == expected), "{broken:?}");
    }

    #[rstest]
    #[case::no_json("Traceback:\\a", "Traceback:\\u{7}")]
    #[case::another_id(r#"{"id":2,"ok":{"data":[1]}}"#, "an answer to request 2, not to 1")]
    #[case::both(
        r#"{"id":1,"ok":{"data":[1]},"error":{"odd":"x"}}"#,
        r#"{\"id\":1,\"ok\":{\"data\":[1]},\"error\":{\"odd\":\"x\"}}"#
    )]
    #[case::neither(r#"{"id":1}"#, r#"{\"id\":1}"#)]
    #[case::no_bytes(r#"{"id":1,"ok":{"data":[256]}}"#, r#"{\"id\":1,\"ok\":{\"data\":[256]}}"#)]
    #[case::deep(&"[".repeat(130), &format!("{}…", "[".repeat(120)))]
    fn a_wrong_answer_is_nonsense(#[case] answer: &str, #[case] expected: &str) {
        let mut dialogue = helper(HELLO, answer).unwrap();
        let broken = dialogue.ask::<Received>(&Task::Receive { frame: 1, length: 1 }, SOON).unwrap_err();
        assert!(matches!(&broken.failure, Failure::Nonsense(what) if what == expected), "{broken:?}");
        let again = dialogue.ask::<Done>(&Task::Wake {}, SOON).unwrap_err();
        assert!(matches!(again.failure, Failure::Died), "after nonsense it is ended: {again:?}");
    }

    #[test]
    fn an_answer_is_what_the_helper_says() {
        let mut dialogue = helper(HELLO, r#"{"id":1,"error":{"unable":"no wake-up"}}"#).unwrap();
        assert_eq!(dialogue.python, "3.9.0");
        let trouble = dialogue.ask::<Done>(&Task::Wake {}, SOON).unwrap().unwrap_err();
        assert_eq!(trouble, Trouble::Unable("no wake-up".to_owned()));
    }

    #[rstest]
    #[case(Task::Load {}, r#"{"id":1,"within_ms":5,"do":{"load":{}}}"#)]
    #[case(Task::SendClassic { data: vec![0, 255] }, r#"{"id":1,"within_ms":5,"do":{"send_classic":{"data":[0,255]}}}"#)]
    fn a_request_is_what_the_helper_reads(#[case] task: Task, #[case] expected: &str) {
        let request = Request { id: 1, within_ms: 5, task: &task };
        assert_eq!(serde_json::to_string(&request).unwrap(), expected);
    }
}
