//! The services, and what order they insist on.

use std::collections::VecDeque;
use std::time::Duration;

use hil_model::BenchTime;

use super::download::{Block, Download};
use super::faults::Faults;
use super::memory::{Memory, crc32};
use super::{BootFault, BootSetup, Bootloader, VersionSource};
use crate::{Reply, Seeded};

const SERVICE_NOT_SUPPORTED: u8 = 0x11;
const SUB_FUNCTION_NOT_SUPPORTED: u8 = 0x12;
const INCORRECT_LENGTH: u8 = 0x13;
const CONDITIONS_NOT_CORRECT: u8 = 0x22;
const REQUEST_SEQUENCE_ERROR: u8 = 0x24;
const REQUEST_OUT_OF_RANGE: u8 = 0x31;
const SECURITY_ACCESS_DENIED: u8 = 0x33;
const INVALID_KEY: u8 = 0x35;
const EXCEEDED_NUMBER_OF_ATTEMPTS: u8 = 0x36;
const TRANSFER_DATA_SUSPENDED: u8 = 0x71;
const GENERAL_PROGRAMMING_FAILURE: u8 = 0x72;
const WRONG_BLOCK_SEQUENCE_COUNTER: u8 = 0x73;
const SERVICE_NOT_IN_SESSION: u8 = 0x7F;

/// The bit of a sub-function that asks for no answer.
const SUPPRESS: u8 = 0x80;
/// How long a session lasts without a request (hardware reference 1.6).
const S3: Duration = Duration::from_secs(5);
/// How long a request in a single frame may be.
const SINGLE_FRAME: usize = 6;
/// P2 of 50 ms and P2* of 5000 ms, in 1 ms and 10 ms.
const TIMES: [u8; 4] = [0x00, 0x32, 0x01, 0xF4];
/// How many wrong keys it takes until the next reset.
const WRONG_KEYS: u8 = 3;
/// How often "endless" is; a client that takes more has no limit.
const ENDLESS: u32 = 1000;
const ENDLESS_EVERY: Duration = Duration::from_secs(1);
/// How many requests are remembered.
const REMEMBERED: usize = 10_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Session {
    Default,
    Programming,
    Extended,
}

#[derive(Debug)]
pub(super) struct Loader {
    setup: BootSetup,
    pub(super) memory: Memory,
    pub(super) faults: Faults,
    pub(super) is_valid: bool,
    pub(super) repeated: u32,
    pub(super) received: VecDeque<Vec<u8>>,
    session: Session,
    is_unlocked: bool,
    seed: Option<[u8; 4]>,
    seeds: Seeded,
    wrong_keys: u8,
    download: Option<Download>,
    /// The ranges that were downloaded since the session was opened.
    done: Vec<(u32, u32)>,
    blocks: u32,
    is_dead: bool,
    /// When the last request was dealt with.
    last: BenchTime,
    /// When it answers again.
    up: BenchTime,
}

impl Loader {
    pub(super) fn new(setup: BootSetup) -> Self {
        Self {
            memory: Memory::new(setup.start, setup.length, &setup.program),
            setup,
            faults: Faults::default(),
            is_valid: true,
            repeated: 0,
            received: VecDeque::new(),
            session: Session::Default,
            is_unlocked: false,
            seed: None,
            seeds: Seeded::new(0xB007, 1),
            wrong_keys: 0,
            download: None,
            done: Vec::new(),
            blocks: 0,
            is_dead: false,
            last: BenchTime::ZERO,
            up: BenchTime::ZERO,
        }
    }

    /// Whether the programming session is open, and heard of recently.
    pub(super) fn is_programming(&self, now: BenchTime) -> bool {
        self.session == Session::Programming && now.since(self.last) <= S3
    }

    pub(super) fn start(&mut self, now: BenchTime) {
        self.open(Session::Default);
        self.wrong_keys = 0;
        self.is_dead = false;
        self.up = now + self.setup.restart;
    }

