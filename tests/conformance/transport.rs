//! The transport layer: functional requests, segmentation, time-outs, answers without a question.

use hil::prelude::*;

use super::diagnostics::{FUNCTIONAL, shown, single};
use super::iut::{Iut, mismatch};

/// A functional request, as the cases use it.
fn functional(iut: &Iut) -> hil::Result {
    iut.request(single(FUNCTIONAL, &iut.read_by_identifier(0)))
}

/// Title: A functional request is not answered
/// Description: PT-CT 72.
/// Requirements: ISO17987-6-PT-CT-72
/// Test Steps:
///   1. Read identifier 0 under the functional address.
/// Expected Result: No answer.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
fn pt_ct_72_functional_requests_are_not_answered(iut: Iut) -> hil::Result {
    functional(&iut)?;
    iut.expect_silence("a functional request")
}

/// Title: A new request ends the one before it
/// Description: PT-CT 73. The new request is for identifier 3F, so that the answers differ.
/// Requirements: ISO17987-6-PT-CT-73
/// Test Steps:
///   1. Read identifier 0, and do not ask for the answer.
///   2. Read identifier 3F, and ask for the answer.
/// Expected Result: The answer to the second request.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
fn pt_ct_73_a_new_request_ends_the_old_one(iut: Iut) -> hil::Result {
    iut.request(single(iut.nad.get(), &iut.read_by_identifier(0)))?;
    let request = iut.read_by_identifier(0x3F);
    let answer = iut.ask(iut.nad, &request)?;
    match answer {
        Some([nad, 3, 0x7F, 0xB2, ..]) if nad == iut.nad.get() => Ok(()),
        // Identifier 3F is the user's: the node may have it.
        Some(_) if iut.ask(iut.nad, &request)? == answer => Ok(()),
        other => Err(mismatch("the answer after a new request", "that to identifier 3F", &shown(other))),
    }
}

/// Title: A segmented request is answered
/// Description: PT-CT 74. ReadDataByIdentifier with six identifiers; any answer shows that it was put together.
/// Requirements: ISO17987-6-PT-CT-74
/// Test Steps:
///   1. Send a first frame and two consecutive ones.
/// Expected Result: An answer to the service, positive or negative.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
fn pt_ct_74_a_segmented_request_is_answered(iut: Iut) -> hil::Result {
    for frame in iut.long_request()? {
        iut.request(frame)?;
    }
    iut.expect_long_request_answered("a segmented request")
}

/// Title: Other frames do not disturb a segmented request
/// Description: PT-CT 75.
/// Requirements: ISO17987-6-PT-CT-75
/// Test Steps:
///   1. Send a segmented request, and use the node's other frames between its parts.
/// Expected Result: An answer to the service.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
fn pt_ct_75_frames_between_the_parts_of_a_request(iut: Iut) -> hil::Result {
    for frame in iut.long_request()? {
        iut.use_frames()?;
        iut.request(frame)?;
    }
    iut.expect_long_request_answered("a segmented request with frames in between")
}

/// Title: A functional request does not disturb a segmented one
/// Description: PT-CT 76. Whether the functional request has an effect is left open (U).
/// Requirements: ISO17987-6-PT-CT-76
/// Test Steps:
///   1. Send a segmented request, and a functional one between its parts.
/// Expected Result: An answer to the service.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
fn pt_ct_76_functional_between_the_parts_of_a_request(iut: Iut) -> hil::Result {
    for (at, frame) in iut.long_request()?.into_iter().enumerate() {
        if at > 0 {
            functional(&iut)?;
        }
        iut.request(frame)?;
    }
    iut.expect_long_request_answered("a segmented request with a functional one in between")
}

/// Sends a segmented request with a pause of so many percent of N_Cr before its last part.
fn request_with_pause(ctx: &Ctx, iut: &Iut, percent: u32) -> hil::Result {
    let frames = iut.long_request()?;
    for (at, frame) in frames.iter().enumerate() {
        if at + 1 == frames.len() {
            ctx.sleep(iut.n_cr * percent / 100);
        }
        iut.request(*frame)?;
    }
    Ok(())
}

/// Title: A segmented request is dropped after N_Cr
/// Description: PT-CT 77.
/// Requirements: ISO17987-6-PT-CT-77
/// Test Steps:
///   1. Send a segmented request with a pause of 1.5 N_Cr before its last part.
/// Expected Result: No answer.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
fn pt_ct_77_a_late_part_ends_a_request(ctx: &Ctx, iut: Iut) -> hil::Result {
    request_with_pause(ctx, &iut, 150)?;
    iut.expect_silence("a segmented request whose last part came late")
}

/// Title: A segmented request is not dropped before N_Cr
/// Description: PT-CT 78.
/// Requirements: ISO17987-6-PT-CT-78
/// Test Steps:
///   1. Send a segmented request with a pause of 0.6 N_Cr before its last part.
/// Expected Result: An answer to the service.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
fn pt_ct_78_a_slow_part_does_not_end_a_request(ctx: &Ctx, iut: Iut) -> hil::Result {
    request_with_pause(ctx, &iut, 60)?;
    iut.expect_long_request_answered("a segmented request whose last part took its time")
}

/// Title: A wrong sequence number ends a segmented request
/// Description: PT-CT 79.
/// Requirements: ISO17987-6-PT-CT-79
/// Test Steps:
///   1. Send a segmented request whose consecutive frames have the numbers.
/// Expected Result: No answer.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
#[case::skipped(&[1, 3])]
#[case::repeated(&[1, 1])]
#[case::swapped(&[2, 1])]
#[case::from_zero(&[0, 1])]
fn pt_ct_79_a_wrong_number_ends_a_request(iut: Iut, #[case] numbers: &[u8]) -> hil::Result {
    let mut frames = iut.long_request()?;
    for (frame, number) in frames.iter_mut().skip(1).zip(numbers) {
        frame[1] = 0x20 | number;
    }
    for frame in frames {
        iut.request(frame)?;
    }
    iut.expect_silence(&format!("a segmented request with the numbers {numbers:?}"))
}

