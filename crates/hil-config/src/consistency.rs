//! Checks between keys, made on the merged configuration because the keys may come from
//! different layers.

use std::time::Duration;

use crate::config::{Config, Fault, Flash, FlashMethod};
use crate::error::{ConfigError, Problem};
use crate::key_path::KeyPath;
use crate::reader::Reader;

const NOT_ABOVE: &str = "not be above";
const BELOW: &str = "be below";
const NOT_WITHOUT: &str = "not be set without";
const NOT_END_BEYOND: &str = "not end beyond 0xFFFFFFFF, counted from";
/// How many addresses there are.
const ADDRESSES: u64 = 1 << 32;

/// Reports every pair of keys that exclude each other.
pub(crate) fn check(config: &Config, reader: &mut Reader) {
    let supply = &config.power_supply;
    if let Some(limit) = supply.over_voltage_limit
        && supply.set_voltage > limit
    {
        conflict(
            reader,
            ("power_supply.set_voltage", format!("{} V", supply.set_voltage)),
            NOT_ABOVE,
            ("power_supply.over_voltage_limit", format!("{limit} V")),
        );
    }
    if let Some(limit) = supply.over_current_limit
        && supply.set_current > limit
    {
        conflict(
            reader,
            ("power_supply.set_current", format!("{} A", supply.set_current)),
            NOT_ABOVE,
            ("power_supply.over_current_limit", format!("{limit} A")),
        );
    }
    if supply.settle.interval >= supply.settle.timeout {
        conflict(
            reader,
            ("power_supply.settle.interval", time(supply.settle.interval)),
            BELOW,
            ("power_supply.settle.timeout", time(supply.settle.timeout)),
        );
    }
    check_flash(&config.flash, reader);
    for (index, fault) in config.simulation.faults.iter().enumerate() {
        let (device, from, until) = match fault {
            Fault::Lin(fault) => ("lin", fault.from, fault.until),
            Fault::Psu(fault) => ("psu", fault.from, fault.until),
            Fault::Ecu(fault) => ("ecu", fault.from, fault.until),
            Fault::Boot(fault) => ("boot", fault.from, fault.until),
        };
        let Some(until) = until.filter(|until| from >= *until) else {
            continue;
        };
        let path = KeyPath::from("simulation.faults").index(index).key(device);
        conflict(
            reader,
            (path.key("from").as_str(), time(from)),
            BELOW,
            (path.key("until").as_str(), time(until)),
        );
    }
}

/// Pairs of keys in the section `flash`.
fn check_flash(flash: &Flash, reader: &mut Reader) {
    let nothing = "empty".to_owned();
    if flash.method == FlashMethod::Command && flash.command.is_empty() {
        let method = ("flash.method", flash.method.as_str().to_owned());
        conflict(reader, method, NOT_WITHOUT, ("flash.command", nothing.clone()));
    }
    if flash.security_level.is_none() && !flash.key_command.is_empty() {
        let command = ("flash.key_command", format!("`{}`", flash.key_command.join(" ")));
        conflict(reader, command, NOT_WITHOUT, ("flash.security_level", nothing));
    }
    for (index, range) in flash.memory.iter().enumerate() {
        if u64::from(range.start) + u64::from(range.length) > ADDRESSES {
            let path = KeyPath::from("flash.memory").index(index);
            conflict(
                reader,
                (path.key("length").as_str(), format!("{:#X}", range.length)),
                NOT_END_BEYOND,
                (path.key("start").as_str(), format!("{:#X}", range.start)),
            );
        }
    }
}

fn time(duration: Duration) -> String {
    humantime::format_duration(duration).to_string()
}

/// Reports that `value` does not fit `other`, at the place of whichever of them is written.
fn conflict(
    reader: &mut Reader,
    (key, value): (&str, String),
    relation: &'static str,
    (other, other_value): (&str, String),
) {
    let key_place = reader.place(&KeyPath::from(key)).cloned();
    let other_place = reader.place(&KeyPath::from(other)).cloned();
    let error = ConfigError::Conflict {
        key: key.to_owned(),
        value,
        relation,
        other: other.to_owned(),
        other_value,
        other_layer: reader.layer(&KeyPath::from(other)).to_string(),
    };
    let problem = match (key_place, other_place) {
        (Some(place), other) => Problem::new(place, error).related_to(other, "the other value"),
        (None, Some(other)) => Problem::new(other, error),
        (None, None) => Problem::in_file("built-in".to_owned(), error),
    };
    reader.problems.push(problem);
}
