//! Addresses: AssignNAD and ConditionalChangeNAD.

use hil::lin::Nad;

use super::diagnostics::{shown, single};
use super::iut::{Iut, mismatch};

/// Gives the node its address back, also when the case that changed it fails.
struct AddressBack<'a> {
    iut: &'a Iut,
    given: Nad,
}

impl AddressBack<'_> {
    fn restore(&self) -> hil::Result<bool> {
        let Self { iut, given } = self;
        // The standard addresses AssignNAD to the initial address; some nodes take it under the one they have (U).
        // ConditionalChangeNAD with a mask of 00 is always met.
        let ways = [
            (iut.initial, iut.assign_nad(iut.nad)),
            (*given, iut.assign_nad(iut.nad)),
            (*given, [0xB3, 0, 1, 0x00, 0x00, iut.nad.get()]),
        ];
        for (from, request) in ways {
            if self.is_back()? {
                return Ok(true);
            }
            iut.ask(from, &request)?;
        }
        self.is_back()
    }

    fn is_back(&self) -> hil::Result<bool> {
        let answer = self.iut.ask(self.iut.nad, &self.iut.read_by_identifier(0))?;
        Ok(answer.is_some_and(|answer| answer[0] == self.iut.nad.get()))
    }
}

impl Drop for AddressBack<'_> {
    fn drop(&mut self) {
        if !matches!(self.restore(), Ok(true)) {
            self.iut.ctx.log(format!("the node may still have the address {}", self.given));
        }
    }
}

impl Iut {
    fn assign_nad(&self, to: Nad) -> [u8; 6] {
        let [s0, s1, f0, f1] = self.supplier_and_function();
        [0xB0, s0, s1, f0, f1, to.get()]
    }
}

/// Title: AssignNAD gives the node another address
/// Description: PT-CT 69. The old address is silent afterwards, unless it is the initial one and the request AssignNAD.
/// Requirements: ISO17987-6-PT-CT-69
/// Test Steps:
///   1. Assign a free address.
///   2. Read identifier 0 under the new one and under the old one.
/// Expected Result: The product id from the new address, nothing from the old one.
#[hil::test(markers = [HARDWARE], mutates = [NodeConfiguration], timeout = "30s")]
fn pt_ct_69_assign_nad_moves_the_node(iut: Iut) -> hil::Result {
    iut.product()?;
    let given = iut.free_nad()?;
    let _back = AddressBack { iut: &iut, given };
    iut.ask(iut.initial, &iut.assign_nad(given))?;
    let answer = iut.ask(given, &iut.read_by_identifier(0))?;
    iut.expect_product("product id under the new address", answer, given)?;
    iut.request(single(iut.nad.get(), &iut.read_by_identifier(0)))?;
    iut.expect_silence("ReadByIdentifier under the old address")
}

/// Title: AssignNAD is answered
/// Description: PT-CT 70. The answer comes from the initial address (U).
/// Requirements: ISO17987-6-PT-CT-70
/// Test Steps:
///   1. Assign a free address.
/// Expected Result: The initial address, 01, F0.
#[hil::test(markers = [HARDWARE], mutates = [NodeConfiguration], timeout = "30s")]
fn pt_ct_70_assign_nad_is_answered(iut: Iut) -> hil::Result {
    let given = iut.free_nad()?;
    let _back = AddressBack { iut: &iut, given };
    let answer = iut.ask(iut.initial, &iut.assign_nad(given))?;
    iut.expect_answer("AssignNAD", answer, iut.initial, &[0xF0])
}

/// Title: ConditionalChangeNAD changes the address if its condition is met, and only then
/// Description: PT-CT 71. The condition looks at the low byte of the supplier. Which address the answer carries is
///   left open (U).
/// Requirements: ISO17987-6-PT-CT-71
/// Test Steps:
///   1. Ask for the change with a condition that is not met.
///   2. Ask with one that is met.
///   3. Read identifier 0 under the new address.
/// Expected Result: No answer; 01 F3; the product id.
#[hil::test(markers = [HARDWARE], mutates = [NodeConfiguration], timeout = "30s")]
fn pt_ct_71_a_condition_changes_the_address(iut: Iut) -> hil::Result {
    let [lsb, _] = iut.product()?.supplier.to_le_bytes();
    let given = iut.free_nad()?;
    let _back = AddressBack { iut: &iut, given };
    let change = |invert: u8| [0xB3, 0, 1, 0xFF, invert, given.get()];
    iut.request(single(iut.nad.get(), &change(!lsb)))?;
    iut.expect_silence("a condition that is not met")?;
    let answer = iut.ask(iut.nad, &iut.read_by_identifier(0))?;
    iut.expect_product("product id under the old address", answer, iut.nad)?;
    let answer = iut.ask(iut.nad, &change(lsb))?;
    let wanted = [iut.nad, given].map(|nad| single(nad.get(), &[0xF3]));
    if !answer.is_some_and(|answer| wanted.contains(&answer)) {
        let want = wanted.map(|wanted| shown(Some(wanted))).join(" or ");
        return Err(mismatch("a condition that is met", &want, &shown(answer)));
    }
    let answer = iut.ask(given, &iut.read_by_identifier(0))?;
    iut.expect_product("product id under the new address", answer, given)
}
