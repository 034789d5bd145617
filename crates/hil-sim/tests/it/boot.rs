//! The simulated boot loader: what order it insists on, and how it misbehaves.

use std::time::Duration;

use hil_model::BenchTime;
use hil_sim::{BootFault, BootSetup, Bootloader, Reply, Services};
use rstest::rstest;

/// A boot loader with 16 bytes of memory from 0x1000 on, which takes blocks of up to 6 bytes.
fn unit() -> Bootloader {
    let setup = BootSetup { start: 0x1000, length: 16, block_length: 8, ..BootSetup::default() };
    Bootloader::new(setup)
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

fn show(reply: &Reply) -> String {
    match reply {
        Reply::Positive(rest) => rest.iter().fold("+".to_owned(), |text, byte| format!("{text} {byte:02X}")),
        Reply::Negative(code) => format!("- {code:02X}"),
        Reply::Pending { after, then } => format!("{} ms {}", after.as_millis(), show(then)),
        Reply::Restart(said) => format!("restart {}", show(said)),
        Reply::Silence => "silence".to_owned(),
    }
}

/// Asks in hexadecimal, one request a second.
#[derive(Debug)]
struct Tester {
    unit: Bootloader,
    now: BenchTime,
}

impl Tester {
    fn of(unit: &Bootloader) -> Self {
        Self { unit: unit.clone(), now: BenchTime::from_micros(3_600_000_000) }
    }

    fn ask(&mut self, request: &str) -> String {
        self.now = self.now + Duration::from_secs(1);
        show(&self.unit.serve(&bytes(request), self.now))
    }

    fn unlock(&mut self) {
        assert_eq!(self.ask("10 02"), "+ 02 00 32 01 F4");
        let seed = self.ask("27 01");
        let key = bytes(&seed[5..])
            .iter()
            .map(|byte| format!(" {:02X}", byte ^ Bootloader::KEY))
            .collect::<String>();
        assert_eq!(self.ask(&format!("27 02{key}")), "+ 02");
    }
}

/// CRC-32 of `01 02 03 04 05 06 07`, from Python's `zlib.crc32`.
const CRC: &str = "70 E4 68 88";

#[test]
fn a_download_as_it_should_be() {
    let unit = unit();
    let mut tester = Tester::of(&unit);
    tester.unlock();
    let check = format!("31 01 02 02 {CRC}");
    for (request, expected) in [
        ("27 01", "+ 01 00 00 00 00"),
        ("31 01 FF 00 00 00 10 04 00 00 00 07", "300 ms + 01 FF 00"),
        ("34 00 44 00 00 10 04 00 00 00 07", "+ 20 00 08"),
        ("36 01 01 02 03 04", "+ 01"),
        ("36 01 01 02 03 04", "+ 01"),
        ("36 02 05 06 07", "+ 02"),
        ("3E 00", "+ 00"),
        ("3E 80", "silence"),
        ("37", "+"),
        ("22 F1 95", "- 22"),
        (check.as_str(), "+ 01 02 02 00"),
        ("11 01", "restart + 01"),
        ("22 F1 95", "+ F1 95 31 2E 30 2E 30"),
    ] {
        assert_eq!(tester.ask(request), expected, "{request}");
    }
    assert_eq!(unit.memory(), bytes("FF FF FF FF 01 02 03 04 05 06 07 FF FF FF FF FF"));
    assert!(unit.has_application());
    assert_eq!(unit.repeated_blocks(), 1);
}

const DOWNLOAD: &str = "34 00 44 00 00 10 00 00 00 00 10";

#[rstest]
#[case::unknown_service(&["2E F1 90 00"], "- 11")]
#[case::unknown_session(&["10 04"], "- 12")]
#[case::silent_session(&["10 82"], "silence")]
#[case::session_length(&["10"], "- 13")]
#[case::unknown_identifier(&["22 F1 90"], "- 31")]
#[case::erase_outside(&["31 01 FF 00 00 00 10 00 00 00 00 11"], "- 31")]
#[case::erase_before(&["31 01 FF 00 00 00 0F FF 00 00 00 02"], "- 31")]
#[case::erase_length(&["31 01 FF 00 00"], "- 13")]
#[case::unknown_routine(&["31 01 12 34"], "- 31")]
#[case::routine_results(&["31 03 FF 00"], "- 12")]
#[case::check_of_nothing(&["31 01 FF 01"], "- 24")]
#[case::download_outside(&["34 00 44 00 00 10 10 00 00 00 01"], "- 31")]
#[case::download_of_nothing(&["34 00 44 00 00 10 00 00 00 00 00"], "- 31")]
#[case::compressed_download(&["34 10 44 00 00 10 00 00 00 00 10"], "- 31")]
#[case::download_in_download(&[DOWNLOAD, DOWNLOAD], "- 22")]
#[case::erase_in_download(&[DOWNLOAD, "31 01 FF 00 00 00 10 00 00 00 00 10"], "- 22")]
#[case::check_in_download(&[DOWNLOAD, "31 01 FF 01"], "- 24")]
#[case::block_without_download(&["36 01 00"], "- 24")]
#[case::block_without_data(&[DOWNLOAD, "36 01"], "- 13")]
#[case::block_too_long(&[DOWNLOAD, "36 01 00 00 00 00 00 00 00"], "- 13")]
#[case::wrong_first_block(&[DOWNLOAD, "36 02 00"], "- 73")]
#[case::block_before_the_first(&[DOWNLOAD, "36 00 00"], "- 73")]
#[case::block_left_out(&[DOWNLOAD, "36 01 00", "36 03 00"], "- 73")]
#[case::repetition_of_other_length(&[DOWNLOAD, "36 01 00", "36 01 00 00"], "- 73")]
#[case::more_than_announced(&["34 00 44 00 00 10 00 00 00 00 01", "36 01 00 00"], "- 71")]
#[case::not_erased(&["34 00 44 00 00 10 00 00 00 00 01", "36 01 00", "37", "34 00 44 00 00 10 00 00 00 00 01", "36 01 00"], "- 72")]
#[case::exit_too_early(&[DOWNLOAD, "37"], "- 24")]
#[case::exit_without_download(&["37"], "- 24")]
#[case::locked_again(&["10 02", DOWNLOAD], "- 33")]
#[case::session_left(&["10 03", DOWNLOAD], "- 7F")]
#[case::wrong_check(&["34 00 44 00 00 10 00 00 00 00 01", "36 01 00", "37", "31 01 02 02 00 00 00 00"], "+ 01 02 02 01")]
#[case::empty_request(&[""], "silence")]
fn what_it_refuses(#[case] requests: &[&str], #[case] expected: &str) {
    let mut tester = Tester::of(&unit());
    tester.unlock();
    let last = requests.iter().map(|request| tester.ask(request)).last();
    assert_eq!(last.as_deref(), Some(expected));
}

#[test]
fn a_session_ends_when_nothing_comes() {
    let mut tester = Tester::of(&unit());
    tester.unlock();
    tester.now = tester.now + Duration::from_secs(5);
    assert_eq!(tester.ask("37"), "- 7F");
}

#[test]
fn three_wrong_keys_are_enough() {
    let mut tester = Tester::of(&unit());
    tester.ask("10 02");
    assert_eq!(tester.ask("27 02 00 00 00 00"), "- 24");
    for expected in ["- 35", "- 35", "- 36"] {
        tester.ask("27 01");
        assert_eq!(tester.ask("27 02 00 00 00 00"), expected);
    }
    assert_eq!(tester.ask("27 01"), "- 36");
}

#[test]
fn a_power_cut_leaves_half_of_it_and_no_application() {
    let unit = unit();
    let mut tester = Tester::of(&unit);
    tester.unlock();
    tester.ask(DOWNLOAD);
    tester.ask("36 01 01 02");
    unit.clone().start(tester.now + Duration::from_millis(950));
    assert_eq!(tester.ask("10 02"), "silence", "it is still starting");
    assert_eq!(tester.ask("10 01"), "+ 01 00 32 01 F4");
    assert_eq!(tester.ask("36 02 03"), "- 7F");
    assert_eq!(tester.ask("22 F1 95"), "- 22");
    assert!(!unit.has_application());
    assert!(unit.memory().starts_with(&[1, 2, 0xFF]));
}

#[rstest]
#[case::refuse(BootFault::Refuse { service: 0x36, code: 0x93 }, "- 93", "FF FF")]
#[case::silent(BootFault::SilentFromBlock(1), "silence", "FF FF")]
#[case::corrupt(BootFault::CorruptBlock(1), "+ 01", "01 01")]
#[case::later(BootFault::CorruptBlock(2), "+ 01", "00 01")]
fn what_faults_do_to_a_block(#[case] fault: BootFault, #[case] expected: &str, #[case] memory: &str) {
    let unit = unit();
    unit.misbehave(fault);
    let mut tester = Tester::of(&unit);
    tester.unlock();
    tester.ask(DOWNLOAD);
    assert_eq!(tester.ask("36 01 00 01"), expected);
    assert!(unit.memory().starts_with(&bytes(memory)));
}

#[test]
fn pending_without_end() {
    let unit = unit();
    unit.misbehave(BootFault::EndlessPending { service: 0x10 });
    let mut reply = unit.clone().serve(&[0x10, 0x02], BenchTime::ZERO);
    for _ in 0..200 {
        let Reply::Pending { then, .. } = reply else { panic!("{reply:?}") };
        reply = *then;
    }
}
