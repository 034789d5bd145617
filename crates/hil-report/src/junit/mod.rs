//! `junit.xml`, as Jenkins reads it well (REP-01). What Jenkins makes of it: jenkins.md, sections 1 to 4.

mod case;
mod file;
mod output;
mod render;

pub use file::JunitFile;
pub(crate) use render::{FILE_NAME, render};
