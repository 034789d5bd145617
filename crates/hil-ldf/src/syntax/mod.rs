//! From bytes to a syntax tree: decoding, tokens, parser, and the faults found on the way. And the concrete tree,
//! which keeps every byte.

pub(crate) mod ast;
mod decode;
mod fault;
mod format;
mod lexer;
mod parser;
mod span;
mod symbol;
mod tree;

pub use decode::TextEncoding;
pub(crate) use decode::decode;
pub(crate) use fault::{Fault, Faults};
pub(crate) use parser::parse;
pub(crate) use span::Span;
pub(crate) use symbol::{BySymbol, Symbol, Symbols};
pub use tree::{Element, SyntaxTree, TokenKind};
