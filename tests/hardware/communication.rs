//! The bus itself: the communication error flag, raw access, silence.

use alm::{AlmTester, LedState};
use hil::lin::{Data, Frame, FrameId, Response};
use hil::prelude::*;

/// The module refreshes its status each 10 ms (hardware reference 10.1): after this a read is a fresh one.
const REFRESHED: Duration = Duration::from_millis(20);

#[hil::baseline]
fn light_is_off_and_no_error_is_pending(ctx: &Ctx, alm: AlmTester) -> hil::Result {
    alm.force_off()?;
    // The flag is cleared by the status frame that carried it.
    alm.fio().receive("ALM_Status")?;
    ctx.expect_eq("SigCommErr", alm.fio().receive("ALM_Status")?.raw("SigCommErr")?, 0)
}

/// A request for red that every module takes, packed by the LDF.
fn red_for_all(fio: &FrameIo) -> hil::Result<Frame> {
    let signals = [
        ("AmbLightColourRed", Value::Raw(0xFF)),
        ("AmbLightIntensity", Value::Raw(0xFF)),
        ("AmbLightLIDFrom", Value::Raw(0x00)),
        ("AmbLightLIDTo", Value::Raw(0xFF)),
    ];
    Ok(Frame::of(fio.frame_id("ALM_Req_A")?, fio.pack("ALM_Req_A", signals)?))
}

/// Title: A frame that breaks off sets the error flag once
/// Requirements: REQ-BUS-010, REQ-BUS-011
/// Test Steps:
///   1. Send ALM_Req_A without its last byte, which every adapter can; some choose the checksum themselves.
///   2. Read the status twice.
/// Expected Result: SigCommErr is 1, then 0 again; the request had no effect.
#[hil::test(markers = [HARDWARE], timeout = "5s")]
fn a_frame_that_breaks_off_is_reported_once(ctx: &Ctx, fio: FrameIo) -> hil::Result {
    let whole = red_for_all(&fio)?;
    let (_, broken) = whole.data().split_last().ok_or_else(|| TestError::misuse("an empty frame"))?;
    fio.send_raw(&Frame::of(whole.id(), Data::new(broken)?), None)?;
    ctx.sleep(REFRESHED);
    let first = fio.receive("ALM_Status")?;
    ctx.expect_eq("SigCommErr after the broken frame", first.raw("SigCommErr")?, 1)?;
    ctx.expect_eq("ALMLEDState after the broken frame", first.raw("ALMLEDState")?, 0)?;
    ctx.sleep(REFRESHED);
    ctx.expect_eq("SigCommErr after it was sent", fio.receive("ALM_Status")?.raw("SigCommErr")?, 0)
}

/// Title: A packed request that is sent raw is taken
/// Requirements: REQ-BUS-002
/// Test Steps:
///   1. Pack a request for red by names, and unpack it again.
///   2. Send its bytes by id.
/// Expected Result: The same values, and ON.
#[hil::test(markers = [HARDWARE], covers = [LinWrite], timeout = "5s")]
fn a_packed_request_sent_raw_is_taken(ctx: &Ctx, fio: FrameIo, alm: AlmTester) -> hil::Result {
    let red = red_for_all(&fio)?;
    let unpacked = fio.unpack("ALM_Req_A", red.data())?;
    ctx.expect_eq(
        "red, LIDTo",
        (unpacked.raw("AmbLightColourRed")?, unpacked.raw("AmbLightLIDTo")?),
        (0xFF, 0xFF),
    )?;
    fio.send_raw(&red, None)?;
    alm.wait_for_state(LedState::On)
}

/// Title: A good frame sets no error flag
/// Requirements: REQ-BUS-010
/// Test Steps:
///   1. Send 20 good frames.
/// Expected Result: SigCommErr stays 0.
#[hil::test(markers = [HARDWARE], timeout = "5s")]
fn good_frames_are_no_error(ctx: &Ctx, fio: FrameIo) -> hil::Result {
    for _ in 0..20 {
        fio.send("ConfigFrame", [("EnableCompensation", Value::from(true))])?;
        ctx.expect_eq("SigCommErr", fio.receive("ALM_Status")?.raw("SigCommErr")?, 0)?;
    }
    Ok(())
}

/// Title: Nobody answers an id that nobody publishes
/// Requirements: REQ-BUS-012
/// Test Steps:
///   1. Send the header of an unused id.
/// Expected Result: No response, and no error flag: header errors do not count.
#[hil::test(markers = [HARDWARE], timeout = "5s")]
#[case::id_0x20(0x20)]
#[case::id_0x3b(0x3B)]
fn nobody_answers_an_unused_id(ctx: &Ctx, fio: FrameIo, #[case] id: u8) -> hil::Result {
    ctx.expect_eq("response", fio.receive_raw(FrameId::new(id)?, 4)?, Response::None)?;
    ctx.expect_eq("SigCommErr", fio.receive("ALM_Status")?.raw("SigCommErr")?, 0)
}

/// Title: Raw access and access by name see the same bytes
/// Requirements: REQ-BUS-002
/// Test Steps:
///   1. Read ALM_Status by id, and unpack it.
///   2. Read it by name.
/// Expected Result: The same signals.
#[hil::test(markers = [HARDWARE], covers = [LinRead], timeout = "5s")]
fn raw_and_named_access_agree(ctx: &Ctx, fio: FrameIo) -> hil::Result {
    let (id, length) = (fio.frame_id("ALM_Status")?, fio.frame_length("ALM_Status")?);
    let Response::Data(raw) = fio.receive_raw(id, length)? else {
        return Err(TestError::failed("ALM_Status: no response"));
    };
    ctx.rp("rx_id", id);
    ctx.rp("rx_data", raw);
    let unpacked = fio.unpack("ALM_Status", &raw)?;
    ctx.expect_eq("payload", *fio.receive("ALM_Status")?.payload(), raw)?;
    ctx.expect_eq("ALMNadNo", unpacked.raw("ALMNadNo")?, u64::from(ctx.config().interface.nad))
}

/// Title: A mistyped name is refused with the nearest one
/// Requirements: REQ-BUS-002
/// Test Steps:
///   1. Ask for the frame ALM_Stauts, and pack the signal AmbLightColorRed.
/// Expected Result: Errors that suggest ALM_Status and AmbLightColourRed.
#[hil::test(markers = [HARDWARE], timeout = "5s")]
fn a_mistyped_name_is_refused(ctx: &Ctx, fio: FrameIo) -> hil::Result {
    let Err(error) = fio.receive("ALM_Stauts") else { return Err(TestError::failed("ALM_Stauts was found")) };
    ctx.expect("the error suggests ALM_Status", error.to_string().contains("\"ALM_Status\""))?;
    let Err(error) = fio.pack("ALM_Req_A", [("AmbLightColorRed", Value::Raw(1))]) else {
        return Err(TestError::failed("AmbLightColorRed was found"));
    };
    ctx.expect("the error suggests the signal", error.to_string().contains("\"AmbLightColourRed\""))
}
