//! The description of the module under test.

use std::path::Path;
use std::time::Duration;

use hil_ldf::{Database, Fill, Value, load};

fn alm() -> Database {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vendor/alm.ldf");
    let parsed = load(&path).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(parsed.warnings, []);
    parsed.database
}

#[test]
fn frames_are_those_of_the_harness() {
    let database = alm();
    assert_eq!((database.bitrate(), database.protocol_version()), (19_200, "2.1"));
    let frames: Vec<_> =
        database.frames().map(|f| (f.name(), f.id().unwrap().get(), f.length(), f.publisher())).collect();
    assert_eq!(
        frames,
        [
            ("ALM_Req_A", 0x0A, 8, "Master"),
            ("ConfigFrame", 0x0B, 3, "Master"),
            ("ALM_Status", 0x11, 4, "ALM"),
            ("PWM_Frame", 0x12, 8, "ALM"),
            ("PWM_wo_Comp", 0x13, 8, "ALM"),
            ("Tj_Frame", 0x14, 4, "ALM"),
            ("MasterReq", 0x3C, 8, "Master"),
            ("SlaveResp", 0x3D, 8, ""),
        ]
    );
}

#[test]
fn a_request_has_the_documented_bytes() {
    let database = alm();
    let request = database.frame("ALM_Req_A").unwrap();
    let values: [(&str, Value<'_>); 8] = [
        ("AmbLightColourRed", 0xFF_u8.into()),
        ("AmbLightColourGreen", 0x80_u8.into()),
        ("AmbLightIntensity", 100.0.into()),
        ("AmbLightUpdate", "APPLY SAVED".into()),
        ("AmbLightMode", "FADE".into()),
        ("AmbLightDuration", "2000 ms".into()),
        ("AmbLightLIDFrom", 1_u8.into()),
        ("AmbLightLIDTo", 0x7F_u8.into()),
    ];
    let payload = request.encode(values, Fill::Ones).unwrap();
    assert_eq!(payload.to_string(), "FF 80 00 FF 06 0A 01 7F");
}

#[test]
fn a_status_reads_as_text() {
    let database = alm();
    let status = database.frame("ALM_Status").unwrap();
    let decoded = status.decode(&[0x01, 0xFE, 0b1101_1001, 0xFF]).unwrap();
    let shown: Vec<String> = decoded.iter().map(|signal| format!("{}={signal}", signal.name())).collect();
    assert_eq!(
        shown,
        [
            "ALMNadNo=1.000",
            "ALMLEDState=LED ON",
            "ALMVoltageStatus=UNDER VOLTAGE",
            "ALMThermalStatus=SHUTDOWN",
            "ALMNVMStatus=BUSY",
            "SigCommErr=ERROR",
        ]
    );
    let junction = database.frame("Tj_Frame").unwrap();
    let ntc = junction.decode_signal(&[0x2A, 0x01, 0, 0], "Tj_Frame_NTC").unwrap();
    assert_eq!(ntc.to_string(), "24.850 degC");
}

#[test]
fn every_signal_has_an_encoding() {
    let database = alm();
    let bare: Vec<_> =
        database.signals().filter(|s| s.publisher().is_some() && s.encoding().is_none()).collect();
    assert!(bare.is_empty(), "{bare:?}");
}

/// A slot holds a frame at 1.4 times its nominal length, and slots start on the time base.
#[test]
fn slots_are_long_enough() {
    let database = alm();
    let master = database.master().unwrap();
    let longest = Duration::from_secs_f64(1.4 * (34.0 + 90.0) / f64::from(database.bitrate()));
    for entry in database.schedule_tables().flat_map(|table| table.entries()) {
        assert!(entry.delay() >= longest + master.jitter(), "{entry:?}");
        assert_eq!(entry.delay().as_nanos() % master.time_base().as_nanos(), 0, "{entry:?}");
    }
    let node = database.slave("ALM").unwrap();
    assert_eq!(node.nad().unwrap().get(), 0x01);
    assert_eq!(node.attributes().unwrap().response_error(), Some("SigCommErr"));
}

#[test]
fn the_file_is_in_the_standard_layout() {
    let bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vendor/alm.ldf")).unwrap();
    assert_eq!(String::from_utf8(hil_ldf::format_bytes(&bytes).unwrap()), String::from_utf8(bytes));
}
