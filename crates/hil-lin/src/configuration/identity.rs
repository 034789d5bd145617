//! What a node is: supplier, function, variant, serial number.

use std::fmt;

use crate::FrameError;

/// Who made a node: 0x0000–0x7FFE, or [`Self::ANY`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Supplier(u16);

impl Supplier {
    /// In a request: whoever made it (0x7FFF).
    pub const ANY: Self = Self(0x7FFF);

    /// The supplier with this number.
    ///
    /// # Errors
    ///
    /// [`FrameError::Supplier`] for the wildcard and beyond.
    pub const fn new(number: u16) -> Result<Self, FrameError> {
        if number < Self::ANY.0 { Ok(Self(number)) } else { Err(FrameError::Supplier(number)) }
    }

    /// The number, 0x7FFF for [`Self::ANY`].
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Supplier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:04X}", self.0)
    }
}

/// What a node does, as its supplier counts: 0x0000–0xFFFE, or [`Self::ANY`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Function(u16);

impl Function {
    /// In a request: whatever it does (0xFFFF).
    pub const ANY: Self = Self(0xFFFF);

    /// The function with this number.
    ///
    /// # Errors
    ///
    /// [`FrameError::Function`] for the wildcard.
    pub const fn new(number: u16) -> Result<Self, FrameError> {
        if number < Self::ANY.0 { Ok(Self(number)) } else { Err(FrameError::Function(number)) }
    }

    /// The number, 0xFFFF for [`Self::ANY`].
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:04X}", self.0)
    }
}

/// Which nodes a request means, besides its address. Others keep silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who made them.
    pub supplier: Supplier,
    /// What they do.
    pub function: Function,
}

impl Identity {
    /// Both wildcards: every node.
    pub const ANY: Self = Self { supplier: Supplier::ANY, function: Function::ANY };

    /// As it stands in a request: both with the low byte first.
    pub(crate) const fn bytes(self) -> [u8; 4] {
        let ([s0, s1], [f0, f1]) = (self.supplier.0.to_le_bytes(), self.function.0.to_le_bytes());
        [s0, s1, f0, f1]
    }
}

/// What a node says of itself: identifier 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProductId {
    /// Who made it.
    pub supplier: Supplier,
    /// What it does.
    pub function: Function,
    /// Which variant it is.
    pub variant: u8,
}

impl ProductId {
    /// The requests that mean this node and its like.
    pub const fn identity(self) -> Identity {
        Identity { supplier: self.supplier, function: self.function }
    }

    /// From the content of an answer. A node that says that it is a wildcard says nothing.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let [s0, s1, f0, f1, variant] = *bytes else { return None };
        let supplier = Supplier::new(u16::from_le_bytes([s0, s1])).ok()?;
        let function = Function::new(u16::from_le_bytes([f0, f1])).ok()?;
        Some(Self { supplier, function, variant })
    }
}

impl fmt::Display for ProductId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "supplier {} function {} variant {}", self.supplier, self.function, self.variant)
    }
}

/// A node's serial number: identifier 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SerialNumber(pub u32);

impl SerialNumber {
    /// From the content of an answer, the low byte first.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self(u32::from_le_bytes(bytes)))
    }
}

impl fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:08X}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(0x0000, true, true)]
    #[case(0x7FFE, true, true)]
    #[case(0x7FFF, false, true)]
    #[case(0x8000, false, true)]
    #[case(0xFFFE, false, true)]
    #[case(0xFFFF, false, false)]
    fn numbers_that_mean_something_else_are_none(
        #[case] number: u16,
        #[case] supplier: bool,
        #[case] function: bool,
    ) {
        let expected = if supplier { Ok(number) } else { Err(FrameError::Supplier(number)) };
        assert_eq!(Supplier::new(number).map(Supplier::get), expected);
        let expected = if function { Ok(number) } else { Err(FrameError::Function(number)) };
        assert_eq!(Function::new(number).map(Function::get), expected);
        let ([s0, s1], [f0, f1]) = (number.to_le_bytes(), number.to_le_bytes());
        assert_eq!(ProductId::from_bytes(&[s0, s1, 1, 0, 9]).is_some(), supplier);
        assert_eq!(ProductId::from_bytes(&[1, 0, f0, f1, 9]).is_some(), function);
    }
}
