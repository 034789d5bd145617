//! The keys of the simulated bench: its ECU, its clock, its faults.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::error::ConfigError;
use crate::key_path::KeyPath;
use crate::reader::Reader;
use crate::rule::{Flag, Integer, List, Name, Number, OneOf, Optional, Rule, Seconds, choice};
use crate::scalar::shorten;
use crate::section::{SectionOf, section};
use crate::tree::{Node, Value};

/// Moments of a run, counted from its start; ten days are longer than any run.
const MOMENT: Seconds = Seconds::new(Duration::ZERO, Duration::from_secs(10 * 24 * 3600));

section! {
    /// The simulated bench.
    Simulation {
        /// The simulated ECU.
        ecu: String = "alm".to_owned(), Name;
        /// Seed of everything random; the same seed gives the same run.
        seed: u64 = 1, Integer::new(0, u64::MAX);
        /// Whether waits take real time. Otherwise the clock jumps to what is due next.
        realtime: bool = false, Flag;
        /// What goes wrong, and when.
        faults: Vec<Fault> = Vec::new(), List(FaultRule);
        /// Mistakes of the simulated ECU, by name: what the conformance suite must find.
        defects: Vec<String> = Vec::new(), List(Name);
    }
}

/// Something that goes wrong on the simulated bench.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// On the bus.
    Lin(LinFault),
    /// In the power supply.
    Psu(PsuFault),
    /// In the ECU.
    Ecu(EcuFault),
    /// In the ECU's boot loader.
    Boot(BootFault),
}

choice! {
    /// What goes wrong on the bus.
    LinFaultKind {
        /// The ECU does not answer a header.
        NoResponse = "no_response",
        /// The checksum is wrong.
        WrongChecksum = "wrong_checksum",
        /// One bit of the frame is inverted.
        BitFlip = "bit_flip",
        /// The response comes too late.
        LateResponse = "late_response",
        /// The ECU gets what the master sends damaged; the master's echo is good.
        Unheard = "unheard",
        /// The bus is shorted to ground.
        BusShort = "bus_short",
        /// A signal no longer changes.
        StuckValue = "stuck_value",
    }
}

choice! {
    /// What goes wrong in the power supply.
    PsuFaultKind {
        /// No answers.
        Silent = "silent",
        /// Unreadable answers.
        Garbled = "garbled",
        /// The port disappears.
        Vanish = "vanish",
        /// The rail follows its set-point too slowly.
        SlowRail = "slow_rail",
        /// Answers `ERR`.
        ErrorReply = "error_reply",
        /// Setters have no effect and say nothing.
        IgnoreSetters = "ignore_setters",
    }
}

choice! {
    /// What goes wrong in the ECU.
    EcuFaultKind {
        /// The ECU stops altogether.
        Dead = "dead",
        /// The ECU loses its supply and starts again.
        BrownOut = "brown_out",
    }
}

choice! {
    /// What goes wrong in the ECU's boot loader.
    BootFaultKind {
        /// It refuses `service` with `code`.
        Refuse = "refuse",
        /// It is never done with `service`: one response-pending after the other.
        EndlessPending = "endless_pending",
        /// It is dead from `block` on, until it loses its power.
        Silent = "silent",
        /// It writes a byte of `block` wrongly.
        Corrupt = "corrupt",
        /// No key is right.
        RefuseKey = "refuse_key",
    }
}

section! {
    /// A fault on the bus.
    LinFault {
        required {
            /// What goes wrong.
            kind: LinFaultKind, OneOf::<LinFaultKind>::new();
        }
        /// The frame that is hit, 0 to 63, or every frame.
        frame: Option<u8> = None, Optional(Integer::new(0, 0x3F));
        /// From when on, in seconds of the bench's clock.
        from: Duration = Duration::ZERO, MOMENT;
        /// Until when, in seconds of the bench's clock, or for ever.
        until: Option<Duration> = None, Optional(MOMENT);
        /// How often at most, or without end.
        count: Option<u32> = None, Optional(Integer::new(1, u32::MAX));
        /// How likely each occasion is hit, 0 to 1.
        probability: f64 = 1.0, Number::fraction();
    }
}

