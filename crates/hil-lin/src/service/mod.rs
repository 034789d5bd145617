//! Requests and their answers, whatever the service.

mod error;
mod exchange;
mod reply;

pub use error::ServiceError;
pub use exchange::{Patience, exchange};
pub use reply::{NegativeResponse, Reply};
