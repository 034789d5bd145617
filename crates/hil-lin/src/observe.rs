//! Seeing every frame, whatever the adapter (LIN-10).

use std::fmt;
use std::time::Duration;

use crate::{
    BootLoad, Capabilities, ChecksumModel, Data, Frame, FrameId, Header, LinError, LinMaster, Response,
    WakePulse,
};

/// A frame as it was on the bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BusEvent {
    /// The master sent a frame.
    Sent {
        /// The frame.
        frame: Frame,
        /// Whether that went well.
        result: Result<(), LinError>,
    },
    /// The master sent a header.
    Asked {
        /// The frame's id.
        id: FrameId,
        /// What followed.
        result: BusResult,
    },
}

/// What followed a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BusResult {
    /// A good response.
    Data(Data),
    /// Nothing.
    NoResponse,
    /// Something that is no frame, or trouble with the adapter.
    Bad(LinError),
}

/// Who is told of every frame. Must be quick: the bus waits meanwhile.
pub trait BusObserver: Send + Sync {
    /// A frame was on the bus.
    fn on_frame(&self, event: BusEvent);
}

/// Any adapter, with an observer that is told of every frame right after it.
pub struct Observed<M, O> {
    master: M,
    observer: O,
}

impl<M: LinMaster, O: BusObserver> Observed<M, O> {
    /// `master`, watched by `observer`.
    pub const fn new(master: M, observer: O) -> Self {
        Self { master, observer }
    }
}

impl<M: fmt::Debug, O> fmt::Debug for Observed<M, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Observed").field(&self.master).finish()
    }
}

impl LinMaster for Box<dyn LinMaster> {
    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn capabilities(&self) -> Capabilities {
        (**self).capabilities()
    }

    fn connect(&mut self) -> Result<(), LinError> {
        (**self).connect()
    }

    fn disconnect(&mut self) -> Result<(), LinError> {
        (**self).disconnect()
    }

    fn send_raw(&mut self, frame: &Frame, checksum: ChecksumModel) -> Result<(), LinError> {
        (**self).send_raw(frame, checksum)
    }

    fn receive(&mut self, header: Header, timeout: Duration) -> Result<Response, LinError> {
        (**self).receive(header, timeout)
    }

    fn wake_up(&mut self, pulse: WakePulse) -> Result<(), LinError> {
        (**self).wake_up(pulse)
    }

    fn power_ecu(&mut self, on: bool) -> Result<(), LinError> {
        (**self).power_ecu(on)
    }

    fn boot_load(&mut self, job: &BootLoad) -> Result<(), LinError> {
        (**self).boot_load(job)
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        (**self).facts()
    }
}

impl<M: LinMaster, O: BusObserver> LinMaster for Observed<M, O> {
    fn name(&self) -> &'static str {
        self.master.name()
    }

    fn capabilities(&self) -> Capabilities {
        self.master.capabilities()
    }

    fn connect(&mut self) -> Result<(), LinError> {
        self.master.connect()
    }

    fn disconnect(&mut self) -> Result<(), LinError> {
        self.master.disconnect()
    }

    fn send_raw(&mut self, frame: &Frame, checksum: ChecksumModel) -> Result<(), LinError> {
        let result = self.master.send_raw(frame, checksum);
        self.observer.on_frame(BusEvent::Sent { frame: *frame, result: result.clone() });
        result
    }

    fn receive(&mut self, header: Header, timeout: Duration) -> Result<Response, LinError> {
        let response = self.master.receive(header, timeout);
        let result = match &response {
            Ok(Response::Data(data)) => BusResult::Data(*data),
            Ok(Response::None) => BusResult::NoResponse,
            Err(error) => BusResult::Bad(error.clone()),
        };
        self.observer.on_frame(BusEvent::Asked { id: header.id, result });
        response
    }

    fn wake_up(&mut self, pulse: WakePulse) -> Result<(), LinError> {
        self.master.wake_up(pulse)
    }

    fn power_ecu(&mut self, on: bool) -> Result<(), LinError> {
        self.master.power_ecu(on)
    }

    fn boot_load(&mut self, job: &BootLoad) -> Result<(), LinError> {
        self.master.boot_load(job)
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        self.master.facts()
    }
}
