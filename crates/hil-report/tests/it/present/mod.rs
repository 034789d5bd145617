//! Stored runs as people read them.

mod comparison;
mod hostile;
mod pages;
mod sample;
mod text;
