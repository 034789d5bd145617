//! Frames: ids, checksums, unused bits, reserved ids.
//!
//! Cases run in the order in which they stand here: those that only look come before those that move frames and put
//! them where the LDF has them, which would hide that they were not there.

use hil::lin::{ChecksumModel, Frame, FrameId};
use hil::prelude::*;

use super::iut::{Iut, NodeFrame, mismatch, skip};
use super::node_configuration::IdsBack;

/// Title: Diagnostic answers carry the classic checksum
/// Description: PT-CT 27.
/// Requirements: ISO17987-6-PT-CT-27
/// Test Steps:
///   1. Read identifier 0.
/// Expected Result: An answer on 0x3D whose checksum covers the data alone.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
fn pt_ct_27_diagnostic_checksum_is_classic(iut: Iut) -> hil::Result {
    match iut.ask(iut.nad, &iut.read_by_identifier(0))? {
        Some(_) => Ok(()),
        None => Err(mismatch("ReadByIdentifier 0", "an answer", "no response")),
    }
}

/// Title: Published frames carry the enhanced checksum
/// Description: PT-CT 28.
/// Requirements: ISO17987-6-PT-CT-28
/// Test Steps:
///   1. Ask for each published frame.
/// Expected Result: Responses whose checksum covers the protected id and the data.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
fn pt_ct_28_frame_checksum_is_enhanced(iut: Iut) -> hil::Result {
    published(&iut)?.iter().try_for_each(|frame| iut.read_published(frame).map(drop))
}

/// Title: Bits without a signal are recessive
/// Description: PT-CT 32.
/// Requirements: ISO17987-6-PT-CT-32
/// Test Steps:
///   1. Ask for each published frame.
/// Expected Result: 1 in every bit where the LDF has no signal.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
fn pt_ct_32_unused_bits_are_recessive(iut: Iut) -> hil::Result {
    for frame in published(&iut)? {
        let data = iut.read_published(frame)?;
        let want: Vec<u8> = data.iter().zip(&frame.used).map(|(byte, used)| byte | !used).collect();
        if *data != *want {
            let want = want.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ");
            return Err(mismatch(&format!("{} ({})", frame.name, frame.id), &want, &data.to_string()));
        }
    }
    Ok(())
}

/// The frames that the node publishes.
fn published(iut: &Iut) -> hil::Result<&[NodeFrame]> {
    if iut.published.is_empty() {
        return Err(skip("the LDF has no frame that the node publishes".to_owned()));
    }
    Ok(&iut.published)
}

/// Title: Reserved ids are not answered
/// Description: PT-CT 33.
/// Requirements: ISO17987-6-PT-CT-33
/// Test Steps:
///   1. Send the headers of 0x3E and 0x3F.
/// Expected Result: No response.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
#[case::id_0x3e(0x3E)]
#[case::id_0x3f(0x3F)]
fn pt_ct_33_reserved_ids_are_not_answered(iut: Iut, #[case] id: u8) -> hil::Result {
    iut.expect_nobody("reserved frame", FrameId::new(id)?, 8)
}

/// Title: An error in a reserved frame is nobody's
/// Description: PT-CT 34. The frames are sent with each checksum model, one of which must be wrong.
/// Requirements: ISO17987-6-PT-CT-34
/// Test Steps:
///   1. Send 0x3E and 0x3F with data and each checksum model.
///   2. Read response_error.
/// Expected Result: 0.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
#[case::id_0x3e(0x3E)]
#[case::id_0x3f(0x3F)]
fn pt_ct_34_errors_in_reserved_frames_are_ignored(iut: Iut, #[case] id: u8) -> hil::Result {
    iut.needs_raw_checksum()?;
    iut.expect_error_flag("before", false)?;
    let frame = Frame::new(id, &[0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00])?;
    for checksum in [ChecksumModel::Classic, ChecksumModel::Enhanced] {
        iut.send(&frame, checksum)?;
        iut.expect_error_flag(&format!("after {frame} with the {checksum:?} checksum"), false)?;
    }
    Ok(())
}

/// Title: The node answers its frames, and no others
/// Description: PT-CT 36, over all ids below the diagnostic ones that no other node uses.
/// Requirements: ISO17987-6-PT-CT-36
/// Test Steps:
///   1. Send the header of each id.
/// Expected Result: A response of the right length to each published frame, nothing to any other id.
#[hil::test(markers = [HARDWARE, SLOW], timeout = "120s")]
fn pt_ct_36_published_frames_are_those_of_the_ldf(ctx: &Ctx, iut: Iut) -> hil::Result {
    let ids = iut.free_ids();
    for id in &ids {
        match iut.published.iter().find(|frame| frame.id == *id) {
            Some(frame) => drop(iut.read_published(frame)?),
            None => iut.expect_nobody("a frame that the node does not publish", *id, 8)?,
        }
    }
    ctx.rp("ids_tried", ids.len());
    Ok(())
}