    fn open(&mut self, session: Session) {
        self.session = session;
        self.is_unlocked = false;
        self.seed = None;
        self.download = None;
        self.done.clear();
        self.blocks = 0;
    }

    pub(super) fn serve(&mut self, request: &[u8], now: BenchTime) -> Reply {
        let &[service, ref parameters @ ..] = request else {
            return Reply::Silence;
        };
        if now < self.up || self.is_dead {
            return Reply::Silence;
        }
        self.remember(request);
        // S3 stops with the first frame of a request. When that came is not known here, so only a request of a
        // single frame can come too late.
        let is_late = request.len() <= SINGLE_FRAME && now.since(self.last) > S3;
        if self.session != Session::Default && is_late {
            self.open(Session::Default);
        }
        let reply = self
            .planned(service, now)
            .unwrap_or_else(|| self.dispatch(service, parameters, now).unwrap_or_else(Reply::Negative));
        self.last = now + duration_of(&reply);
        reply
    }

    fn remember(&mut self, request: &[u8]) {
        if self.received.len() == REMEMBERED {
            self.received.pop_front();
        }
        let shown = if request.first() == Some(&0x36) { 2 } else { request.len() };
        self.received.push_back(request.iter().take(shown).copied().collect());
    }

    /// What a fault makes of a service.
    fn planned(&mut self, service: u8, now: BenchTime) -> Option<Reply> {
        let endless = || (0..ENDLESS).fold(Reply::Silence, |then, _| pending(ENDLESS_EVERY, then));
        self.faults.strike(now, |fault| match fault {
            BootFault::Refuse { service: refused, code } if refused == service => Some(Reply::Negative(code)),
            BootFault::EndlessPending { service: pending } if pending == service => Some(endless()),
            BootFault::Refuse { .. }
            | BootFault::EndlessPending { .. }
            | BootFault::SilentFromBlock(_)
            | BootFault::CorruptBlock(_)
            | BootFault::RefuseKey => None,
        })
    }

    fn dispatch(&mut self, service: u8, parameters: &[u8], now: BenchTime) -> Result<Reply, u8> {
        match service {
            0x10 => self.control_session(parameters),
            0x11 => reset(parameters),
            0x22 => self.read_identifier(parameters),
            0x27 => self.security(parameters, now),
            0x3E => match parameters {
                [0x00] => Ok(Reply::Positive(vec![0x00])),
                [SUPPRESS] => Ok(Reply::Silence),
                [_] => Err(SUB_FUNCTION_NOT_SUPPORTED),
                _ => Err(INCORRECT_LENGTH),
            },
            0x31 | 0x34 | 0x36 | 0x37 if self.session != Session::Programming => Err(SERVICE_NOT_IN_SESSION),
            0x31 | 0x34 | 0x36 | 0x37 if !self.is_unlocked => Err(SECURITY_ACCESS_DENIED),
            0x31 => self.routine(parameters),
            0x34 => self.request_download(parameters),
            0x36 => self.transfer(parameters, now),
            0x37 => self.transfer_exit(parameters),
            _ => Err(SERVICE_NOT_SUPPORTED),
        }
    }

    fn control_session(&mut self, parameters: &[u8]) -> Result<Reply, u8> {
        let &[sub_function] = parameters else {
            return Err(INCORRECT_LENGTH);
        };
        let session = match sub_function & !SUPPRESS {
            0x01 => Session::Default,
            0x02 => Session::Programming,
            0x03 => Session::Extended,
            _ => return Err(SUB_FUNCTION_NOT_SUPPORTED),
        };
        self.open(session);
        if sub_function & SUPPRESS != 0 {
            return Ok(Reply::Silence);
        }
        Ok(Reply::Positive([sub_function].into_iter().chain(TIMES).collect()))
    }

