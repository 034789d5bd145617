//! What the module says of itself: its identity, and its diagnostic services.

use hil::model::BenchTime;
use hil::sim::{Identity, Reply, Services};

/// The product identification is that of the LDF.
pub(super) const IDENTITY: Identity =
    Identity { supplier: 0x7FFE, function: 0xA1A0, variant: 0x01, serial: [0x78, 0x56, 0x34, 0x12] };

/// Data identifiers of ISO 14229, and what the module keeps under them.
const DATA: [([u8; 2], &[u8]); 2] = [
    // The part number.
    ([0xF1, 0x87], b"ALM-4711-01"),
    // The serial number.
    ([0xF1, 0x8C], &[0x78, 0x56, 0x34, 0x12]),
];
/// The software version. It belongs to the program, so the boot loader knows it.
const VERSION: [u8; 2] = [0xF1, 0x95];

const READ_DATA_BY_IDENTIFIER: u8 = 0x22;

const INCORRECT_LENGTH: u8 = 0x13;
const REQUEST_OUT_OF_RANGE: u8 = 0x31;

/// The services of the application, and of the boot loader behind it.
#[derive(Debug)]
pub(super) struct Diagnostics {
    boot: Box<dyn Services>,
}

impl Diagnostics {
    /// The services of a module whose boot loader serves `boot`.
    pub(super) fn new(boot: Box<dyn Services>) -> Self {
        Self { boot }
    }

    /// ReadDataByIdentifier: of several identifiers those that are known.
    fn read_data(&mut self, identifiers: &[u8], now: BenchTime) -> Reply {
        let (identifiers, []) = identifiers.as_chunks::<2>() else {
            return Reply::Negative(INCORRECT_LENGTH);
        };
        let mut content = Vec::new();
        for identifier in identifiers {
            let of_boot = [&[READ_DATA_BY_IDENTIFIER], identifier.as_slice()].concat();
            if let Some((_, data)) = DATA.iter().find(|(known, _)| known == identifier) {
                content.extend(identifier.iter().chain(*data));
            } else if *identifier == VERSION
                && let Reply::Positive(version) = self.boot.serve(&of_boot, now)
            {
                content.extend(version);
            }
        }
        if content.is_empty() { Reply::Negative(REQUEST_OUT_OF_RANGE) } else { Reply::Positive(content) }
    }
}

impl Services for Diagnostics {
    fn serve(&mut self, request: &[u8], now: BenchTime) -> Reply {
        match request {
            [READ_DATA_BY_IDENTIFIER, identifiers @ ..] if self.application_runs(now) => {
                self.read_data(identifiers, now)
            }
            _ => self.boot.serve(request, now),
        }
    }

    fn start(&mut self, now: BenchTime) {
        self.boot.start(now);
    }

    fn application_runs(&self, now: BenchTime) -> bool {
        self.boot.application_runs(now)
    }
}

#[cfg(test)]
mod tests {
    use hil::sim::Bootloader;
    use rstest::rstest;

    use super::*;
    use crate::node::program;

    fn module() -> Diagnostics {
        Diagnostics::new(Box::new(Bootloader::new(program::delivered())))
    }

    #[rstest]
    #[case::software(&[0x22, 0xF1, 0x95], Reply::Positive(vec![0xF1, 0x95, 1, 4, 2]))]
    #[case::two(&[0x22, 0xF1, 0x95, 0xF1, 0x8C], Reply::Positive(vec![0xF1, 0x95, 1, 4, 2, 0xF1, 0x8C, 0x78, 0x56, 0x34, 0x12]))]
    #[case::one_of_two(&[0x22, 0x00, 0x00, 0xF1, 0x95], Reply::Positive(vec![0xF1, 0x95, 1, 4, 2]))]
    #[case::unknown_identifier(&[0x22, 0x00, 0x00], Reply::Negative(0x31))]
    #[case::half_an_identifier(&[0x22, 0xF1], Reply::Negative(0x13))]
    #[case::unknown_service(&[0x99], Reply::Negative(0x11))]
    #[case::session(&[0x10, 0x03], Reply::Positive(vec![0x03, 0x00, 0x32, 0x01, 0xF4]))]
    #[case::nothing(&[], Reply::Silence)]
    fn services_answer(#[case] request: &[u8], #[case] reply: Reply) {
        assert_eq!(module().serve(request, BenchTime::ZERO), reply);
    }

    #[test]
    fn in_the_programming_session_the_application_says_nothing() {
        let mut module = module();
        module.serve(&[0x10, 0x02], BenchTime::ZERO);
        assert!(!module.application_runs(BenchTime::ZERO));
        assert_eq!(module.serve(&[0x22, 0xF1, 0x8C], BenchTime::ZERO), Reply::Negative(0x31));
        module.start(BenchTime::ZERO);
        let serial = Reply::Positive(vec![0xF1, 0x8C, 0x78, 0x56, 0x34, 0x12]);
        assert_eq!(module.serve(&[0x22, 0xF1, 0x8C], BenchTime::ZERO), serial);
    }
}
