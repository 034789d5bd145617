//! The flasher over diagnostic services against the simulated boot loader.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hil_flash::{FlashCause, Image, KeyError, KeyFunction, Phase, Progress, SecurityLevel, UdsFlasher};
use hil_flash::{Flasher, UdsOptions, UnitState, VerifyRoutine};
use hil_lin::{LinError, TransportError};
use hil_model::{Clock, chain};
use hil_sim::{BootFault, BootSetup, Bootloader, Services, SimClock, VersionSource};
use rstest::rstest;

use crate::line::{Line, Requests, SimulatedKey, Trouble, flash, image, options};

const SEQUENCE: TransportError = TransportError::Sequence { expected: 3, got: 4 };

fn broke_off() -> TransportError {
    TransportError::BrokeOff { got: 5, expected: 9, timeout: Duration::from_secs(1) }
}

fn lost_adapter() -> TransportError {
    TransportError::Bus(LinError::AdapterLost { adapter: "test", reason: "unplugged".to_owned() })
}

fn starts_with(unit: &Bootloader, image: &Image) -> bool {
    unit.memory().starts_with(image.segments()[0].data())
}

#[test]
fn the_steps_are_those_of_the_reference() {
    let unit = Bootloader::new(BootSetup::default());
    let image = image(0x500);
    let mut seen = Vec::new();
    let line = Line::to(&unit);
    let clock = Arc::clone(&line.clock);
    let mut flasher = UdsFlasher::new(line, &*clock, options());
    let flashed = flasher.flash(&image, &mut |progress| seen.push(progress)).unwrap();
    assert_eq!((flashed.bytes, flashed.version.as_deref()), (0x500, Some("1.0.0")));
    assert!(unit.has_application() && starts_with(&unit, &image));

    let show = |request: &Vec<u8>| request.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
    let requests: Vec<String> = unit.received().iter().map(show).collect();
    let key = requests[2].clone();
    let check = format!("31010202{:08X}", image.crc32());
    let expected = [
        "1002",
        "2701",
        &key,
        "3101FF000000580000000500",
        "3400440000580000000500",
        "3601",
        "3602",
        "37",
        &check,
        "1101",
        "22F195",
    ];
    assert_eq!(requests, expected);

    let of = |phase, done, total| Progress { phase, done, total };
    let expected = [
        of(Phase::Session, 0, 0),
        of(Phase::Unlock, 0, 0),
        of(Phase::Erase, 0, 0x500),
        of(Phase::Erase, 0x500, 0x500),
        of(Phase::Transfer, 0, 0x500),
        of(Phase::Transfer, 0x400, 0x500),
        of(Phase::Transfer, 0x500, 0x500),
        of(Phase::Verify, 0, 0),
        of(Phase::Reset, 0, 0),
        of(Phase::ReadBack, 0, 0),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn no_time_passes_but_that_of_the_bus_and_of_the_unit() {
    let setup = BootSetup { block_length: 0xFFF, ..BootSetup::default() };
    let (erase, restart) = (setup.erase_time, options().restart);
    let line = Line::to(&Bootloader::new(setup));
    let busy = Arc::clone(&line.busy);
    let flashed = flash(line, options(), &image(0x8000), 1).unwrap();
    assert!(flashed.duration <= *busy.lock().unwrap() + erase + restart, "{:?}", flashed.duration);
    // 55 s is the estimate of hardware reference 9.
    assert!(flashed.duration < Duration::from_secs(58), "{:?}", flashed.duration);
}

#[rstest]
fn every_format_of_the_block_length(
    #[values(1, 2, 3, 4)] block_length_bytes: u8,
    #[values(0x03, 0x80)] block_length: u32,
) {
    let setup = BootSetup { length: 0x1_0000, block_length, block_length_bytes, ..BootSetup::default() };
    let unit = Bootloader::new(setup);
    // More than 256 blocks: the counter goes from FF on to 00.
    let image = image(0x1A0 * (block_length as usize - 2));
    flash(Line::to(&unit), options(), &image, 1).unwrap();
    assert!(starts_with(&unit, &image));
}

#[test]
fn the_new_version_is_read_back() {
    let version = VersionSource::Memory { address: 0x5800, length: 4 };
    let unit = Bootloader::new(BootSetup { version, ..BootSetup::default() });
    let flashed = flash(Line::to(&unit), options(), &image(0x100), 1).unwrap();
    assert_eq!(flashed.version.as_deref(), Some("00 07 0E 15"));
}

#[rstest]
#[case::no_security_access(UdsOptions { security: None, ..options() }, "securityAccessDenied (0x33)")]
#[case::no_key(UdsOptions { key: None, ..options() }, "no way to compute a key is configured")]
#[case::wrong_level(UdsOptions { security: SecurityLevel::new(0x11), ..options() }, "subFunctionNotSupported (0x12)")]
fn without_access_the_unit_stays_untouched(#[case] options: UdsOptions, #[case] expected: &str) {
    let unit = Bootloader::new(BootSetup::default());
    let before = unit.memory();
    let error = flash(Line::to(&unit), options, &image(0x100), 5).unwrap_err();
    assert!(chain(&error).contains(expected), "{}", chain(&error));
    assert_eq!((error.left, error.earlier_attempts.len()), (UnitState::Untouched, 0));
    assert_eq!(unit.memory(), before);
}

/// What was half-written in the first place needs to be erased.
#[test]
fn without_erasing_the_unit_refuses_to_write_twice() {
    let unit = Bootloader::new(BootSetup::default());
    flash(Line::to(&unit), options(), &image(0x100), 1).unwrap();
    let line = Line::to(&unit);
    line.clock.sleep(Duration::from_secs(60));
    let error = flash(line, UdsOptions { erase: false, ..options() }, &image(0x100), 1).unwrap_err();
    assert_eq!(
        chain(&error),
        "sending the image failed; the unit is half-written: \
         the unit refuses TransferData: generalProgrammingFailure (0x72)"
    );
}

#[rstest]
#[case::lost_request(Trouble::LoseRequest, 0)]
#[case::request_with_a_bit_error(Trouble::RequestFails(TransportError::Bus(LinError::ShortedToGround)), 0)]
#[case::lost_answer(Trouble::LoseAnswer, 1)]
#[case::answer_with_a_wrong_number(Trouble::AnswerFails(SEQUENCE), 1)]
#[case::answer_that_broke_off(Trouble::AnswerFails(broke_off()), 1)]
fn a_lost_block_is_sent_again_with_its_number(
    #[case] trouble: Trouble,
    #[case] repeated: u32,
    #[values(1, 2, 4)] block: u32,
) {
    let unit = Bootloader::new(BootSetup::default());
    let image = image(0xF00);
    let line = Line::to(&unit)
        .with(move |service, count| (service == 0x36 && count == block).then(|| trouble.clone()));
    let flashed = flash(line, options(), &image, 1).unwrap();
    assert!(flashed.failed_attempts.is_empty() && starts_with(&unit, &image));
    assert_eq!(unit.repeated_blocks(), repeated);
}

#[test]
fn a_block_that_never_arrives_ends_the_attempt() {
    let unit = Bootloader::new(BootSetup::default());
    let line = Line::to(&unit)
        .with(|service, count| (service == 0x36 && count >= 2).then_some(Trouble::AnswerFails(SEQUENCE)));
    let error = flash(line, options(), &image(0xF00), 1).unwrap_err();
    assert_eq!(
        chain(&error),
        "sending the image failed; the unit is half-written: block 0x02 at 0x00005c00 was sent 4 times in vain: \
         TransferData did not get through: consecutive frame 4 instead of 3: a frame was lost"
    );
    assert!(!unit.has_application());
}

#[test]
fn another_attempt_begins_at_the_start() {
    let unit = Bootloader::new(BootSetup::default());
    let image = image(0xF00);
    let line = Line::to(&unit)
        .with(|service, count| (service == 0x36 && (2..=5).contains(&count)).then_some(Trouble::LoseRequest));
    let flashed = flash(line, options(), &image, 2).unwrap();
    assert_eq!(flashed.failed_attempts.len(), 1);
    assert!(matches!(*flashed.failed_attempts[0].cause, FlashCause::Block { counter: 2, .. }));
    assert!(starts_with(&unit, &image) && unit.has_application());
    let sessions = unit.received().iter().filter(|request| request[0] == 0x10).count();
    assert_eq!(sessions, 2);
}

#[test]
fn a_lost_adapter_ends_it_at_once() {
    let unit = Bootloader::new(BootSetup::default());
    let line = Line::to(&unit).with(|service, count| {
        (service == 0x36 && count == 2).then(|| Trouble::RequestFails(lost_adapter()))
    });
    let error = flash(line, options(), &image(0xF00), 5).unwrap_err();
    assert_eq!((error.left, error.earlier_attempts.len()), (UnitState::HalfWritten, 0));
    assert!(chain(&error).ends_with("test is gone: unplugged"), "{}", chain(&error));
}

#[rstest]
#[case::before_erasing(0x27, 1, UnitState::Untouched)]
#[case::while_erasing(0x31, 1, UnitState::HalfWritten)]
#[case::in_the_middle(0x36, 3, UnitState::HalfWritten)]
#[case::before_the_check(0x31, 2, UnitState::HalfWritten)]
fn a_power_cut_leaves_no_program_or_the_old_one(
    #[case] service: u8,
    #[case] count: u32,
    #[case] left: UnitState,
) {
    let unit = Bootloader::new(BootSetup::default());
    let cut = move |asked, counted| (asked == service && counted == count).then_some(Trouble::PowerCut);
    let error = flash(Line::to(&unit).with(cut), options(), &image(0xF00), 1).unwrap_err();
    assert_eq!(error.left, left);

    let unit = Bootloader::new(BootSetup::default());
    let image = image(0xF00);
    let flashed = flash(Line::to(&unit).with(cut), options(), &image, 2).unwrap();
    assert_eq!(flashed.failed_attempts.len(), 1);
    assert!(starts_with(&unit, &image) && unit.has_application());
}

#[rstest]
#[case::session(0x10, 0x22, Phase::Session, UnitState::Untouched)]
#[case::security(0x27, 0x37, Phase::Unlock, UnitState::Untouched)]
#[case::erase(0x31, 0x22, Phase::Erase, UnitState::Untouched)]
#[case::download(0x34, 0x70, Phase::Transfer, UnitState::HalfWritten)]
#[case::transfer(0x36, 0x93, Phase::Transfer, UnitState::HalfWritten)]
#[case::exit(0x37, 0x10, Phase::Transfer, UnitState::HalfWritten)]
#[case::reset(0x11, 0x22, Phase::Reset, UnitState::Written)]
#[case::version(0x22, 0x31, Phase::ReadBack, UnitState::Written)]
fn refusals_say_what_and_how_that_leaves_the_unit(
    #[case] service: u8,
    #[case] code: u8,
    #[case] phase: Phase,
    #[case] left: UnitState,
) {
    let unit = Bootloader::new(BootSetup::default());
    unit.misbehave(BootFault::Refuse { service, code });
    let error = flash(Line::to(&unit), options(), &image(0x100), 1).unwrap_err();
    assert_eq!((error.phase, error.left), (phase, left));
    assert!(matches!(*error.cause, FlashCause::Refused { refusal, .. } if refusal.code == code), "{error:?}");
}

#[rstest]
#[case::session(0x10)]
#[case::erase(0x31)]
#[case::transfer(0x36)]
fn patience_ends(#[case] service: u8) {
    let unit = Bootloader::new(BootSetup::default());
    unit.misbehave(BootFault::EndlessPending { service });
    let error = flash(Line::to(&unit), options(), &image(0x100), 1).unwrap_err();
    assert!(matches!(*error.cause, FlashCause::PendingForEver { times: 101, .. }), "{error:?}");

    let brief = UdsOptions { timeout: Duration::from_secs(20), ..options() };
    let line = Line::to(&unit);
    let clock = Arc::clone(&line.clock);
    let error = flash(line, brief, &image(0x100), 3).unwrap_err();
    assert!(matches!(*error.cause, FlashCause::TimeLimit { .. }), "{error:?}");
    assert!(error.earlier_attempts.is_empty() && clock.now().as_secs_f64() < 22.0);
}

#[test]
fn a_busy_unit_is_asked_again_but_not_for_ever() {
    let unit = Bootloader::new(BootSetup::default());
    unit.misbehave(BootFault::Refuse { service: 0x34, code: 0x21 });
    let error = flash(Line::to(&unit), options(), &image(0x100), 1).unwrap_err();
    assert!(matches!(*error.cause, FlashCause::Busy { times: 10, .. }), "{error:?}");
}

#[test]
fn a_wrong_key_is_tried_once() {
    let unit = Bootloader::new(BootSetup::default());
    unit.misbehave(BootFault::RefuseKey);
    let error = flash(Line::to(&unit), options(), &image(0x100), 5).unwrap_err();
    assert_eq!(
        chain(&error),
        "unlocking the unit failed; the unit is untouched: the unit refuses SecurityAccess: invalidKey (0x35)"
    );
    assert_eq!(unit.received().len(), 3);
}

#[test]
fn a_wrong_byte_in_the_memory_is_found() {
    let unit = Bootloader::new(BootSetup::default());
    unit.misbehave(BootFault::CorruptBlock(2));
    let error = flash(Line::to(&unit), options(), &image(0xF00), 2).unwrap_err();
    assert_eq!((error.left, error.earlier_attempts.len()), (UnitState::HalfWritten, 1));
    assert!(matches!(*error.cause, FlashCause::Differs { routine: 0x0202, status: 1 }), "{error:?}");
    assert!(!unit.has_application());

    // The other routine compares nothing: the byte is wrong, and it is not found.
    let blind = UdsOptions { verify: VerifyRoutine::CHECK_DEPENDENCIES, ..options() };
    flash(Line::to(&unit), blind, &image(0xF00), 1).unwrap();
}

#[test]
fn a_unit_that_dies_is_noticed() {
    let unit = Bootloader::new(BootSetup::default());
    unit.misbehave(BootFault::SilentFromBlock(3));
    let error = flash(Line::to(&unit), options(), &image(0xF00), 1).unwrap_err();
    assert_eq!(
        chain(&error),
        "sending the image failed; the unit is half-written: block 0x03 at 0x00006000 was sent 4 times in vain: \
         the unit did not answer TransferData within 0.150 s"
    );
    // It takes a power cycle.
    unit.behave();
    let error = flash(Line::to(&unit), options(), &image(0xF00), 1).unwrap_err();
    assert_eq!((error.phase, error.left), (Phase::Session, UnitState::Untouched));
    unit.clone().start(hil_model::BenchTime::ZERO);
    let line = Line::to(&unit);
    line.clock.sleep(Duration::from_secs(1));
    flash(line, options(), &image(0xF00), 1).unwrap();
}

#[test]
fn an_attempt_that_does_nothing_does_not_repair_what_the_first_one_left() {
    let unit = Bootloader::new(BootSetup::default());
    unit.misbehave(BootFault::SilentFromBlock(3));
    let error = flash(Line::to(&unit), options(), &image(0xF00), 2).unwrap_err();
    assert_eq!((error.phase, error.left), (Phase::Session, UnitState::HalfWritten));
    assert_eq!(
        error.to_string(),
        "opening the programming session failed in attempt 2 (in the first one sending the image: block 0x03 at \
         0x00006000 was sent 4 times in vain); the unit is half-written"
    );
}

#[test]
fn a_unit_that_writes_slowly_asks_for_patience() {
    let setup = BootSetup { write_time: Duration::from_secs(4), ..BootSetup::default() };
    let unit = Bootloader::new(setup);
    let image = image(0xF00);
    flash(Line::to(&unit), options(), &image, 1).unwrap();
    assert!(starts_with(&unit, &image));
}

/// A key function that takes three seconds of the bench, and longer still until the session was kept.
#[derive(Debug)]
struct SlowKey {
    clock: Arc<SimClock>,
    requests: Requests,
}

impl KeyFunction for SlowKey {
    fn key(&self, level: SecurityLevel, seed: &[u8]) -> Result<Vec<u8>, KeyError> {
        let started = Instant::now();
        let kept = |requests: &Mutex<Vec<Vec<u8>>>| requests.lock().unwrap().contains(&vec![0x3E, 0x80]);
        for _ in 0..2 {
            self.requests.lock().unwrap().retain(|request| *request != [0x3E, 0x80]);
            self.clock.sleep(Duration::from_secs(3));
            while !kept(&self.requests) && started.elapsed() < Duration::from_secs(30) {
                std::thread::yield_now();
            }
        }
        SimulatedKey.key(level, seed)
    }
}

/// Six seconds are longer than S3.
#[test]
fn the_session_is_kept_while_a_key_is_computed() {
    let unit = Bootloader::new(BootSetup::default());
    let line = Line::to(&unit);
    let key = SlowKey { clock: Arc::clone(&line.clock), requests: Arc::clone(&line.requests) };
    flash(line, UdsOptions { key: Some(Box::new(key)), ..options() }, &image(0x100), 1).unwrap();
    assert!(unit.has_application());
}

#[derive(Debug)]
struct PanickingKey;

impl KeyFunction for PanickingKey {
    fn key(&self, _level: SecurityLevel, seed: &[u8]) -> Result<Vec<u8>, KeyError> {
        panic!("no key for {seed:?}")
    }
}

#[test]
fn a_key_function_that_panics_is_an_error() {
    let unit = Bootloader::new(BootSetup::default());
    let line = Line::to(&unit);
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        flash(line, UdsOptions { key: Some(Box::new(PanickingKey)), ..options() }, &image(0x100), 1)
    }));
    let error = result.unwrap().unwrap_err();
    assert!(matches!(*error.cause, FlashCause::Key(KeyError::Lost)), "{error:?}");
}