    fn read_identifier(&self, parameters: &[u8]) -> Result<Reply, u8> {
        match parameters {
            // It is the application's version, and there is none.
            [0xF1, 0x95] if !self.is_valid => Err(CONDITIONS_NOT_CORRECT),
            [0xF1, 0x95] => {
                let version = match &self.setup.version {
                    VersionSource::Fixed(text) => text.as_bytes(),
                    VersionSource::Memory { address, length } => {
                        self.memory.read(*address, *length).ok_or(CONDITIONS_NOT_CORRECT)?
                    }
                };
                Ok(Reply::Positive([&[0xF1, 0x95], version].concat()))
            }
            [_, _] => Err(REQUEST_OUT_OF_RANGE),
            _ => Err(INCORRECT_LENGTH),
        }
    }

    fn security(&mut self, parameters: &[u8], now: BenchTime) -> Result<Reply, u8> {
        let level = self.setup.security_level;
        match parameters {
            _ if self.session == Session::Default => Err(SERVICE_NOT_IN_SESSION),
            [seed] if *seed == level => {
                if self.wrong_keys >= WRONG_KEYS {
                    return Err(EXCEEDED_NUMBER_OF_ATTEMPTS);
                }
                if self.is_unlocked {
                    return Ok(Reply::Positive(vec![level, 0, 0, 0, 0]));
                }
                // A seed of zeros would say that it is unlocked.
                let seed = (self.seeds.draw() as u32 | 1).to_be_bytes();
                self.seed = Some(seed);
                Ok(Reply::Positive([level].into_iter().chain(seed).collect()))
            }
            [key, key_bytes @ ..] if *key == level + 1 => {
                let seed = self.seed.take().ok_or(REQUEST_SEQUENCE_ERROR)?;
                let is_right = seed.map(|byte| byte ^ Bootloader::KEY) == key_bytes;
                let is_refused = self.faults.is_struck(now, BootFault::RefuseKey);
                if is_right && !is_refused {
                    self.is_unlocked = true;
                    return Ok(Reply::Positive(vec![level + 1]));
                }
                self.wrong_keys += 1;
                Err(if self.wrong_keys >= WRONG_KEYS { EXCEEDED_NUMBER_OF_ATTEMPTS } else { INVALID_KEY })
            }
            [_, ..] => Err(SUB_FUNCTION_NOT_SUPPORTED),
            [] => Err(INCORRECT_LENGTH),
        }
    }

    fn routine(&mut self, parameters: &[u8]) -> Result<Reply, u8> {
        let [0x01, high, low, option @ ..] = parameters else {
            return Err(if parameters.len() < 3 { INCORRECT_LENGTH } else { SUB_FUNCTION_NOT_SUPPORTED });
        };
        let id = u16::from_be_bytes([*high, *low]);
        match (id, option) {
            (0xFF00, place) => {
                let (address, length) = place_of(place)?;
                if self.download.is_some() {
                    return Err(CONDITIONS_NOT_CORRECT);
                }
                self.memory.erase(address, length).ok_or(REQUEST_OUT_OF_RANGE)?;
                self.is_valid = false;
                let done = Reply::Positive(vec![0x01, *high, *low]);
                Ok(pending(self.setup.erase_time, done))
            }
            (0x0202, &[a, b, c, d]) => {
                let expected = u32::from_be_bytes([a, b, c, d]);
                self.check(*high, *low, |crc| crc == expected)
            }
            (0xFF01, []) => self.check(*high, *low, |_| true),
            (0x0202 | 0xFF01, _) => Err(INCORRECT_LENGTH),
            _ => Err(REQUEST_OUT_OF_RANGE),
        }
    }

    /// A check of all that was downloaded: good makes a valid application.
    fn check(&mut self, high: u8, low: u8, is_good: impl FnOnce(u32) -> bool) -> Result<Reply, u8> {
        if self.download.is_some() || self.done.is_empty() {
            return Err(REQUEST_SEQUENCE_ERROR);
        }
        let ranges = self.done.iter().filter_map(|(address, length)| self.memory.read(*address, *length));
        self.is_valid = is_good(crc32(ranges));
        Ok(Reply::Positive(vec![0x01, high, low, u8::from(!self.is_valid)]))
    }

