//! One attempt, step by step (hardware reference 9, step 2).

use std::time::Duration;

use hil_lin::NegativeResponse;
use hil_model::{PollError, poll_until};

use super::client::{Client, Request, odd};
use super::flasher::UdsOptions;
use super::{key, version};
use crate::error::is_bus_fault;
use crate::{FlashCause, FlashError, Image, Phase, Progress, Segment, UnitState};

/// How often a block is sent until the attempt fails.
const BLOCK_TRIES: u32 = 4;
/// The longest message of the transport layer; a unit that takes more cannot be sent it.
const LONGEST_MESSAGE: usize = 4095;
/// Service id and counter in front of the bytes of a block.
const BLOCK_HEAD: usize = 2;
/// How long a unit that should have started is asked for its version, and how often.
const READ_BACK: Duration = Duration::from_secs(5);
const READ_BACK_EVERY: Duration = Duration::from_millis(100);

const REQUEST_DOWNLOAD: &str = "RequestDownload";

pub(super) struct Attempt<'s> {
    client: Client<'s>,
    options: &'s UdsOptions,
    image: &'s Image,
    progress: &'s mut dyn FnMut(Progress),
    /// What it is at, and how the unit would be left now.
    phase: Phase,
    left: UnitState,
    sent: u64,
}

impl<'s> Attempt<'s> {
    pub(super) fn new(
        client: Client<'s>,
        options: &'s UdsOptions,
        image: &'s Image,
        progress: &'s mut dyn FnMut(Progress),
    ) -> Self {
        let (phase, left) = (Phase::Session, UnitState::Untouched);
        Self { client, options, image, progress, phase, left, sent: 0 }
    }

    /// Goes all the way and returns the version that runs then.
    pub(super) fn run(mut self) -> Result<String, FlashError> {
        self.steps().map_err(|cause| FlashError::new(self.phase, self.left, cause))
    }

    fn steps(&mut self) -> Result<String, FlashCause> {
        self.open_session()?;
        self.unlock()?;
        if self.options.erase {
            self.erase()?;
        }
        self.transfer()?;
        self.verify()?;
        self.left = UnitState::Written;
        self.reset()?;
        self.read_back()
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        match phase {
            Phase::Erase | Phase::Transfer => self.advance(0),
            Phase::Session
            | Phase::Unlock
            | Phase::Verify
            | Phase::Reset
            | Phase::ReadBack
            | Phase::Program
            | Phase::Command => (self.progress)(Progress::of(phase)),
        }
    }

    fn advance(&mut self, done: u64) {
        (self.progress)(Progress { phase: self.phase, done, total: self.image.size() });
    }

    fn open_session(&mut self) -> Result<(), FlashCause> {
        self.enter(Phase::Session);
        let request = Request { name: "DiagnosticSessionControl", bytes: &[0x10, 0x02], echo: 1 };
        // Units that predate the standard's 2006 edition answer without times (U).
        if let [p2_high, p2_low, star_high, star_low, ..] = self.client.ask(&request)?[..] {
            let p2 = u16::from_be_bytes([p2_high, p2_low]);
            self.client.set_times(p2, u16::from_be_bytes([star_high, star_low]));
        }
        Ok(())
    }

    fn unlock(&mut self) -> Result<(), FlashCause> {
        let Some(level) = self.options.security else {
            return Ok(());
        };
        self.enter(Phase::Unlock);
        let name = "SecurityAccess";
        let seed = self.client.ask(&Request { name, bytes: &[0x27, level.request_seed()], echo: 1 })?;
        if seed.is_empty() {
            return Err(odd(name, &[0x67, level.request_seed()], "there is no seed in it"));
        }
        if seed.iter().all(|byte| *byte == 0) {
            // It is unlocked already.
            return Ok(());
        }
        let key = key::key_for(&mut self.client, self.options.key.as_deref(), level, &seed)?;
        let mut bytes = vec![0x27, level.send_key()];
        bytes.extend(key);
        self.client.ask(&Request { name, bytes: &bytes, echo: 1 }).map(drop)
    }