section! {
    /// A fault in the power supply.
    PsuFault {
        required {
            /// What goes wrong.
            kind: PsuFaultKind, OneOf::<PsuFaultKind>::new();
        }
        /// From when on, in seconds of the bench's clock.
        from: Duration = Duration::ZERO, MOMENT;
        /// Until when, in seconds of the bench's clock, or for ever.
        until: Option<Duration> = None, Optional(MOMENT);
        /// How often at most, or without end.
        count: Option<u32> = None, Optional(Integer::new(1, u32::MAX));
        /// How likely each occasion is hit, 0 to 1.
        probability: f64 = 1.0, Number::fraction();
    }
}

section! {
    /// A fault in the ECU.
    EcuFault {
        required {
            /// What goes wrong.
            kind: EcuFaultKind, OneOf::<EcuFaultKind>::new();
        }
        /// From when on, in seconds of the bench's clock.
        from: Duration = Duration::ZERO, MOMENT;
        /// Until when, in seconds of the bench's clock, or for ever.
        until: Option<Duration> = None, Optional(MOMENT);
    }
}

section! {
    /// A fault in the ECU's boot loader.
    BootFault {
        required {
            /// What goes wrong.
            kind: BootFaultKind, OneOf::<BootFaultKind>::new();
        }
        /// The service, where a service is meant.
        service: u8 = 0x36, Integer::new(0, 0xFF);
        /// The negative response code, where it refuses.
        code: u8 = 0x72, Integer::new(0, 0xFF);
        /// The block, where blocks are meant; they are counted from 1 in each session.
        block: u32 = 1, Integer::new(1, u32::MAX);
        /// From when on, in seconds of the bench's clock.
        from: Duration = Duration::ZERO, MOMENT;
        /// Until when, in seconds of the bench's clock, or for ever.
        until: Option<Duration> = None, Optional(MOMENT);
        /// How often at most, or without end.
        count: Option<u32> = None, Optional(Integer::new(1, u32::MAX));
    }
}

const LIN: SectionOf<LinFault> = SectionOf::NEW;
const PSU: SectionOf<PsuFault> = SectionOf::NEW;
const ECU: SectionOf<EcuFault> = SectionOf::NEW;
const BOOT: SectionOf<BootFault> = SectionOf::NEW;

/// A section with exactly one of the keys `lin`, `psu`, `ecu`, `boot`.
struct FaultRule;

impl Rule for FaultRule {
    type Value = Fault;

    fn expected(&self) -> String {
        "a section with one of the keys `lin`, `psu`, `ecu`, `boot`".to_owned()
    }

    fn read(&self, node: &Node, path: &KeyPath, reader: &mut Reader) -> Option<Fault> {
        let Value::Section(entries) = &node.value else {
            reader.wrong_type(node, path, self.expected());
            return None;
        };
        if let [entry] = entries.as_slice() {
            let path = path.key(&entry.key);
            match entry.key.as_str() {
                "lin" => return LIN.read(&entry.value, &path, reader).map(Fault::Lin),
                "psu" => return PSU.read(&entry.value, &path, reader).map(Fault::Psu),
                "ecu" => return ECU.read(&entry.value, &path, reader).map(Fault::Ecu),
                "boot" => return BOOT.read(&entry.value, &path, reader).map(Fault::Boot),
                _ => {}
            }
        }
        let keys: Vec<String> = entries.iter().map(|entry| format!("`{}`", shorten(&entry.key))).collect();
        reader.reject(
            &node.place,
            ConfigError::WrongType {
                key: path.to_string(),
                expected: self.expected(),
                found: format!("the keys [{}]", keys.join(", ")),
            },
        );
        None
    }

    fn show(&self, value: &Fault) -> Json {
        match value {
            Fault::Lin(fault) => json!({ "lin": LIN.show(fault) }),
            Fault::Psu(fault) => json!({ "psu": PSU.show(fault) }),
            Fault::Ecu(fault) => json!({ "ecu": ECU.show(fault) }),
            Fault::Boot(fault) => json!({ "boot": BOOT.show(fault) }),
        }
    }

    fn schema(&self) -> Json {
        json!({
            "type": "object",
            "description": "Something that goes wrong on the simulated bench.",
            "properties": {
                "lin": LIN.schema(),
                "psu": PSU.schema(),
                "ecu": ECU.schema(),
                "boot": BOOT.schema(),
            },
            "additionalProperties": false,
            "minProperties": 1,
            "maxProperties": 1,
        })
    }
}
