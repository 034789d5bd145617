//! What a node is: supplier, function, variant, serial number.

use std::fmt;

/// Who made a node. Real ones are 0x0000–0x7FFE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Supplier(pub u16);

impl Supplier {
    /// In a request: whoever made it.
    pub const ANY: Self = Self(0x7FFF);
}

impl fmt::Display for Supplier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:04X}", self.0)
    }
}

/// What a node does, as its supplier counts. Real ones are 0x0000–0xFFFE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Function(pub u16);

impl Function {
    /// In a request: whatever it does.
    pub const ANY: Self = Self(0xFFFF);
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

    /// From the content of an answer.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let [s0, s1, f0, f1, variant] = *bytes else { return None };
        let (supplier, function) = (u16::from_le_bytes([s0, s1]), u16::from_le_bytes([f0, f1]));
        Some(Self { supplier: Supplier(supplier), function: Function(function), variant })
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
