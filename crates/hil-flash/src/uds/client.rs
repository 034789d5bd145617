//! One request, one answer: response-pending, busy, strangers' answers, time.

use std::time::Duration;

use hil_lin::{DiagnosticChannel, HexBytes, NegativeResponse, Reply};
use hil_model::{BenchTime, Clock};

use crate::FlashCause;
use crate::error::is_bus_fault;

/// P2, until the unit says otherwise (hardware reference 1.6).
const P2: Duration = Duration::from_millis(50);
/// P2*, until the unit says otherwise.
const P2_STAR: Duration = Duration::from_secs(5);
/// How long a unit keeps a session without hearing anything.
const S3: Duration = Duration::from_secs(5);
/// P2 ends in the unit when it has its answer; on LIN that waits for the next slot for it. An answer that comes
/// earlier is taken at once, so this costs nothing.
const SLOT: Duration = Duration::from_millis(100);
/// How often a unit may say that an answer is pending.
const PENDING: u32 = 100;
/// How often a busy unit is asked, and the pause between.
const BUSY: u32 = 10;
const BUSY_PAUSE: Duration = Duration::from_millis(100);
/// How many answers to other questions are passed over while one is waited for.
const STRAYS: u32 = 16;

/// A request, service id first.
pub(super) struct Request<'r> {
    /// What errors call it.
    pub(super) name: &'static str,
    /// All of it.
    pub(super) bytes: &'r [u8],
    /// How many bytes behind the service id a positive answer repeats.
    pub(super) echo: usize,
}

impl Request<'_> {
    fn fit(&self, message: &[u8]) -> Fit {
        let (service, parameters) = self.bytes.split_first().map_or((0, &[][..]), |(id, rest)| (*id, rest));
        match Reply::parse(service, message.to_vec()) {
            Ok(Reply::Negative(refusal)) if refusal.code == NegativeResponse::RESPONSE_PENDING => {
                Fit::Pending
            }
            Ok(Reply::Negative(refusal)) => Fit::Negative(refusal),
            Ok(Reply::Positive(_)) => {
                let repeated = parameters.get(..self.echo).unwrap_or(parameters);
                match message.get(1..).and_then(|payload| payload.strip_prefix(repeated)) {
                    Some(rest) => Fit::Positive(rest.to_vec()),
                    None => Fit::Stray(odd(self.name, message, "it repeats other parameters")),
                }
            }
            Err(_) => Fit::Stray(odd(self.name, message, "it is of another service")),
        }
    }
}

/// How an answer fits a request.
enum Fit {
    /// It is the answer; this follows what it repeats.
    Positive(Vec<u8>),
    Pending,
    Negative(NegativeResponse),
    Stray(FlashCause),
}

/// A client of one unit's diagnostic services.
pub(super) struct Client<'c> {
    channel: &'c mut dyn DiagnosticChannel,
    clock: &'c dyn Clock,
    p2: Duration,
    p2_star: Duration,
    limit: Duration,
    deadline: BenchTime,
    /// When the unit last had a reason to keep the session.
    heard: BenchTime,
}

impl<'c> Client<'c> {
    /// A client that gives up after `limit`, whatever it is doing.
    pub(super) fn new(channel: &'c mut dyn DiagnosticChannel, clock: &'c dyn Clock, limit: Duration) -> Self {
        let now = clock.now();
        Self { channel, clock, p2: P2, p2_star: P2_STAR, limit, deadline: now + limit, heard: now }
    }

    pub(super) const fn clock(&self) -> &'c dyn Clock {
        self.clock
    }

    /// Takes the times that a session is opened with: P2 in ms, P2* in 10 ms. Zeros mean the defaults.
    pub(super) fn set_times(&mut self, p2: u16, p2_star: u16) {
        self.p2 = if p2 == 0 { P2 } else { Duration::from_millis(p2.into()) };
        self.p2_star = if p2_star == 0 { P2_STAR } else { Duration::from_millis(u64::from(p2_star) * 10) };
    }

    /// The unit is to start again: its session and its times are gone.
    pub(super) fn forget_session(&mut self) {
        self.set_times(0, 0);
    }

    /// Sends a request and returns what follows the echo of the positive answer.
    pub(super) fn ask(&mut self, request: &Request<'_>) -> Result<Vec<u8>, FlashCause> {
        for _ in 0..BUSY {
            self.check_time()?;
            self.channel
                .send(request.bytes)
                .map_err(|source| FlashCause::Transport { request: request.name, source })?;
            let answer = self.answer(request);
            self.heard = self.clock.now();
            match answer? {
                Ok(payload) => return Ok(payload),
                Err(refusal) if refusal.code == NegativeResponse::BUSY_REPEAT_REQUEST => {
                    self.clock.sleep(BUSY_PAUSE);
                }
                Err(refusal) => return Err(FlashCause::Refused { request: request.name, refusal }),
            }
        }
        Err(FlashCause::Busy { request: request.name, times: BUSY })
    }

    /// Waits for the answer proper.
    fn answer(&mut self, request: &Request<'_>) -> Result<Result<Vec<u8>, NegativeResponse>, FlashCause> {
        let mut within = self.p2 + SLOT;
        let mut end = self.clock.now() + within;
        let mut pending = 0;
        let mut strays = 0;
        let mut last_stray = None;
        loop {
            self.check_time()?;
            let left = end.min(self.deadline).since(self.clock.now());
            let message = self
                .channel
                .receive(left)
                .map_err(|source| FlashCause::Transport { request: request.name, source })?;
            let Some(message) = message else {
                self.check_time()?;
                return Err(last_stray.unwrap_or(FlashCause::NoAnswer { request: request.name, within }));
            };
            match request.fit(&message) {
                Fit::Positive(payload) => return Ok(Ok(payload)),
                Fit::Negative(refusal) => return Ok(Err(refusal)),
                Fit::Pending if pending == PENDING => {
                    return Err(FlashCause::PendingForEver { request: request.name, times: pending + 1 });
                }
                Fit::Pending => {
                    pending += 1;
                    within = self.p2_star + SLOT;
                    end = self.clock.now() + within;
                }
                Fit::Stray(stray) => {
                    strays += 1;
                    if strays == STRAYS || self.clock.now() >= end {
                        return Err(stray);
                    }
                    last_stray = Some(stray);
                }
            }
        }
    }

    /// Keeps the session while nothing is asked: TesterPresent without an answer, once half of S3 has passed.
    pub(super) fn keep_alive(&mut self) -> Result<(), FlashCause> {
        self.check_time()?;
        if self.clock.now().since(self.heard) < S3 / 2 {
            return Ok(());
        }
        self.heard = self.clock.now();
        match self.channel.send(&[0x3E, 0x80]) {
            // The next one comes before S3 ends.
            Err(error) if is_bus_fault(&error) => Ok(()),
            sent => sent.map_err(|source| FlashCause::Transport { request: "TesterPresent", source }),
        }
    }

    fn check_time(&self) -> Result<(), FlashCause> {
        if self.clock.now() < self.deadline {
            Ok(())
        } else {
            Err(FlashCause::TimeLimit { limit: self.limit })
        }
    }
}

/// The error for an answer that makes no sense.
pub(super) fn odd(request: &'static str, answer: &[u8], why: &'static str) -> FlashCause {
    let answer = if answer.is_empty() { "nothing".to_owned() } else { HexBytes(answer).to_string() };
    FlashCause::Answer { request, answer, why }
}