/// Reads an answer of several frames and checks how it is cut; `between` runs before each consecutive frame.
fn read_segments(iut: &Iut, request: [u8; 3], between: impl Fn() -> hil::Result) -> hil::Result {
    let first = iut.ask(iut.nad, &request)?;
    let [service, high, low] = request;
    let length = match first {
        Some([nad, pci, length, rsid, h, l, ..])
            if nad == iut.nad.get() && pci >> 4 == 1 && [rsid, h, l] == [service + 0x40, high, low] =>
        {
            usize::from(pci & 0x0F) << 8 | usize::from(length)
        }
        other => {
            let want = format!("{:02X} 1x xx {:02X} {high:02X} {low:02X}", iut.nad.get(), service + 0x40);
            return Err(mismatch("the first frame of an answer", &want, &shown(other)));
        }
    };
    iut.ctx.expect("a first frame announces more than a single frame holds", length > 6)?;
    let mut missing = length - 5;
    for number in (0..16).cycle().skip(1) {
        between()?;
        let frame = iut.answer()?;
        let used = 2 + missing.min(6);
        let is_next = frame.is_some_and(|frame| {
            frame[..2] == [iut.nad.get(), 0x20 | number] && frame[used..].iter().all(|byte| *byte == 0xFF)
        });
        if !is_next {
            let padding = 8 - used;
            let want =
                format!("{:02X} {:02X} …, {padding} bytes FF at the end", iut.nad.get(), 0x20 | number);
            return Err(mismatch("a consecutive frame of an answer", &want, &shown(frame)));
        }
        missing -= missing.min(6);
        if missing == 0 {
            break;
        }
    }
    Ok(())
}

/// Title: A segmented answer is cut as it should be
/// Description: PT-CT 80. The answer is that to a data identifier of ISO 14229.
/// Requirements: ISO17987-6-PT-CT-80
/// Test Steps:
///   1. Request an answer that is longer than a frame, and ask for its frames.
/// Expected Result: A first frame, consecutive frames numbered from 1, unused bytes FF, nothing after the last.
#[hil::test(markers = [HARDWARE], timeout = "60s")]
fn pt_ct_80_a_segmented_answer_is_well_formed(iut: Iut) -> hil::Result {
    read_segments(&iut, iut.long_answer()?, || Ok(()))?;
    iut.expect_silence("an answer that was given")
}

/// Title: Other frames do not disturb a segmented answer
/// Description: PT-CT 81.
/// Requirements: ISO17987-6-PT-CT-81
/// Test Steps:
///   1. Request an answer that is longer than a frame, and use the node's other frames between its parts.
/// Expected Result: The whole answer.
#[hil::test(markers = [HARDWARE], timeout = "60s")]
fn pt_ct_81_frames_between_the_parts_of_an_answer(iut: Iut) -> hil::Result {
    read_segments(&iut, iut.long_answer()?, || iut.use_frames())
}

/// Title: A functional request does not disturb a segmented answer
/// Description: PT-CT 82.
/// Requirements: ISO17987-6-PT-CT-82
/// Test Steps:
///   1. Request an answer that is longer than a frame, and send a functional request between its parts.
/// Expected Result: The whole answer.
#[hil::test(markers = [HARDWARE], timeout = "60s")]
fn pt_ct_82_functional_between_the_parts_of_an_answer(iut: Iut) -> hil::Result {
    read_segments(&iut, iut.long_answer()?, || functional(&iut))
}

/// Title: Without a request there is no answer
/// Description: PT-CT 83.
/// Requirements: ISO17987-6-PT-CT-83
/// Test Steps:
///   1. Send slave response headers.
/// Expected Result: No answer.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
fn pt_ct_83_no_answer_without_a_request(iut: Iut) -> hil::Result {
    iut.expect_silence("no request")
}

/// Title: An answer is given once
/// Description: PT-CT 84.
/// Requirements: ISO17987-6-PT-CT-84
/// Test Steps:
///   1. Read identifier 0, and ask for the answer.
///   2. Send more slave response headers.
/// Expected Result: No second answer.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
fn pt_ct_84_an_answer_is_given_once(iut: Iut) -> hil::Result {
    let answer = iut.ask(iut.nad, &iut.read_by_identifier(0))?;
    if answer.is_none() {
        return Err(mismatch("ReadByIdentifier", "an answer", "no response"));
    }
    iut.expect_silence("an answer that was given")
}

/// Title: A segmented answer that nobody asks for is dropped
/// Description: PT-CT 85. The pause is 1.5 N_As.
/// Requirements: ISO17987-6-PT-CT-85
/// Test Steps:
///   1. Request an answer that is longer than a frame, and ask for its first frame.
///   2. Leave the bus alone for longer than N_As.
///   3. Send slave response headers.
/// Expected Result: No answer.
#[hil::test(markers = [HARDWARE], timeout = "60s")]
fn pt_ct_85_a_segmented_answer_ends_in_time(ctx: &Ctx, iut: Iut) -> hil::Result {
    let request = iut.long_answer()?;
    iut.ask(iut.nad, &request)?;
    ctx.sleep(iut.n_as * 150 / 100);
    iut.expect_silence("an answer that was not asked for in time")
}
