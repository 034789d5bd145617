//! Flashing end to end: what is refused, what is recovered from, and what ends the session.

use nix::sys::signal::Signal;
use rstest::rstest;
use serde_json::Value;
use tempfile::TempDir;

use crate::adapters::Imitation;
use crate::program::{Program, root, wait_until};

/// Where the memory of the simulated module begins.
const START: u32 = 0x5800;

/// A program of the module, of version 2.0.1.
fn firmware(length: u32) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..length).map(|at| (at * 7 + at / 256) as u8).collect();
    bytes[4..7].copy_from_slice(&[2, 0, 1]);
    bytes
}

/// A record: hexadecimal, and behind it the sum that `finish` makes of the bytes' sum.
fn record(mark: &str, bytes: &[u8], finish: fn(u8) -> u8) -> String {
    let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    let digits: String = bytes.iter().chain([&finish(sum)]).map(|byte| format!("{byte:02X}")).collect();
    format!("{mark}{digits}\n")
}

/// The data in rows, each with its address. The memory of the module ends before 16 bits do.
fn rows(data: &[u8]) -> impl Iterator<Item = ([u8; 2], &[u8])> {
    let addresses = (START..).step_by(16).map(|address| [(address >> 8) as u8, address as u8]);
    addresses.zip(data.chunks(16))
}

fn intel_hex(data: &[u8]) -> String {
    let data = rows(data).map(|(address, row)| {
        record(":", &[&[row.len() as u8], &address[..], &[0], row].concat(), u8::wrapping_neg)
    });
    data.chain([":00000001FF\n".to_owned()]).collect()
}

fn s_record(data: &[u8]) -> String {
    let data = rows(data).map(|(address, row)| {
        record("S1", &[&[row.len() as u8 + 3], &address[..], row].concat(), std::ops::Not::not)
    });
    data.chain(["S9030000FC\n".to_owned()]).collect()
}

/// A run of one test, and the folder with the image that the unit is flashed with before it.
struct Flashing {
    folder: TempDir,
    hil: Program,
}

const TEST: &str = "smoke::the_module_answers";

impl Flashing {
    /// A run that flashes `image` by `program`, with the key of the simulated module.
    fn by(program: Program, image: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("firmware.hex");
        std::fs::write(&path, image).unwrap();
        let key = root().join("crates/hil-cli/tests/fixtures/xor_key.sh");
        let hil = program
            .args(&[TEST, "--exact"])
            .set("flash.enabled=true")
            .set(&format!("flash.hex_path={}", path.display()))
            .set("flash.security_level=1")
            .set(&format!("flash.key_command=[sh, {}]", key.display()));
        Self { folder, hil }
    }

    /// The same on the simulated bus, with 4 KiB.
    fn simulated() -> Self {
        Self::by(Program::hil(), &intel_hex(&firmware(0x1000)))
    }

    fn set(self, assignment: &str) -> Self {
        Self { hil: self.hil.set(assignment), ..self }
    }

    /// What the record says of the flash step.
    fn facts(&self) -> Vec<(String, String)> {
        let steps = self.hil.events("session_step_finished");
        let step = steps.iter().find(|step| step["step"] == "flash").unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let facts = step["facts"].as_array().unwrap().iter();
        facts.map(|fact| (text(&fact["key"]), text(&fact["value"]))).collect()
    }

    #[track_caller]
    fn fact(&self, key: &str) -> String {
        self.facts().into_iter().find(|(of, _)| of == key).unwrap().1
    }

    fn warnings(&self) -> String {
        let lines = self.hil.events("logged").into_iter().filter(|line| line["level"] == "warning");
        lines.map(|line| format!("{}\n", line["message"].as_str().unwrap())).collect()
    }

    /// That the flash step ended all: what it says is in `message`, and no test ran on the unit.
    #[track_caller]
    fn fails(&self, message: &str) {
        let ended = self.hil.run().code(6);
        assert!(ended.stdout().contains(message), "{}", ended.stdout());
        assert!(ended.stdout().contains("0 passed, 1 not run"), "{}", ended.stdout());
        assert!(self.hil.events("test_started").is_empty());
        assert_eq!(self.hil.events("output_verified")[0]["confirmed"], true);
        let junit = self.hil.read("junit.xml");
        assert!(junit.contains("<testcase name=\"flash\" classname=\"bench.setup\""), "{junit}");
        assert!(junit.contains("type=\"bench-fault\""), "{junit}");
    }
}

