//! Syntax tree to database. Every contradiction is recorded, not only the first.

mod attributes;
mod encodings;
mod file;
mod frames;
mod names;
mod nodes;
mod numbers;
mod schedules;
mod signals;
mod version;

pub(crate) use file::build;