/// Title: The node takes its frames, and no others
/// Description: PT-CT 37, over all ids below the diagnostic ones that no other node uses. That the node takes a
///   frame shows in response_error after a wrong checksum.
/// Requirements: ISO17987-6-PT-CT-37
/// Test Steps:
///   1. Send each subscribed frame with a right and with a wrong checksum, and read response_error after each.
///   2. Send every other id with a wrong checksum, and read response_error.
/// Expected Result: 0 and 1 for a subscribed frame, 0 for any other.
#[hil::test(markers = [HARDWARE, SLOW], timeout = "120s")]
fn pt_ct_37_subscribed_frames_are_those_of_the_ldf(ctx: &Ctx, iut: Iut) -> hil::Result {
    iut.needs_raw_checksum()?;
    iut.expect_error_flag("before", false)?;
    let ids = iut.free_ids();
    for id in &ids {
        if iut.published.iter().any(|frame| frame.id == *id) {
            continue;
        }
        match iut.subscribed.iter().find(|frame| frame.id == *id) {
            Some(frame) => {
                iut.send_init(frame, *id, ChecksumModel::for_id(*id))?;
                iut.expect_error_flag(&format!("after a good {}", frame.name), false)?;
                iut.send_init(frame, *id, ChecksumModel::Classic)?;
                iut.expect_error_flag(&format!("after a bad {}", frame.name), true)?;
            }
            None => {
                iut.send(&Frame::new(id.get(), &[0x00; 8])?, ChecksumModel::Classic)?;
                iut.expect_error_flag(&format!("after a bad {id}, which the node does not take"), false)?;
            }
        }
    }
    ctx.rp("ids_tried", ids.len());
    Ok(())
}

/// Takes every other frame of the node its id, so that each is free for `frame`. The status frame keeps its.
fn alone(iut: &Iut, frame: &NodeFrame, status: Option<&NodeFrame>) -> hil::Result {
    for (other, slot) in iut.configurable() {
        if other != frame && Some(other) != status {
            iut.assign(slot, None)?;
        }
    }
    Ok(())
}

/// The ids to try: all that are free, but for those of the node's frames that cannot be moved out of the way.
fn ids_to_try(iut: &Iut, frame: &NodeFrame) -> Vec<FrameId> {
    let others = iut.published.iter().chain(&iut.subscribed).filter(|other| *other != frame);
    let fixed: Vec<FrameId> = others.filter(|other| other.slot.is_none()).map(|other| other.id).collect();
    iut.free_ids().into_iter().filter(|id| !fixed.contains(id)).collect()
}

/// Title: A subscribed frame is taken under every id
/// Description: PT-CT 25. That the node takes the frame shows in response_error: a wrong checksum sets it, a right
///   one does not. Ids of other nodes are left out. Our reading (U).
/// Requirements: ISO17987-6-PT-CT-25
/// Test Steps:
///   1. Take the node's other frames their ids.
///   2. For each id from 0x00 to 0x3B, assign it to the first subscribed frame.
///   3. Send the frame with a right and with a wrong checksum, and read response_error after each.
/// Expected Result: 0 after the right one, 1 after the wrong one, for each id.
#[hil::test(markers = [HARDWARE, SLOW], mutates = [NodeConfiguration], timeout = "180s")]
fn pt_ct_25_subscribed_frames_take_every_id(ctx: &Ctx, iut: Iut) -> hil::Result {
    iut.needs_raw_checksum()?;
    let (status, _) = iut.status()?;
    let Some((frame, slot)) = iut.subscribed.iter().find_map(|frame| Some((frame, frame.slot?))) else {
        return Err(skip("the node has no subscribed frame whose id can be changed".to_owned()));
    };
    let _back = IdsBack(&iut);
    alone(&iut, frame, Some(status))?;
    let mut tried = 0;
    for id in ids_to_try(&iut, frame) {
        // The status frame makes room where it is in the way.
        let status_id = match status.slot {
            Some(status_slot) if id == status.id => {
                iut.assign(slot, None)?;
                iut.assign(status_slot, Some(frame.id))?;
                frame.id
            }
            _ => status.id,
        };
        iut.assign(slot, Some(id))?;
        iut.send_init(frame, id, ChecksumModel::for_id(id))?;
        let what = format!("response_error after a good {} under {id}", frame.name);
        ctx.expect_eq(&what, iut.error_flag_at(status_id)?, false)?;
        iut.send_init(frame, id, ChecksumModel::Classic)?;
        let what = format!("response_error after a bad {} under {id}", frame.name);
        ctx.expect_eq(&what, iut.error_flag_at(status_id)?, true)?;
        if let Some(status_slot) = status.slot.filter(|_| id == status.id) {
            iut.assign(slot, None)?;
            iut.assign(status_slot, Some(status.id))?;
        }
        tried += 1;
    }
    ctx.rp("ids_tried", tried);
    Ok(())
}

/// Title: A published frame is answered under every id
/// Description: PT-CT 26. Ids of other nodes are left out. Our reading (U).
/// Requirements: ISO17987-6-PT-CT-26
/// Test Steps:
///   1. Take the node's other frames their ids.
///   2. For each id from 0x00 to 0x3B, assign it to the first published frame, and ask for it.
/// Expected Result: A response of the frame's length with the enhanced checksum, for each id.
#[hil::test(markers = [HARDWARE, SLOW], mutates = [NodeConfiguration], timeout = "180s")]
fn pt_ct_26_published_frames_answer_every_id(ctx: &Ctx, iut: Iut) -> hil::Result {
    let Some((frame, slot)) = iut.published.iter().find_map(|frame| Some((frame, frame.slot?))) else {
        return Err(skip("the node has no published frame whose id can be changed".to_owned()));
    };
    let _back = IdsBack(&iut);
    alone(&iut, frame, None)?;
    let ids = ids_to_try(&iut, frame);
    for id in &ids {
        iut.assign(slot, Some(*id))?;
        iut.read_published(&NodeFrame { id: *id, ..frame.clone() })?;
    }
    ctx.rp("ids_tried", ids.len());
    Ok(())
}