#[rstest]
#[case::intel_hex(intel_hex, 0x1000)]
#[case::s_record(s_record, 0x1000)]
#[case::all_of_the_memory(s_record, 0x8000)]
#[case::a_few_bytes(s_record, 7)]
fn the_unit_is_flashed_before_the_tests(#[case] format: fn(&[u8]) -> String, #[case] length: u32) {
    let flashing = Flashing::by(Program::hil(), &format(&firmware(length)));
    let ended = flashing.hil.run().code(0);
    assert_eq!(flashing.hil.outcomes()[TEST], "passed");

    let keys: Vec<String> = flashing.facts().into_iter().map(|(key, _)| key).collect();
    let expected = ["image", "sha256", "bytes", "crc32", "seconds", "failed_attempts", "version"];
    assert_eq!(keys, expected.map(|key| format!("flash_{key}")));
    assert_eq!(flashing.fact("flash_bytes"), length.to_string());
    assert_eq!(flashing.fact("flash_version"), "02 00 01");
    assert_eq!(flashing.fact("flash_failed_attempts"), "0");
    assert_eq!(flashing.fact("flash_sha256").len(), 64);
    assert!(flashing.fact("flash_seconds").parse::<f64>().unwrap() > 0.5);

    let progress = flashing.hil.events("progressed");
    let sent: Vec<u64> = progress
        .iter()
        .filter(|progress| progress["what"] == "sending the image")
        .map(|progress| progress["done"].as_u64().unwrap())
        .collect();
    assert_eq!((sent.first(), sent.last()), (Some(&0), Some(&length.into())));
    assert!(sent.is_sorted() && sent.len() <= 22, "{sent:?}");
    for phase in
        ["unlocking the unit", "erasing", "sending the image", "verifying", "reading back the version"]
    {
        let line = format!("set-up  flash: {phase} done");
        assert_eq!(ended.stdout().matches(&line).count(), 1, "{line}: {}", ended.stdout());
    }
    assert!(flashing.hil.read("summary.md").contains("flash_version = 02 00 01"));
}

/// In simulated time the bus stands still while the supply is sampled, and that counts here as well.
#[test]
fn flashing_takes_little_longer_than_the_bus_needs() {
    let flashing = Flashing::by(Program::hil(), &intel_hex(&firmware(0x8000)));
    flashing.hil.run().code(0);
    let frames = flashing.hil.events("frame");
    let carried = frames
        .iter()
        .filter(|frame| matches!(frame["id"].as_u64(), Some(0x3C | 0x3D)) && frame["check"] == "good");
    // 32 blocks of 172 frames, each with its answer, and what is around them.
    let count = carried.count();
    assert!((5_536..5_600).contains(&count), "{count}");
    let bus = count as f64 * 124.0 / 19_200.0;
    let took: f64 = flashing.fact("flash_seconds").parse().unwrap();
    assert!(took < 1.05 * bus, "{took} s, and the bus needs {bus} s");
}

#[test]
fn two_runs_that_flash_leave_the_same_journal() {
    let runs = [(); 2].map(|()| {
        let flashing = Flashing::simulated();
        flashing.hil.run().code(0);
        let journal = flashing.hil.journal();
        journal
            .iter()
            .map(|entry| (entry["t_us"].clone(), entry["event"]["frame"].clone()))
            .collect::<Vec<_>>()
    });
    assert!(runs[0].len() > 500);
    assert_eq!(runs[0], runs[1]);
}

#[test]
fn without_an_image_flashing_is_skipped_with_the_reason() {
    let hil = Program::hil().args(&[TEST, "--exact"]).set("flash.enabled=true");
    hil.run().code(0);
    let steps = hil.events("session_step_finished");
    let step = steps.iter().find(|step| step["step"] == "flash").unwrap();
    assert_eq!(step["outcome"]["skipped"]["reason"], "flash.hex_path is not set");
    assert_eq!(hil.outcomes()[TEST], "passed");
}

#[test]
fn a_unit_that_nobody_needs_is_not_flashed() {
    let flashing = Flashing::simulated();
    let unit = Program::hil()
        .args(&["--suite", "unit"])
        .set("flash.enabled=true")
        .set(&format!("flash.hex_path={}", flashing.folder.path().join("missing.hex").display()));
    unit.run().code(0);
}

