//! What a small file says arrives in the database.

use std::time::Duration;

use hil_ldf::{ByteOrder, Bytes, FrameKind, Raw, ScheduleCommand, TextEncoding, parse, parse_bytes};
use rstest::rstest;

const FULL: &str = include_str!("../fixtures/full.ldf");

#[test]
fn header_nodes_and_attributes() {
    let parsed = parse(FULL).unwrap();
    assert_eq!(parsed.warnings, []);
    let database = parsed.database;
    assert_eq!((database.protocol_version(), database.language_version()), ("2.2", "2.1"));
    assert_eq!((database.bitrate(), database.channel_name()), (10_417, Some("DB \"1\"")));
    assert_eq!(database.byte_order(), ByteOrder::LittleEndian);
    assert_eq!(database.nodes().collect::<Vec<_>>(), ["M", "S1", "S2"]);
    let master = database.master().unwrap();
    assert_eq!((master.time_base(), master.jitter()), (Duration::from_millis(5), Duration::from_micros(100)));

    let node = database.node_attributes("S1").unwrap();
    assert_eq!(node.configured_nad().unwrap().get(), 0x20);
    assert_eq!(node.initial_nad().unwrap().get(), 0x01);
    let product = node.product_id().unwrap();
    assert_eq!((product.supplier, product.function, product.variant), (0x4E4E, 0x4553, Some(1)));
    assert_eq!((node.p2_min(), node.st_min()), (Duration::from_micros(150_500), Duration::from_millis(50)));
    assert_eq!(node.response_error(), Some("Err1"));
    assert_eq!(node.fault_state_signals().collect::<Vec<_>>(), ["Level", "Err1"]);
    assert_eq!(node.configurable_frames().nth(1).unwrap().frame(), "FromS1");

    let defaults = database.node_attributes("S2").unwrap();
    assert_eq!(defaults.initial_nad(), defaults.configured_nad());
    assert_eq!(
        (defaults.p2_min(), defaults.n_cr_timeout()),
        (Duration::from_millis(50), Duration::from_secs(1))
    );
}

#[test]
fn signals_and_frames() {
    let database = parse(FULL).unwrap().database;
    let serial = database.signal("Serial").unwrap();
    assert_eq!((serial.width(), serial.init()), (24, Raw::Array(Bytes::new(&[0x12, 0x34, 56]).unwrap())));
    let level = database.signal("Level").unwrap();
    assert_eq!((level.publisher(), level.subscribers().collect::<Vec<_>>()), (Some("S1"), vec!["M", "S2"]));
    assert_eq!(level.encoding().unwrap().name(), "LevelType");

    let frame = database.frame_by_id(0x11).unwrap();
    assert_eq!((frame.name(), frame.length(), frame.publisher()), ("FromS1", 3, "S1"));
    let slots: Vec<_> = frame.signals().map(|slot| (slot.name(), slot.offset())).collect();
    assert_eq!(slots, [("Level", 4), ("Err1", 23)]);
    let request = database.frame("MasterReq").unwrap();
    assert_eq!((request.kind(), request.length(), request.publisher()), (FrameKind::Diagnostic, 8, "M"));
    assert_eq!(database.sporadic_frames().next().unwrap().frames().collect::<Vec<_>>(), ["FromM"]);
    let event = database.event_triggered_frames().next().unwrap();
    assert_eq!((event.id().get(), event.collision_table()), (0x06, Some("Resolve")));
    assert_eq!(database.signal_groups().next().unwrap().signals().collect::<Vec<_>>(), [("Level", 0)]);
    let composite = database.configurations().next().unwrap().composites().next().unwrap();
    assert_eq!(composite.members().collect::<Vec<_>>(), ["N1", "N2"]);
}

