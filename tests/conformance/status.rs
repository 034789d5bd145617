//! Status management.

use hil::lin::ChecksumModel;

use super::iut::Iut;

/// Title: response_error is set by a faulty frame and kept until it was reported
/// Description: PT-CT 50. The standard's steps are not known to us (U).
/// Requirements: ISO17987-6-PT-CT-50
/// Test Steps:
///   1. Send a frame with a wrong checksum, then a good one.
///   2. Read response_error twice.
///   3. Send two frames with a wrong checksum.
///   4. Read response_error twice.
/// Expected Result: 1 and 0, both times.
#[hil::test(markers = [HARDWARE], timeout = "30s")]
fn pt_ct_50_response_error_is_kept_until_reported(iut: Iut) -> hil::Result {
    iut.expect_error_flag("before", false)?;
    iut.disturb()?;
    if let Some(frame) = iut.subscribed.first() {
        iut.send_init(frame, frame.id, ChecksumModel::for_id(frame.id))?;
    }
    iut.expect_error_flag("after a faulty frame", true)?;
    iut.expect_error_flag("after it was reported", false)?;
    iut.disturb()?;
    iut.disturb()?;
    iut.expect_error_flag("after two faulty frames", true)?;
    iut.expect_error_flag("after both were reported", false)
}
