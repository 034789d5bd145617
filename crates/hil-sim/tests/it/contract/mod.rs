//! The contract of `LinMaster`: one set of cases, every back end over its imitation.

mod backend;
mod unit;

use std::time::{Duration, Instant};

use hil_lin::{ChecksumModel, Frame, FrameId, GO_TO_SLEEP, Header, LinError, LinMaster, Response, WakePulse};
use hil_sim::{BusFault, BusFaultKind, FaultWindow};
use rstest::rstest;

use self::backend::{BackEnd, Bench};
use self::unit::{LIN_1, NOBODY, SENDS, TAKES};

const TIMEOUT: Duration = Duration::from_millis(200);

fn frame(id: u8, data: &[u8]) -> Frame {
    Frame::new(id, data).unwrap()
}

fn header(id: u8, length: usize) -> Header {
    Header::new(FrameId::new(id).unwrap(), length)
}

fn bytes(response: Response) -> Vec<u8> {
    match response {
        Response::Data(data) => data.to_vec(),
        Response::None => panic!("no response"),
    }
}

/// What is on the bus went wrong, and the adapter is fine.
fn is_of_the_bus(result: &Result<Response, LinError>) -> bool {
    matches!(result, Err(error) if !error.is_adapter())
}

/// A fault of one frame for as long as the case lasts: an adapter with a schedule of its own fetches it often.
fn fault(kind: BusFaultKind, frame: u8) -> Vec<BusFault> {
    vec![BusFault { kind, frame: Some(FrameId::new(frame).unwrap()), window: FaultWindow::ALWAYS }]
}