#[rstest]
#[case::a_digit(|hex: String| hex.replacen(":10", ":1O", 1), "", "firmware.hex is no image: line 1, column 3: 'O' is no hexadecimal digit")]
#[case::a_checksum(|hex: String| hex.replacen("04\n", "05\n", 1), "", "checksum")]
#[case::no_end(|hex: String| hex.replace(":00000001FF\n", ""), "", "the end record is missing")]
#[case::twice_the_same(|hex: String| format!("{}{hex}", hex.lines().next().unwrap()), "", "line 1")]
#[case::another_format(|_: String| "firmware\n".to_owned(), "", "is no image")]
#[case::nothing(|_: String| String::new(), "", "is no image")]
#[case::beyond_the_memory(|hex: String| hex, "flash.memory=[{start: 0x5800, length: 0x800}]", "0x00006000")]
#[case::no_file(|hex: String| hex, "flash.hex_path=no/such.hex", "flash.hex_path: cannot read")]
fn an_image_that_is_not_good_is_refused_before_anything_is_opened(
    #[case] spoil: fn(String) -> String,
    #[case] setting: &str,
    #[case] message: &str,
) {
    let flashing = Flashing::by(Program::hil(), &spoil(intel_hex(&firmware(0x1000))));
    let flashing = if setting.is_empty() { flashing } else { flashing.set(setting) };
    let ended = flashing.hil.run().code(4);
    assert!(ended.stderr().contains(message), "{}", ended.stderr());
    assert!(flashing.hil.journal().is_empty());
}

/// What is planted, how many attempts fail before one does not, and what the log says of it. The image is being sent
/// from 3.7 s to 8.2 s.
#[rstest]
#[case::lost_answer(
    "lin: {kind: no_response, frame: 0x3D, from: 5, count: 1}",
    0,
    "block 0x02 at 0x00005c00 was lost"
)]
#[case::damaged_answer(
    "lin: {kind: bit_flip, frame: 0x3D, from: 5, count: 1}",
    0,
    "block 0x02 at 0x00005c00 was lost"
)]
#[case::answer_with_a_wrong_checksum(
    "lin: {kind: wrong_checksum, frame: 0x3D, from: 5, count: 1}",
    0,
    "was lost"
)]
#[case::damaged_request(
    "lin: {kind: bit_flip, frame: 0x3C, from: 5, count: 1}",
    0,
    "block 0x02 at 0x00005c00 was lost"
)]
#[case::request_with_a_wrong_checksum(
    "lin: {kind: wrong_checksum, frame: 0x3C, from: 5, count: 1}",
    0,
    "was lost"
)]
// The unit misses a frame, so that the next one has the wrong sequence number.
#[case::wrong_sequence_number(
    "lin: {kind: unheard, frame: 0x3C, from: 5, count: 1}",
    0,
    "did not answer TransferData"
)]
#[case::three_times("lin: {kind: unheard, frame: 0x3C, from: 5, count: 3}", 0, "did not answer TransferData")]
#[case::busy("boot: {kind: refuse, service: 0x34, code: 0x21, count: 3}", 0, "")]
#[case::lost_at_the_beginning(
    "lin: {kind: no_response, frame: 0x3D, from: 3.2, count: 1}",
    1,
    "opening the programming session"
)]
#[case::wrong_block_counter(
    "boot: {kind: refuse, code: 0x73, count: 1}",
    1,
    "wrongBlockSequenceCounter (0x73)"
)]
#[case::pending_for_too_long(
    "boot: {kind: endless_pending, count: 1}",
    1,
    "101 times that TransferData is pending"
)]
#[case::wrong_byte("boot: {kind: corrupt, block: 2, count: 1}", 1, "the memory differs from the image")]
#[case::power_cut(
    "ecu: {kind: brown_out, from: 6, until: 6.5}",
    1,
    "serviceNotSupportedInActiveSession (0x7f)"
)]
#[case::power_cut_while_it_erases("ecu: {kind: brown_out, from: 3.5, until: 3.6}", 1, "erasing")]
#[case::power_cut_of_a_dead_loader(
    "boot: {kind: silent, block: 2, count: 1}}, {ecu: {kind: brown_out, from: 9, until: 9.2}",
    1,
    "block 0x02"
)]
fn what_passes_is_recovered_from(#[case] fault: &str, #[case] failed: u32, #[case] told: &str) {
    let flashing = Flashing::simulated().set(&format!("simulation.faults=[{{{fault}}}]"));
    flashing.hil.run().code(0);
    assert_eq!(flashing.fact("flash_failed_attempts"), failed.to_string());
    assert_eq!(flashing.fact("flash_version"), "02 00 01");
    let warnings = flashing.warnings();
    assert!(warnings.contains(told), "{warnings}");
    assert_eq!(warnings.matches("again from the start").count(), failed as usize, "{warnings}");
    let sessions = flashing.hil.events("progressed");
    let begun = sessions.iter().filter(|step| step["what"] == "opening the programming session").count();
    assert_eq!(begun, failed as usize + 1, "every attempt begins at the start");
}

