//! The mock adapter: a LIN master on the simulated bus (LIN-04).

use std::time::Duration;

use hil_lin::{
    Capabilities, ChecksumModel, Data, Frame, Header, LinError, LinMaster, Response, WakePulse, checksum,
};
use hil_model::Clock;

use super::SimBus;

const NAME: &str = "mock";

/// A LIN adapter on a simulated bus.
///
/// It does what a UART with a transceiver would: it compares the echo of what it sends and judges what
/// it receives by the checksum, so that faults on the wire show as they would on a bench.
#[derive(Debug)]
pub struct SimMaster {
    bus: SimBus,
    connected: bool,
}

impl SimMaster {
    /// An adapter on `bus`, not connected yet.
    pub const fn new(bus: SimBus) -> Self {
        Self { bus, connected: false }
    }

    fn ready(&self, frame: hil_lin::FrameId) -> Result<(), LinError> {
        if !self.connected {
            return Err(LinError::NotConnected { adapter: NAME });
        }
        if self.bus.is_shorted(frame) {
            self.bus.clock.sleep(self.bus.bitrate.header());
            return Err(LinError::ShortedToGround);
        }
        Ok(())
    }
}

impl LinMaster for SimMaster {
    fn name(&self) -> &'static str {
        NAME
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { wake_up: true, raw_checksum: true, ..Capabilities::default() }
    }

    fn connect(&mut self) -> Result<(), LinError> {
        self.connected = true;
        Ok(())
    }

    fn disconnect(&mut self) -> Result<(), LinError> {
        self.connected = false;
        Ok(())
    }

    fn send_raw(&mut self, frame: &Frame, model: ChecksumModel) -> Result<(), LinError> {
        let id = frame.id();
        self.ready(id)?;
        let mut sent = frame.data().to_vec();
        sent.push(checksum(model, id, frame.data()));
        // A slave that answers at the same time is heard in the echo.
        let collision = self.bus.header(id);
        let mut echo = self.bus.master_response(id, &sent);
        if let Some(other) = collision {
            for (byte, with) in echo.iter_mut().zip(other.bytes) {
                *byte &= with;
            }
        }
        match sent.iter().zip(&echo).position(|(sent, got)| sent != got) {
            // Sync and protected id stand before the data.
            Some(at) => Err(LinError::BitError { id, at: at + 2, sent: sent[at], got: echo[at] }),
            None => Ok(()),
        }
    }

    fn receive(&mut self, header: Header, timeout: Duration) -> Result<Response, LinError> {
        let Header { id, length, checksum: model } = header;
        self.ready(id)?;
        let Some(response) = self.bus.header(id) else {
            self.bus.clock.sleep(timeout);
            return Ok(Response::None);
        };
        if response.delay >= timeout {
            self.bus.clock.sleep(timeout);
            return Ok(Response::None);
        }
        self.bus.clock.sleep(response.delay);
        self.bus.put(&response.bytes);
        let complete = response.bytes.len() > length;
        let seen = &response.bytes[..response.bytes.len().min(length + usize::from(complete))];
        let data = Data::new(&seen[..seen.len().min(length)]).unwrap_or_default();
        if !complete {
            return Err(LinError::Incomplete { id, data, expected: length });
        }
        let expected = checksum(model, id, &data);
        match seen[length] {
            got if got == expected => Ok(Response::Data(data)),
            got => Err(LinError::Checksum { id, data, got, expected }),
        }
    }

    fn wake_up(&mut self, pulse: WakePulse) -> Result<(), LinError> {
        if !self.connected {
            return Err(LinError::NotConnected { adapter: NAME });
        }
        self.bus.dominant(pulse.length());
        Ok(())
    }
}
