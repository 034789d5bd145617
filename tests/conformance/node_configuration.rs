//! Node configuration: frame ids, and the product id.

use hil::lin::{ChecksumModel, FrameId};
use hil::prelude::*;

use super::diagnostics::single;
use super::iut::{Iut, NodeFrame, skip};

/// Leaves a frame as it is.
const KEEP: u8 = 0xFF;
/// Takes a frame its id.
const UNASSIGN: u8 = 0x00;

/// Gives the node's frames the ids of the LDF back, also when a case fails.
pub(crate) struct IdsBack<'a>(pub(crate) &'a Iut);

impl Drop for IdsBack<'_> {
    fn drop(&mut self) {
        let Self(iut) = self;
        let slots: Vec<(u8, u8)> =
            iut.configurable().map(|(frame, slot)| (slot, frame.id.protected().get())).collect();
        let pid = |slot: u8| slots.iter().find(|(known, _)| *known == slot).map_or(KEEP, |(_, pid)| *pid);
        let last = slots.iter().map(|(slot, _)| *slot).max().unwrap_or_default();
        let back = (0..=last).step_by(4).map(|start| {
            let pids = [0, 1, 2, 3].map(|offset: u8| start.checked_add(offset).map_or(KEEP, pid));
            iut.assign_range(start, pids)
        });
        if back.filter(Result::is_err).count() > 0 {
            iut.ctx.log("the node's frames may have other ids than in the LDF".to_owned());
        }
    }
}

impl Iut {
    /// AssignFrameIdRange for one frame; the node must answer.
    ///
    /// # Errors
    ///
    /// A failure with the answer, if it is not the positive one.
    #[track_caller]
    pub(crate) fn assign(&self, slot: u8, id: Option<FrameId>) -> hil::Result {
        self.assign_range(slot, [id.map_or(UNASSIGN, |id| id.protected().get()), KEEP, KEEP, KEEP])
    }

    /// AssignFrameIdRange; the node must answer.
    ///
    /// # Errors
    ///
    /// As [`Self::assign`].
    #[track_caller]
    fn assign_range(&self, start: u8, pids: [u8; 4]) -> hil::Result {
        let [a, b, c, d] = pids;
        self.request(single(self.nad.get(), &[0xB7, start, a, b, c, d]))?;
        let answer = self.answer()?;
        self.expect_answer(&format!("AssignFrameIdRange {start}, {pids:02X?}"), answer, self.nad, &[0xF7])
    }

    /// Whether the node has `frame` under `id`: it answers, or it reports an error there.
    #[track_caller]
    fn has(&self, frame: &NodeFrame, id: FrameId) -> hil::Result<bool> {
        if self.published.contains(frame) {
            return Ok(self.read(id, frame.length)?.is_some());
        }
        self.send_init(frame, id, ChecksumModel::Classic)?;
        self.error_flag()
    }
}

/// The frame to try ids with: not the status frame, by which the effect on others is seen.
fn movable(iut: &Iut) -> hil::Result<Vec<(&NodeFrame, u8)>> {
    let status = iut.status().ok().map(|(frame, _)| frame);
    let sees = status.is_some() && iut.needs_raw_checksum().is_ok();
    let frames: Vec<_> = iut
        .configurable()
        .filter(|(frame, _)| Some(*frame) != status && (sees || iut.published.contains(frame)))
        .collect();
    if frames.is_empty() {
        Err(skip("the node has no frame whose id can be changed".to_owned()))
    } else {
        Ok(frames)
    }
}

