//! The unit behind every adapter: frames of each length both ways, diagnostics, a node of LIN 1.x.

use std::sync::{Arc, Mutex};

use hil_lin::{ChecksumModel, Data, FrameId};
use hil_model::{Amps, BenchTime, Volts};
use hil_sim::{Node, Reaction};

/// Frames that the unit takes: 0x01 has one byte, 0x08 has eight.
pub(crate) const TAKES: u8 = 0x00;
/// Frames that the unit sends: 0x11 has one byte, 0x18 has eight; it sends back what it took last.
pub(crate) const SENDS: u8 = 0x10;
/// A frame of two bytes with the classic checksum, as a node of LIN 1.x sends it.
pub(crate) const LIN_1: u8 = 0x20;
/// A frame that nobody publishes.
pub(crate) const NOBODY: u8 = 0x30;

/// What the unit lived through.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) frames: Vec<(u8, Vec<u8>)>,
    pub(crate) faulty: u32,
    pub(crate) dominant: u32,
    pub(crate) headers: Vec<u8>,
    pub(crate) volts: f64,
}

/// The unit.
#[derive(Debug)]
pub(crate) struct Unit {
    seen: Arc<Mutex<Seen>>,
    last: [u8; 8],
    answer: Option<[u8; 8]>,
}

impl Unit {
    pub(crate) fn watched() -> (Box<dyn Node>, Arc<Mutex<Seen>>) {
        let seen = Arc::<Mutex<Seen>>::default();
        (Box::new(Self { seen: Arc::clone(&seen), last: [0xA5; 8], answer: None }), seen)
    }
}

impl Node for Unit {
    fn on_header(&mut self, id: FrameId, _now: BenchTime) -> Reaction {
        self.seen.lock().unwrap().headers.push(id.get());
        let respond =
            |bytes: &[u8], checksum| Reaction::Respond { data: Data::new(bytes).unwrap(), checksum };
        match id.get() {
            id @ 0x01..=0x08 => {
                Reaction::Listen { length: usize::from(id - TAKES), checksum: ChecksumModel::Enhanced }
            }
            id @ 0x11..=0x18 => respond(&self.last[..usize::from(id - SENDS)], ChecksumModel::Enhanced),
            LIN_1 => respond(&[0x12, 0x34], ChecksumModel::Classic),
            0x3C => Reaction::Listen { length: 8, checksum: ChecksumModel::Classic },
            0x3D => {
                self.answer.take().map_or(Reaction::Ignore, |answer| respond(&answer, ChecksumModel::Classic))
            }
            _ => Reaction::Ignore,
        }
    }

    fn on_frame(&mut self, id: FrameId, data: &Data, _now: BenchTime) {
        self.seen.lock().unwrap().frames.push((id.get(), data.to_vec()));
        self.last[..data.len()].copy_from_slice(data);
        if id == FrameId::MASTER_REQUEST {
            self.answer = Some(std::array::from_fn(|at| data[at] ^ 0xFF));
        }
    }

    fn on_faulty_response(&mut self, _id: FrameId, _now: BenchTime) {
        self.seen.lock().unwrap().faulty += 1;
    }

    fn on_transmitted(&mut self, _id: FrameId, _now: BenchTime) {}

    fn on_dominant(&mut self, _now: BenchTime) {
        self.seen.lock().unwrap().dominant += 1;
    }

    fn on_tick(&mut self, _now: BenchTime, rail: Volts) -> Amps {
        self.seen.lock().unwrap().volts = rail.get();
        Amps::new(0.1)
    }
}
