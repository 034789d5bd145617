//! The keys of the bench power supply. Names and defaults of the port follow the benches of today
//! (hardware reference 5.4).

use std::time::Duration;

use crate::rule::{Flag, Integer, Number, OneOf, Optional, Seconds, Text, choice};
use crate::section::{SectionOf, section};

section! {
    /// The bench power supply: an Owon SPE, SPM or P4, or a relative, on a serial port.
    PowerSupply {
        /// Whether the bench has a supply. Tests that need one skip without it.
        enabled: bool = true, Flag;
        /// The serial port (`COM7`, `/dev/ttyUSB0`), or `simulated` for the simulated supply on a
        /// pseudo-terminal.
        port: Option<String> = None, Optional(Text);
        /// Speed of the port in bit/s.
        baudrate: u32 = 115_200, Integer::new(1, u32::MAX);
        /// How long to wait for an answer, 0.05 s to 10 s.
        timeout: Duration = Duration::from_secs(1),
            Seconds::new(Duration::from_millis(50), Duration::from_secs(10));
        /// End of a command: line feed, or carriage return and line feed.
        eol: Eol = Eol::Lf, OneOf::<Eol>::new();
        /// Parity bit.
        parity: Parity = Parity::None, OneOf::<Parity>::new();
        /// Stop bits, 1 or 2.
        stopbits: u8 = 1, Integer::new(1, 2);
        /// Data bits, 7 or 8.
        bytesize: u8 = 8, Integer::new(7, 8);
        /// Software flow control.
        xonxoff: bool = false, Flag;
        /// Flow control by RTS and CTS.
        rtscts: bool = false, Flag;
        /// Flow control by DSR and DTR.
        dsrdtr: bool = false, Flag;
        /// What the answer to `*IDN?` must contain before anything else is sent.
        idn_substr: String = "OWON".to_owned(), Text;
        /// Whether the harness sets the supply at all; otherwise it only reads.
        do_set: bool = true, Flag;
        /// Nominal voltage in volts, 0 V to 60 V.
        set_voltage: f64 = 12.0, Number::volts(0.0, 60.0);
        /// Current limit of the output in amperes, 0 A to 20 A.
        set_current: f64 = 1.0, Number::amps(0.0, 20.0);
        /// Over-voltage protection in volts: reaching it cuts the output, and set-points beyond it
        /// are refused. Without it the protection is left as it is.
        over_voltage_limit: Option<f64> = None, Optional(Number::volts(0.1, 66.0));
        /// Over-current protection in amperes: reaching it cuts the output, and set-points beyond
        /// it are refused. Without it the protection is left as it is.
        over_current_limit: Option<f64> = None, Optional(Number::amps(0.01, 22.0));
        /// Interval of the samples in the record, 0.1 s to 60 s.
        sample_interval: Duration = Duration::from_millis(500),
            Seconds::new(Duration::from_millis(100), Duration::from_secs(60));
        /// When a voltage counts as settled.
        settle: Settle = Settle::default(), SectionOf::<Settle>::NEW;
        /// How far the measured rail may be from `set_voltage` and still count as nominal, in
        /// volts, 0.001 V to 5 V.
        nominal_tolerance: f64 = 0.10, Number::volts(0.001, 5.0);
    }
}

section! {
    /// When a voltage counts as settled.
    Settle {
        /// Largest distance from the target in volts, 0.001 V to 5 V.
        tolerance: f64 = 0.10, Number::volts(0.001, 5.0);
        /// Interval of the readings, 0.01 s to 10 s.
        interval: Duration = Duration::from_millis(50),
            Seconds::new(Duration::from_millis(10), Duration::from_secs(10));
        /// When to give up, 0.1 s to 600 s.
        timeout: Duration = Duration::from_secs(10),
            Seconds::new(Duration::from_millis(100), Duration::from_secs(600));
        /// How long the voltage is then held so that the firmware can react, 0 s to 600 s.
        validation_time: Duration = Duration::from_secs(1),
            Seconds::new(Duration::ZERO, Duration::from_secs(600));
    }
}

choice! {
    /// End of a command to the supply.
    Eol {
        /// Line feed.
        Lf = "\n",
        /// Carriage return and line feed.
        CrLf = "\r\n",
    }
}

choice! {
    /// Parity bit of the serial port.
    Parity {
        /// No parity bit.
        None = "N",
        /// Even parity.
        Even = "E",
        /// Odd parity.
        Odd = "O",
    }
}
