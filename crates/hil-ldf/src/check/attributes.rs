//! Node attributes and diagnostic addresses: what the slaves are.

use std::collections::HashMap;
use std::sync::Arc;

use super::frames::Frames;
use super::names::Names;
use super::nodes::Nodes;
use super::numbers::{byte, milliseconds, within};
use super::signals::Signals;
use super::version::Language;
use crate::model::{ConfigurableFrame, Nad, NodeAttributes, ProductId, Slave};
use crate::syntax::ast::{self, Attribute, File};
use crate::syntax::{Fault, Faults};

pub(super) fn check(
    file: &File<'_>,
    nodes: &Nodes<'_>,
    signals: &Signals<'_>,
    frames: &Frames<'_>,
    language: Language,
    faults: &mut Faults,
) -> Vec<Slave> {
    let mut described = Names::new("entry in Node_attributes for");
    let mut attributes = HashMap::new();
    for entry in &file.node_attributes {
        nodes.names.keep(entry.node, "node", faults);
        if described.declare(entry.node, faults) {
            attributes.insert(entry.node.text, convert(entry, signals, frames, faults));
        }
    }
    let mut addresses = HashMap::new();
    for (node, address) in &file.diagnostic_addresses {
        if nodes.names.keep(*node, "node", faults) {
            addresses.insert(node.text, byte(*address, "node address", faults).map(Nad::new));
        }
    }

    if language != Language::Lin1 {
        warn_about_missing(file, nodes, &attributes, faults);
    }
    let slaves = nodes.slaves.iter().map(|slave| Slave {
        name: slave.text.into(),
        diagnostic_address: addresses.get(slave.text).copied().flatten(),
        attributes: attributes.remove(slave.text),
    });
    slaves.collect()
}

/// Since LIN 2.0 each slave has an entry. A composite node stands for its members.
fn warn_about_missing(
    file: &File<'_>,
    nodes: &Nodes<'_>,
    attributes: &HashMap<&str, NodeAttributes>,
    faults: &mut Faults,
) {
    for slave in &nodes.slaves {
        if attributes.contains_key(slave.text) {
            continue;
        }
        if file.node_attributes.is_empty() {
            faults.push(Fault::warning(slave.span, "the file has slaves but no Node_attributes"));
            return;
        }
        let message = format!("slave \"{}\" has no entry in Node_attributes", slave.text);
        faults.push(Fault::warning(slave.span, message));
    }
}

fn convert(
    entry: &ast::NodeAttributes<'_>,
    signals: &Signals<'_>,
    frames: &Frames<'_>,
    faults: &mut Faults,
) -> NodeAttributes {
    let mut node = NodeAttributes::default();
    for attribute in &entry.attributes {
        match attribute {
            Attribute::Protocol(text) => node.protocol = Some(text.value.clone()),
            Attribute::ConfiguredNad(nad) => {
                node.configured_nad = byte(*nad, "node address", faults).map(Nad::new);
            }
            Attribute::InitialNad(nad) => node.initial_nad = byte(*nad, "node address", faults).map(Nad::new),
            Attribute::ProductId { supplier, function, variant } => {
                let supplier = within(*supplier, u16::MAX, "supplier", faults);
                let function = within(*function, u16::MAX, "function", faults);
                let variant = variant.map_or(Some(0), |variant| byte(variant, "variant", faults));
                node.product_id = supplier
                    .zip(function)
                    .zip(variant)
                    .map(|((supplier, function), variant)| ProductId { supplier, function, variant });
            }
            Attribute::ResponseError(signal) => {
                let known = signals.names.keep(*signal, "response_error", faults);
                node.response_error = known.then(|| signal.text.into());
            }
            Attribute::FaultStateSignals(list) => {
                let known =
                    list.iter().filter(|signal| signals.names.keep(**signal, "fault state signal", faults));
                node.fault_state_signals = known.map(|signal| Arc::from(signal.text)).collect();
            }
            Attribute::P2Min(time) => node.p2_min = milliseconds(*time, "P2_min", faults),
            Attribute::StMin(time) => node.st_min = milliseconds(*time, "ST_min", faults),
            Attribute::NAsTimeout(time) => node.n_as_timeout = milliseconds(*time, "N_As_timeout", faults),
            Attribute::NCrTimeout(time) => node.n_cr_timeout = milliseconds(*time, "N_Cr_timeout", faults),
            Attribute::ConfigurableFrames(list) => {
                for (frame, message_id) in list {
                    if frames.names.keep(*frame, "configurable frame", faults) {
                        let message_id =
                            message_id.and_then(|id| within(id, u16::MAX, "message identifier", faults));
                        let frame = frame.text.into();
                        node.configurable_frames.push(ConfigurableFrame { frame, message_id });
                    }
                }
            }
            Attribute::ResponseTolerance(percent) => node.response_tolerance = Some(percent.value),
            Attribute::WakeupTime(time) => {
                node.wakeup_time = Some(milliseconds(*time, "wakeup_time", faults));
            }
            Attribute::PoweronTime(time) => {
                node.poweron_time = Some(milliseconds(*time, "poweron_time", faults));
            }
        }
    }
    node
}
