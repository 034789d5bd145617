//! Which tests run, and why the others do not.

mod criteria;
mod expression;
mod markers;

pub use criteria::{Selection, SelectionError};
pub use expression::{ExpressionError, MarkerExpression};
pub use markers::{BUILT_IN_MARKERS, Markers};
