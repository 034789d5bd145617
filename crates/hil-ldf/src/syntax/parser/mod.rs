//! Tokens to syntax tree, going on after faults. No function calls itself, whatever the nesting of the text.

mod attributes;
mod cursor;
mod encodings;
mod file;
mod frames;
mod nodes;
mod numbers;
mod recovery;
mod schedules;
mod signals;

pub(crate) use file::parse;
