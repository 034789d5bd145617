//! Master, slaves and composite nodes.

use hashbrown::HashMap;

use super::file::Checker;
use super::numbers::milliseconds;
use super::version::Language;
use crate::code::Code;
use crate::model::{CompositeRecord, ConfigurationRecord, J2602Timing, MasterRecord, SlaveRecord};
use crate::pool::List;
use crate::syntax::Fault;
use crate::syntax::ast::{self, Name};

impl Checker<'_> {
    /// Declares every node that may publish: master, slaves, composites, their members.
    pub(super) fn check_nodes(&mut self, language: Language) {
        let file = self.file;
        self.tables.master = file.master.as_ref().map(|master| self.master(master, language));
        match file.nodes_section {
            Some(section) if file.master.is_none() => {
                let message = "the file has no master, so its schedules cannot run";
                self.faults.push(Fault::warning(Code::NoMaster, section, message));
            }
            Some(_) => {}
            None => {
                let place = file.header.span.unwrap_or_default();
                let message = "the file has no section \"Nodes\"";
                self.faults.push(Fault::error(Code::MissingNodes, place, message));
            }
        }
        for slave in &file.slaves {
            if self.nodes.declare(*slave, self.faults) {
                let record = SlaveRecord { name: slave.symbol, diagnostic_address: None, attributes: None };
                self.tables.slaves.push(record);
            }
        }
        for configuration in &file.configurations {
            let start = self.tables.composites.len();
            for composite in configuration.composites.of(&file.composites) {
                self.nodes.insert(composite.name);
                let members = self.list(composite.members, |checker, member| {
                    checker.nodes.insert(member);
                    true
                });
                self.tables.composites.push(CompositeRecord { name: composite.name.symbol, members });
            }
            let composites = List::since(start, &self.tables.composites);
            self.tables
                .configurations
                .push(ConfigurationRecord { name: configuration.name.symbol, composites });
        }
    }

    fn master(&mut self, master: &ast::Master, language: Language) -> MasterRecord {
        self.nodes.declare(master.name, self.faults);
        let j2602 = match master.j2602 {
            Some((bits, tolerance)) => {
                Some(J2602Timing { max_header_bits: bits.value, response_tolerance: tolerance.value })
            }
            None if language == Language::J2602 => {
                Some(J2602Timing { max_header_bits: 48.0, response_tolerance: 40.0 })
            }
            None => None,
        };
        MasterRecord {
            name: master.name.symbol,
            time_base: milliseconds(master.time_base_ms, "a time base", self.faults),
            jitter: milliseconds(master.jitter_ms, "a jitter", self.faults),
            j2602,
        }
    }

    /// Whether a node is declared, or several are that have its name and a number. Files that describe one of
    /// several equal slaves are like that (`tests/ldf/valid.ldf` of ldfparser).
    pub(super) fn knows_node(&mut self, name: Name) -> bool {
        if self.nodes.contains(name) {
            return true;
        }
        let (file, source) = (self.file, self.source);
        let text = self.text(name);
        let stems = self.stems.get_or_insert_with(|| stems(&file.slaves, source));
        if stems.get(text).is_none_or(|slaves| *slaves < 2) {
            return false;
        }
        let message = format!("node \"{text}\" is not declared, only numbered slaves of that name are");
        self.faults.push(Fault::warning(Code::UndeclaredInstance, name.span, message));
        self.nodes.insert(name);
        true
    }
}

/// How many slaves have a name that is the given one and a number.
fn stems<'a>(slaves: &[Name], source: &'a str) -> HashMap<&'a str, usize> {
    let mut stems = HashMap::new();
    for slave in slaves {
        let name = slave.span.of(source);
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
        if stem.len() < name.len() {
            *stems.entry(stem).or_default() += 1;
        }
    }
    stems
}
