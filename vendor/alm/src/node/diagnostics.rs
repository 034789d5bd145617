//! Diagnostics and node configuration over 0x3C and 0x3D, single frames only (hardware reference 1.6, 1.7).

/// The product identification, as in the LDF: supplier, function, variant.
const SUPPLIER: u16 = 0x7FFE;
const FUNCTION: u16 = 0xA1A0;
const VARIANT: u8 = 0x01;
/// The serial number.
const SERIAL: [u8; 4] = [0x78, 0x56, 0x34, 0x12];
/// The software version, for ReadDataByIdentifier F195: 1.4.2.
const SOFTWARE: [u8; 3] = [1, 4, 2];

/// Every node takes it, whatever its address.
const BROADCAST: u8 = 0x7F;
/// A functional request: taken, never answered.
const FUNCTIONAL: u8 = 0x7E;

const SUPPLIER_WILDCARD: u16 = 0x7FFF;
const FUNCTION_WILDCARD: u16 = 0xFFFF;

const SERVICE_NOT_SUPPORTED: u8 = 0x11;
const SUB_FUNCTION_NOT_SUPPORTED: u8 = 0x12;
const REQUEST_OUT_OF_RANGE: u8 = 0x31;

/// What a request changes in the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    None,
    Sleep,
    NewNad(u8),
}

/// What a service has to say.
enum Reply {
    Positive(Vec<u8>),
    Negative(u8),
    Silence,
}

/// The diagnostic half of the module.
#[derive(Debug, Default)]
pub(super) struct Diagnostics {
    response: Option<[u8; 8]>,
}

impl Diagnostics {
    /// Takes a master request, for a module with the address `nad`.
    pub(super) fn request(&mut self, data: &[u8; 8], nad: u8) -> Effect {
        // A new request ends whatever answer was still waiting (PT-CT 72–85).
        self.response = None;
        if data[0] == 0x00 {
            return Effect::Sleep;
        }
        if ![nad, BROADCAST, FUNCTIONAL].contains(&data[0]) {
            return Effect::None;
        }
        let length = usize::from(data[1]);
        if !(1..=6).contains(&length) {
            return Effect::None;
        }
        let (service, arguments) = (data[2], &data[3..2 + length]);
        let mut effect = Effect::None;
        let reply = match service {
            0xB0 => match *arguments {
                [s0, s1, f0, f1, new] if is_ours([s0, s1], [f0, f1]) && (0x01..=0x7D).contains(&new) => {
                    effect = Effect::NewNad(new);
                    Reply::Positive(vec![])
                }
                _ => Reply::Silence,
            },
            0xB2 => read_by_identifier(arguments),
            0xB6 | 0xB7 => Reply::Positive(vec![]),
            0x22 => match *arguments {
                [0xF1, 0x95] => Reply::Positive([&[0xF1, 0x95], SOFTWARE.as_slice()].concat()),
                _ => Reply::Negative(REQUEST_OUT_OF_RANGE),
            },
            _ => Reply::Negative(SERVICE_NOT_SUPPORTED),
        };
        if data[0] != FUNCTIONAL {
            self.response = match reply {
                Reply::Positive(content) => Some(single_frame(nad, service + 0x40, &content)),
                Reply::Negative(code) => Some(single_frame(nad, 0x7F, &[service, code])),
                Reply::Silence => None,
            };
        }
        effect
    }

    /// The answer that waits, which is given once.
    pub(super) fn answer(&mut self) -> Option<[u8; 8]> {
        self.response.take()
    }
}

fn read_by_identifier(arguments: &[u8]) -> Reply {
    match *arguments {
        [id, s0, s1, f0, f1] if is_ours([s0, s1], [f0, f1]) => match id {
            0 => {
                let [[s0, s1], [f0, f1]] = [SUPPLIER.to_le_bytes(), FUNCTION.to_le_bytes()];
                Reply::Positive(vec![s0, s1, f0, f1, VARIANT])
            }
            1 => Reply::Positive(SERIAL.to_vec()),
            _ => Reply::Negative(SUB_FUNCTION_NOT_SUPPORTED),
        },
        _ => Reply::Silence,
    }
}

/// Whether a request for this supplier and function means us; both have a wildcard.
fn is_ours(supplier: [u8; 2], function: [u8; 2]) -> bool {
    [SUPPLIER, SUPPLIER_WILDCARD].contains(&u16::from_le_bytes(supplier))
        && [FUNCTION, FUNCTION_WILDCARD].contains(&u16::from_le_bytes(function))
}

fn single_frame(nad: u8, service: u8, content: &[u8]) -> [u8; 8] {
    let mut frame = [0xFF; 8];
    frame[0] = nad;
    frame[1] = content.len() as u8 + 1;
    frame[2] = service;
    frame[3..3 + content.len()].copy_from_slice(content);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::product(
        [0x01, 6, 0xB2, 0, 0xFF, 0x7F, 0xFF, 0xFF],
        Some([0x01, 6, 0xF2, 0xFE, 0x7F, 0xA0, 0xA1, 0x01])
    )]
    #[case::serial_by_broadcast(
        [0x7F, 6, 0xB2, 1, 0xFE, 0x7F, 0xA0, 0xA1],
        Some([0x01, 5, 0xF2, 0x78, 0x56, 0x34, 0x12, 0xFF])
    )]
    #[case::unknown_identifier([0x01, 6, 0xB2, 9, 0xFF, 0x7F, 0xFF, 0xFF], Some([0x01, 3, 0x7F, 0xB2, 0x12, 0xFF, 0xFF, 0xFF]))]
    #[case::other_supplier([0x01, 6, 0xB2, 0, 0x00, 0x00, 0xFF, 0xFF], None)]
    #[case::other_node([0x02, 6, 0xB2, 0, 0xFF, 0x7F, 0xFF, 0xFF], None)]
    #[case::functional([0x7E, 1, 0x3E, 0, 0, 0, 0, 0], None)]
    #[case::unknown_service([0x01, 1, 0x99, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], Some([0x01, 3, 0x7F, 0x99, 0x11, 0xFF, 0xFF, 0xFF]))]
    #[case::software([0x01, 3, 0x22, 0xF1, 0x95, 0xFF, 0xFF, 0xFF], Some([0x01, 6, 0x62, 0xF1, 0x95, 1, 4, 2]))]
    #[case::absurd_length([0x01, 0xFF, 0xB2, 0, 0, 0, 0, 0], None)]
    fn services_answer_once(#[case] request: [u8; 8], #[case] answer: Option<[u8; 8]>) {
        let mut diagnostics = Diagnostics::default();
        assert_eq!(diagnostics.request(&request, 0x01), Effect::None);
        assert_eq!(diagnostics.answer(), answer);
        assert_eq!(diagnostics.answer(), None);
    }

    #[test]
    fn a_new_address_and_sleep_take_effect() {
        let mut diagnostics = Diagnostics::default();
        let assign = [0x01, 6, 0xB0, 0xFF, 0x7F, 0xFF, 0xFF, 0x22];
        assert_eq!(diagnostics.request(&assign, 0x01), Effect::NewNad(0x22));
        assert_eq!(diagnostics.request(&[0; 8], 0x01), Effect::Sleep);
        assert_eq!(diagnostics.answer(), None, "sleep ends the answer");
    }
}
