//! What a statement answers.

use std::time::Duration;

use hil_model::run::{
    BatchNumber, Digest, LogLevel, MeasurementOutcome, PartName, PartNumber, PhaseOutcome, ProcedureName,
    RevisionNumber, RunOutcome, SerialNumber, StationName, VersionTag,
};
use hil_model::{ReqId, RunId, WallTime};

use super::nul;
use crate::{Result, StoreError};

/// One value of a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
}

/// A row, whose values are taken one after the other.
#[derive(Debug)]
pub(crate) struct Row(std::vec::IntoIter<Cell>);

impl Row {
    pub(crate) fn new(cells: Vec<Cell>) -> Self {
        Self(cells.into_iter())
    }

    /// The next value.
    pub(crate) fn take<T: FromCell>(&mut self) -> Result<T> {
        T::from_cell(self.0.next().ok_or_else(|| StoreError::damaged("a row is too short"))?)
    }
}

/// What a value of a row can become.
pub(crate) trait FromCell: Sized {
    fn from_cell(cell: Cell) -> Result<Self>;
}

fn wrong<T>(cell: &Cell, wanted: &str) -> Result<T> {
    let found = match cell {
        Cell::Null => "nothing",
        Cell::Int(_) => "an integer",
        Cell::Real(_) => "a number",
        Cell::Text(_) => "a text",
    };
    Err(StoreError::damaged(format!("{found} stands in place of {wanted}")))
}

impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(cell: Cell) -> Result<Self> {
        if cell == Cell::Null { Ok(None) } else { T::from_cell(cell).map(Some) }
    }
}

impl FromCell for String {
    fn from_cell(cell: Cell) -> Result<Self> {
        match cell {
            Cell::Text(text) => Ok(nul::unescape(text)),
            other => wrong(&other, "a text"),
        }
    }
}

impl FromCell for i64 {
    fn from_cell(cell: Cell) -> Result<Self> {
        match cell {
            Cell::Int(number) => Ok(number),
            other => wrong(&other, "an integer"),
        }
    }
}

impl FromCell for f64 {
    #[expect(clippy::cast_precision_loss, reason = "sums of whole numbers come as integers")]
    fn from_cell(cell: Cell) -> Result<Self> {
        match cell {
            Cell::Real(number) => Ok(number),
            Cell::Int(number) => Ok(number as Self),
            other => wrong(&other, "a number"),
        }
    }
}

impl FromCell for bool {
    fn from_cell(cell: Cell) -> Result<Self> {
        i64::from_cell(cell).map(|number| number != 0)
    }
}

impl FromCell for u32 {
    fn from_cell(cell: Cell) -> Result<Self> {
        let number = i64::from_cell(cell)?;
        number.try_into().map_err(|_| StoreError::damaged(format!("{number} is out of range")))
    }
}

impl FromCell for u64 {
    fn from_cell(cell: Cell) -> Result<Self> {
        let number = i64::from_cell(cell)?;
        number.try_into().map_err(|_| StoreError::damaged(format!("{number} is out of range")))
    }
}

impl FromCell for WallTime {
    fn from_cell(cell: Cell) -> Result<Self> {
        i64::from_cell(cell).map(Self::from_unix_millis)
    }
}

impl FromCell for Duration {
    fn from_cell(cell: Cell) -> Result<Self> {
        u64::from_cell(cell).map(Self::from_micros)
    }
}

macro_rules! parsed {
    ($($name:ty),+ $(,)?) => {$(
        impl FromCell for $name {
            fn from_cell(cell: Cell) -> Result<Self> {
                let text = String::from_cell(cell)?;
                text.parse().map_err(|error| StoreError::damaged(format!("{text:?}: {error}")))
            }
        }
    )+};
}

parsed!(
    BatchNumber,
    Digest,
    LogLevel,
    MeasurementOutcome,
    PartName,
    PartNumber,
    PhaseOutcome,
    ProcedureName,
    ReqId,
    RevisionNumber,
    RunId,
    RunOutcome,
    SerialNumber,
    StationName,
    VersionTag,
);