#[rstest]
#[case::power_cut(
    "ecu: {kind: brown_out, from: 6, until: 6.5}",
    1,
    "sending the image failed; the unit is half-written: \
     the unit refuses TransferData: serviceNotSupportedInActiveSession (0x7f)"
)]
#[case::power_that_stays_away(
    "ecu: {kind: dead, from: 6}",
    2,
    "opening the programming session failed in attempt 2 (in the first one sending the image: block 0x03 at \
     0x00006000 was sent 4 times in vain); the unit is half-written: the unit did not answer"
)]
#[case::lost_answers(
    "lin: {kind: no_response, frame: 0x3D, from: 5}",
    1,
    "block 0x02 at 0x00005c00 was sent 4 times in vain"
)]
#[case::lost_requests(
    "lin: {kind: unheard, frame: 0x3C, from: 5}",
    1,
    "block 0x02 at 0x00005c00 was sent 4 times in vain"
)]
#[case::shorted_bus(
    "lin: {kind: bus_short, from: 5}",
    1,
    "the unit is half-written: block 0x02 at 0x00005c00"
)]
#[case::wrong_block_counter("boot: {kind: refuse, code: 0x73}", 3, "failed in attempt 3")]
#[case::programming_failure(
    "boot: {kind: refuse, code: 0x72}",
    1,
    "sending the image failed; the unit is half-written: the unit refuses TransferData: generalProgrammingFailure (0x72)"
)]
#[case::pending_for_ever(
    "boot: {kind: endless_pending, service: 0x31}",
    1,
    "erasing failed; the unit is half-written: the unit said 101 times that RoutineControl (erase) is pending"
)]
#[case::wrong_byte(
    "boot: {kind: corrupt, block: 2}",
    1,
    "verifying failed; the unit is half-written: check routine 0x0202 says 0x01: the memory differs from the image"
)]
#[case::wrong_key(
    "boot: {kind: refuse_key}",
    5,
    "unlocking the unit failed; the unit is untouched: the unit refuses SecurityAccess: invalidKey (0x35)"
)]
#[case::no_programming_session(
    "boot: {kind: refuse, service: 0x10, code: 0x22}",
    5,
    "opening the programming session failed; the unit is untouched: \
     the unit refuses DiagnosticSessionControl: conditionsNotCorrect (0x22)"
)]
#[case::no_reset(
    "boot: {kind: refuse, service: 0x11, code: 0x22}",
    1,
    "resetting the unit failed; the unit is written, but not confirmed to run"
)]
fn what_does_not_pass_ends_the_session(#[case] fault: &str, #[case] attempts: u32, #[case] message: &str) {
    let faults = format!("simulation.faults=[{{{fault}}}]");
    Flashing::simulated().set(&faults).set(&format!("flash.attempts={attempts}")).fails(message);
}

#[rstest]
#[case::locked(
    &["flash.security_level=", "flash.key_command=[]"],
    "the unit is untouched: the unit refuses RoutineControl (erase): securityAccessDenied (0x33)"
)]
#[case::no_key(
    &["flash.key_command=[]"],
    "the unit is untouched: no key for the unit's seed: the unit is locked, and no way to compute a key is configured"
)]
#[case::key_command(&["flash.key_command=[/no/such/program]"], "cannot start /no/such/program")]
#[case::wrong_key(&["flash.key_command=[echo]"], "the unit refuses SecurityAccess: invalidKey (0x35)")]
#[case::unknown_routine(
    &["flash.verify_routine=0x1234"],
    "the unit is half-written: the unit refuses RoutineControl (check): requestOutOfRange (0x31)"
)]
#[case::time_limit(
    &["flash.timeout=2"],
    "the unit is half-written: it takes longer than 2 s, which is its limit"
)]
#[case::no_boot_loader(
    &["flash.method=boot_loader"],
    "the unit is untouched: the adapter's boot loader did not do it: mock cannot program the unit"
)]
fn what_is_configured_wrongly_ends_the_session(#[case] settings: &[&str], #[case] message: &str) {
    settings.iter().fold(Flashing::simulated(), |flashing, setting| flashing.set(setting)).fails(message);
}

