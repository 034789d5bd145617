//! From bytes to a syntax tree: decoding, tokens, parser, and the faults found on the way.

pub(crate) mod ast;
mod decode;
mod fault;
mod lexer;
mod parser;
mod span;

pub use decode::TextEncoding;
pub(crate) use decode::decode;
pub(crate) use fault::{Fault, Faults};
pub(crate) use parser::parse;
pub(crate) use span::Span;
