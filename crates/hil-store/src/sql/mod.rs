//! Statements, parameters and rows, the same for both databases.
//!
//! A statement is a text that this crate wrote; whatever comes from outside is a parameter. [`Select`] takes nothing
//! but `&'static str`, so that no statement can be put together from foreign text.

mod nul;
mod param;
mod row;
mod select;

pub(crate) use param::{Param, pattern, prefix};
pub(crate) use row::{Cell, FromCell, Row};
pub(crate) use select::Select;
