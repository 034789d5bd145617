//! Node attributes and diagnostic addresses: what the slaves are.

use super::declared::Declared;
use super::file::{Checker, index};
use super::numbers::{byte, milliseconds, within};
use super::version::Language;
use crate::code::Code;
use crate::model::{AttributesRecord, ConfigurableRecord, Nad, ProductId};
use crate::pool::List;
use crate::syntax::ast::{Attribute, Integer, Name, NodeAttributes};
use crate::syntax::{BySymbol, Fault};

impl Checker<'_> {
    /// Completes the slaves.
    pub(super) fn check_attributes(&mut self, language: Language) {
        let file = self.file;
        let mut described = Declared::new("entry in Node_attributes for", self.source, &file.symbols);
        let mut attributes: BySymbol<u32> = BySymbol::new(&file.symbols);
        for entry in &file.node_attributes {
            self.nodes.keep(entry.node, "node", self.faults);
            if described.declare(entry.node, self.faults) {
                let record = self.attributes(entry);
                attributes.insert(entry.node.symbol, index(&self.tables.attributes));
                self.tables.attributes.push(record);
            }
        }
        let mut addresses: BySymbol<Nad> = BySymbol::new(&file.symbols);
        for (node, address) in &file.diagnostic_addresses {
            if self.nodes.keep(*node, "node", self.faults)
                && let Some(address) = self.nad(*address)
            {
                addresses.insert(node.symbol, address);
            }
        }
        for slave in &mut self.tables.slaves {
            slave.attributes = attributes.get(slave.name);
            slave.diagnostic_address = addresses.get(slave.name);
        }
        if language != Language::Lin1 {
            self.warn_about_missing(&attributes);
        }
    }

    /// Since LIN 2.0 each slave has an entry.
    fn warn_about_missing(&mut self, attributes: &BySymbol<u32>) {
        for slave in &self.file.slaves {
            if attributes.contains(slave.symbol) {
                continue;
            }
            if self.file.node_attributes.is_empty() {
                let message = "the file has slaves but no Node_attributes";
                self.faults.push(Fault::warning(Code::MissingNodeAttributes, slave.span, message));
                return;
            }
            let message = format!("slave \"{}\" has no entry in Node_attributes", self.text(*slave));
            self.faults.push(Fault::warning(Code::MissingNodeAttributes, slave.span, message));
        }
    }

    fn nad(&mut self, nad: Integer) -> Option<Nad> {
        byte(nad, "node address", self.faults).map(Nad::new)
    }

    fn attributes(&mut self, entry: &NodeAttributes) -> AttributesRecord {
        let mut node = AttributesRecord::default();
        for attribute in entry.attributes.of(&self.file.attributes) {
            match *attribute {
                Attribute::Protocol(text) => node.protocol = Some(self.string(text)),
                Attribute::ConfiguredNad(nad) => node.configured_nad = self.nad(nad),
                Attribute::InitialNad(nad) => node.initial_nad = self.nad(nad),
                Attribute::ProductId { supplier, function, variant } => {
                    node.product_id = self.product_id(supplier, function, variant);
                }
                Attribute::ResponseError(signal) => {
                    let is_known = self.signals.keep(signal, "response_error", self.faults);
                    node.response_error = is_known.then_some(signal.symbol);
                }
                Attribute::FaultStateSignals(signals) => {
                    node.fault_state_signals = self.list(signals, |checker, signal| {
                        checker.signals.keep(signal, "fault state signal", checker.faults)
                    });
                }
                Attribute::P2Min(time) => node.p2_min = milliseconds(time, "P2_min", self.faults),
                Attribute::StMin(time) => node.st_min = milliseconds(time, "ST_min", self.faults),
                Attribute::NAsTimeout(time) => {
                    node.n_as_timeout = milliseconds(time, "N_As_timeout", self.faults);
                }
                Attribute::NCrTimeout(time) => {
                    node.n_cr_timeout = milliseconds(time, "N_Cr_timeout", self.faults);
                }
                Attribute::ConfigurableFrames(frames) => {
                    node.configurable_frames = self.configurable_frames(frames);
                }
                Attribute::ResponseTolerance(percent) => node.response_tolerance = Some(percent.value),
                Attribute::WakeupTime(time) => {
                    node.wakeup_time = Some(milliseconds(time, "wakeup_time", self.faults));
                }
                Attribute::PoweronTime(time) => {
                    node.poweron_time = Some(milliseconds(time, "poweron_time", self.faults));
                }
            }
        }
        node
    }

    fn product_id(
        &mut self,
        supplier: Integer,
        function: Integer,
        variant: Option<Integer>,
    ) -> Option<ProductId> {
        let supplier = within(supplier, u16::MAX, "supplier", self.faults);
        let function = within(function, u16::MAX, "function", self.faults);
        let variant = match variant {
            None => None,
            Some(variant) => Some(byte(variant, "variant", self.faults)?),
        };
        Some(ProductId { supplier: supplier?, function: function?, variant })
    }

    fn configurable_frames(&mut self, frames: List<(Name, Option<Integer>)>) -> List<ConfigurableRecord> {
        let start = self.tables.configurable_frames.len();
        for (frame, message_id) in frames.of(&self.file.configurable_frames) {
            if self.frames.keep(*frame, "configurable frame", self.faults) {
                let message_id =
                    message_id.and_then(|id| within(id, u16::MAX, "message identifier", self.faults));
                self.tables.configurable_frames.push(ConfigurableRecord { frame: frame.symbol, message_id });
            }
        }
        List::since(start, &self.tables.configurable_frames)
    }
}
