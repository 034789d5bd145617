//! The program that the run flashed.

use hil::Missing;
use hil::prelude::*;

/// Title: The unit runs the program that it was flashed with
/// Description: The set-up flashes the unit before the tests, where the configuration says so.
/// Requirements: REQ-BUS-033
/// Test Steps:
///   1. ReadDataByIdentifier F195.
/// Expected Result: A version, from the application and not from the boot loader.
#[hil::test(markers = [HARDWARE], mutates = [Flash], covers = [Flashing], timeout = "10s")]
fn the_flashed_program_runs(ctx: &Ctx, diagnostics: Diagnostics, fio: FrameIo) -> hil::Result {
    let flash = &ctx.config().flash;
    if !flash.enabled || flash.hex_path.is_none() {
        let key = if flash.enabled { "flash.hex_path" } else { "flash.enabled" };
        return Err(Missing::Unset { key }.into());
    }
    let version = diagnostics.read_data(0xF195)?;
    ctx.rp("flashed_version", format!("{version:?}"));
    fio.receive("ALM_Status").map(drop)
}
