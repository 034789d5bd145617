//! The semantic check: a syntax tree in, a database and findings out. All contradictions are collected.

mod attributes;
mod declared;
mod encodings;
mod file;
mod frames;
mod nodes;
mod numbers;
mod schedules;
mod signals;
mod version;

pub(crate) use file::check;
