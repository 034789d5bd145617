//! What is said live about jobs, and the hub that says it to everybody without waiting for anybody.
//!
//! A [`Message`] is published once, numbered, encoded once, and appended to a bounded queue for each client. What the
//! messages of a job say together is its [`JobView`], which the hub folds under the same lock that gives the number: who
//! saw a message reads at least that much.

#![forbid(unsafe_code)]

mod board;
mod by_plugin;
mod chain;
mod class;
mod client;
mod envelope;
mod fields;
mod filter;
mod history;
mod hub;
mod kind;
mod message;
mod moment;
mod name;
mod notice;
mod published;
mod queue;
mod refusal;
mod statistics;
mod subscription;
#[cfg(test)]
mod tests;
mod warnings;

pub use board::{FrameBrief, JobView};
pub use client::{QueueState, TooSlow};
pub use envelope::{Envelope, Incoming};
pub use filter::Filter;
pub use hub::{Hub, HubOptions, Seq};
pub use kind::{Counts, Kind, KindError};
pub use message::{
    Frame, Message, Metadata, PartialResult, Payload, Ping, PluginStatus, Progress, Severity, State, Trouble,
    Warning,
};
pub use moment::Moment;
pub use name::{JobId, NameError, Percent, PluginName};
pub use notice::{Failure, FailureDetails, Fresh, JoinPoint, Notice, Since, SinceError};
pub use published::Published;
pub use queue::{Gap, Losses, Piece};
pub use refusal::{Code, Refusal};
pub use statistics::{HubStatistics, QueueDepths};
pub use subscription::{Observer, Subscription};
pub use warnings::{WARNINGS, Warnings};
