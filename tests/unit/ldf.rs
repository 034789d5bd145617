//! The LDF of the module, and its codec.

use hil::ldf::{Fill, parse};
use hil::prelude::*;

const ALM: &str = include_str!("../../vendor/alm.ldf");

/// The database, parsed anew for each test.
fn database() -> hil::Result<hil::ldf::Database> {
    parse(ALM).map(|parsed| parsed.database).map_err(|error| TestError::failed(error.to_string()))
}

/// Title: The module's LDF has no warning
/// Requirements: REQ-BUS-002
/// Test Steps:
///   1. Parse vendor/alm.ldf.
/// Expected Result: No warning, 19200 bit/s, eight frames.
#[hil::test]
fn the_ldf_is_clean(ctx: &Ctx) -> hil::Result {
    let parsed = parse(ALM).map_err(|error| TestError::failed(error.to_string()))?;
    ctx.expect_eq("warnings", parsed.warnings.len(), 0)?;
    ctx.expect_eq("bit rate", parsed.database.bitrate(), 19_200)?;
    ctx.expect_eq("frames", parsed.database.frames().count(), 8)
}

/// Title: A request is packed as the layout says
/// Requirements: REQ-BUS-002
/// Test Steps:
///   1. Encode ALM_Req_A by names and physical values.
/// Expected Result: The bytes of the layout.
#[hil::test]
fn a_request_is_packed(ctx: &Ctx) -> hil::Result {
    let database = database()?;
    let values = [
        ("AmbLightColourRed", Value::Raw(0xFF)),
        ("AmbLightIntensity", Value::Physical(100.0)),
        ("AmbLightUpdate", Value::from("SAVE")),
        ("AmbLightMode", Value::from("FADE")),
        ("AmbLightDuration", Value::Physical(1000.0)),
        ("AmbLightLIDFrom", Value::Raw(1)),
        ("AmbLightLIDTo", Value::Raw(2)),
    ];
    let payload = database.frame("ALM_Req_A")?.encode(values, Fill::Ones)?;
    ctx.expect_eq("payload", &payload[..], &[0xFF, 0, 0, 0xFF, 0x05, 5, 1, 2][..])
}

/// Title: A status is unpacked to words
/// Requirements: REQ-BUS-002
/// Test Steps:
///   1. Decode an ALM_Status.
/// Expected Result: The logical texts of the LDF.
#[hil::test]
fn a_status_is_unpacked(ctx: &Ctx) -> hil::Result {
    let database = database()?;
    let frame = database.frame("ALM_Status")?;
    let text = |signal| frame.decode_signal(&[0x01, 0xFE, 0xC1, 0xFF], signal).map(|value| value.to_string());
    ctx.expect_eq("ALMLEDState", text("ALMLEDState")?, "LED ON")?;
    ctx.expect_eq("ALMVoltageStatus", text("ALMVoltageStatus")?, "UNDER VOLTAGE")?;
    ctx.expect_eq("SigCommErr", text("SigCommErr")?, "ERROR")
}
