//! The faults of the configuration, as the simulation takes them.

use std::time::Duration;

use hil_config::{BootFaultKind, EcuFaultKind, Fault, LinFaultKind, PsuFaultKind};
use hil_lin::FrameId;
use hil_model::{BenchTime, Volts};
use hil_sim::{BootFault, BusFault, BusFaultKind, FaultWindow, SupplyFault, SupplyFaultKind};

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
                LinFaultKind::Unheard => BusFaultKind::Unheard,
                LinFaultKind::BusShort => BusFaultKind::Short,
                LinFaultKind::StuckValue => BusFaultKind::StuckValue,
            },
            // The configuration takes ids up to 0x3F only.
            frame: fault.frame.and_then(|id| FrameId::new(id).ok()),
            window: window(fault.from, fault.until, fault.count, fault.probability),
        }),
        Fault::Psu(_) | Fault::Ecu(_) | Fault::Boot(_) => None,
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
        Fault::Lin(_) | Fault::Ecu(_) | Fault::Boot(_) => None,
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
        Fault::Lin(_) | Fault::Psu(_) | Fault::Boot(_) => None,
    };
    faults.iter().filter_map(of_the_unit).collect()
}

/// What goes wrong in the unit's boot loader, and when.
pub(super) fn in_the_boot_loader(faults: &[Fault]) -> Vec<(BootFault, FaultWindow)> {
    let in_the_boot_loader = |fault: &Fault| match fault {
        Fault::Boot(fault) => {
            let kind = match fault.kind {
                BootFaultKind::Refuse => BootFault::Refuse { service: fault.service, code: fault.code },
                BootFaultKind::EndlessPending => BootFault::EndlessPending { service: fault.service },
                BootFaultKind::Silent => BootFault::SilentFromBlock(fault.block),
                BootFaultKind::Corrupt => BootFault::CorruptBlock(fault.block),
                BootFaultKind::RefuseKey => BootFault::RefuseKey,
            };
            Some((kind, window(fault.from, fault.until, fault.count, 1.0)))
        }
        Fault::Lin(_) | Fault::Psu(_) | Fault::Ecu(_) => None,
    };
    faults.iter().filter_map(in_the_boot_loader).collect()
}

fn window(from: Duration, until: Option<Duration>, count: Option<u32>, probability: f64) -> FaultWindow {
    FaultWindow {
        from: BenchTime::ZERO + from,
        until: until.map(|until| BenchTime::ZERO + until),
        count,
        probability,
    }
}
