//! The warnings of a running job: all of them, up to a bound, because anybody with a key can add one.

use std::sync::Arc;

use crate::{Severity, Warning};

/// How many warnings of a job are kept: more than an order of the simulated kind can ask for.
pub const WARNINGS: usize = 4096;
/// How many bytes of text they may have together.
pub(crate) const WARNING_BYTES: usize = 2 << 20;

/// The first warnings of a job, and how many came after them. Copies share the warnings.
#[derive(Clone, Debug, Default)]
pub struct Warnings {
    kept: Vec<Arc<Warning>>,
    bytes: usize,
    /// Once there is one, nothing more is kept: what is kept has no hole.
    more: u64,
}

impl Warnings {
    /// Adds one, if there is room.
    pub fn add(&mut self, warning: Arc<Warning>) {
        let bytes = self.bytes + weight(&warning);
        if self.more > 0 || self.kept.len() == WARNINGS || bytes > WARNING_BYTES {
            self.more += 1;
            return;
        }
        self.bytes = bytes;
        self.kept.push(warning);
    }

    /// What is told of them: those that are kept, and one that counts the others.
    pub fn told(&self) -> Vec<Warning> {
        let kept = self.kept.iter().map(|warning| (**warning).clone());
        kept.chain(self.rest()).collect()
    }

    fn rest(&self) -> Option<Warning> {
        let message = match self.more {
            0 => return None,
            1 => "1 more warning is not kept".to_owned(),
            more => format!("{more} more warnings are not kept"),
        };
        let plugin = "run".parse().unwrap_or_else(|_| unreachable!("it is not empty"));
        Some(Warning { plugin, message, severity: Some(Severity::Low), frame_id: None })
    }
}

fn weight(warning: &Warning) -> usize {
    warning.plugin.as_str().len() + warning.message.len() + warning.frame_id.as_ref().map_or(0, String::len)
}
