//! How many slave responses the device is told to report after a master request.
//!
//! The vendor's headers say that it reports "the next `count`" of them. Who makes the headers for them is not
//! said: the schedule in the SDF, or the device itself, which would then have nothing else to do for so many
//! slots (U). So none is asked for where none can come, and a moderate number elsewhere: enough for an answer
//! of 95 bytes or for some "response pending", and over in a fraction of a second if it means idle slots.

/// What is asked for after a request that may be answered.
const RESPONSES: u8 = 16;

/// Go to sleep.
const SLEEP: u8 = 0x00;

/// Every node takes it, no node answers.
const FUNCTIONAL: u8 = 0x7E;

/// Auto addressing, which no node answers (hardware reference 1.8).
const AUTO_ADDRESSING: [u8; 2] = [0x7F, 0xB5];

/// Follows the requests, as one may take several frames (hardware reference 1.6).
#[derive(Debug, Default)]
pub(super) struct Expectation {
    /// Bytes of the request that is being sent that are still missing.
    missing: usize,
}

impl Expectation {
    /// How many slave responses may follow `request`.
    pub(super) const fn after(&mut self, request: [u8; 8]) -> u8 {
        let [nad, pci, third, ..] = request;
        self.missing = match pci >> 4 {
            1 => (((pci & 0x0F) as usize) << 8 | third as usize).saturating_sub(5),
            2 => self.missing.saturating_sub(6),
            _ => 0,
        };
        let is_auto_addressing = nad == AUTO_ADDRESSING[0] && third == AUTO_ADDRESSING[1] && pci >> 4 == 0;
        if self.missing > 0 || nad == SLEEP || nad == FUNCTIONAL || is_auto_addressing {
            0
        } else {
            RESPONSES
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn request(bytes: &[u8]) -> [u8; 8] {
        let mut request = [0xFF; 8];
        request[..bytes.len()].copy_from_slice(bytes);
        request
    }

    #[rstest]
    #[case::single(&[0x01, 0x02, 0xB2, 0x00], RESPONSES)]
    #[case::broadcast(&[0x7F, 0x06, 0xB2, 0x00], RESPONSES)]
    #[case::users_own(&[0x81, 0x31, 0x34], RESPONSES)]
    #[case::sleep(&[0x00], 0)]
    #[case::functional(&[0x7E, 0x01, 0x3E], 0)]
    #[case::auto_addressing(&[0x7F, 0x06, 0xB5, 0xFF, 0x7F, 0x02, 0x02, 0x05], 0)]
    #[case::a_lone_consecutive_frame(&[0x01, 0x21, 1, 2, 3], RESPONSES)]
    fn a_frame_may_be_answered(#[case] bytes: &[u8], #[case] expected: u8) {
        assert_eq!(Expectation::default().after(request(bytes)), expected);
    }

    #[test]
    fn only_the_last_frame_of_a_request_may_be_answered() {
        let mut expectation = Expectation::default();
        let frames = [0x10, 0x21, 0x22].map(|pci| expectation.after(request(&[0x01, pci, 17])));
        assert_eq!(frames, [0, 0, RESPONSES]);
        // A request that is given up for another one leaves nothing behind.
        expectation.after(request(&[0x01, 0x1F, 0xFF]));
        assert_eq!(expectation.after(request(&[0x01, 0x01, 0x3E])), RESPONSES);
    }
}
