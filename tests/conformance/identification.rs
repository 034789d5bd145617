//! ReadByIdentifier.

use hil::prelude::*;

use super::diagnostics::{shown, single};
use super::iut::{Iut, mismatch};

/// "Sub-function not supported".
const NOT_SUPPORTED: u8 = 0x12;

/// Title: Every identifier is answered
/// Description: PT-CT 67. Identifier 0 is mandatory; any other is answered positively, or negatively with 12.
/// Requirements: ISO17987-6-PT-CT-67
/// Test Steps:
///   1. Read each identifier from 0 to 255.
/// Expected Result: F2 and one to five bytes, or 7F B2 12, from the node's own address; unused bytes are FF.
#[hil::test(markers = [HARDWARE, SLOW], timeout = "180s")]
fn pt_ct_67_every_identifier_is_answered(ctx: &Ctx, iut: Iut) -> hil::Result {
    let mut supported = Vec::new();
    for id in 0..=255 {
        iut.request(single(iut.nad.get(), &iut.read_by_identifier(id)))?;
        let answer = iut.answer()?;
        let refusal = single(iut.nad.get(), &[0x7F, 0xB2, NOT_SUPPORTED]);
        let is_positive = answer.is_some_and(|answer| {
            let length = usize::from(answer[1]);
            answer[0] == iut.nad.get()
                && (2..=6).contains(&length)
                && answer[2] == 0xF2
                && answer[2 + length..].iter().all(|byte| *byte == 0xFF)
        });
        if is_positive {
            supported.push(id);
        } else if id == 0 || answer != Some(refusal) {
            let positive = format!("{:02X} 02…06 F2 …", iut.nad.get());
            let want = if id == 0 { positive } else { format!("{positive} or {}", shown(Some(refusal))) };
            return Err(mismatch(&format!("identifier {id}"), &want, &shown(answer)));
        }
    }
    ctx.rp("identifiers", format!("{supported:?}"));
    Ok(())
}

/// What is wrong in a request: its address, or a byte of supplier and function.
#[derive(Clone, Copy)]
enum Wrong {
    Nad,
    /// Its index in supplier LSB, MSB, function LSB, MSB.
    Byte(usize),
}

/// Title: A request for somebody else is not answered
/// Description: PT-CT 68.
/// Requirements: ISO17987-6-PT-CT-68
/// Test Steps:
///   1. Read identifier 0 with one thing wrong.
/// Expected Result: No answer.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
#[case::nad(Wrong::Nad)]
#[case::supplier_msb(Wrong::Byte(1))]
#[case::supplier_lsb(Wrong::Byte(0))]
#[case::function_msb(Wrong::Byte(3))]
#[case::function_lsb(Wrong::Byte(2))]
fn pt_ct_68_others_are_not_answered(iut: Iut, #[case] wrong: Wrong) -> hil::Result {
    iut.product()?;
    let mut addressed = iut.supplier_and_function();
    let nad = match wrong {
        Wrong::Nad => iut.free_nad()?,
        Wrong::Byte(at) => {
            // One bit less cannot make a wildcard of a number that is none.
            let byte = &mut addressed[at];
            *byte = if *byte == 0 { 1 } else { *byte & (*byte - 1) };
            iut.nad
        }
    };
    let [s0, s1, f0, f1] = addressed;
    iut.request(single(nad.get(), &[0xB2, 0, s0, s1, f0, f1]))?;
    iut.expect_silence("ReadByIdentifier for somebody else")
}
