//! The module under the schedule tables of its LDF, which run while the test goes on.

use alm::{AlmTester, LedState};
use hil::lin::{DiagnosticSlots, Reply};
use hil::prelude::*;

/// How long a frame may be in coming: many rounds of a table, so that slow adapters can leave slots out.
const FRESH: Duration = Duration::from_secs(2);

/// How often the answer is asked for: no answer is normal until P2 has elapsed (hardware reference 1.6).
const POLLS: u32 = 50;

#[hil::baseline]
fn light_is_off(alm: AlmTester) -> hil::Result {
    alm.force_off()
}

/// Sets the light of every module.
fn light(schedule: &RunningSchedule, red: u8) -> hil::Result {
    schedule.set(
        "ALM_Req_A",
        [
            ("AmbLightColourRed", Value::from(red)),
            ("AmbLightIntensity", Value::from(red)),
            ("AmbLightLIDFrom", Value::Raw(0x00)),
            ("AmbLightLIDTo", Value::Raw(0xFF)),
        ],
    )
}

/// Waits until the module reports `state` in the frames that the schedule brings.
fn wait_for_state(ctx: &Ctx, schedule: &RunningSchedule, state: LedState) -> hil::Result {
    ctx.step(&format!("Wait until the schedule brings {state:?}"), || {
        ctx.wait_for(&format!("ALMLEDState = {state:?}"), Duration::ZERO, FRESH, || {
            let raw = schedule.next("ALM_Status", FRESH)?.raw("ALMLEDState")?;
            Ok((raw == state as u64).then_some(()))
        })
    })
}

/// Title: The light follows what the schedule sends
/// Requirements: REQ-BUS-040, REQ-ALM-010
/// Test Steps:
///   1. Run the table Normal.
///   2. Set red, and nothing again, while it runs.
/// Expected Result: ON, then OFF, in the status frames of the schedule.
#[hil::test(markers = [HARDWARE], covers = [Schedule, LinWrite], timeout = "20s")]
fn the_light_follows_the_schedule(ctx: &Ctx, schedules: Schedules) -> hil::Result {
    let normal = schedules.run("Normal")?;
    light(&normal, 0xFF)?;
    wait_for_state(ctx, &normal, LedState::On)?;
    light(&normal, 0x00)?;
    wait_for_state(ctx, &normal, LedState::Off)
}

/// Title: The table Collective brings everything that the module says
/// Requirements: REQ-BUS-040
/// Test Steps:
///   1. Run the table Collective with the light on.
///   2. Await each frame of the module.
/// Expected Result: Fresh frames, red alone in the duties, no communication error.
#[hil::test(markers = [HARDWARE], covers = [Schedule, LinRead], timeout = "30s")]
fn collective_brings_every_frame(ctx: &Ctx, schedules: Schedules) -> hil::Result {
    let collective = schedules.run("Collective")?;
    collective.set("ConfigFrame", [("EnableCompensation", Value::from(false))])?;
    light(&collective, 0xFF)?;
    wait_for_state(ctx, &collective, LedState::On)?;
    let status = collective.next("ALM_Status", FRESH)?;
    ctx.expect_eq("SigCommErr", status.raw("SigCommErr")?, 0)?;
    let red = |frame: &str| -> hil::Result<Option<u64>> {
        let signals = collective.next(frame, FRESH)?;
        let [red, green, blue] =
            ["Red", "Green", "Blue"].map(|colour| signals.raw(&format!("{frame}_{colour}")));
        Ok(Some(red?).filter(|red| *red > green.unwrap_or(u64::MAX) && *red > blue.unwrap_or(u64::MAX)))
    };
    for frame in ["PWM_Frame", "PWM_wo_Comp"] {
        let red = ctx.wait_for(&format!("red in {frame}"), Duration::ZERO, FRESH, || red(frame))?;
        ctx.rp(&format!("{frame}_red"), red);
    }
    ctx.rp("tj_frame", collective.next("Tj_Frame", FRESH)?.payload());
    let age = collective.latest("ALM_Status")?.map(|latest| latest.age);
    ctx.expect("the last status frame is recent", age.is_some_and(|age| age < FRESH))
}

