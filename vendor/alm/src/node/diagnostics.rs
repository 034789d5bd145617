//! What the module says of itself: its identity, and its diagnostic services.

use std::fmt;

use hil::model::BenchTime;
use hil::sim::{Identity, Reply, Services};

/// The product identification is that of the LDF.
pub(super) const IDENTITY: Identity =
    Identity { supplier: 0x7FFE, function: 0xA1A0, variant: 0x01, serial: [0x78, 0x56, 0x34, 0x12] };

/// Data identifiers of ISO 14229, and what the module keeps under them.
const DATA: [([u8; 2], &[u8]); 3] = [
    // The part number.
    ([0xF1, 0x87], b"ALM-4711-01"),
    // The serial number.
    ([0xF1, 0x8C], &[0x78, 0x56, 0x34, 0x12]),
    // The software version: 1.4.2.
    ([0xF1, 0x95], &[1, 4, 2]),
];

const READ_DATA_BY_IDENTIFIER: u8 = 0x22;

const SERVICE_NOT_SUPPORTED: u8 = 0x11;
const INCORRECT_LENGTH: u8 = 0x13;
const REQUEST_OUT_OF_RANGE: u8 = 0x31;

/// The services of the application, and of the boot loader behind it where there is one.
#[derive(Default)]
pub(super) struct Diagnostics {
    boot: Option<Box<dyn Services>>,
}

impl Diagnostics {
    /// The services of a module whose boot loader serves `boot`.
    pub(super) fn with_boot(boot: Box<dyn Services>) -> Self {
        Self { boot: Some(boot) }
    }

    /// Whether the boot loader answers a service, where there is one.
    const fn is_boot(service: u8) -> bool {
        matches!(service, 0x10 | 0x11 | 0x22 | 0x27 | 0x31 | 0x34 | 0x36 | 0x37 | 0x3E)
    }
}

impl Services for Diagnostics {
    fn serve(&mut self, request: &[u8], now: BenchTime) -> Reply {
        let Some((service, arguments)) = request.split_first() else { return Reply::Silence };
        if Self::is_boot(*service)
            && let Some(boot) = &mut self.boot
        {
            let reply = boot.serve(request, now);
            // What the boot loader does not know of a module, its application may.
            if *service != READ_DATA_BY_IDENTIFIER || reply != Reply::Negative(REQUEST_OUT_OF_RANGE) {
                return reply;
            }
        }
        match *service {
            READ_DATA_BY_IDENTIFIER => read_data(arguments),
            _ => Reply::Negative(SERVICE_NOT_SUPPORTED),
        }
    }
}

impl fmt::Debug for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Diagnostics").field("boot", &self.boot).finish()
    }
}

/// ReadDataByIdentifier: of several identifiers those that are known.
fn read_data(identifiers: &[u8]) -> Reply {
    let (identifiers, []) = identifiers.as_chunks::<2>() else { return Reply::Negative(INCORRECT_LENGTH) };
    let known = |identifier: &[u8; 2]| DATA.iter().find(|(known, _)| known == identifier);
    let content: Vec<u8> = identifiers
        .iter()
        .filter_map(known)
        .flat_map(|(identifier, data)| [identifier.as_slice(), data].concat())
        .collect();
    if content.is_empty() { Reply::Negative(REQUEST_OUT_OF_RANGE) } else { Reply::Positive(content) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::software(&[0x22, 0xF1, 0x95], Reply::Positive(vec![0xF1, 0x95, 1, 4, 2]))]
    #[case::two(&[0x22, 0xF1, 0x95, 0xF1, 0x8C], Reply::Positive(vec![0xF1, 0x95, 1, 4, 2, 0xF1, 0x8C, 0x78, 0x56, 0x34, 0x12]))]
    #[case::one_of_two(&[0x22, 0x00, 0x00, 0xF1, 0x95], Reply::Positive(vec![0xF1, 0x95, 1, 4, 2]))]
    #[case::unknown_identifier(&[0x22, 0x00, 0x00], Reply::Negative(0x31))]
    #[case::half_an_identifier(&[0x22, 0xF1], Reply::Negative(0x13))]
    #[case::unknown_service(&[0x99], Reply::Negative(0x11))]
    #[case::no_boot_loader(&[0x10, 0x02], Reply::Negative(0x11))]
    #[case::nothing(&[], Reply::Silence)]
    fn services_answer(#[case] request: &[u8], #[case] reply: Reply) {
        assert_eq!(Diagnostics::default().serve(request, BenchTime::ZERO), reply);
    }

    /// A boot loader that knows F195 alone.
    #[derive(Debug)]
    struct Boot;

    impl Services for Boot {
        fn serve(&mut self, request: &[u8], _now: BenchTime) -> Reply {
            match request {
                [0x22, 0xF1, 0x95] => Reply::Positive(vec![0xF1, 0x95, 2, 0, 0]),
                [0x22, ..] => Reply::Negative(0x31),
                _ => Reply::Positive(vec![]),
            }
        }
    }

    #[rstest]
    #[case::session(&[0x10, 0x02], Reply::Positive(vec![]))]
    #[case::its_version(&[0x22, 0xF1, 0x95], Reply::Positive(vec![0xF1, 0x95, 2, 0, 0]))]
    #[case::the_applications_serial(&[0x22, 0xF1, 0x8C], Reply::Positive(vec![0xF1, 0x8C, 0x78, 0x56, 0x34, 0x12]))]
    #[case::nobodys(&[0x85, 0x01], Reply::Negative(0x11))]
    fn a_boot_loader_comes_first(#[case] request: &[u8], #[case] reply: Reply) {
        assert_eq!(Diagnostics::with_boot(Box::new(Boot)).serve(request, BenchTime::ZERO), reply);
    }
}