/// Runs each case against each back end. A case may plant faults on the bus before it begins.
macro_rules! contract {
    ($(#[doc = $doc:literal] fn $name:ident($bench:ident $(, $faults:expr)?) $body:block)+) => {
        $(
            #[doc = $doc]
            #[rstest]
            fn $name(
                #[values(BackEnd::Mock, BackEnd::Mum, BackEnd::Mcm, BackEnd::Uart, BackEnd::Babylin)] back_end: BackEnd,
            ) {
                let faults: Vec<BusFault> = [$($faults,)? Vec::new()].concat();
                let Some(mut $bench) = Bench::new(back_end, faults) else { return };
                $body
            }
        )+
    };
}

contract! {
    /// Nothing goes out before the adapter is connected, and nothing after it was given back.
    fn an_adapter_must_be_connected(bench) {
        let refused = |result: Result<(), LinError>| matches!(result, Err(LinError::NotConnected { .. }));
        assert!(refused(bench.master.send(&frame(0x01, &[1]))));
        assert!(refused(bench.master.receive(header(0x11, 1), TIMEOUT).map(drop)));
        bench.master.disconnect().unwrap();
        bench.master.connect().unwrap();
        bench.master.send(&frame(0x01, &[1])).unwrap();
        bench.master.disconnect().unwrap();
        bench.master.disconnect().unwrap();
        assert!(refused(bench.master.send(&frame(0x01, &[2]))));
        assert_eq!(bench.frames(), [(0x01, vec![1])]);
    }

    /// Frames of each length arrive once and unharmed, both ways.
    fn frames_of_each_length_go_both_ways(bench) {
        bench.connect();
        for length in 1..=8_u8 {
            let data: Vec<u8> = (0..length).map(|at| at * 29 + length).collect();
            bench.master.send(&frame(TAKES + length, &data)).unwrap();
            let got = bench.master.receive(header(SENDS + length, usize::from(length)), TIMEOUT).unwrap();
            assert_eq!(bytes(got), data);
        }
        assert_eq!(bench.frames().len(), 8);
        assert_eq!(bench.seen.lock().unwrap().faulty, 0);
    }

    /// That nobody answers is a value, comes in bounded time, and leaves the adapter fit.
    fn no_response_is_a_value(bench) {
        bench.connect();
        let started = Instant::now();
        assert_eq!(bench.master.receive(header(NOBODY, 4), TIMEOUT).unwrap(), Response::None);
        assert!(started.elapsed() < Duration::from_secs(5));
        bench.still_works();
    }

    /// A broken response is the bus's fault, never data, and the next one is good.
    fn a_wrong_checksum_is_noticed(bench, fault(BusFaultKind::WrongChecksum, 0x12)) {
        bench.connect();
        let result = bench.master.receive(header(0x12, 2), TIMEOUT);
        assert!(is_of_the_bus(&result), "{result:?}");
        bench.still_works();
    }

    /// A response that never comes is none.
    fn a_lost_response_is_none(bench, fault(BusFaultKind::NoResponse, 0x12)) {
        bench.connect();
        assert_eq!(bench.master.receive(header(0x12, 2), TIMEOUT).unwrap(), Response::None);
        bench.still_works();
    }

    /// A response that is shorter than expected is never taken for data.
    fn a_short_response_is_no_data(bench) {
        bench.connect();
        let result = bench.master.receive(header(0x12, 4), TIMEOUT);
        assert!(!matches!(result, Ok(Response::Data(_))), "{result:?}");
        assert!(!matches!(&result, Err(error) if error.is_adapter()), "{result:?}");
        bench.still_works();
    }

    /// A master request arrives with the classic checksum, and the answer is given once.
    fn diagnostics_use_the_classic_checksum(bench) {
        bench.connect();
        let request = [0x01, 0x02, 0xB2, 0x00, 0xFF, 0xFF, 0xFF, 0xFF];
        bench.master.send(&frame(0x3C, &request)).unwrap();
        let answer = bench.master.receive(header(0x3D, 8), TIMEOUT).unwrap();
        assert_eq!(bytes(answer), request.map(|byte| byte ^ 0xFF));
        bench.master.go_to_sleep().unwrap();
        assert_eq!(bench.frames().last().unwrap(), &(0x3C, GO_TO_SLEEP.data().to_vec()));
    }

    /// A response of a LIN 1.x node is taken with the classic checksum, and only with it.
    fn a_lin_1_node_answers_with_the_classic_checksum(bench) {
        bench.connect();
        let enhanced = bench.master.receive(header(LIN_1, 2), TIMEOUT);
        assert!(is_of_the_bus(&enhanced), "{enhanced:?}");
        match bench.master.receive(header(LIN_1, 2).with_checksum(ChecksumModel::Classic), TIMEOUT) {
            Ok(response) => assert_eq!(bytes(response), [0x12, 0x34]),
            Err(LinError::Unsupported { .. }) => assert!(!bench.master.capabilities().raw_checksum),
            Err(error) => panic!("{error}"),
        }
    }

    /// A checksum of the caller's choice goes out as it is, or the adapter says that it cannot.
    fn a_raw_checksum_is_sent_or_refused(bench) {
        bench.connect();
        match bench.master.send_raw(&frame(0x02, &[1, 2]), ChecksumModel::Classic) {
            Ok(()) => {
                assert!(bench.master.capabilities().raw_checksum);
                bench.wait_for(|seen| seen.faulty == 1);
                assert!(bench.frames().is_empty());
            }
            Err(LinError::Unsupported { .. }) => assert!(!bench.master.capabilities().raw_checksum),
            Err(error) => panic!("{error}"),
        }
        bench.still_works();
    }

    /// A wake-up pulse reaches the unit, or the adapter says that it cannot.
    fn a_wake_up_pulse_reaches_the_unit_or_is_refused(bench) {
        bench.connect();
        let before = bench.seen.lock().unwrap().dominant;
        match bench.master.wake_up(WakePulse::DEFAULT) {
            Ok(()) => {
                assert!(bench.master.capabilities().wake_up);
                bench.wait_for(|seen| seen.dominant > before);
            }
            Err(LinError::Unsupported { .. }) => assert!(!bench.master.capabilities().wake_up),
            Err(error) => panic!("{error}"),
        }
        bench.still_works();
    }

    /// The unit's power follows the adapter's output, or the adapter says that it has none.
    fn the_power_output_feeds_the_unit_or_is_refused(bench) {
        bench.connect();
        match bench.master.power_ecu(false) {
            Ok(()) => {
                assert!(bench.master.capabilities().powers_ecu);
                bench.wait_for(|seen| seen.volts < 1.0);
                bench.master.power_ecu(true).unwrap();
                bench.wait_for(|seen| seen.volts > 10.0);
            }
            Err(LinError::Unsupported { .. }) => assert!(!bench.master.capabilities().powers_ecu),
            Err(error) => panic!("{error}"),
        }
    }

    /// A bus that is shorted is told from a broken adapter, and by name where the adapter knows it.
    fn a_short_is_of_the_bus(bench, [fault(BusFaultKind::Short, 0x01), fault(BusFaultKind::Short, 0x12)].concat()) {
        bench.connect();
        let sent = bench.master.send(&frame(0x01, &[1]));
        let received = bench.master.receive(header(0x12, 2), TIMEOUT);
        match bench.back_end {
            BackEnd::Mock | BackEnd::Uart | BackEnd::Mum => {
                assert_eq!(sent, Err(LinError::ShortedToGround));
                assert_eq!(received, Err(LinError::ShortedToGround));
            }
            // A wrong stop bit, as anything else that disturbs.
            BackEnd::Mcm => {
                assert!(matches!(sent, Err(LinError::Disturbed { .. })), "{sent:?}");
                assert!(matches!(received, Err(LinError::Disturbed { .. })), "{received:?}");
            }
            // An error without data, which for a response is none.
            BackEnd::Babylin => {
                assert!(matches!(sent, Err(LinError::Disturbed { .. })), "{sent:?}");
                assert_eq!(received, Ok(Response::None));
            }
        }
        bench.still_works();
    }

    /// A hundred exchanges in a row: no answer is ever taken for another one's.
    fn answers_belong_to_their_questions(bench) {
        bench.connect();
        for round in 0..100_u8 {
            bench.master.send(&frame(0x02, &[round, !round])).unwrap();
            let got = bench.master.receive(header(0x12, 2), TIMEOUT).unwrap();
            assert_eq!(bytes(got), [round, !round]);
        }
        assert_eq!(bench.frames().len(), 100);
    }
}