/// Title: AssignFrameIdRange moves a frame and leaves others where they are
/// Description: PT-CT 62. The answer is indirect: the frames show it. Our reading (U).
/// Requirements: ISO17987-6-PT-CT-62
/// Test Steps:
///   1. Assign each configurable frame a free id; the next three of the range are to be kept.
///   2. Use the frame under its new and its old id, and the next one under its own.
/// Expected Result: The frame is at the new id alone, the next one where it was.
#[hil::test(markers = [HARDWARE], mutates = [NodeConfiguration], timeout = "120s")]
fn pt_ct_62_a_range_moves_a_frame(ctx: &Ctx, iut: Iut) -> hil::Result {
    let frames = movable(&iut)?;
    let own: Vec<FrameId> = iut.published.iter().chain(&iut.subscribed).map(|frame| frame.id).collect();
    let Some(free) = iut.free_ids().into_iter().find(|id| !own.contains(id)) else {
        return Err(skip("every id is taken".to_owned()));
    };
    let _back = IdsBack(&iut);
    for (frame, slot) in &frames {
        iut.assign(*slot, Some(free))?;
        let name = &frame.name;
        ctx.expect_eq(&format!("{name} at its new id {free}"), iut.has(frame, free)?, true)?;
        ctx.expect_eq(&format!("{name} at its old id {}", frame.id), iut.has(frame, frame.id)?, false)?;
        if let Some((next, _)) = frames.iter().find(|(_, other)| *other == slot + 1) {
            let what = format!("{} at {}, which was to be kept", next.name, next.id);
            ctx.expect_eq(&what, iut.has(next, next.id)?, true)?;
        }
        iut.assign(*slot, Some(frame.id))?;
    }
    Ok(())
}

/// Title: AssignFrameIdRange takes a frame its id
/// Description: PT-CT 63. The answer is indirect: the frames show it. Our reading (U).
/// Requirements: ISO17987-6-PT-CT-63
/// Test Steps:
///   1. Assign 00 to each configurable frame, and use it.
///   2. Assign it the id of the LDF again, and use it.
/// Expected Result: Nobody has the frame without an id; then the node has it again.
#[hil::test(markers = [HARDWARE], mutates = [NodeConfiguration], timeout = "120s")]
fn pt_ct_63_a_range_takes_an_id(ctx: &Ctx, iut: Iut) -> hil::Result {
    let frames = movable(&iut)?;
    let _back = IdsBack(&iut);
    for (frame, slot) in &frames {
        iut.assign(*slot, None)?;
        ctx.expect_eq(&format!("{} without an id", frame.name), iut.has(frame, frame.id)?, false)?;
        iut.assign(*slot, Some(frame.id))?;
        ctx.expect_eq(&format!("{} with its id again", frame.name), iut.has(frame, frame.id)?, true)?;
    }
    Ok(())
}

/// Title: The product id is the LDF's
/// Description: PT-CT 64: the answer is asked for at once.
/// Requirements: ISO17987-6-PT-CT-64
/// Test Steps:
///   1. Read identifier 0, and send slave response headers until an answer comes.
/// Expected Result: NAD, 06, F2, supplier, function, variant.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
fn pt_ct_64_the_product_id_is_read(iut: Iut) -> hil::Result {
    let answer = iut.ask(iut.nad, &iut.read_by_identifier(0))?;
    iut.expect_product("product id", answer, iut.nad)
}

/// Title: The product id waits for its header while other frames pass
/// Description: PT-CT 65. How long the delay is in the standard is not known to us (U).
/// Requirements: ISO17987-6-PT-CT-65
/// Test Steps:
///   1. Read identifier 0.
///   2. Use the node's other frames for 300 ms.
///   3. Send slave response headers.
/// Expected Result: NAD, 06, F2, supplier, function, variant.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
fn pt_ct_65_the_product_id_waits(ctx: &Ctx, iut: Iut) -> hil::Result {
    iut.product()?;
    iut.request(single(iut.nad.get(), &iut.read_by_identifier(0)))?;
    let until = iut.now() + iut.n_as.min(Duration::from_millis(600)) / 2;
    while iut.now() < until {
        iut.use_frames()?;
        ctx.sleep(Duration::from_millis(20));
    }
    iut.expect_product("delayed product id", iut.answer()?, iut.nad)
}

impl Iut {
    /// Ordinary traffic: a published and a subscribed frame, where there are.
    ///
    /// # Errors
    ///
    /// A failure, if a published frame is not answered.
    #[track_caller]
    pub(crate) fn use_frames(&self) -> hil::Result {
        if let Some(frame) = self.subscribed.first() {
            self.send_init(frame, frame.id, ChecksumModel::for_id(frame.id))?;
        }
        self.published.first().map_or(Ok(()), |frame| self.read_published(frame).map(drop))
    }
}