/// Title: Another table takes over, and what was set stays
/// Requirements: REQ-BUS-040
/// Test Steps:
///   1. Switch the light on under Normal.
///   2. Change over to Collective.
/// Expected Result: Normal does not carry PWM_Frame, Collective does; the light stays ON.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
fn another_table_takes_over(ctx: &Ctx, schedules: Schedules) -> hil::Result {
    let schedule = schedules.run("Normal")?;
    light(&schedule, 0xFF)?;
    wait_for_state(ctx, &schedule, LedState::On)?;
    let Err(error) = schedule.next("PWM_Frame", FRESH) else {
        return Err(TestError::failed("Normal carries PWM_Frame"));
    };
    ctx.expect("the error names the table", error.to_string().contains("Normal does not carry PWM_Frame"))?;
    schedule.switch("Collective")?;
    schedule.next("PWM_Frame", FRESH)?;
    let state = schedule.next("ALM_Status", FRESH)?.raw("ALMLEDState")?;
    ctx.expect_eq("ALMLEDState under Collective", state, LedState::On as u64)?;
    let tables: Vec<String> = schedule.statistics().into_iter().map(|of| of.table).collect();
    ctx.expect_eq("tables that had their turn", tables, ["Normal", "Collective"])
}

/// Title: Diagnostics run in the slots of a schedule
/// Requirements: REQ-BUS-041, REQ-BUS-030
/// Test Steps:
///   1. Run the table Diagnostic.
///   2. Ask for the product with both wildcards.
/// Expected Result: A positive answer of the module's own address, in a SlaveResp slot.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
fn diagnostics_run_in_slots(ctx: &Ctx, schedules: Schedules, alm: AlmTester) -> hil::Result {
    let schedule = schedules.run("Diagnostic")?;
    let mut slots = schedule.diagnostics();
    slots.request([alm.nad(), 6, 0xB2, 0, 0xFF, 0x7F, 0xFF, 0xFF])?;
    let mut answer = None;
    for _ in 0..POLLS {
        answer = slots.response()?;
        if answer.is_some() {
            break;
        }
    }
    let head = answer.map(|answer| [answer[0], answer[1], answer[2]]);
    ctx.expect_eq("NAD, length, RSID", head, Some([alm.nad(), 6, 0xF2]))
}

/// Title: Segmented requests run in the slots of a schedule
/// Requirements: REQ-BUS-041, REQ-BUS-030
/// Test Steps:
///   1. Run the table Diagnostic.
///   2. Read the software version over the transport layer, and try a request of nine bytes, which takes two frames.
/// Expected Result: The version; a refusal of the long request, which names its service.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
fn requests_run_in_slots(ctx: &Ctx, schedules: Schedules, diagnostics: Diagnostics) -> hil::Result {
    let schedule = schedules.run("Diagnostic")?;
    let unit = diagnostics.over(&schedule);
    let version = unit.request(&[0x22, 0xF1, 0x95])?;
    ctx.expect_eq("length of the version's answer", version.len(), 6)?;
    let long = unit.try_request(&[0x99, 1, 2, 3, 4, 5, 6, 7, 8])?;
    let refused = matches!(long, Some(Reply::Negative(response)) if response.service == 0x99);
    ctx.expect("a refusal of service 0x99", refused)
}

/// Title: A test's own frames find their way between the slots
/// Requirements: REQ-BUS-040, REQ-BUS-010
/// Test Steps:
///   1. Run the table Normal with the light on.
///   2. Read PWM_Frame, which is not in it, ten times.
/// Expected Result: An answer each time; the schedule goes on; no communication error.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
fn own_frames_go_between_the_slots(ctx: &Ctx, schedules: Schedules, fio: FrameIo) -> hil::Result {
    let normal = schedules.run("Normal")?;
    light(&normal, 0xFF)?;
    for _ in 0..10 {
        fio.receive("PWM_Frame")?;
        let status = normal.next("ALM_Status", FRESH)?;
        ctx.expect_eq("SigCommErr", status.raw("SigCommErr")?, 0)?;
    }
    wait_for_state(ctx, &normal, LedState::On)
}

/// Title: A mistyped table is refused with the nearest one
/// Requirements: REQ-BUS-002
/// Test Steps:
///   1. Run the table Colective, and a second one beside Normal.
/// Expected Result: Errors that suggest Collective, and that say that one is running.
#[hil::test(markers = [HARDWARE], timeout = "10s")]
fn what_cannot_run_is_refused(ctx: &Ctx, schedules: Schedules) -> hil::Result {
    let Err(error) = schedules.run("Colective") else { return Err(TestError::failed("Colective was found")) };
    ctx.expect("the error suggests Collective", error.to_string().contains("\"Collective\""))?;
    let _normal = schedules.run("Normal")?;
    let Err(error) = schedules.run("Collective") else { return Err(TestError::failed("two schedules run")) };
    ctx.expect("the error says why", error.to_string().contains("runs on this bus already"))
}
