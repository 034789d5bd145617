//! Status management: the `response_error` signal (hardware reference 1.9).

use super::{Defect, Defects};

/// Whether a response that the node sent or received was faulty since it last said so.
#[derive(Debug)]
pub(super) struct ResponseError {
    raised: bool,
    defects: Defects,
}

impl ResponseError {
    pub(super) const fn new(defects: Defects) -> Self {
        Self { raised: false, defects }
    }

    pub(super) const fn is_raised(&self) -> bool {
        self.raised
    }

    /// The unit starts.
    pub(super) const fn reset(&mut self) {
        self.raised = false;
    }

    /// A response that the node sent or received was faulty.
    pub(super) const fn faulty(&mut self) {
        self.raised = !self.defects.has(Defect::ResponseErrorNotSet);
    }

    /// A response came whole.
    pub(super) const fn received(&mut self) {
        if self.defects.has(Defect::ResponseErrorLost) {
            self.raised = false;
        }
    }

    /// The frame that carries the signal went out without fault.
    pub(super) const fn reported(&mut self) {
        if !self.defects.has(Defect::ResponseErrorNotCleared) {
            self.raised = false;
        }
    }
}
