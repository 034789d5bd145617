//! Units: what is tested, what it is made of and part of.

mod body;
mod handlers;
mod query;
mod view;

pub(super) use handlers::router;
