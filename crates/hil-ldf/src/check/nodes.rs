//! Master, slaves and composite nodes.

use super::names::Names;
use super::numbers::milliseconds;
use super::version::Language;
use crate::model::{Composite, Configuration, J2602Timing, Master};
use crate::syntax::ast::{self, File, Name};
use crate::syntax::{Fault, Faults, Span};

/// The checked nodes. `names` holds every node that may publish: master, slaves, composites, their members.
pub(super) struct Nodes<'a> {
    pub(super) names: Names<'a>,
    pub(super) master: Option<Master>,
    pub(super) slaves: Vec<Name<'a>>,
    pub(super) configurations: Vec<Configuration>,
}

impl<'a> Nodes<'a> {
    pub(super) fn check(file: &File<'a>, language: Language, faults: &mut Faults) -> Self {
        let mut names = Names::new("node");
        let mut slaves = Vec::new();
        let master = file.master.as_ref().map(|master| {
            names.declare(master.name, faults);
            convert_master(master, language, faults)
        });
        match file.nodes_section {
            Some(section) if master.is_none() => {
                let message = "the file has no master, so its schedules cannot run";
                faults.push(Fault::warning(section, message));
            }
            Some(_) => {}
            None => {
                let start = file.header.span.unwrap_or(Span { start: 0, end: 0 });
                faults.push(Fault::error(start, "the file has no section \"Nodes\""));
            }
        }
        for slave in &file.slaves {
            if names.declare(*slave, faults) {
                slaves.push(*slave);
            }
        }
        let mut configurations = Vec::new();
        for configuration in &file.configurations {
            let mut composites = Vec::new();
            for (composite, members) in &configuration.composites {
                names.insert(*composite);
                members.iter().for_each(|member| names.insert(*member));
                composites.push(Composite {
                    name: composite.text.into(),
                    members: members.iter().map(|member| member.text.into()).collect(),
                });
            }
            configurations.push(Configuration { name: configuration.name.text.into(), composites });
        }
        Self { names, master, slaves, configurations }
    }
}

fn convert_master(master: &ast::Master<'_>, language: Language, faults: &mut Faults) -> Master {
    let j2602 = match master.j2602 {
        Some((bits, tolerance)) => {
            Some(J2602Timing { max_header_bits: bits.value, response_tolerance: tolerance.value })
        }
        None if language == Language::J2602 => {
            Some(J2602Timing { max_header_bits: 48.0, response_tolerance: 40.0 })
        }
        None => None,
    };
    Master {
        name: master.name.text.into(),
        time_base: milliseconds(master.time_base_ms, "a time base", faults),
        jitter: milliseconds(master.jitter_ms, "a jitter", faults),
        j2602,
    }
}
