//! Diagnostics and node configuration over 0x3C and 0x3D, single frames.

use alm::AlmTester;
use hil::lin::{Frame, FrameId, Response};
use hil::prelude::*;

/// How often the answer is asked for: no answer is normal until P2 has elapsed (hardware reference 1.6).
const POLLS: u32 = 5;

#[hil::baseline]
fn light_is_off(alm: AlmTester) -> hil::Result {
    alm.force_off()
}

/// Sends a single frame to `nad` and returns the answer, if one comes.
fn request(ctx: &Ctx, fio: &FrameIo, nad: u8, content: &[u8]) -> hil::Result<Option<[u8; 8]>> {
    let mut data = [0xFF; 8];
    data[0] = nad;
    data[1] = content.len() as u8;
    data[2..2 + content.len()].copy_from_slice(content);
    ctx.step(&format!("Request {content:02X?} of NAD {nad:#04x}"), || {
        fio.send_raw(&Frame::new(0x3C, &data)?, None)?;
        for _ in 0..POLLS {
            if let Response::Data(answer) = fio.receive_raw(FrameId::SLAVE_RESPONSE, 8)? {
                let answer: Option<[u8; 8]> = (*answer).try_into().ok();
                ctx.log(format!("answer {answer:02X?}"));
                return Ok(answer);
            }
            ctx.sleep(Duration::from_millis(10));
        }
        Ok(None)
    })
}

/// ReadByIdentifier with both wildcards.
const fn read_by_identifier(id: u8) -> [u8; 6] {
    [0xB2, id, 0xFF, 0x7F, 0xFF, 0xFF]
}

/// Title: ReadByIdentifier names the product and its serial number
/// Requirements: REQ-BUS-030
/// Test Steps:
///   1. Ask for the identifier with both wildcards.
/// Expected Result: A positive answer of the module's own address.
#[hil::test(markers = [HARDWARE], timeout = "10s")]
#[case::product(0, 6)]
#[case::serial_number(1, 5)]
fn read_by_identifier_answers(
    ctx: &Ctx,
    fio: FrameIo,
    alm: AlmTester,
    #[case] id: u8,
    #[case] length: u8,
) -> hil::Result {
    let answer = request(ctx, &fio, alm.nad(), &read_by_identifier(id))?;
    let head = answer.map(|answer| [answer[0], answer[1], answer[2]]);
    ctx.expect_eq("NAD, length, RSID", head, Some([alm.nad(), length, 0xF2]))?;
    let content = answer.map(|answer| answer[3..2 + usize::from(length)].to_vec()).unwrap_or_default();
    ctx.rp(&format!("identifier_{id}"), format!("{content:02X?}"));
    Ok(())
}

/// Title: The product is the one of the LDF
/// Requirements: REQ-BUS-030
/// Test Steps:
///   1. Read identifier 0.
/// Expected Result: Supplier and function of the node attributes.
#[hil::test(markers = [HARDWARE], timeout = "10s")]
fn the_product_is_the_ldfs(
    ctx: &Ctx,
    fio: FrameIo,
    alm: AlmTester,
    ldf: std::sync::Arc<hil::ldf::Database>,
) -> hil::Result {
    let product = ldf.node_attributes("ALM").and_then(|attributes| attributes.product_id());
    let Some(product) = product else { return Err(TestError::misuse("the LDF has no product id for ALM")) };
    let answer = request(ctx, &fio, alm.nad(), &read_by_identifier(0))?;
    let read = answer.map(|a| (u16::from_le_bytes([a[3], a[4]]), u16::from_le_bytes([a[5], a[6]])));
    ctx.expect_eq("supplier, function", read, Some((product.supplier, product.function)))
}