/// A node of the variant 0 is not one of any variant.
#[rstest]
#[case::none("0x4E4E, 0x4553", None)]
#[case::zero("0x4E4E, 0x4553, 0", Some(0))]
#[case::some("0x4E4E, 0x4553, 255", Some(255))]
fn a_variant_that_is_not_given_is_none(#[case] product: &str, #[case] variant: Option<u8>) {
    let database = parse(&FULL.replace("0x4E4E, 0x4553, 1", product)).unwrap().database;
    assert_eq!(database.node_attributes("S1").unwrap().product_id().unwrap().variant, variant);
}

#[test]
fn publishers_and_subscribers() {
    let database = parse(FULL).unwrap().database;
    let published: Vec<_> = database.published_by("S1").map(|frame| frame.name()).collect();
    assert_eq!(published, ["FromS1"]);
    let subscribed: Vec<_> = database.subscribed_by("S2").map(|signal| signal.name()).collect();
    assert_eq!(subscribed, ["Mode", "Level"]);
    assert_eq!(database.frame("FromS1").unwrap().subscribers().collect::<Vec<_>>(), ["M", "S2"]);
    assert_eq!(database.published_by("nobody").count() + database.subscribed_by("nobody").count(), 0);
}

#[test]
fn schedules_keep_every_command() {
    let database = parse(FULL).unwrap().database;
    let table = database.schedule_table("All").unwrap();
    assert_eq!(table.period(), Duration::from_micros(130_500));
    let commands: Vec<String> =
        table.entries().map(|entry| format!("{:?} {:?}", entry.delay(), entry.command())).collect();
    insta::assert_snapshot!(commands.join("\n"));
    let first = table.entries().next().unwrap().command();
    assert_eq!(first, ScheduleCommand::Frame("FromM"));
}

#[test]
fn unknown_names_suggest_the_nearest() {
    let database = parse(FULL).unwrap().database;
    let error = database.frame("FormS1").unwrap_err();
    assert_eq!(error.to_string(), "unknown frame \"FormS1\", did you mean \"FromS1\"?");
    assert_eq!(database.signal("xyz").unwrap_err().to_string(), "unknown signal \"xyz\"");
}

#[rstest]
#[case::crlf("\r\n")]
#[case::cr("\r")]
#[case::cr_cr_lf("\r\r\n")]
fn line_ends(#[case] end: &str) {
    let parsed = parse(&FULL.replace('\n', end)).unwrap();
    assert_eq!(parsed.warnings, []);
    assert_eq!(parsed.database.frames().count(), 4);
}

#[rstest]
#[case::utf8(FULL.as_bytes().to_vec(), TextEncoding::Utf8)]
#[case::mark([b"\xEF\xBB\xBF", FULL.as_bytes()].concat(), TextEncoding::Utf8)]
#[case::latin1(FULL.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect(), TextEncoding::Latin1)]
#[case::utf16([vec![0xFF, 0xFE], FULL.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat(), TextEncoding::Utf16Le)]
fn encodings_of_text(#[case] bytes: Vec<u8>, #[case] expected: TextEncoding) {
    let parsed = parse_bytes(&bytes).unwrap();
    assert_eq!(parsed.encoding, expected);
    let frame = parsed.database.frame("FromS1").unwrap();
    assert_eq!(frame.decode_signal(&[0, 4, 0], "Level").unwrap().to_string(), "-8.000 °C");
}

#[rstest]
#[case(0x1F, 2)]
#[case(0x20, 4)]
#[case(0x2F, 4)]
#[case(0x30, 8)]
fn a_missing_length_follows_from_the_identifier(#[case] id: u8, #[case] length: usize) {
    let text = format!(
        "LIN_description_file; LIN_protocol_version = \"1.3\"; LIN_language_version = \"1.3\"; \
         LIN_speed = 19.2kbps; Nodes {{ Master: M, 5ms, 0ms; Slaves: S; }} \
         Diagnostic_addresses {{ S: 0x05; }} Frames {{ F: {id}, M {{ }} }}"
    );
    let parsed = parse(&text).unwrap();
    assert_eq!(parsed.warnings, []);
    assert_eq!(parsed.database.frame("F").unwrap().length(), length);
    assert_eq!(parsed.database.slave("S").unwrap().nad().unwrap().get(), 5);
}
