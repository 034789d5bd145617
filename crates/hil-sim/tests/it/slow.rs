//! Schedules on adapters that need longer for a frame than its slot lasts: slots are left out and counted, and a
//! slave that is well is not taken for a silent one.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hil_lin::{
    Bitrate, ChecksumModel, FrameId, Header, LinMaster, McmMaster, McmSettings, Reception, Running,
    ScheduledFrame, SharedMaster, Slot, SlotKind, Table, TableSet, TableStatistics, UartMaster, UartSettings,
    checksum,
};
use hil_model::{Clock, Volts};
use hil_sim::{LiveBench, McmFault, McmOptions, McmServer, Pace, SimClock};
use serialport::{SerialPort, TTYPort};

use crate::echo::{Echo, READ};

/// A frame that nobody answers.
const NOBODYS: u8 = 0x12;

const SLOT: Duration = Duration::from_millis(10);

/// How long the schedules run.
const RUN: Duration = Duration::from_millis(800);

fn id(id: u8) -> FrameId {
    FrameId::new(id).unwrap()
}

/// What became of a table that asks for `ids` in turn, and what was heard of [`READ`].
fn run(master: Box<dyn LinMaster>, ids: &[u8]) -> (TableStatistics, Reception) {
    let clock: Arc<dyn Clock> = SimClock::new(Pace::RealTime);
    let asked = |number: &u8| {
        let what = SlotKind::Unconditional(ScheduledFrame::Subscribed(Header::new(id(*number), 2)));
        Slot { what, delay: SLOT }
    };
    let table = Table::new("T", ids.iter().map(asked).collect()).unwrap();
    let tables = TableSet::new(vec![table]).unwrap();
    let running =
        Running::start(tables, SharedMaster::new(master), Bitrate::LIN_2, Arc::clone(&clock), || true);
    let running = running.unwrap();
    clock.sleep(RUN);
    running.stop();
    let statistics = running.statistics().swap_remove(0);
    assert_eq!(statistics.planned, statistics.run + statistics.missed);
    assert!(statistics.planned >= 79, "all slots of the time are planned: {statistics:?}");
    assert!(statistics.run >= 1 && statistics.missed > statistics.run, "{statistics:?}");
    assert!(statistics.overran >= 1 && statistics.failed == 0, "{statistics:?}");
    (statistics, running.reception(id(READ)))
}

/// A transceiver behind a converter that hands over what it received only every 16 ms, as an FTDI does out of the
/// box (hardware reference 7). A node answers [`READ`].
struct SlowConverter {
    stop: Arc<AtomicBool>,
    server: Option<std::thread::JoinHandle<()>>,
    slave: TTYPort,
}

impl SlowConverter {
    fn start() -> Self {
        let (mut line, slave) = TTYPort::pair().unwrap();
        line.set_timeout(Duration::from_millis(5)).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let clock = SimClock::new(Pace::RealTime);
        let asked = [0x55, id(READ).protected().get()];
        let data = [0x42, 0xA5];
        let response = [data[0], data[1], checksum(ChecksumModel::Enhanced, id(READ), &data)];
        let server = std::thread::spawn(move || {
            let mut chunk = [0; 64];
            while !stopped.load(Ordering::Acquire) {
                let count = line.read(&mut chunk).unwrap_or(0);
                clock.sleep(if count > 0 { UartSettings::LATENCY } else { Duration::ZERO });
                let mut heard = chunk[..count].to_vec();
                if heard == asked {
                    heard.extend(response);
                }
                // A broken line is the test's end, not its failure.
                let _ = line.write_all(&heard);
            }
        });
        Self { stop, server: Some(server), slave }
    }
}

impl Drop for SlowConverter {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        self.server.take().unwrap().join().unwrap();
    }
}

#[test]
fn a_slow_converter_costs_slots_and_no_answers() {
    let converter = SlowConverter::start();
    let settings = UartSettings::new(converter.slave.name().unwrap(), Bitrate::LIN_2);
    let mut master = UartMaster::new(settings, SimClock::new(Pace::RealTime));
    master.connect().unwrap();
    let (statistics, heard) = run(Box::new(master), &[READ, NOBODYS, READ]);
    assert!(heard.responses >= 1 && heard.responses == heard.headers, "{heard:?}");
    assert_eq!(statistics.unanswered, statistics.frames - heard.headers);
}

#[test]
fn a_slow_network_costs_slots_and_no_answers() {
    let nodes = vec![Box::new(Echo { seen: Arc::default(), last: 0x42 }) as _];
    let bench = Arc::new(LiveBench::start(Bitrate::LIN_2, nodes, Volts::new(12.0), Vec::new(), 1).unwrap());
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let server = McmServer::start(bench, anywhere, McmOptions::default()).unwrap();
    let address = server.addr().to_string().parse().unwrap();
    let boot_settle = Duration::ZERO;
    let settings = McmSettings { boot_settle, ..McmSettings::new(address, Bitrate::LIN_2) };
    let mut master = McmMaster::new(settings, SimClock::new(Pace::RealTime));
    master.connect().unwrap();
    for _ in 0..RUN.as_millis() / 50 + 1 {
        server.plant(McmFault::Late(Duration::from_millis(50)));
    }
    let (statistics, heard) = run(Box::new(master), &[READ]);
    assert!(heard.responses >= 1 && heard.responses == heard.headers, "{heard:?}");
    assert_eq!(statistics.unanswered, 0);
}
