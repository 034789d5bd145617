//! Nodes, their attributes, and what composite nodes are made of.

use std::time::Duration;

use super::header::checksum;
use super::item::{Field, Item};
use super::names::Names;
use crate::model::Database;
use crate::notation::{milliseconds, quoted};

pub(super) fn items(database: &Database, names: &Names) -> Vec<Item> {
    let mut items = Vec::new();
    if let Some(master) = database.master() {
        let mut fields = vec![
            Field::quiet("role", "master"),
            Field::quiet("time base", milliseconds(master.time_base())),
            Field::quiet("jitter", milliseconds(master.jitter())),
        ];
        if let Some(j2602) = master.j2602() {
            fields.push(Field::quiet("maximum header", format!("{} bits", j2602.max_header_bits)));
            fields.push(Field::quiet("response tolerance", format!("{} %", j2602.response_tolerance)));
        }
        let item = Item::new(master.name(), "master".to_owned(), fields);
        items.push(item.renamed(names.node(master.name())));
    }
    for slave in database.slaves() {
        items.push(Item::new(slave.name(), "slave".to_owned(), vec![Field::quiet("role", "slave")]));
    }
    items
}

pub(super) fn composites(database: &Database, names: &Names) -> Vec<Item> {
    let mut items = Vec::new();
    for configuration in database.configurations() {
        let mut fields = Vec::new();
        for composite in configuration.composites() {
            let members: Vec<String> = composite.members().map(|member| names.node(member)).collect();
            fields.push(Field::quiet(composite.name(), format!("{{ {} }}", members.join(", "))));
        }
        let composites: Vec<&str> = fields.iter().map(|field| field.label.as_str()).collect();
        let definition = format!("{{ {} }}", composites.join(", "));
        items.push(Item::new(configuration.name(), definition, fields));
    }
    items
}

/// Slaves with an address or attributes. A slave may have one without the other.
pub(super) fn attributes(database: &Database, names: &Names) -> Vec<Item> {
    let mut items = Vec::new();
    for slave in database.slaves() {
        let address = slave.nad().map(|nad| nad.to_string());
        let mut fields = Vec::new();
        if let Some(address) = &address {
            fields.push(Field::wire("configured_NAD", address.as_str()));
        }
        described(database, slave.name(), names, &mut fields);
        if !fields.is_empty() {
            let definition = address.map_or_else(|| "no NAD".to_owned(), |address| format!("NAD {address}"));
            items.push(Item::new(slave.name(), definition, fields));
        }
    }
    items
}

fn described(database: &Database, slave: &str, names: &Names, fields: &mut Vec<Field>) {
    let Some(attributes) = database.node_attributes(slave) else { return };
    if let Some(protocol) = attributes.protocol() {
        let mut field = Field::quiet("LIN_protocol", quoted(protocol));
        // The node has the checksum of the file's protocol unless it says otherwise.
        if checksum(protocol) != checksum(database.protocol_version()) {
            field.on_wire = checksum(protocol).to_owned();
        }
        fields.push(field);
    }
    if let Some(nad) = attributes.initial_nad() {
        fields.push(Field::wire("initial_NAD", nad.to_string()));
    }
    if let Some(id) = attributes.product_id() {
        let variant = id.variant.map(|variant| format!(", {variant}")).unwrap_or_default();
        let shown = format!("0x{:04X}, 0x{:04X}{variant}", id.supplier, id.function);
        fields.push(Field::wire("product_id", shown));
    }
    if let Some(signal) = attributes.response_error() {
        fields.push(Field::wire("response_error", names.signal(signal)));
    }
    let faults: Vec<String> = attributes.fault_state_signals().map(|signal| names.signal(signal)).collect();
    if !faults.is_empty() {
        fields.push(Field::quiet("fault_state_signals", faults.join(", ")));
    }
    let mut time = |label: &str, time: Option<Duration>| {
        fields.extend(time.map(|time| Field::quiet(label, milliseconds(time))));
    };
    time("P2_min", Some(attributes.p2_min()));
    time("ST_min", Some(attributes.st_min()));
    time("N_As_timeout", Some(attributes.n_as_timeout()));
    time("N_Cr_timeout", Some(attributes.n_cr_timeout()));
    time("wakeup_time", attributes.wakeup_time());
    time("poweron_time", attributes.poweron_time());
    if let Some(percent) = attributes.response_tolerance() {
        fields.push(Field::quiet("response_tolerance", format!("{percent} %")));
    }
    let mut frames = Vec::new();
    for configurable in attributes.configurable_frames() {
        let frame = names.frame(configurable.frame());
        frames.push(match configurable.message_id() {
            Some(id) => format!("{frame} = 0x{id:04X}"),
            None => frame,
        });
    }
    if !frames.is_empty() {
        fields.push(Field::wire("configurable_frames", frames.join(", ")));
    }
}
