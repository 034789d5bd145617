//! One WebSocket from its opening to its end.

use std::io::ErrorKind;
use std::sync::OnceLock;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_tungstenite::tungstenite::{self, Error};

use super::answer::{Message, shortened};
use super::dial::Socket;
use super::request::{PING, PONG, with_id};

/// After how many pings without any message the device is lost.
const UNANSWERED: u32 = 3;

/// How long a keep-alive may take to leave, and the closing handshake to end.
const BRIEFLY: Duration = Duration::from_secs(1);

/// A request on its way to the device.
#[derive(Debug)]
pub(super) struct Job {
    /// The message, without an id.
    pub(super) message: Value,
    /// How long it may take.
    pub(super) limit: Duration,
    /// Whether the device answers no ping meanwhile.
    pub(super) is_deaf: bool,
    /// Where the answer goes. One fits in, so that nobody waits for a reader that has left.
    pub(super) reply: SyncSender<Result<Value, Failure>>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The connection had ended before: the device knows nothing of the request.
    NotSent,
    /// The device does not answer in time.
    TimedOut,
    /// The connection ended. The request may have been carried out.
    Lost(String),
    /// What came is no answer.
    Garbled(String),
    /// The device answers that it did not do it.
    Complaint(String),
}

/// Why a conversation ended.
enum End {
    /// Nobody has anything to ask any more.
    Done,
    /// The device is gone.
    Lost(String),
    /// It sends what no WebSocket carries, or more than anybody should read.
    Garbled(String),
}

/// A request that was sent.
struct Pending {
    id: String,
    deadline: Instant,
    is_deaf: bool,
    reply: SyncSender<Result<Value, Failure>>,
}

impl Pending {
    fn reply(self, outcome: Result<Value, Failure>) {
        // Whoever asked may have given up.
        let _ = self.reply.try_send(outcome);
    }
}

/// Carries requests and answers over `socket` until it breaks or `jobs` ends. Why it broke is in `broke`
/// before anybody can notice that it did.
pub(super) async fn converse(
    socket: Socket,
    mut jobs: mpsc::Receiver<Job>,
    keep_alive: Duration,
    broke: &OnceLock<String>,
) {
    let mut conversation = Conversation { socket, pending: None, asked: 0, unanswered: 0 };
    let end = conversation.run(&mut jobs, keep_alive).await;
    let failure = match end {
        End::Done => None,
        End::Lost(why) => Some((why.clone(), Failure::Lost(why))),
        End::Garbled(what) => Some((what.clone(), Failure::Garbled(what))),
    };
    // Whoever asks from here on is told that the request was not sent.
    jobs.close();
    if let Some((why, failure)) = failure {
        tracing::debug!("mcm: the connection ended: {why}");
        broke.get_or_init(|| why);
        if let Some(pending) = conversation.pending.take() {
            pending.reply(Err(failure));
        }
    }
    drop(jobs);
    conversation.close().await;
}

struct Conversation {
    socket: Socket,
    pending: Option<Pending>,
    /// How many requests were sent.
    asked: u64,
    /// How many pings were sent since anything came.
    unanswered: u32,
}

