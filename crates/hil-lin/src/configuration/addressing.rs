//! Auto addressing by bus shunts, BSM-SNPD (hardware reference 1.8).
//!
//! Each node measures the current through its shunt during the sync field of these very frames, so that the
//! last one of the chain that has no address yet knows that it is meant. Repeating a frame is therefore a new
//! step and not a retry: nothing here is ever sent twice.

use std::fmt;
use std::time::Duration;

use hil_model::Clock;

use crate::{DiagnosticSlots, LinError, Nad};

/// How many addresses one pass hands out.
const MOST: usize = 16;

/// Every node, AssignNAD by position, with the wildcards that the procedure prescribes.
const PREFIX: [u8; 5] = [0x7F, 0x06, 0xB5, 0xFF, 0x7F];

/// The shunt method.
const BUS_SHUNT: u8 = 0x02;

/// In place of an address, where none is handed out.
const NO_NAD: u8 = 0xFF;

/// The pauses of the procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressingPace {
    /// Until all nodes have forgotten their address.
    pub entered: Duration,
    /// Between two steps.
    pub step: Duration,
    /// Until the nodes are back at work.
    pub settled: Duration,
}

impl Default for AddressingPace {
    /// 50 ms, 20 ms, 1 s.
    fn default() -> Self {
        Self {
            entered: Duration::from_millis(50),
            step: Duration::from_millis(20),
            settled: Duration::from_secs(1),
        }
    }
}

/// A step of the procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressingStep {
    /// All nodes forget their address.
    Enter,
    /// The last node of the chain that has no address gets this one.
    Assign(Nad),
    /// All nodes keep their address.
    Store,
    /// All nodes go back to work.
    Finish,
}

impl AddressingStep {
    fn frame(self) -> [u8; 8] {
        let (sub, nad) = match self {
            Self::Enter => (0x01, NO_NAD),
            Self::Assign(nad) => (0x02, nad.get()),
            Self::Store => (0x03, NO_NAD),
            Self::Finish => (0x04, NO_NAD),
        };
        let [a, b, c, d, e] = PREFIX;
        [a, b, c, d, e, sub, BUS_SHUNT, nad]
    }
}

impl fmt::Display for AddressingStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enter => f.write_str("enter the unconfigured mode"),
            Self::Assign(nad) => write!(f, "hand out {nad}"),
            Self::Store => f.write_str("store"),
            Self::Finish => f.write_str("finish"),
        }
    }
}

/// Auto addressing that did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressingError {
    /// One pass hands out 1–16 addresses.
    #[error("{0} addresses are not in 1–16")]
    Count(usize),
    /// A frame was not sent. The nodes were told to go back to work, and have whatever addresses they got.
    #[error("auto addressing stopped at the step \"{step}\"")]
    Step {
        /// The step that failed.
        step: AddressingStep,
        /// Why.
        source: LinError,
    },
}

/// Hands out `nads`, the first one to the last node of the chain.
///
/// No node answers: who got what is for a [scan](super::NodeScan) to find out. Nodes that are left over keep no
/// address; addresses that are left over are taken by nobody.
///
/// # Errors
///
/// [`AddressingError`]; nothing is sent for a number of addresses that cannot be.
pub fn auto_address(
    slots: &mut dyn DiagnosticSlots,
    clock: &dyn Clock,
    nads: &[Nad],
    pace: AddressingPace,
) -> Result<(), AddressingError> {
    if nads.is_empty() || nads.len() > MOST {
        return Err(AddressingError::Count(nads.len()));
    }
    let mut step = |step: AddressingStep, pause: Duration| {
        let sent = slots.request(step.frame());
        clock.sleep(pause);
        sent.map_err(|source| AddressingError::Step { step, source })
    };
    let mut hand_out = || {
        step(AddressingStep::Enter, pace.entered)?;
        for nad in nads {
            step(AddressingStep::Assign(*nad), pace.step)?;
        }
        step(AddressingStep::Store, pace.step)
    };
    let handed_out = hand_out();
    let finished = step(AddressingStep::Finish, pace.settled);
    handed_out.and(finished)
}
