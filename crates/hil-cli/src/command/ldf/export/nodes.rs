//! Master, slaves with their attributes, and composite nodes.

use std::time::Duration;

use hil_ldf::Database;
use serde::Serialize;

use super::super::number::{Decimal, Milliseconds};
use super::{all, owned};

#[derive(Serialize)]
pub(super) struct Master {
    name: String,
    time_base_ms: Milliseconds,
    jitter_ms: Milliseconds,
    max_header_bits: Option<Decimal>,
    response_tolerance_percent: Option<Decimal>,
}

#[derive(Serialize)]
pub(super) struct Slave {
    name: String,
    nad: Option<u8>,
    attributes: Option<Attributes>,
}

#[derive(Serialize)]
struct Attributes {
    protocol: Option<String>,
    configured_nad: Option<u8>,
    initial_nad: Option<u8>,
    product_id: Option<Product>,
    response_error: Option<String>,
    fault_state_signals: Vec<String>,
    p2_min_ms: Milliseconds,
    st_min_ms: Milliseconds,
    n_as_timeout_ms: Milliseconds,
    n_cr_timeout_ms: Milliseconds,
    configurable_frames: Vec<Configurable>,
    response_tolerance_percent: Option<Decimal>,
    wakeup_time_ms: Option<Milliseconds>,
    poweron_time_ms: Option<Milliseconds>,
}

#[derive(Serialize)]
struct Product {
    supplier: u16,
    function: u16,
    variant: Option<u8>,
}

#[derive(Serialize)]
struct Configurable {
    frame: String,
    message_id: Option<u16>,
}

#[derive(Serialize)]
pub(super) struct Configuration {
    name: String,
    composites: Vec<Composite>,
}

#[derive(Serialize)]
struct Composite {
    name: String,
    members: Vec<String>,
}

/// Wake-up and power-on time under J2602, where the file does not say (LDF reference 2).
const J2602_READY: Duration = Duration::from_millis(100);

pub(super) fn master(database: &Database) -> Option<Master> {
    let master = database.master()?;
    let j2602 = master.j2602();
    Some(Master {
        name: master.name().to_owned(),
        time_base_ms: master.time_base().into(),
        jitter_ms: master.jitter().into(),
        max_header_bits: j2602.map(|j2602| Decimal(j2602.max_header_bits)),
        response_tolerance_percent: j2602.map(|j2602| Decimal(j2602.response_tolerance)),
    })
}

pub(super) fn slaves(database: &Database) -> Vec<Slave> {
    let mut slaves = Vec::new();
    for slave in database.slaves() {
        slaves.push(Slave {
            name: slave.name().to_owned(),
            nad: slave.nad().map(hil_ldf::Nad::get),
            attributes: attributes(database, slave.name()),
        });
    }
    slaves
}

/// What the slave's entry says, and the defaults for what it leaves out.
fn attributes(database: &Database, slave: &str) -> Option<Attributes> {
    let attributes = database.node_attributes(slave)?;
    let file = database.protocol_version();
    let ready = database.master().and_then(|master| master.j2602()).map(|_| J2602_READY);
    let mut configurable_frames = Vec::new();
    for configurable in attributes.configurable_frames() {
        configurable_frames.push(Configurable {
            frame: configurable.frame().to_owned(),
            message_id: configurable.message_id(),
        });
    }
    Some(Attributes {
        protocol: owned(attributes.protocol().or(Some(file).filter(|version| !version.is_empty()))),
        configured_nad: attributes.configured_nad().map(hil_ldf::Nad::get),
        initial_nad: attributes.initial_nad().map(hil_ldf::Nad::get),
        product_id: attributes.product_id().map(|id| Product {
            supplier: id.supplier,
            function: id.function,
            variant: id.variant,
        }),
        response_error: owned(attributes.response_error()),
        fault_state_signals: all(attributes.fault_state_signals()),
        p2_min_ms: attributes.p2_min().into(),
        st_min_ms: attributes.st_min().into(),
        n_as_timeout_ms: attributes.n_as_timeout().into(),
        n_cr_timeout_ms: attributes.n_cr_timeout().into(),
        configurable_frames,
        response_tolerance_percent: attributes.response_tolerance().map(Decimal),
        wakeup_time_ms: attributes.wakeup_time().or(ready).map(Milliseconds::from),
        poweron_time_ms: attributes.poweron_time().or(ready).map(Milliseconds::from),
    })
}

pub(super) fn configurations(database: &Database) -> Vec<Configuration> {
    let mut configurations = Vec::new();
    for configuration in database.configurations() {
        let mut composites = Vec::new();
        for composite in configuration.composites() {
            composites
                .push(Composite { name: composite.name().to_owned(), members: all(composite.members()) });
        }
        configurations.push(Configuration { name: configuration.name().to_owned(), composites });
    }
    configurations
}
