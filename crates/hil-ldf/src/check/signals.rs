//! Signals: widths, initial values, publishers; and signal groups.

use super::file::{Checker, index};
use super::numbers::{byte, within};
use crate::code::Code;
use crate::codec::{Bytes, Raw};
use crate::model::{GroupRecord, SignalRecord};
use crate::pool::List;
use crate::syntax::ast::{Init, Integer, Signal};
use crate::syntax::{BySymbol, Fault, Span};

impl Checker<'_> {
    pub(super) fn check_signals(&mut self) {
        let file = self.file;
        let encodings = self.represented();
        self.tables.signals.reserve(file.signals.len() + file.diagnostic_signals.len());
        self.tables.signal_of = BySymbol::new(&file.symbols);
        for signal in file.signals.iter().chain(&file.diagnostic_signals) {
            if !self.signals.declare(signal.name, self.faults) {
                continue;
            }
            let publisher = signal
                .publisher
                .filter(|name| self.knows_node(*name) || self.nodes.require(*name, "publisher", self.faults));
            let subscribers = self.list(signal.subscribers, |checker, name| {
                checker.knows_node(name) || checker.nodes.keep(name, "subscriber", checker.faults)
            });
            if let Some((width, init)) = self.shape(signal) {
                let encoding = encodings.get(signal.name.symbol);
                let entries = encoding.and_then(|encoding| self.tables.encodings.get(encoding as usize));
                let entries = entries.map_or_else(List::default, |encoding| encoding.entries);
                self.tables.signal_of.insert(signal.name.symbol, index(&self.tables.signals));
                self.tables.signals.push(SignalRecord {
                    name: signal.name.symbol,
                    width,
                    init,
                    publisher: publisher.map(|name| name.symbol),
                    subscribers,
                    encoding,
                    entries,
                });
            }
        }
    }

    /// Width and initial value, if both make sense together.
    fn shape(&mut self, signal: &Signal) -> Option<(u8, Raw)> {
        let name = self.text(signal.name);
        let width = signal.width.unsigned().and_then(|width| u8::try_from(width).ok());
        let Some(width @ 1..=64) = width else {
            let message = format!("signal \"{name}\" cannot have {} bits", signal.width);
            let fault = Fault::error(Code::SignalWidth, signal.width.span, message);
            self.faults.push(fault.expected("1 to 64"));
            return None;
        };
        match signal.init {
            Init::Scalar(value) => {
                if width > 16 {
                    let message =
                        format!("scalar signal \"{name}\" has {width} bits, the language ends at 16");
                    self.faults.push(Fault::warning(Code::WideScalar, signal.width.span, message));
                }
                Some((width, Raw::Scalar(self.scalar(name, width, value)?)))
            }
            Init::Array { bytes, span } => {
                let bytes = bytes.of(&self.file.bytes);
                Some((width, Raw::Array(self.array(signal, width, bytes, span)?)))
            }
        }
    }

    fn scalar(&mut self, name: &str, width: u8, value: Integer) -> Option<u64> {
        let max = crate::codec::mask(width);
        let fitting = value.unsigned().filter(|value| *value <= max);
        if fitting.is_none() {
            let message = format!("initial value {value} does not fit into the {width} bits of \"{name}\"");
            let fault = Fault::error(Code::InitialValue, value.span, message);
            self.faults.push(fault.expected(format!("0 to {max}")));
        }
        fitting
    }

    fn array(&mut self, signal: &Signal, width: u8, bytes: &[Integer], span: Span) -> Option<Bytes> {
        let name = self.text(signal.name);
        if !width.is_multiple_of(8) {
            let message = format!("array signal \"{name}\" of {} bytes has {width} bits", bytes.len());
            let fault = Fault::error(Code::SignalWidth, signal.width.span, message);
            self.faults.push(fault.expected("8, 16, 24 … 64"));
            return None;
        }
        if bytes.len() * 8 != usize::from(width) {
            let message =
                format!("array signal \"{name}\" of {width} bits has {} initial bytes", bytes.len());
            let fault = Fault::error(Code::InitialValue, span, message);
            self.faults.push(fault.expected(format!("{} bytes", width / 8)));
            return None;
        }
        let bytes: Option<Vec<u8>> =
            bytes.iter().map(|value| byte(*value, "initial byte", self.faults)).collect();
        Bytes::new(&bytes?)
    }

    pub(super) fn check_groups(&mut self) {
        let file = self.file;
        for group in &file.groups {
            let size = within(group.size, 64, "group size", self.faults);
            let start = self.tables.group_places.len();
            for (name, offset) in group.signals.of(&file.places) {
                if self.signals.keep(*name, "grouped signal", self.faults) {
                    let at = within(*offset, 63, "offset", self.faults);
                    self.tables.group_places.extend(at.map(|at| (name.symbol, at)));
                }
            }
            let signals = List::since(start, &self.tables.group_places);
            self.tables.groups.extend(size.map(|size| GroupRecord {
                name: group.name.symbol,
                size,
                signals,
            }));
        }
        // Encoding types may be given to groups as well.
        for group in &file.groups {
            self.signals.insert(group.name);
        }
    }
}
