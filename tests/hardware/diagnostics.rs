//! Diagnostics and node configuration over 0x3C and 0x3D.

use std::sync::Arc;

use alm::AlmTester;
use hil::ldf::Database;
use hil::lin::{Address, Function, Identity, Nad, Supplier};
use hil::prelude::*;

#[hil::baseline]
fn light_is_off(alm: AlmTester) -> hil::Result {
    alm.force_off()
}

/// ReadByIdentifier with both wildcards.
const fn read_by_identifier(id: u8) -> [u8; 6] {
    [0xB2, id, 0xFF, 0x7F, 0xFF, 0xFF]
}

/// Title: ReadByIdentifier names the product and its serial number
/// Requirements: REQ-BUS-030
/// Test Steps:
///   1. Ask for the identifier with both wildcards.
/// Expected Result: A positive answer of the module's own address, of the prescribed length.
#[hil::test(markers = [HARDWARE], covers = [Diagnostics], timeout = "10s")]
#[case::product(0, 5)]
#[case::serial_number(1, 4)]
fn read_by_identifier_answers(
    ctx: &Ctx,
    diagnostics: Diagnostics,
    #[case] id: u8,
    #[case] length: usize,
) -> hil::Result {
    let content = diagnostics.read_by_identifier(id)?;
    ctx.expect_eq("length", content.len(), length)?;
    ctx.rp(&format!("identifier_{id}"), format!("{content:02X?}"));
    Ok(())
}

/// Title: The product is the one of the LDF
/// Requirements: REQ-BUS-030
/// Test Steps:
///   1. Read identifier 0.
/// Expected Result: Supplier and function of the node attributes.
#[hil::test(markers = [HARDWARE], timeout = "10s")]
fn the_product_is_the_ldfs(ctx: &Ctx, diagnostics: Diagnostics, ldf: Arc<Database>) -> hil::Result {
    let product = ldf.node_attributes("ALM").and_then(|attributes| attributes.product_id());
    let Some(product) = product else { return Err(TestError::misuse("the LDF has no product id for ALM")) };
    let expected =
        Identity { supplier: Supplier::new(product.supplier)?, function: Function::new(product.function)? };
    ctx.expect_eq("supplier, function", diagnostics.product_id()?.identity(), expected)
}

/// Title: Requests that are not for the module get no answer
/// Requirements: REQ-BUS-031
/// Test Steps:
///   1. Send a request to another address, or with another supplier, or functionally.
/// Expected Result: No answer.
#[hil::test(markers = [HARDWARE], timeout = "10s")]
#[case::other_node(Address::Node(Nad::new(0x55)?), [0xB2, 0, 0xFF, 0x7F, 0xFF, 0xFF])]
#[case::other_supplier(Address::Broadcast, [0xB2, 0, 0x01, 0x00, 0xFF, 0xFF])]
#[case::functional(Address::Functional, [0xB2, 0, 0xFF, 0x7F, 0xFF, 0xFF])]
fn others_get_no_answer(
    diagnostics: Diagnostics,
    #[case] address: Address,
    #[case] request: [u8; 6],
) -> hil::Result {
    diagnostics.at(address).expect_no_answer(&request)
}

/// Title: An unknown service is refused
/// Requirements: REQ-BUS-032
/// Test Steps:
///   1. Request the service 0x99.
/// Expected Result: The negative answer 7F 99 11.
#[hil::test(markers = [HARDWARE], timeout = "10s")]
fn an_unknown_service_is_refused(diagnostics: Diagnostics) -> hil::Result {
    diagnostics.expect_refusal(&[0x99], 0x11)
}

/// Title: The software version can be read
/// Requirements: REQ-BUS-033
/// Test Steps:
///   1. ReadDataByIdentifier F195.
/// Expected Result: A positive answer; the version is in the record.
#[hil::test(markers = [HARDWARE], covers = [Diagnostics], timeout = "10s")]
fn the_software_version_can_be_read(ctx: &Ctx, diagnostics: Diagnostics) -> hil::Result {
    let version = diagnostics.read_data(0xF195)?;
    ctx.expect_eq("length of the version", version.len(), 3)?;
    let numbers: Vec<String> = version.iter().map(u8::to_string).collect();
    ctx.rp("ecu_sw", numbers.join("."));
    Ok(())
}

/// Gives the module its address back, also when the test that changed it fails.
struct AddressBack<'a> {
    ctx: &'a Ctx,
    moved: Diagnostics,
    nad: Nad,
}

impl Drop for AddressBack<'_> {
    fn drop(&mut self) {
        if self.moved.assign_nad(self.nad).is_err() {
            self.ctx.log(format!("the module may still have the address {}", self.moved.address()));
        }
    }
}

/// Title: AssignNAD gives the module another address
/// Requirements: REQ-BUS-034
/// Test Steps:
///   1. Assign another address.
///   2. Ask for the product under the old and the new address.
/// Expected Result: Silence under the old one, an answer under the new one.
#[hil::test(markers = [HARDWARE], mutates = [NodeConfiguration], covers = [NodeConfiguration], timeout = "20s")]
fn assign_nad_moves_the_module(ctx: &Ctx, diagnostics: Diagnostics, alm: AlmTester) -> hil::Result {
    let (nad, given) = (Nad::new(alm.nad())?, Nad::new(0x22)?);
    let moved = diagnostics.at(given);
    let _back = AddressBack { ctx, moved: moved.clone(), nad };
    diagnostics.assign_nad(given)?;
    diagnostics.expect_no_answer(&read_by_identifier(0))?;
    moved.product_id()?;
    Ok(())
}
