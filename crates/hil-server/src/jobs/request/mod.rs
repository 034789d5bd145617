//! What somebody asks for, from JSON to an order that can be carried out.

mod fields;
mod order;
mod parse;
mod sim;

pub use order::RunOrder;
pub(crate) use order::{By, Order, What};
pub(crate) use parse::parse;
pub(crate) use sim::{SIM_PLUGINS, SimOptions, SimPlugin};
