//! The unit under test, as it was when the run was made.

use super::{BatchNumber, PartName, PartNumber, RevisionNumber, SerialNumber};

/// What a run knows of its unit. Whatever becomes of the unit later, a run keeps this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitUnderTest {
    /// Its serial number.
    pub serial_number: SerialNumber,
    /// What part it is one of. A run that is saved without gets it from what is known of the unit, or from the
    /// serial number.
    pub part_number: Option<PartNumber>,
    /// What the part is called.
    pub part_name: Option<PartName>,
    /// The part's revision; the part's default one if nobody says.
    pub revision: Option<RevisionNumber>,
    /// The batch that it was made in.
    pub batch: Option<BatchNumber>,
}

impl UnitUnderTest {
    /// A unit of which nothing but the serial number is known.
    pub const fn new(serial_number: SerialNumber) -> Self {
        Self { serial_number, part_number: None, part_name: None, revision: None, batch: None }
    }
}
