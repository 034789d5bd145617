//! LIN arithmetic against published vectors.

use hil::lin::{ChecksumModel, FrameId, GO_TO_SLEEP, checksum};
use hil::prelude::*;

/// Title: Checksums are those of the published vectors
/// Requirements: REQ-BUS-001
/// Test Steps:
///   1. Compute the checksum of a published vector.
/// Expected Result: The published checksum.
#[hil::test]
#[case::specification_classic(ChecksumModel::Classic, 0x00, &[0x4A, 0x55, 0x93, 0xE5], 0xE6)]
#[case::go_to_sleep(ChecksumModel::Classic, 0x3C, GO_TO_SLEEP.data(), 0x00)]
#[case::status_enhanced(ChecksumModel::Enhanced, 0x11, &[0x01, 0xFC, 0xC0, 0xFE], 0x31)]
fn checksums_are_those_of_the_vectors(
    ctx: &Ctx,
    #[case] model: ChecksumModel,
    #[case] id: u8,
    #[case] data: &[u8],
    #[case] expected: u8,
) -> hil::Result {
    ctx.expect_eq("checksum", checksum(model, FrameId::new(id)?, data), expected)
}

/// Title: Diagnostic frames have the classic checksum, others the enhanced one
/// Requirements: REQ-BUS-001
/// Test Steps:
///   1. Ask for the model of every id.
/// Expected Result: Classic for 0x3C to 0x3F, enhanced below.
#[hil::test]
fn diagnostic_frames_are_classic(ctx: &Ctx) -> hil::Result {
    for id in 0..=0x3F {
        let expected = if id >= 0x3C { ChecksumModel::Classic } else { ChecksumModel::Enhanced };
        ctx.expect_eq(&format!("model of {id:#04x}"), ChecksumModel::for_id(FrameId::new(id)?), expected)?;
    }
    Ok(())
}
