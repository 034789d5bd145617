//! The faults of the configuration, as the simulation takes them.

use std::time::Duration;

use hil_config::{EcuFaultKind, Fault, LinFaultKind, PsuFaultKind};
use hil_lin::FrameId;
use hil_model::{BenchTime, Volts};
use hil_sim::{BusFault, BusFaultKind, FaultWindow, SupplyFault, SupplyFaultKind};

/// The voltage that a browned-out unit is left with.
const BROWN_OUT: Volts = Volts::new(4.0);

/// The faults on the bus.
pub(super) fn on_the_bus(faults: &[Fault]) -> Vec<BusFault> {
    let on_the_bus = |fault: &Fault| match fault {
        Fault::Lin(fault) => Some(BusFault {
            kind: match fault.kind {
                LinFaultKind::NoResponse => BusFaultKind::NoResponse,
                LinFaultKind::WrongChecksum => BusFaultKind::WrongChecksum,
                LinFaultKind::BitFlip => BusFaultKind::BitFlip,
                LinFaultKind::LateResponse => BusFaultKind::LateResponse,
                LinFaultKind::BusShort => BusFaultKind::Short,
                LinFaultKind::StuckValue => BusFaultKind::StuckValue,
            },
            // The configuration takes ids up to 0x3F only.
            frame: fault.frame.and_then(|id| FrameId::new(id).ok()),
            window: window(fault.from, fault.until, fault.count, fault.probability),
        }),
        Fault::Psu(_) | Fault::Ecu(_) => None,
    };
    faults.iter().filter_map(on_the_bus).collect()
}

/// The faults of the supply.
pub(super) fn of_the_supply(faults: &[Fault]) -> Vec<SupplyFault> {
    let of_the_supply = |fault: &Fault| match fault {
        Fault::Psu(fault) => Some(SupplyFault {
            kind: match fault.kind {
                PsuFaultKind::Silent => SupplyFaultKind::Silent,
                PsuFaultKind::Garbled => SupplyFaultKind::Garbled,
                PsuFaultKind::Vanish => SupplyFaultKind::Vanish,
                PsuFaultKind::SlowRail => SupplyFaultKind::SlowRail,
                PsuFaultKind::ErrorReply => SupplyFaultKind::ErrorReply,
                PsuFaultKind::IgnoreSetters => SupplyFaultKind::IgnoreSetters,
            },
            window: window(fault.from, fault.until, fault.count, fault.probability),
        }),
        Fault::Lin(_) | Fault::Ecu(_) => None,
    };
    faults.iter().filter_map(of_the_supply).collect()
}

/// When the unit's own supply fails, and what is left of it.
pub(super) fn of_the_unit(faults: &[Fault]) -> Vec<(FaultWindow, Volts)> {
    let of_the_unit = |fault: &Fault| match fault {
        Fault::Ecu(fault) => {
            let left = match fault.kind {
                EcuFaultKind::Dead => Volts::ZERO,
                EcuFaultKind::BrownOut => BROWN_OUT,
            };
            Some((window(fault.from, fault.until, None, 1.0), left))
        }
        Fault::Lin(_) | Fault::Psu(_) => None,
    };
    faults.iter().filter_map(of_the_unit).collect()
}

fn window(from: Duration, until: Option<Duration>, count: Option<u32>, probability: f64) -> FaultWindow {
    FaultWindow {
        from: BenchTime::ZERO + from,
        until: until.map(|until| BenchTime::ZERO + until),
        count,
        probability,
    }
}
