//! Wildcards: address, supplier, function.

use super::diagnostics::{BROADCAST, FUNCTION_WILDCARD, SUPPLIER_WILDCARD};
use super::iut::Iut;

/// What stands in a request: what the LDF says, or a wildcard.
#[derive(Clone, Copy)]
struct Wild {
    nad: bool,
    supplier: bool,
    function: bool,
}

/// Title: A request with wildcards is answered
/// Description: PT-CT 66.
/// Requirements: ISO17987-6-PT-CT-66
/// Test Steps:
///   1. Read identifier 0 with the wildcards.
/// Expected Result: The product id, from the node's own address.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
#[case::nad(Wild { nad: true, supplier: false, function: false })]
#[case::supplier(Wild { nad: false, supplier: true, function: false })]
#[case::function(Wild { nad: false, supplier: false, function: true })]
#[case::supplier_and_function(Wild { nad: false, supplier: true, function: true })]
fn pt_ct_66_wildcards_are_answered(iut: Iut, #[case] wild: Wild) -> hil::Result {
    let product = iut.product()?;
    let nad = if wild.nad { BROADCAST } else { iut.nad.get() };
    let supplier = if wild.supplier { SUPPLIER_WILDCARD } else { product.supplier };
    let function = if wild.function { FUNCTION_WILDCARD } else { product.function };
    let ([s0, s1], [f0, f1]) = (supplier.to_le_bytes(), function.to_le_bytes());
    let answer = iut.ask_at(nad, &[0xB2, 0, s0, s1, f0, f1])?;
    iut.expect_product("product id", answer, iut.nad)
}
