//! Faults on the wire.

use hil_lin::FrameId;
use hil_model::BenchTime;

use crate::{FaultWindow, Seeded};

/// What goes wrong on the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusFaultKind {
    /// The slave's response never reaches the wire.
    NoResponse,
    /// The checksum is wrong, whoever sent the response.
    WrongChecksum,
    /// One bit of the response flips, whoever sent it.
    BitFlip,
    /// The slave's response comes 150 ms late.
    LateResponse,
    /// The master's response reaches the slaves damaged, and the master does not notice.
    Unheard,
    /// The wire is held dominant.
    Short,
    /// The slave goes on sending the data that it sent first.
    StuckValue,
}

/// A fault planted on the bus.
#[derive(Clone, Debug)]
pub struct BusFault {
    /// What goes wrong.
    pub kind: BusFaultKind,
    /// Only for this frame, or for every one.
    pub frame: Option<FrameId>,
    /// When, and how often.
    pub window: FaultWindow,
}

/// The faults of a bus, and the chance that decides about them.
#[derive(Debug)]
pub(super) struct Faults {
    planted: Vec<BusFault>,
    seeded: Seeded,
    /// The first response of each frame that is stuck.
    stuck: Vec<(FrameId, Vec<u8>)>,
}

impl Faults {
    /// The stream of chance that belongs to the bus.
    const STREAM: u64 = 1;

    pub(super) fn new(planted: Vec<BusFault>, seed: u64) -> Self {
        Self { planted, seeded: Seeded::new(seed, Self::STREAM), stuck: Vec::new() }
    }

    /// Whether a fault of this kind strikes the frame now.
    pub(super) fn strikes(&mut self, kind: BusFaultKind, id: FrameId, now: BenchTime) -> bool {
        self.planted
            .iter_mut()
            .filter(|fault| fault.kind == kind && fault.frame.is_none_or(|only| only == id))
            .any(|fault| fault.window.strikes(now, &mut self.seeded))
    }

    /// What of `response` (data and checksum) reaches the wire.
    pub(super) fn distort(&mut self, id: FrameId, response: &mut [u8], now: BenchTime) {
        if let Some(sum) = response.len().checked_sub(1)
            && self.strikes(BusFaultKind::WrongChecksum, id, now)
        {
            response[sum] ^= 0xFF;
        }
        if !response.is_empty() && self.strikes(BusFaultKind::BitFlip, id, now) {
            let bit = self.seeded.below(response.len() as u64 * 8) as usize;
            response[bit / 8] ^= 1 << (bit % 8);
        }
    }

    /// The response with stuck data in it, where that fault strikes.
    pub(super) fn stick(&mut self, id: FrameId, response: Vec<u8>, now: BenchTime) -> Vec<u8> {
        if !self.strikes(BusFaultKind::StuckValue, id, now) {
            return response;
        }
        if let Some((_, first)) = self.stuck.iter().find(|(stuck, _)| *stuck == id) {
            return first.clone();
        }
        self.stuck.push((id, response.clone()));
        response
    }
}
