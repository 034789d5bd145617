//! Diagnostic frames by the master itself, while no schedule runs.

use std::time::Duration;

use super::DiagnosticSlots;
use crate::{Bitrate, ChecksumModel, Data, Frame, FrameId, Header, LinError, LinMaster, Response};

/// A master that sends each diagnostic frame at once.
#[derive(Debug)]
pub struct DirectSlots<'m> {
    master: &'m mut dyn LinMaster,
    response_timeout: Duration,
}

impl<'m> DirectSlots<'m> {
    /// The slots of `master` on a bus at `bitrate`. A slave has the longest time of a frame to answer in,
    /// so that a node which is not ready yet is soon asked again.
    pub fn new(master: &'m mut dyn LinMaster, bitrate: Bitrate) -> Self {
        Self { master, response_timeout: bitrate.maximum_frame(8) }
    }

    /// The same with another time for the response.
    #[must_use]
    pub fn with_response_timeout(self, response_timeout: Duration) -> Self {
        Self { response_timeout, ..self }
    }
}

impl DiagnosticSlots for DirectSlots<'_> {
    fn request(&mut self, frame: [u8; 8]) -> Result<(), LinError> {
        let frame = Frame::of(FrameId::MASTER_REQUEST, Data::from(frame));
        self.master.send_raw(&frame, ChecksumModel::Classic)
    }

    fn response(&mut self) -> Result<Option<[u8; 8]>, LinError> {
        let id = FrameId::SLAVE_RESPONSE;
        let header = Header::new(id, 8).with_checksum(ChecksumModel::Classic);
        match self.master.receive(header, self.response_timeout)? {
            Response::None => Ok(None),
            Response::Data(data) => {
                let frame = (*data).try_into().map_err(|_| LinError::Incomplete { id, data, expected: 8 })?;
                Ok(Some(frame))
            }
        }
    }
}
