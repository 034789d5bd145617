//! Which messages a client wants.

use std::collections::BTreeSet;

use crate::{JobId, Kind};

/// Which messages a client wants; at first all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of these jobs; of all and none if there are no jobs here.
    pub jobs: BTreeSet<JobId>,
    /// Of these types; of all if there are no types here.
    pub kinds: BTreeSet<Kind>,
}

impl Filter {
    pub(crate) fn wants_job(&self, job: Option<&JobId>) -> bool {
        self.jobs.is_empty() || job.is_some_and(|job| self.jobs.contains(job))
    }

    pub(crate) fn wants(&self, kind: Kind, job: Option<&JobId>) -> bool {
        (self.kinds.is_empty() || kind == Kind::Ping || self.kinds.contains(&kind)) && self.wants_job(job)
    }
}