/// Title: Requests that are not for the module get no answer
/// Requirements: REQ-BUS-031
/// Test Steps:
///   1. Send a request to another address, or with another supplier, or functionally.
/// Expected Result: No answer.
#[hil::test(markers = [HARDWARE], timeout = "10s")]
#[case::other_node(0x55, [0xB2, 0, 0xFF, 0x7F, 0xFF, 0xFF])]
#[case::other_supplier(0x7F, [0xB2, 0, 0x01, 0x00, 0xFF, 0xFF])]
#[case::functional(0x7E, [0xB2, 0, 0xFF, 0x7F, 0xFF, 0xFF])]
fn others_get_no_answer(ctx: &Ctx, fio: FrameIo, #[case] nad: u8, #[case] content: [u8; 6]) -> hil::Result {
    ctx.expect_eq("answer", request(ctx, &fio, nad, &content)?, None)
}

/// Title: An unknown service is refused
/// Requirements: REQ-BUS-032
/// Test Steps:
///   1. Request the service 0x99.
/// Expected Result: The negative answer 7F 99 11.
#[hil::test(markers = [HARDWARE], timeout = "10s")]
fn an_unknown_service_is_refused(ctx: &Ctx, fio: FrameIo, alm: AlmTester) -> hil::Result {
    let answer = request(ctx, &fio, alm.nad(), &[0x99])?.map(|answer| [answer[2], answer[3], answer[4]]);
    ctx.expect_eq("negative answer", answer, Some([0x7F, 0x99, 0x11]))
}

/// Title: The software version can be read
/// Requirements: REQ-BUS-033
/// Test Steps:
///   1. ReadDataByIdentifier F195.
/// Expected Result: A positive answer; the version is in the record.
#[hil::test(markers = [HARDWARE], timeout = "10s")]
fn the_software_version_can_be_read(ctx: &Ctx, fio: FrameIo, alm: AlmTester) -> hil::Result {
    let Some(answer) = request(ctx, &fio, alm.nad(), &[0x22, 0xF1, 0x95])? else {
        return Err(TestError::failed("ReadDataByIdentifier F195: no answer"));
    };
    ctx.expect_eq("RSID and identifier", &answer[2..5], &[0x62, 0xF1, 0x95][..])?;
    ctx.rp("ecu_sw", format!("{}.{}.{}", answer[5], answer[6], answer[7]));
    Ok(())
}

/// Gives the module its address back, also when the test that changed it fails.
struct AddressBack<'a> {
    ctx: &'a Ctx,
    fio: &'a FrameIo,
    nad: u8,
    given: u8,
}

impl Drop for AddressBack<'_> {
    fn drop(&mut self) {
        if assign(self.ctx, self.fio, self.given, self.nad).is_err() {
            self.ctx.log(format!("the module may still have the address {:#04x}", self.given));
        }
    }
}

fn assign(ctx: &Ctx, fio: &FrameIo, from: u8, to: u8) -> hil::Result<Option<[u8; 8]>> {
    request(ctx, fio, from, &[0xB0, 0xFF, 0x7F, 0xFF, 0xFF, to])
}

/// Title: AssignNAD gives the module another address
/// Requirements: REQ-BUS-034
/// Test Steps:
///   1. Assign another address.
///   2. Ask for the product under the old and the new address.
/// Expected Result: Silence under the old one, an answer under the new one.
#[hil::test(markers = [HARDWARE], timeout = "20s")]
fn assign_nad_moves_the_module(ctx: &Ctx, fio: FrameIo, alm: AlmTester) -> hil::Result {
    let (nad, given) = (alm.nad(), 0x22);
    let _back = AddressBack { ctx, fio: &fio, nad, given };
    let answer = assign(ctx, &fio, nad, given)?;
    ctx.expect_eq("RSID of AssignNAD", answer.map(|answer| answer[2]), Some(0xF0))?;
    ctx.expect_eq("answer under the old address", request(ctx, &fio, nad, &read_by_identifier(0))?, None)?;
    let moved = request(ctx, &fio, given, &read_by_identifier(0))?;
    ctx.expect_eq("NAD in the answer", moved.map(|answer| answer[0]), Some(given))
}
