//! How long slots and frames are, against numbers computed by hand.

use std::time::Duration;

use hil_ldf::{Database, ScheduleTiming, SlotKind, SlotTiming, TimingError};
use rstest::rstest;

/// A file around the frames and one schedule table `T`.
fn database(speed: &str, master: &str, frames: &str, slots: &str) -> Database {
    let text = format!(
        r#"LIN_description_file; LIN_protocol_version = "2.1"; LIN_language_version = "2.1"; {speed}
        Nodes {{ {master} Slaves: A, B; }}
        Signals {{ Sa: 1, 0, A; }}
        {frames}
        Node_attributes {{
          A {{ configured_NAD = 1; response_tolerance = 50 %; }}
          B {{ configured_NAD = 2; response_tolerance = 20 %; }}
        }}
        Schedule_tables {{ T {{ {slots} }} Empty {{ }} Still {{ MasterReq delay 0 ms; }} }}"#
    );
    hil_ldf::parse(&text).unwrap_or_else(|error| panic!("{error}")).database
}

const SPEED: &str = "LIN_speed = 19.2 kbps;";
const MASTER: &str = "Master: M, 5 ms, 0.1 ms;";
const FRAMES: &str = "
    Frames {
      F1: 1, M, 1 { } F2: 2, M, 2 { } F4: 4, M, 4 { } F8: 8, M, 8 { }
      A2: 0x12, A, 2 { Sa, 8; } A4: 0x14, A, 4 { } B4: 0x15, B, 4 { }
    }
    Sporadic_frames { Spo: F1, F4, F2; Nothing: ; }
    Event_triggered_frames { Event: Empty, 0x20, A2, B4; }";

fn slots(slots: &str) -> Vec<SlotTiming> {
    ScheduleTiming::of(&database(SPEED, MASTER, FRAMES, slots), "T").unwrap().slots
}

fn nanoseconds(duration: Duration) -> u64 {
    duration.as_nanos().try_into().unwrap()
}

/// Bits · 10^9 / 19200, rounded up: 54, 64, 84 and 124 bits, and 1.4 times that.
#[rstest]
#[case::one("F1", Some(1), 1, 2_812_500, 3_937_500)]
#[case::two("F2", Some(2), 2, 3_333_334, 4_666_667)]
#[case::four("F4", Some(4), 4, 4_375_000, 6_125_000)]
#[case::eight("F8", Some(8), 8, 6_458_334, 9_041_667)]
#[case::tolerance_is_for_j2602("A2", Some(0x12), 2, 3_333_334, 4_666_667)]
#[case::longest_of_the_sporadic("Spo", None, 4, 4_375_000, 6_125_000)]
#[case::nothing_to_send("Nothing", None, 0, 0, 0)]
#[case::longest_of_the_event("Event", Some(0x20), 4, 4_375_000, 6_125_000)]
#[case::request("MasterReq", Some(0x3C), 8, 6_458_334, 9_041_667)]
#[case::response("SlaveResp", Some(0x3D), 8, 6_458_334, 9_041_667)]
#[case::configuration("AssignNAD { A }", Some(0x3C), 8, 6_458_334, 9_041_667)]
#[case::free("FreeFormat { 0, 0, 0, 0, 0, 0, 0, 0 }", Some(0x3C), 8, 6_458_334, 9_041_667)]
fn frames_at_19200(
    #[case] command: &str,
    #[case] id: Option<u8>,
    #[case] bytes: usize,
    #[case] nominal: u64,
    #[case] maximum: u64,
) {
    let slots = slots(&format!("{command} delay 10 ms;"));
    let slot = &slots[0];
    assert_eq!((slot.id.map(hil_ldf::FrameId::get), slot.bytes), (id, bytes));
    assert_eq!((nanoseconds(slot.nominal), nanoseconds(slot.maximum)), (nominal, maximum));
    assert_eq!(slot.margin.nanoseconds(), 10_000_000 - 100_000 - i64::try_from(maximum).unwrap());
}

/// The table of hardware reference 1.3, in microseconds.
#[rstest]
#[case("LIN_speed = 10.417 kbps;", 1, 7_257)]
#[case("LIN_speed = 10.417 kbps;", 2, 8_601)]
#[case("LIN_speed = 10.417 kbps;", 4, 11_289)]
#[case("LIN_speed = 10.417 kbps;", 8, 16_665)]
#[case("LIN_speed = 9.6 kbps;", 1, 7_875)]
#[case("LIN_speed = 9.6 kbps;", 2, 9_333)]
#[case("LIN_speed = 9.6 kbps;", 4, 12_250)]
#[case("LIN_speed = 9.6 kbps;", 8, 18_083)]
fn maxima_at_other_rates(#[case] speed: &str, #[case] bytes: usize, #[case] microseconds: u64) {
    let database = database(speed, MASTER, FRAMES, &format!("F{bytes} delay 20 ms;"));
    let slot = &ScheduleTiming::of(&database, "T").unwrap().slots[0];
    assert_eq!((nanoseconds(slot.maximum) + 500) / 1000, microseconds);
}

