//! Language versions, as far as they change what a valid file is.

use crate::code::Code;
use crate::syntax::{Fault, Faults, Span};

/// The families of versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// LIN 1.x, without `Node_attributes`.
    Lin1,
    /// LIN 2.x.
    Lin2,
    J2602,
    Iso17987,
}

/// The exact version strings that are known (LDF reference 2).
const KNOWN: [(&str, Language); 8] = [
    ("1.3", Language::Lin1),
    ("2.0", Language::Lin2),
    ("2.1", Language::Lin2),
    ("2.2", Language::Lin2),
    ("J2602_1_1.0", Language::J2602),
    ("J2602_1_2.0", Language::J2602),
    ("J2602_3_1.0", Language::J2602),
    ("ISO17987:2015", Language::Iso17987),
];

impl Language {
    /// An unknown version is treated as the nearest lower one, with a warning.
    pub(super) fn of(version: &str, span: Span, faults: &mut Faults) -> Self {
        let text = version.trim();
        if let Some((_, language)) = KNOWN.iter().find(|(known, _)| *known == text) {
            return *language;
        }
        let (language, taken) = if text.starts_with("J2602") {
            (Self::J2602, "J2602_1_2.0")
        } else if text.starts_with("ISO17987") {
            (Self::Iso17987, "ISO17987:2015")
        } else if text.starts_with("1.") {
            (Self::Lin1, "1.3")
        } else {
            (Self::Lin2, "2.2")
        };
        let message = format!("unknown version \"{text}\" is treated as {taken}");
        faults.push(Fault::warning(Code::UnknownVersion, span, message));
        language
    }
}
