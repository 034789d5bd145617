//! How the serial line is set up.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What ends a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Eol {
    /// A line feed: most devices.
    Lf,
    /// Carriage return and line feed: one Kiprim answers to nothing else (hardware reference 5.1).
    CrLf,
}

impl Eol {
    pub(crate) const fn bytes(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
        }
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Lf => Self::CrLf,
            Self::CrLf => Self::Lf,
        }
    }
}

/// The parity bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Parity {
    /// None.
    None,
    /// Even.
    Even,
    /// Odd.
    Odd,
}

/// The number of data bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DataBits {
    /// Seven.
    Seven,
    /// Eight.
    Eight,
}

/// The number of stop bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StopBits {
    /// One.
    One,
    /// Two.
    Two,
}

/// How the serial line is set up. The default is what these devices have: 115200 8N1, line feed, a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SerialParams {
    /// Bits per second.
    pub baudrate: u32,
    /// How long an answer may take.
    pub timeout: Duration,
    /// What ends a command, to begin with.
    pub eol: Eol,
    /// The parity bit.
    pub parity: Parity,
    /// The number of data bits.
    pub data_bits: DataBits,
    /// The number of stop bits.
    pub stop_bits: StopBits,
    /// Flow control by XON and XOFF.
    pub xonxoff: bool,
    /// Flow control by RTS and CTS.
    pub rtscts: bool,
}

impl Default for SerialParams {
    fn default() -> Self {
        Self {
            baudrate: 115_200,
            timeout: Duration::from_secs(1),
            eol: Eol::Lf,
            parity: Parity::None,
            data_bits: DataBits::Eight,
            stop_bits: StopBits::One,
            xonxoff: false,
            rtscts: false,
        }
    }
}

impl SerialParams {
    pub(crate) fn builder(&self, port: &str) -> serialport::SerialPortBuilder {
        let flow = match (self.rtscts, self.xonxoff) {
            (true, _) => serialport::FlowControl::Hardware,
            (false, true) => serialport::FlowControl::Software,
            (false, false) => serialport::FlowControl::None,
        };
        serialport::new(port, self.baudrate)
            .timeout(self.timeout)
            .flow_control(flow)
            .parity(match self.parity {
                Parity::None => serialport::Parity::None,
                Parity::Even => serialport::Parity::Even,
                Parity::Odd => serialport::Parity::Odd,
            })
            .data_bits(match self.data_bits {
                DataBits::Seven => serialport::DataBits::Seven,
                DataBits::Eight => serialport::DataBits::Eight,
            })
            .stop_bits(match self.stop_bits {
                StopBits::One => serialport::StopBits::One,
                StopBits::Two => serialport::StopBits::Two,
            })
    }
}