    fn erase(&mut self) -> Result<(), FlashCause> {
        self.enter(Phase::Erase);
        let mut done = 0;
        for segment in self.image.segments() {
            let mut bytes = vec![0x31, 0x01, 0xFF, 0x00];
            bytes.extend(place(segment));
            let request = Request { name: "RoutineControl (erase)", bytes: &bytes, echo: 3 };
            self.altering(|client| client.ask(&request))?;
            done += u64::from(segment.length());
            self.advance(done);
        }
        Ok(())
    }

    fn transfer(&mut self) -> Result<(), FlashCause> {
        self.enter(Phase::Transfer);
        let image = self.image;
        for segment in image.segments() {
            let room = self.request_download(segment)?;
            let mut counter: u8 = 0;
            let mut address = segment.address();
            for block in segment.data().chunks(room) {
                counter = counter.wrapping_add(1);
                self.send_block(counter, address, block)?;
                address = address.wrapping_add(block.len() as u32);
                self.sent += block.len() as u64;
                self.advance(self.sent);
            }
            self.client.ask(&Request { name: "RequestTransferExit", bytes: &[0x37], echo: 0 })?;
        }
        Ok(())
    }

    /// Announces a segment and returns how many bytes of it go into one block.
    fn request_download(&mut self, segment: &Segment) -> Result<usize, FlashCause> {
        let mut bytes = vec![0x34, 0x00, 0x44];
        bytes.extend(place(segment));
        let request = Request { name: REQUEST_DOWNLOAD, bytes: &bytes, echo: 0 };
        let answer = self.altering(|client| client.ask(&request))?;
        block_room(&answer).map_err(|why| {
            let whole: Vec<u8> = [0x74].into_iter().chain(answer).collect();
            odd(REQUEST_DOWNLOAD, &whole, why)
        })
    }

    /// Sends a block, and again with the same number while the bus loses it or its answer: the unit takes a block
    /// that it has already as a repetition (ISO 14229).
    fn send_block(&mut self, counter: u8, address: u32, block: &[u8]) -> Result<(), FlashCause> {
        let mut bytes = Vec::with_capacity(block.len() + BLOCK_HEAD);
        bytes.extend([0x36, counter]);
        bytes.extend(block);
        let request = Request { name: "TransferData", bytes: &bytes, echo: 1 };
        let mut tries = 0;
        loop {
            tries += 1;
            let cause = match self.altering(|client| client.ask(&request)) {
                Ok(_) => return Ok(()),
                Err(cause) => cause,
            };
            if !was_lost(&cause) {
                return Err(cause);
            }
            if tries == BLOCK_TRIES {
                let source = Box::new(cause);
                return Err(FlashCause::Block { counter, address, times: tries, source });
            }
            tracing::warn!("block {counter:#04x} at {address:#010x} was lost: {cause}; again");
        }
    }

    fn verify(&mut self) -> Result<(), FlashCause> {
        self.enter(Phase::Verify);
        let routine = self.options.verify;
        let [high, low] = routine.0.to_be_bytes();
        let mut bytes = vec![0x31, 0x01, high, low];
        if routine.takes_crc() {
            bytes.extend(self.image.crc32().to_be_bytes());
        }
        let answer = self.client.ask(&Request { name: "RoutineControl (check)", bytes: &bytes, echo: 3 })?;
        match answer.first() {
            None | Some(0) => Ok(()),
            Some(status) => Err(FlashCause::Differs { routine: routine.0, status: *status }),
        }
    }

    fn reset(&mut self) -> Result<(), FlashCause> {
        self.enter(Phase::Reset);
        match self.client.ask(&Request { name: "ECUReset", bytes: &[0x11, 0x01], echo: 1 }) {
            // Some units start again before they answer. Reading back shows whether it did.
            Err(cause) if !was_lost(&cause) => return Err(cause),
            Ok(_) | Err(_) => {}
        }
        self.client.forget_session();
        self.client.clock().sleep(self.options.restart);
        Ok(())
    }

