//! Units that answer anything.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use hil_flash::{FlashCause, UdsOptions};
use hil_lin::{DiagnosticChannel, TransportError};
use hil_model::{BenchTime, Clock};
use hil_sim::{Pace, Reply, Services, SimClock};
use proptest::prelude::*;
use rstest::rstest;

use crate::line::{Line, flash, image, options};

/// A unit that says yes to everything, but to one service what the test wants.
#[derive(Clone, Debug)]
struct YesMan {
    service: u8,
    instead: Reply,
}

impl Services for YesMan {
    fn serve(&mut self, request: &[u8], _now: BenchTime) -> Reply {
        if request[0] == self.service {
            return self.instead.clone();
        }
        Reply::Positive(match request {
            [0x10, session] => vec![*session, 0x00, 0x32, 0x01, 0xF4],
            [0x27, level @ 0x01] => vec![*level, 0, 0, 0, 0],
            [0x31, routine @ ..] => routine[..3].to_vec(),
            [0x34, ..] => vec![0x20, 0x00, 0x82],
            [0x36, counter, ..] => vec![*counter],
            [0x22, ..] => b"\xF1\x95v1".to_vec(),
            [_, rest @ ..] => rest.to_vec(),
            [] => Vec::new(),
        })
    }
}

fn against(service: u8, instead: Reply, options: UdsOptions) -> Result<(), FlashCause> {
    let line = Line::new(YesMan { service, instead }, |_, _| {});
    flash(line, options, &image(0x100), 1).map(drop).map_err(|error| *error.cause)
}

#[test]
fn a_seed_of_zeros_needs_no_key() {
    against(0xFF, Reply::Silence, UdsOptions { key: None, ..options() }).unwrap();
}

#[rstest]
#[case::session_without_times(0x10, &[0x02], None)]
#[case::session_with_times_of_zero(0x10, &[0x02, 0, 0, 0, 0], None)]
#[case::another_session(0x10, &[0x01, 0, 0x32, 1, 0xF4], Some("50 01 00 32 01 F4 is no answer to DiagnosticSessionControl: it repeats other parameters"))]
#[case::no_seed(0x27, &[0x01], Some("67 01 is no answer to SecurityAccess: there is no seed in it"))]
#[case::another_routine(0x31, &[0x01, 0xFF, 0x02], Some("71 01 FF 02 is no answer to RoutineControl (erase): it repeats other parameters"))]
#[case::no_block_length(0x34, &[], Some("74 is no answer to RequestDownload: it lacks the length of a block"))]
#[case::no_room(0x34, &[0x20, 0, 2], Some("74 20 00 02 is no answer to RequestDownload: there is no room in a block"))]
#[case::another_block(0x36, &[0x77], Some("block 0x01 at 0x00005800 was sent 4 times in vain"))]
#[case::no_version(0x22, &[0xF1, 0x95], Some("62 F1 95 is no answer to ReadDataByIdentifier F195: it is empty"))]
fn positive_answers_that_make_no_sense(
    #[case] service: u8,
    #[case] answer: &[u8],
    #[case] expected: Option<&str>,
) {
    let result = against(service, Reply::Positive(answer.to_vec()), options());
    assert_eq!(result.err().map(|cause| cause.to_string()).as_deref(), expected);
}

#[test]
fn a_unit_that_resets_before_it_answers_is_flashed() {
    against(0x11, Reply::Silence, options()).unwrap();
}

#[test]
fn a_unit_that_does_not_come_back_is_noticed() {
    let cause = against(0x22, Reply::Silence, options()).unwrap_err();
    assert!(matches!(cause, FlashCause::NoAnswer { request: "ReadDataByIdentifier F195", .. }), "{cause}");
}

/// A channel on which anything comes. Each message takes 10 ms.
struct Babble {
    clock: Arc<SimClock>,
    request: Vec<u8>,
    answers: VecDeque<Vec<u8>>,
    /// Whether answers begin as answers do.
    is_plausible: bool,
}

impl DiagnosticChannel for Babble {
    fn send(&mut self, message: &[u8]) -> Result<(), TransportError> {
        self.clock.sleep(Duration::from_millis(10));
        self.request = message.to_vec();
        Ok(())
    }

    fn receive(&mut self, within: Duration) -> Result<Option<Vec<u8>>, TransportError> {
        self.clock.sleep(Duration::from_millis(10).min(within));
        let Some(answer) = self.answers.pop_front() else {
            self.clock.sleep(within);
            return Ok(None);
        };
        self.answers.push_back(answer.clone());
        if !self.is_plausible {
            return Ok(Some(answer));
        }
        let service = self.request[0];
        let start = match answer.first() {
            Some(0x00..0x20) => vec![0x7F, service],
            Some(0x20..0x30) => vec![0x7F, service, 0x78],
            _ => self
                .request
                .iter()
                .take(4)
                .enumerate()
                .map(|(at, byte)| byte + 0x40 * u8::from(at == 0))
                .collect(),
        };
        Ok(Some([start, answer].concat()))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_it_ends_in_time(
        answers in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..12), 1..20),
        is_plausible in any::<bool>(),
    ) {
        let clock = SimClock::new(Pace::Jump);
        let channel = Babble { clock: Arc::clone(&clock), request: Vec::new(), answers: answers.into(), is_plausible };
        let limited = UdsOptions { timeout: Duration::from_secs(100), ..options() };
        let mut flasher = hil_flash::UdsFlasher::new(channel, &*clock, limited);
        let attempts = 3.try_into().unwrap();
        if let Err(error) = hil_flash::flash(&mut flasher, &image(0x400), attempts, &mut |_| {}) {
            prop_assert!(!hil_model::chain(&error).is_empty());
        }
        // One wait for an answer, and the pauses around it, may go beyond the limit of an attempt.
        prop_assert!(clock.now().as_secs_f64() < 3.0 * 110.0);
    }
}