    fn request_download(&mut self, parameters: &[u8]) -> Result<Reply, u8> {
        let [format, lengths, place @ ..] = parameters else {
            return Err(INCORRECT_LENGTH);
        };
        if (*format, *lengths) != (0x00, 0x44) {
            return Err(REQUEST_OUT_OF_RANGE);
        }
        let (address, length) = place_of(place)?;
        if self.download.is_some() {
            return Err(CONDITIONS_NOT_CORRECT);
        }
        if length == 0 || self.memory.read(address, length).is_none() {
            return Err(REQUEST_OUT_OF_RANGE);
        }
        self.download = Some(Download::new(address, length));
        let bytes = self.setup.block_length_bytes.clamp(1, 4);
        let longest = self.setup.block_length.to_be_bytes();
        let (_, shown) = longest.split_at(4 - usize::from(bytes));
        Ok(Reply::Positive([&[bytes << 4], shown].concat()))
    }

    fn transfer(&mut self, parameters: &[u8], now: BenchTime) -> Result<Reply, u8> {
        let download = self.download.as_mut().ok_or(REQUEST_SEQUENCE_ERROR)?;
        let (&counter, data) = parameters.split_first().ok_or(INCORRECT_LENGTH)?;
        if data.is_empty() || parameters.len() + 1 > self.setup.block_length as usize {
            return Err(INCORRECT_LENGTH);
        }
        let block = self.blocks + u32::from(download.is_due(counter));
        let dies = self.faults.strike(now, |fault| match fault {
            BootFault::SilentFromBlock(from) if block >= from => Some(()),
            _ => None,
        });
        if dies.is_some() {
            self.is_dead = true;
            return Ok(Reply::Silence);
        }
        let spoil = self.faults.is_struck(now, BootFault::CorruptBlock(block)).then_some(0);
        match download.take(&mut self.memory, counter, data, spoil) {
            Block::Written => {
                self.blocks = block;
                self.is_valid = false;
                let done = Reply::Positive(vec![counter]);
                Ok(if self.setup.write_time.is_zero() { done } else { pending(self.setup.write_time, done) })
            }
            Block::Repeated => {
                self.repeated += 1;
                Ok(Reply::Positive(vec![counter]))
            }
            Block::WrongCounter => Err(WRONG_BLOCK_SEQUENCE_COUNTER),
            Block::TooMuch => Err(TRANSFER_DATA_SUSPENDED),
            Block::NotWritable => Err(GENERAL_PROGRAMMING_FAILURE),
        }
    }

    fn transfer_exit(&mut self, parameters: &[u8]) -> Result<Reply, u8> {
        if !parameters.is_empty() {
            return Err(INCORRECT_LENGTH);
        }
        match self.download.take() {
            Some(download) if download.is_complete() => {
                self.done.push((download.address, download.length));
                Ok(Reply::Positive(Vec::new()))
            }
            unfinished => {
                self.download = unfinished;
                Err(REQUEST_SEQUENCE_ERROR)
            }
        }
    }
}

/// ECUReset. What it does to the boot loader comes with the start.
fn reset(parameters: &[u8]) -> Result<Reply, u8> {
    let said = match parameters {
        [0x01] => Reply::Positive(vec![0x01]),
        [sub_function] if *sub_function == 0x01 | SUPPRESS => Reply::Silence,
        [_] => return Err(SUB_FUNCTION_NOT_SUPPORTED),
        _ => return Err(INCORRECT_LENGTH),
    };
    Ok(Reply::Restart(Box::new(said)))
}

fn pending(after: Duration, then: Reply) -> Reply {
    Reply::Pending { after, then: Box::new(then) }
}

/// How long a reply takes until its end.
fn duration_of(mut reply: &Reply) -> Duration {
    let mut whole = Duration::ZERO;
    while let Reply::Pending { after, then } = reply {
        whole += *after;
        reply = then;
    }
    whole
}

/// Address and length, four bytes each.
fn place_of(bytes: &[u8]) -> Result<(u32, u32), u8> {
    let &[a, b, c, d, e, f, g, h] = bytes else {
        return Err(INCORRECT_LENGTH);
    };
    Ok((u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h])))
}