impl Conversation {
    async fn run(&mut self, jobs: &mut mpsc::Receiver<Job>, keep_alive: Duration) -> End {
        let mut ping_at = Instant::now() + keep_alive;
        loop {
            let deadline = self.pending.as_ref().map(|pending| pending.deadline);
            let step = tokio::select! {
                job = jobs.recv(), if deadline.is_none() => match job {
                    Some(job) => self.ask(job).await,
                    None => Err(End::Done),
                },
                message = self.socket.next() => self.hear(message).await,
                () = sleep_until(deadline.unwrap_or(ping_at)), if deadline.is_some() => {
                    if let Some(pending) = self.pending.take() {
                        pending.reply(Err(Failure::TimedOut));
                    }
                    Ok(())
                }
                () = sleep_until(ping_at) => {
                    ping_at = Instant::now() + keep_alive;
                    self.ping().await
                }
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn ask(&mut self, job: Job) -> Result<(), End> {
        self.asked += 1;
        let id = self.asked.to_string();
        let text = with_id(job.message, &id);
        let deadline = Instant::now() + job.limit;
        self.pending = Some(Pending { id, deadline, is_deaf: job.is_deaf, reply: job.reply });
        self.say(text, deadline).await
    }

    async fn ping(&mut self) -> Result<(), End> {
        if self.pending.as_ref().is_some_and(|pending| pending.is_deaf) {
            self.unanswered = 0;
            return Ok(());
        }
        if self.unanswered >= UNANSWERED {
            return Err(End::Lost(format!("no sign of life after {UNANSWERED} pings")));
        }
        self.unanswered += 1;
        self.say(PING.to_owned(), Instant::now() + BRIEFLY).await
    }

    async fn hear(&mut self, message: Option<Result<tungstenite::Message, Error>>) -> Result<(), End> {
        self.unanswered = 0;
        match message {
            Some(Ok(tungstenite::Message::Text(text))) => self.read(&text).await,
            Some(Ok(tungstenite::Message::Binary(bytes))) => {
                self.refuse(format!("a binary message of {} bytes", bytes.len()));
                Ok(())
            }
            // The library answers WebSocket pings; frames are what it makes messages of.
            Some(Ok(
                tungstenite::Message::Ping(_)
                | tungstenite::Message::Pong(_)
                | tungstenite::Message::Frame(_),
            )) => Ok(()),
            Some(Ok(tungstenite::Message::Close(_))) | None => {
                Err(End::Lost("it closed the connection".to_owned()))
            }
            Some(Err(error)) => Err(broken(error)),
        }
    }

    async fn read(&mut self, text: &str) -> Result<(), End> {
        match Message::read(text) {
            Message::Ping => return self.say(PONG.to_owned(), Instant::now() + BRIEFLY).await,
            Message::Pong => {}
            Message::Answer { id, outcome } => match self.pending.take_if(|pending| pending.id == id) {
                Some(pending) => pending.reply(outcome.map_err(Failure::Complaint)),
                None => tracing::debug!("mcm: an answer that nobody waits for: {}", shortened(text)),
            },
            Message::Stray(what) => tracing::debug!("mcm: a message to nobody: {what}"),
            Message::Nonsense(what) => self.refuse(what),
        }
        Ok(())
    }

    /// Something came that cannot be understood. It may have been meant as the answer.
    fn refuse(&mut self, what: String) {
        match self.pending.take() {
            Some(pending) => pending.reply(Err(Failure::Garbled(what))),
            None => tracing::debug!("mcm: nonsense while nothing was asked: {what}"),
        }
    }

    async fn say(&mut self, text: String, deadline: Instant) -> Result<(), End> {
        let said = timeout_at(deadline, self.socket.send(tungstenite::Message::text(text))).await;
        match said {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(broken(error)),
            Err(_) => Err(End::Lost("it takes nothing any more".to_owned())),
        }
    }

    /// Says good-bye. What is still on its way from the device is not read.
    async fn close(&mut self) {
        let farewell = async {
            if self.socket.close(None).await.is_ok() {
                while let Some(Ok(_)) = self.socket.next().await {}
            }
        };
        // A device that does not answer it is left without.
        let _ = timeout(BRIEFLY, farewell).await;
    }
}

/// Why a WebSocket can be used no longer.
fn broken(error: Error) -> End {
    match error {
        Error::ConnectionClosed | Error::AlreadyClosed => End::Lost("it closed the connection".to_owned()),
        Error::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => {
            End::Lost("it dropped the connection".to_owned())
        }
        // What TLS has to say about that is an essay.
        Error::Io(error) if error.kind() == ErrorKind::UnexpectedEof => {
            End::Lost("it dropped the connection".to_owned())
        }
        Error::Io(error) => End::Lost(format!("the connection broke: {error}")),
        Error::Tls(error) => End::Lost(format!("the connection broke: {error}")),
        error => End::Garbled(shortened(&error.to_string())),
    }
}
