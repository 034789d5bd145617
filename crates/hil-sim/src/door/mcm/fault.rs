//! Misbehaviour on request.

use std::time::Duration;

/// What the device does wrong. But for [`Self::Hung`] it strikes one request, the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum McmFault {
    /// The request is lost: nothing is done, nothing is answered.
    Silent,
    /// Nothing is done, and the connection is dropped without a word.
    Drop,
    /// It is done, and the answer is text that is no JSON.
    Garbage,
    /// It is done, and the answer is a binary message.
    Binary,
    /// It is done, and the answer carries an id that nobody gave out.
    WrongId,
    /// It is done, and the answer comes this much later.
    Late(Duration),
    /// Nothing is done, and the answer is an error with this text.
    Error(String),
    /// It is done, and the answer is a message of so many bytes.
    Huge(usize),
    /// From now on nothing is done and nothing answered, not even a ping, until
    /// [`McmServer::recover`](crate::McmServer::recover).
    Hung,
}
