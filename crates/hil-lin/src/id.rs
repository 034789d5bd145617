//! Addresses on the bus: frame ids, protected ids, node addresses.

use std::fmt;

use crate::FrameError;

/// A frame id, 0x00–0x3F.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameId(u8);

impl FrameId {
    /// The master's request, carrying diagnostics from the master.
    pub const MASTER_REQUEST: Self = Self(0x3C);
    /// The slave's response, carrying diagnostics from a slave.
    pub const SLAVE_RESPONSE: Self = Self(0x3D);

    /// The frame id `id`.
    ///
    /// # Errors
    ///
    /// [`FrameError::Id`] beyond 0x3F.
    pub const fn new(id: u8) -> Result<Self, FrameError> {
        if id <= 0x3F { Ok(Self(id)) } else { Err(FrameError::Id(id)) }
    }

    /// The bare number.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The id with its parity bits, as it stands on the bus (hardware reference 1.1).
    pub const fn protected(self) -> Pid {
        let id = self.0;
        let p0 = (id ^ id >> 1 ^ id >> 2 ^ id >> 4) & 1;
        let p1 = !(id >> 1 ^ id >> 3 ^ id >> 4 ^ id >> 5) & 1;
        Pid(id | p0 << 6 | p1 << 7)
    }

    /// Whether the id is one of 0x3C–0x3F, whose checksum is always classic. For the reserved 0x3E and
    /// 0x3F that is an assumption (hardware reference 1.2).
    pub const fn is_always_classic(self) -> bool {
        self.0 >= 0x3C
    }
}

impl TryFrom<u8> for FrameId {
    type Error = FrameError;

    fn try_from(id: u8) -> Result<Self, FrameError> {
        Self::new(id)
    }
}

impl fmt::Display for FrameId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:02X}", self.0)
    }
}

/// A protected id: a frame id with its two parity bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pid(u8);

impl Pid {
    /// The protected id `byte`, as it came from the bus.
    ///
    /// # Errors
    ///
    /// [`FrameError::Parity`] if the parity bits are wrong.
    pub const fn from_byte(byte: u8) -> Result<Self, FrameError> {
        let pid = FrameId(byte & 0x3F).protected();
        if pid.0 == byte { Ok(pid) } else { Err(FrameError::Parity(byte)) }
    }

    /// The byte on the bus.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The id without its parity.
    pub const fn id(self) -> FrameId {
        FrameId(self.0 & 0x3F)
    }
}

/// The diagnostic address of one slave, 0x01–0x7D (hardware reference 1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nad(u8);

impl Nad {
    /// The node address `nad`.
    ///
    /// # Errors
    ///
    /// [`FrameError::Nad`] outside 0x01–0x7D.
    pub const fn new(nad: u8) -> Result<Self, FrameError> {
        if nad >= 0x01 && nad <= 0x7D { Ok(Self(nad)) } else { Err(FrameError::Nad(nad)) }
    }

    /// The bare number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Nad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:02X}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of hardware reference 1.1.
    const PROTECTED: [u8; 64] = [
        0x80, 0xC1, 0x42, 0x03, 0xC4, 0x85, 0x06, 0x47, 0x08, 0x49, 0xCA, 0x8B, 0x4C, 0x0D, 0x8E,
        0xCF, //
        0x50, 0x11, 0x92, 0xD3, 0x14, 0x55, 0xD6, 0x97, 0xD8, 0x99, 0x1A, 0x5B, 0x9C, 0xDD, 0x5E,
        0x1F, //
        0x20, 0x61, 0xE2, 0xA3, 0x64, 0x25, 0xA6, 0xE7, 0xA8, 0xE9, 0x6A, 0x2B, 0xEC, 0xAD, 0x2E,
        0x6F, //
        0xF0, 0xB1, 0x32, 0x73, 0xB4, 0xF5, 0x76, 0x37, 0x78, 0x39, 0xBA, 0xFB, 0x3C, 0x7D, 0xFE, 0xBF,
    ];

    #[test]
    fn protected_ids_are_those_of_the_table() {
        for (id, expected) in (0u8..).zip(PROTECTED) {
            let pid = FrameId::new(id).unwrap().protected();
            assert_eq!((pid.get(), pid.id().get()), (expected, id));
            assert_eq!(Pid::from_byte(expected), Ok(pid));
        }
    }

    #[test]
    fn every_other_byte_has_wrong_parity() {
        let wrong = (0..=255).filter(|byte| Pid::from_byte(*byte) == Err(FrameError::Parity(*byte)));
        assert_eq!(wrong.count(), 192);
    }

    #[test]
    fn limits_are_named() {
        assert_eq!(FrameId::new(0x40).unwrap_err().to_string(), "frame id 0x40 is beyond 0x3f");
        assert_eq!(Nad::new(0x7E).unwrap_err().to_string(), "node address 0x7e is not in 0x01–0x7d");
        assert!(Nad::new(0x7D).is_ok() && Nad::new(0).is_err());
    }
}
