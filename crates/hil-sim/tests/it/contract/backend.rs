//! Every back end over its imitation, with the same unit behind it.

use std::any::Any;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hil_lin::{Bitrate, FrameId, Header, LinMaster, Response};
use hil_model::Volts;
use hil_sim::{BusFault, LiveBench};

use super::unit::{SENDS, Seen, Unit};

/// An adapter, and what keeps its imitation alive.
pub(crate) struct Rig {
    pub(crate) master: Box<dyn LinMaster>,
    pub(crate) keep: Box<dyn Any>,
}

/// What implements `LinMaster`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BackEnd {
    Mock,
    Mum,
    Mcm,
    Uart,
    Babylin,
}

/// A back end with the unit of the contract behind it.
pub(crate) struct Bench {
    pub(crate) back_end: BackEnd,
    pub(crate) master: Box<dyn LinMaster>,
    pub(crate) seen: Arc<Mutex<Seen>>,
    _keep: Box<dyn Any>,
}

impl Bench {
    /// `None` where the machine lacks what the imitation needs.
    pub(crate) fn new(back_end: BackEnd, faults: Vec<BusFault>) -> Option<Self> {
        let (unit, seen) = Unit::watched();
        let nodes = vec![unit];
        let Rig { master, keep } = match back_end {
            BackEnd::Mock => {
                let bench = LiveBench::start(Bitrate::LIN_2, nodes, Volts::new(12.0), faults, 1).unwrap();
                Rig { master: Box::new(bench.master()), keep: Box::new(bench) }
            }
            BackEnd::Mcm => {
                let rig = crate::mcm::rig(nodes, faults);
                Rig { master: rig.master, keep: Box::new(rig.keep) }
            }
            BackEnd::Uart => {
                let rig = crate::uart::rig(nodes, faults);
                Rig { master: rig.master, keep: Box::new(rig.keep) }
            }
            BackEnd::Babylin => {
                let sent = (1..=8).map(|length| format!("slot {} {length} enhanced\n", SENDS + length));
                let slots: String =
                    sent.chain(["slot 32 2 classic\nslot 61 8 classic\n".to_owned()]).collect();
                let rig = crate::babylin::rig_with(&slots, nodes, faults);
                Rig { master: rig.master, keep: Box::new(rig.keep) }
            }
            BackEnd::Mum => {
                if crate::python::is_missing() {
                    return None;
                }
                let rig = crate::mum::rig(nodes, faults);
                Rig { master: rig.master, keep: Box::new(rig.keep) }
            }
        };
        Some(Self { back_end, master, seen, _keep: keep })
    }

    pub(crate) fn connect(&mut self) {
        self.master.connect().unwrap();
    }

    /// What the unit took so far.
    pub(crate) fn frames(&self) -> Vec<(u8, Vec<u8>)> {
        self.seen.lock().unwrap().frames.clone()
    }

    /// Waits until the unit has seen something: an imitation is a thread or a process of its own.
    #[expect(clippy::disallowed_methods, reason = "the imitation runs in real time")]
    pub(crate) fn wait_for(&self, condition: impl Fn(&Seen) -> bool) {
        let started = Instant::now();
        while !condition(&self.seen.lock().unwrap()) {
            assert!(started.elapsed() < Duration::from_secs(5), "{:?}", self.seen);
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Whatever went wrong before, the next exchange is good.
    pub(crate) fn still_works(&mut self) {
        let header = Header::new(FrameId::new(0x13).unwrap(), 3);
        let response = self.master.receive(header, Duration::from_millis(200)).unwrap();
        assert!(matches!(response, Response::Data(data) if data.len() == 3));
    }
}