/// J2602: the header from the master line, the response from its publisher or else from the master line.
/// In bits: (header + response · (1 + tolerance)), at 10000 bit/s a bit takes 100 µs.
#[rstest]
#[case::master_line("48 bits, 40 %", "F2", 48 + 42)]
#[case::of_the_publisher("48 bits, 40 %", "A2", 48 + 45)]
#[case::of_a_stricter_publisher("48 bits, 40 %", "B4", 48 + 60)]
#[case::event_takes_the_longest("48 bits, 40 %", "Event", 48 + 60)]
#[case::any_slave_may_respond("48 bits, 40 %", "SlaveResp", 48 + 135)]
#[case::master_requests("48 bits, 30 %", "MasterReq", 48 + 117)]
#[case::impossible_header("24 bits, 30 %", "F2", 34 + 39)]
#[case::no_tolerance("60 bits, 0 %", "F2", 60 + 30)]
fn j2602(#[case] line: &str, #[case] command: &str, #[case] bits: u64) {
    let master = format!("Master: M, 5 ms, 0.1 ms, {line};");
    let database = database("LIN_speed = 10 kbps;", &master, FRAMES, &format!("{command} delay 30 ms;"));
    let slot = &ScheduleTiming::of(&database, "T").unwrap().slots[0];
    assert_eq!(nanoseconds(slot.maximum), bits * 100_000);
}

/// 9.041667 ms and a jitter of 0.1 ms need 9.141667 ms; the time base is 5 ms.
#[rstest]
#[case::long("10 ms", 858_333, "0.858333 ms", true)]
#[case::exact("9.141667 ms", 0, "0 ms", false)]
#[case::a_nanosecond_short("9.141666 ms", -1, "-0.000001 ms", false)]
#[case::short("5 ms", -4_141_667, "-4.141667 ms", true)]
#[case::nothing("0 ms", -9_141_667, "-9.141667 ms", true)]
fn margins(#[case] delay: &str, #[case] margin: i64, #[case] words: &str, #[case] on_time_base: bool) {
    let slot = slots(&format!("F8 delay {delay};")).remove(0);
    assert_eq!((slot.margin.nanoseconds(), slot.margin.to_string().as_str()), (margin, words));
    assert_eq!((slot.is_too_short(), slot.on_time_base), (margin < 0, on_time_base));
}

#[test]
fn slots_follow_each_other() {
    let slots =
        slots("F1 delay 10 ms; Event delay 15 ms; SaveConfiguration { B } delay 20 ms; Spo delay 5 ms;");
    let found: Vec<_> = slots
        .iter()
        .map(|slot| (slot.number, slot.start.as_millis(), slot.frame.as_str(), slot.kind))
        .collect();
    assert_eq!(
        found,
        [
            (1, 0, "F1", SlotKind::Unconditional),
            (2, 10, "Event", SlotKind::EventTriggered),
            (3, 25, "SaveConfiguration { B }", SlotKind::Configuration),
            (4, 45, "Spo", SlotKind::Sporadic),
        ]
    );
}

/// 2.8125 + 4.375 of 25 ms; 3.9375 + 6.125 of 25 ms.
#[test]
fn bus_load_is_busy_time_in_the_period() {
    let database = database(SPEED, MASTER, FRAMES, "F1 delay 10 ms; F4 delay 15 ms;");
    let timing = ScheduleTiming::of(&database, "T").unwrap();
    assert_eq!(
        (timing.period, timing.time_base, timing.jitter.as_micros()),
        (Duration::from_millis(25), Duration::from_millis(5), 100)
    );
    let load = timing.bus_load().unwrap();
    assert!((load.nominal - 28.75).abs() < 1e-9 && (load.maximum - 40.25).abs() < 1e-9, "{load:?}");
    for name in ["Empty", "Still"] {
        assert_eq!(ScheduleTiming::of(&database, name).unwrap().bus_load(), None);
    }
}

#[test]
fn without_time_base_only_an_empty_slot_is_on_it() {
    let database = database(SPEED, "Master: M, 0 ms, 0 ms;", FRAMES, "F1 delay 10 ms; F1 delay 0 ms;");
    let slots = ScheduleTiming::of(&database, "T").unwrap().slots;
    assert_eq!(slots.iter().map(|slot| slot.on_time_base).collect::<Vec<_>>(), [false, true]);
}

#[rstest]
#[case::unknown(SPEED, MASTER, "t", "unknown schedule table \"t\", did you mean \"T\"?")]
#[case::no_master(SPEED, "", "T", "the file has no master, so its schedules have no time base")]
#[case::no_speed("", MASTER, "T", "the file has no LIN_speed, so its frames have no length in time")]
fn what_is_missing_is_said(
    #[case] speed: &str,
    #[case] master: &str,
    #[case] name: &str,
    #[case] words: &str,
) {
    let database = database(speed, master, "", "");
    let error = ScheduleTiming::of(&database, name).unwrap_err();
    assert_eq!(error.to_string(), words);
    assert_eq!(matches!(error, TimingError::Unknown(_)), name == "t");
}
