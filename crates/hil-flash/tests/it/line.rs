//! A client connected to a unit, with a bus of nothing but time and trouble between them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hil_flash::{FlashError, Flashed, Flasher, Image, KeyError, KeyFunction, SecurityLevel};
use hil_flash::{UdsFlasher, UdsOptions, VerifyRoutine};
use hil_lin::{DiagnosticChannel, TransportError};
use hil_model::{BenchTime, Clock};
use hil_sim::{Bootloader, Pace, Reply, Services, SimClock};

/// A frame and the pause behind it, as in hardware reference 9.
const SLOT: Duration = Duration::from_millis(10);

/// What happens to a request or to its answer.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    LoseRequest,
    RequestFails(TransportError),
    LoseAnswer,
    AnswerFails(TransportError),
    PowerCut,
}

/// What the unit and the test share with the channel.
pub(crate) type Requests = Arc<Mutex<Vec<Vec<u8>>>>;

/// Decides what happens to the request that is the given one of its service, from 1.
type Troubles = Box<dyn FnMut(u8, u32) -> Option<Trouble>>;

/// The way from a client to a unit and back.
pub(crate) struct Line<U> {
    pub(crate) clock: Arc<SimClock>,
    pub(crate) unit: U,
    pub(crate) troubles: Troubles,
    pub(crate) requests: Requests,
    /// Time in which frames were on the bus.
    pub(crate) busy: Arc<Mutex<Duration>>,
    counts: [u32; 256],
    answers: VecDeque<(BenchTime, Result<Vec<u8>, TransportError>)>,
    power_cut: fn(&U, BenchTime),
}

impl Line<Bootloader> {
    pub(crate) fn to(unit: &Bootloader) -> Self {
        Self::new(unit.clone(), |unit, now| unit.clone().start(now + Duration::from_millis(50)))
    }
}

impl<U> Line<U> {
    pub(crate) fn new(unit: U, power_cut: fn(&U, BenchTime)) -> Self {
        Self {
            clock: SimClock::new(Pace::Jump),
            unit,
            troubles: Box::new(|_, _| None),
            requests: Requests::default(),
            busy: Arc::default(),
            counts: [0; 256],
            answers: VecDeque::new(),
            power_cut,
        }
    }

    pub(crate) fn with(mut self, troubles: impl FnMut(u8, u32) -> Option<Trouble> + 'static) -> Self {
        self.troubles = Box::new(troubles);
        self
    }

    fn carry(&self, length: usize) {
        let frames = if length <= 6 { 1 } else { 1 + (length - 5).div_ceil(6) };
        let time = SLOT * frames as u32;
        *self.busy.lock().unwrap() += time;
        self.clock.sleep(time);
    }
}

impl<U: Services> DiagnosticChannel for Line<U> {
    fn send(&mut self, message: &[u8]) -> Result<(), TransportError> {
        self.carry(message.len());
        // A new request ends what was going on.
        self.answers.clear();
        let service = message[0];
        self.counts[usize::from(service)] += 1;
        self.requests.lock().unwrap().push(message.to_vec());
        let trouble = (self.troubles)(service, self.counts[usize::from(service)]);
        let mut due = self.clock.now();
        match &trouble {
            Some(Trouble::LoseRequest) => return Ok(()),
            Some(Trouble::RequestFails(error)) => return Err(error.clone()),
            Some(Trouble::PowerCut) => {
                (self.power_cut)(&self.unit, due);
                return Ok(());
            }
            Some(Trouble::LoseAnswer | Trouble::AnswerFails(_)) | None => {}
        }
        let mut reply = self.unit.serve(message, due);
        if let Reply::Restart(said) = reply {
            self.unit.start(due);
            reply = *said;
        }
        loop {
            let answer = match &reply {
                Reply::Positive(rest) => [&[service + 0x40], rest.as_slice()].concat(),
                Reply::Negative(code) => vec![0x7F, service, *code],
                Reply::Pending { .. } => vec![0x7F, service, 0x78],
                Reply::Restart(_) | Reply::Silence => return Ok(()),
            };
            match &trouble {
                Some(Trouble::LoseAnswer) => {}
                Some(Trouble::AnswerFails(error)) => self.answers.push_back((due, Err(error.clone()))),
                _ => self.answers.push_back((due, Ok(answer))),
            }
            let Reply::Pending { after, then } = reply else {
                return Ok(());
            };
            due = due + after;
            reply = *then;
        }
    }

    fn receive(&mut self, within: Duration) -> Result<Option<Vec<u8>>, TransportError> {
        let deadline = self.clock.now() + within;
        match self.answers.pop_front() {
            Some((due, answer)) if due <= deadline => {
                self.clock.sleep_until(due);
                self.carry(answer.as_ref().map_or(8, Vec::len));
                answer.map(Some)
            }
            later => {
                self.answers.extend(later);
                self.clock.sleep_until(deadline);
                Ok(None)
            }
        }
    }
}

/// The key function of the simulated unit.
#[derive(Debug)]
pub(crate) struct SimulatedKey;

impl KeyFunction for SimulatedKey {
    fn key(&self, _level: SecurityLevel, seed: &[u8]) -> Result<Vec<u8>, KeyError> {
        Ok(seed.iter().map(|byte| byte ^ Bootloader::KEY).collect())
    }
}

pub(crate) fn options() -> UdsOptions {
    UdsOptions {
        security: SecurityLevel::new(1),
        key: Some(Box::new(SimulatedKey)),
        erase: true,
        verify: VerifyRoutine::CHECK_MEMORY,
        restart: Duration::from_millis(200),
        timeout: Duration::from_secs(600),
    }
}

/// An image of the simulated unit's program memory, from its first address on.
pub(crate) fn image(length: usize) -> Image {
    let data: Vec<u8> = (0..length).map(|at| (at * 7 + at / 256) as u8).collect();
    let pieces: Vec<(u32, Vec<u8>)> =
        data.chunks(32).enumerate().map(|(row, data)| (0x5800 + row as u32 * 32, data.to_vec())).collect();
    let text = crate::writer::file(crate::writer::Format::S3, &pieces).join("\n");
    Image::parse(text.as_bytes()).unwrap()
}

/// Flashes over `line` in at most `attempts` attempts.
pub(crate) fn flash<U: Services>(
    line: Line<U>,
    options: UdsOptions,
    image: &Image,
    attempts: u32,
) -> Result<Flashed, FlashError> {
    let clock = Arc::clone(&line.clock);
    let mut flasher = UdsFlasher::new(line, &*clock, options);
    let flasher: &mut dyn Flasher = &mut flasher;
    hil_flash::flash(flasher, image, attempts.try_into().unwrap(), &mut |_| {})
}
