//! A node that answers with what it was told last, and remembers what it lived through.

use std::sync::{Arc, Mutex};

use hil_lin::{ChecksumModel, Data, Frame, FrameId, Header};
use hil_model::{Amps, BenchTime, Volts};
use hil_sim::{Node, Reaction};

pub(crate) const WRITE: u8 = 0x0A;
pub(crate) const READ: u8 = 0x11;

/// What the node under test lived through.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) frames: Vec<Vec<u8>>,
    pub(crate) faulty: u32,
    pub(crate) transmitted: u32,
    pub(crate) dominant: u32,
}

/// A node that answers 0x11 with what it last got in 0x0A.
#[derive(Debug)]
pub(crate) struct Echo {
    pub(crate) seen: Arc<Mutex<Seen>>,
    pub(crate) last: u8,
}

impl Node for Echo {
    fn on_header(&mut self, id: FrameId, _now: BenchTime) -> Reaction {
        match id.get() {
            WRITE => Reaction::Listen { length: 1, checksum: ChecksumModel::Enhanced },
            READ => Reaction::Respond {
                data: Data::new(&[self.last, 0xA5]).unwrap(),
                checksum: ChecksumModel::Enhanced,
            },
            _ => Reaction::Ignore,
        }
    }

    fn on_frame(&mut self, _id: FrameId, data: &Data, _now: BenchTime) {
        self.last = data[0];
        self.seen.lock().unwrap().frames.push(data.to_vec());
    }

    fn on_faulty_response(&mut self, _id: FrameId, _now: BenchTime) {
        self.seen.lock().unwrap().faulty += 1;
    }

    fn on_transmitted(&mut self, _id: FrameId, _now: BenchTime) {
        self.seen.lock().unwrap().transmitted += 1;
    }

    fn on_dominant(&mut self, _now: BenchTime) {
        self.seen.lock().unwrap().dominant += 1;
    }

    fn on_tick(&mut self, _now: BenchTime, _rail: Volts) -> Amps {
        Amps::ZERO
    }
}

pub(crate) fn write(byte: u8) -> Frame {
    Frame::new(WRITE, &[byte]).unwrap()
}

pub(crate) fn read() -> Header {
    Header::new(FrameId::new(READ).unwrap(), 2)
}
