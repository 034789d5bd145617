//! Signals: widths, initial values, publishers.

use std::collections::HashMap;
use std::sync::Arc;

use super::encodings::Encodings;
use super::names::Names;
use super::nodes::Nodes;
use super::numbers::{byte, within};
use crate::codec::Raw;
use crate::model::{SignalDef, SignalGroup};
use crate::syntax::ast::{File, Init, Integer, Signal};
use crate::syntax::{Fault, Faults};

/// The checked signals. `names` has also those whose declaration is faulty, so that their uses are not.
pub(super) struct Signals<'a> {
    pub(super) names: Names<'a>,
    pub(super) all: Vec<Arc<SignalDef>>,
    by_name: HashMap<&'a str, Arc<SignalDef>>,
}

impl<'a> Signals<'a> {
    pub(super) fn check(
        file: &File<'a>,
        nodes: &Nodes<'a>,
        encodings: &Encodings<'a>,
        faults: &mut Faults,
    ) -> Self {
        let mut signals = Self { names: Names::new("signal"), all: Vec::new(), by_name: HashMap::new() };
        for signal in file.signals.iter().chain(&file.diagnostic_signals) {
            if !signals.names.declare(signal.name, faults) {
                continue;
            }
            let publisher = signal.publisher.filter(|name| nodes.names.require(*name, "publisher", faults));
            let subscribers =
                signal.subscribers.iter().filter(|name| nodes.names.keep(**name, "subscriber", faults));
            let subscribers = subscribers.map(|name| name.text.into()).collect();
            if let Some((width, init)) = shape(signal, faults) {
                let definition = Arc::new(SignalDef {
                    name: signal.name.text.into(),
                    width,
                    init,
                    publisher: publisher.map(|name| name.text.into()),
                    subscribers,
                    encoding: encodings.of(signal.name.text),
                });
                signals.by_name.insert(signal.name.text, Arc::clone(&definition));
                signals.all.push(definition);
            }
        }
        signals
    }

    pub(super) fn get(&self, name: &str) -> Option<&Arc<SignalDef>> {
        self.by_name.get(name)
    }

    pub(super) fn groups(&self, file: &File<'a>, faults: &mut Faults) -> Vec<SignalGroup> {
        let mut groups = Vec::new();
        for group in &file.groups {
            let size = within(group.size, 64, "group size", faults);
            let mut signals = Vec::new();
            for (name, offset) in &group.signals {
                if self.names.keep(*name, "grouped signal", faults) {
                    signals.extend(within(*offset, 63, "offset", faults).map(|at| (name.text.into(), at)));
                }
            }
            groups.extend(size.map(|size| SignalGroup { name: group.name.text.into(), size, signals }));
        }
        groups
    }
}

/// Width and initial value, if both make sense together.
fn shape(signal: &Signal<'_>, faults: &mut Faults) -> Option<(u8, Raw)> {
    let name = signal.name.text;
    let Some(width @ 1..=64) = u8::try_from(signal.width.value).ok() else {
        let message = format!("signal \"{name}\" cannot have {} bits", signal.width.value);
        faults.push(Fault::error(signal.width.span, message).expected("1 to 64"));
        return None;
    };
    match &signal.init {
        Init::Scalar(value) => {
            if width > 16 {
                let message = format!("scalar signal \"{name}\" has {width} bits, the language ends at 16");
                faults.push(Fault::warning(signal.width.span, message));
            }
            Some((width, Raw::Scalar(scalar(name, width, *value, faults)?)))
        }
        Init::Array { bytes, .. } if width % 8 != 0 => {
            let message = format!("array signal \"{name}\" of {} bytes has {width} bits", bytes.len());
            faults.push(Fault::error(signal.width.span, message).expected("8, 16, 24 … 64"));
            None
        }
        Init::Array { bytes, span } if bytes.len() * 8 != usize::from(width) => {
            let message =
                format!("array signal \"{name}\" of {width} bits has {} initial bytes", bytes.len());
            faults.push(Fault::error(*span, message).expected(format!("{} bytes", width / 8)));
            None
        }
        Init::Array { bytes, .. } => {
            let bytes: Option<Vec<u8>> =
                bytes.iter().map(|value| byte(*value, "initial byte", faults)).collect();
            Some((width, Raw::Array(bytes?)))
        }
    }
}

fn scalar(name: &str, width: u8, value: Integer, faults: &mut Faults) -> Option<u64> {
    let max = (1_i128 << width) - 1;
    if (0..=max).contains(&value.value) {
        return u64::try_from(value.value).ok();
    }
    let message = format!("initial value {} does not fit into the {width} bits of \"{name}\"", value.value);
    faults.push(Fault::error(value.span, message).expected(format!("0 to {max}")));
    None
}