#[test]
fn an_image_that_the_unit_has_no_room_for_leaves_it_untouched() {
    let flashing = Flashing::by(Program::hil(), &intel_hex(&firmware(0x8010)));
    flashing.fails(
        "erasing failed; the unit is untouched: the unit refuses RoutineControl (erase): requestOutOfRange",
    );
}

#[test]
fn a_signal_in_the_middle_says_what_it_leaves_behind() {
    let flashing = Flashing::simulated().set("simulation.realtime=true");
    let mut running = flashing.hil.start();
    wait_until("the image to be sent", || {
        flashing.hil.events("progressed").iter().any(|step| {
            step["what"] == "sending the image" && step["done"].as_u64().is_some_and(|done| done > 0)
        })
    });
    running.signal(Signal::SIGTERM);
    assert_eq!(running.wait(), Some(2));
    assert!(flashing.warnings().contains("the unit may be half-written"), "{}", flashing.warnings());
    assert_eq!(flashing.hil.events("output_verified")[0]["confirmed"], true);
    assert!(flashing.hil.events("test_started").is_empty());
    let steps = flashing.hil.events("session_step_finished");
    let step = steps.iter().find(|step| step["step"] == "flash").unwrap();
    assert_eq!(step["outcome"]["errored"]["kind"], "interrupted");
}

#[test]
fn a_command_gets_the_image() {
    let flashing = Flashing::simulated().set("flash.method=command");
    let written = flashing.folder.path().join("written.hex");
    let copy = format!(
        "flash.command=[sh, -c, 'echo flashing; cp \"$1\" \"$2\"', sh, '{{image}}', {}]",
        written.display()
    );
    let flashing = flashing.set(&copy);
    flashing.hil.run().code(0);
    assert_eq!(std::fs::read_to_string(written).unwrap(), intel_hex(&firmware(0x1000)));
    assert!(flashing.hil.events("logged").iter().any(|line| line["message"] == "flashing"));
    assert_eq!(flashing.fact("flash_bytes"), "4096");
}

#[rstest]
#[case::fails(
    "[sh, -c, 'echo no such unit >&2; exit 3', sh, '{image}']",
    "exit status: 3, after: no such unit"
)]
#[case::is_not_there(
    "[/no/such/flasher, '{image}']",
    "the unit is untouched: the command did not do it: cannot start /no/such/flasher"
)]
#[case::does_not_end(
    "[sh, -c, 'sleep 600', sh, '{image}']",
    "the unit is in an unknown state: the command did not do it: sh did not end within 1 s"
)]
fn a_command_that_fails_ends_the_session(#[case] command: &str, #[case] message: &str) {
    let flashing = Flashing::simulated().set("flash.method=command").set("flash.timeout=1");
    flashing.set(&format!("flash.command={command}")).fails(message);
}

#[rstest]
#[case::on_an_adapter_that_has_one("mcm", 0)]
#[case::on_one_that_has_none("uart", 6)]
fn the_boot_loader_of_an_adapter(#[case] imitation: &str, #[case] code: i32) {
    let imitation = Imitation::start(imitation);
    let flashing =
        Flashing::by(imitation.hil(), &intel_hex(&firmware(0x1000))).set("flash.method=boot_loader");
    if code == 0 {
        flashing.hil.run().code(0);
        assert_eq!(flashing.fact("flash_bytes"), "4096");
        assert_eq!(flashing.hil.outcomes()[TEST], "passed");
    } else {
        flashing.fails(
            "the unit is untouched: the adapter's boot loader did not do it: uart cannot program the unit",
        );
    }
}

/// Another harness, another run: the unit keeps what it was flashed with, and stays silent when that is half of it.
#[test]
fn a_unit_keeps_what_was_written() {
    let imitation = Imitation::start("uart");
    let flashing = || Flashing::by(imitation.hil(), &s_record(&firmware(0x400)));
    flashing().hil.run().code(0);

    let broken = flashing().set("flash.verify_routine=0x1234").set("flash.attempts=1");
    broken.fails("the unit is half-written");
    let silent = imitation.hil().args(&[TEST, "--exact"]);
    silent.run().code(1);
    assert_eq!(silent.outcomes()[TEST], "failed", "without an application there is no status");

    let mended = flashing();
    mended.hil.run().code(0);
    assert_eq!(mended.hil.outcomes()[TEST], "passed");
}
