//! What may become of a message in a full queue.

use crate::{JobId, PluginName};

/// What may become of a message in a full queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Class {
    /// It is delivered, or the client is closed.
    Must,
    /// Only the newest of its key matters.
    Latest,
    /// It may be missing.
    Droppable,
}

/// Which messages are about the same: a newer one makes an older one of [`Class::Latest`] superfluous.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// How far a job is.
    Job(JobId),
    /// How far a plugin of a job is.
    Plugin(Option<JobId>, PluginName),
}