    fn read_back(&mut self) -> Result<String, FlashCause> {
        self.enter(Phase::ReadBack);
        let request = Request { name: "ReadDataByIdentifier F195", bytes: &[0x22, 0xF1, 0x95], echo: 2 };
        let clock = self.client.clock();
        let mut last = None;
        let answer = poll_until(clock, "the unit's version", READ_BACK_EVERY, READ_BACK, || {
            match self.client.ask(&request) {
                Ok(answer) => Ok(Some(answer)),
                Err(cause) if was_lost(&cause) => {
                    last = Some(cause);
                    Ok(None)
                }
                Err(cause) => Err(cause),
            }
        });
        match answer {
            Ok(answer) if answer.is_empty() => Err(odd(request.name, &[0x62, 0xF1, 0x95], "it is empty")),
            Ok(answer) => Ok(version::readable(&answer)),
            Err(PollError::Failed(cause)) => Err(cause),
            Err(PollError::TimedOut { timeout, .. }) => {
                Err(last.unwrap_or(FlashCause::NoAnswer { request: request.name, within: timeout }))
            }
        }
    }

    /// Does what changes the memory. From then on it counts as half-written, unless the unit says that it did
    /// nothing.
    fn altering<T>(
        &mut self,
        act: impl FnOnce(&mut Client<'s>) -> Result<T, FlashCause>,
    ) -> Result<T, FlashCause> {
        let before = std::mem::replace(&mut self.left, UnitState::HalfWritten);
        let result = act(&mut self.client);
        if let Err(FlashCause::Refused { refusal, .. }) = &result
            && refusal.code != NegativeResponse::GENERAL_PROGRAMMING_FAILURE
        {
            self.left = before;
        }
        result
    }
}

/// Address and length of a segment, four bytes each.
fn place(segment: &Segment) -> impl Iterator<Item = u8> {
    segment.address().to_be_bytes().into_iter().chain(segment.length().to_be_bytes())
}

/// How many bytes go into a block, from the answer to RequestDownload: a format of which the upper half says how
/// long the number is that follows, and that number is a block's whole length.
fn block_room(answer: &[u8]) -> Result<usize, &'static str> {
    let (format, rest) = answer.split_first().ok_or("it lacks the length of a block")?;
    let digits = match format >> 4 {
        digits @ 1..=4 => rest.get(..usize::from(digits)).ok_or("it is cut off")?,
        _ => return Err("the length of a block has 1 to 4 bytes"),
    };
    let longest = digits.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
    match longest.min(LONGEST_MESSAGE).saturating_sub(BLOCK_HEAD) {
        0 => Err("there is no room in a block"),
        room => Ok(room),
    }
}

/// Whether a message or its answer was lost on the way, so that the same may be sent again.
fn was_lost(cause: &FlashCause) -> bool {
    match cause {
        FlashCause::Transport { source, .. } => is_bus_fault(source),
        FlashCause::NoAnswer { .. } | FlashCause::Answer { .. } => true,
        FlashCause::Refused { .. }
        | FlashCause::PendingForEver { .. }
        | FlashCause::Busy { .. }
        | FlashCause::Block { .. }
        | FlashCause::TimeLimit { .. }
        | FlashCause::Key(_)
        | FlashCause::Differs { .. }
        | FlashCause::BootLoader(_)
        | FlashCause::Command(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::block_room;

    #[rstest]
    #[case::one_byte(&[0x10, 0x82], Ok(0x80))]
    #[case::two_bytes(&[0x20, 0x0F, 0xFF], Ok(4093))]
    #[case::three_bytes(&[0x30, 0x00, 0x01, 0x02], Ok(0x100))]
    #[case::four_bytes(&[0x40, 0xFF, 0xFF, 0xFF, 0xFF], Ok(4093))]
    #[case::no_room(&[0x20, 0x00, 0x02], Err("there is no room in a block"))]
    #[case::cut_off(&[0x20, 0x0F], Err("it is cut off"))]
    #[case::five_bytes(&[0x50, 0, 0, 0, 0, 9], Err("the length of a block has 1 to 4 bytes"))]
    #[case::nothing(&[], Err("it lacks the length of a block"))]
    fn the_length_of_a_block(#[case] answer: &[u8], #[case] expected: Result<usize, &'static str>) {
        assert_eq!(block_room(answer), expected);
    }
}
