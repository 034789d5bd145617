//! One node: what the file says about it, what it sends and what it reads.

use hil_ldf::Database;

use super::super::choice;
use super::page::{Fields, Page};
use super::quantity::{milliseconds, number};
use crate::command::Wrong;
use crate::console::visible;
use crate::console::{Align, Table};

/// Adds the node called `name`.
pub(super) fn show(page: &mut Page, database: &Database, name: &str) -> anyhow::Result<()> {
    let fields = match master(database, name) {
        Some(fields) => fields,
        None => slave(database, name)?,
    };
    page.heading(&format!("Node {name}"));
    page.table(fields.table());
    let publishes = |signal: &str| database.signal(signal).is_ok_and(|found| found.publisher() == Some(name));
    signals(page, "Publishes", database, publishes);
    let subscribes = |signal: &str| {
        database.signal(signal).is_ok_and(|found| found.subscribers().any(|node| node == name))
    };
    signals(page, "Subscribes to", database, subscribes);
    configurable(page, database, name);
    Ok(())
}

/// The fields of the master, if that is its name.
fn master(database: &Database, name: &str) -> Option<Fields> {
    let master = database.master().filter(|master| master.name() == name)?;
    let mut fields = Fields::new();
    fields.add("role", "master");
    fields.add("time base", milliseconds(master.time_base()));
    fields.add("jitter", milliseconds(master.jitter()));
    if let Some(j2602) = master.j2602() {
        fields.add("max header", format!("{} bits", number(j2602.max_header_bits)));
        fields.add("response_tolerance", format!("{} %", number(j2602.response_tolerance)));
    }
    Some(fields)
}

fn slave(database: &Database, name: &str) -> anyhow::Result<Fields> {
    let slave = database.slave(name).map_err(|error| unknown(database, name, error.nearest()))?;
    let mut fields = Fields::new();
    fields.add("role", "slave");
    fields.add_some("NAD", slave.nad().map(|nad| nad.to_string()));
    let Some(attributes) = slave.attributes() else {
        fields.add("attributes", "none");
        return Ok(fields);
    };
    fields.add_some("initial_NAD", attributes.initial_nad().map(|nad| nad.to_string()));
    fields.add_some("LIN_protocol", attributes.protocol());
    if let Some(product) = attributes.product_id() {
        let (supplier, function) = (product.supplier, product.function);
        let variant = product.variant.map(|variant| format!(", variant {variant}")).unwrap_or_default();
        fields.add("product_id", format!("supplier 0x{supplier:04X}, function 0x{function:04X}{variant}"));
    }
    fields.add_some("response_error", attributes.response_error());
    let fault_states: Vec<&str> = attributes.fault_state_signals().collect();
    if !fault_states.is_empty() {
        fields.add("fault_state_signals", fault_states.join(", "));
    }
    fields.add("P2_min", milliseconds(attributes.p2_min()));
    fields.add("ST_min", milliseconds(attributes.st_min()));
    fields.add("N_As_timeout", milliseconds(attributes.n_as_timeout()));
    fields.add("N_Cr_timeout", milliseconds(attributes.n_cr_timeout()));
    let tolerance = attributes.response_tolerance();
    fields.add_some("response_tolerance", tolerance.map(|percent| format!("{} %", number(percent))));
    fields.add_some("wakeup_time", attributes.wakeup_time().map(milliseconds));
    fields.add_some("poweron_time", attributes.poweron_time().map(milliseconds));
    Ok(fields)
}

/// Adds the frames whose id can be changed, with the index by which the configuration commands name them.
fn configurable(page: &mut Page, database: &Database, name: &str) {
    let Some(attributes) = database.node_attributes(name) else { return };
    let mut table = Table::new([Align::Right, Align::Left, Align::Left]);
    let mut any = false;
    for (index, frame) in (0_usize..).zip(attributes.configurable_frames()) {
        any = true;
        let message = frame.message_id().map(|id| format!("message 0x{id:04X}")).unwrap_or_default();
        table.row([index.to_string(), frame.frame().to_owned(), message]);
    }
    if any {
        page.heading("Configurable frames");
        page.table(&table);
    }
}

fn unknown(database: &Database, name: &str, nearest: Option<&str>) -> anyhow::Error {
    let advice = match nearest {
        Some(nearest) => format!("did you mean \"{nearest}\"?"),
        None => format!("the file has {}", database.nodes().collect::<Vec<_>>().join(", ")),
    };
    Wrong::usage(visible(&format!("unknown node \"{name}\", {advice}")))
}

/// Adds the signals for which `belongs` holds, frame by frame, then those that no frame carries.
fn signals(page: &mut Page, heading: &str, database: &Database, belongs: impl Fn(&str) -> bool) {
    let mut table = Table::new([Align::Left, Align::Left, Align::Left]);
    let mut any = false;
    for frame in database.frames() {
        let mut names = Vec::new();
        for slot in frame.signals() {
            if belongs(slot.name()) {
                names.push(slot.name().to_owned());
            }
        }
        if !names.is_empty() {
            any = true;
            table.row([choice::id(frame.id()), frame.name().to_owned(), names.join(", ")]);
        }
    }
    let mut stray = Vec::new();
    for signal in database.signals() {
        if belongs(signal.name()) && database.frames_of(signal.name()).next().is_none() {
            stray.push(signal.name().to_owned());
        }
    }
    if !stray.is_empty() {
        any = true;
        table.row([String::new(), "(no frame)".to_owned(), stray.join(", ")]);
    }
    page.heading(heading);
    if any {
        page.table(&table);
    } else {
        page.line("nothing");
    }
}
