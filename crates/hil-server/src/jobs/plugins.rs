//! What plugins there are, and what they declare.

use hil_model::{SessionPhase, SessionStep};
use hil_realtime::Metadata;
use serde_json::{Map, Value, json};

use super::launcher::RealBench;
use super::live::plugin;
use super::request::SIM_PLUGINS;

/// What stands for a run beside its tests and steps.
pub(super) const RUN: &str = "run";

const STEPS: [SessionStep; 6] = [
    SessionStep::Config,
    SessionStep::Lock,
    SessionStep::Lin,
    SessionStep::Ldf,
    SessionStep::Psu,
    SessionStep::Flash,
];

/// Every plugin of this server: those of the simulated kind, and the steps and tests of the bench.
pub(crate) fn declared(bench: Option<&RealBench>) -> Vec<Metadata> {
    let mut declared: Vec<Metadata> = SIM_PLUGINS.iter().map(|name| simulated(name)).collect();
    if let Some(bench) = bench {
        declared.extend(steps());
        declared.extend(bench.tests.iter().map(|name| test(name)));
    }
    declared
}

fn metadata(name: &str, capabilities: Value) -> Metadata {
    let fields = [("version", Value::from(env!("CARGO_PKG_VERSION"))), ("capabilities", capabilities)];
    let metadata: Map<String, Value> =
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Metadata { plugin: plugin(name), metadata }
}

/// A plugin of the simulated kind.
pub(super) fn simulated(name: &str) -> Metadata {
    metadata(name, json!(["frames", "warnings", "failure"]))
}

/// A test.
pub(super) fn test(name: &str) -> Metadata {
    metadata(name, json!(["test"]))
}

/// The steps of a session, and the run around them.
pub(super) fn steps() -> impl Iterator<Item = Metadata> {
    let run = [metadata(RUN, json!(["log"]))];
    let names = [SessionPhase::Setup, SessionPhase::Teardown]
        .into_iter()
        .flat_map(|phase| STEPS.into_iter().map(move |at| step(phase, at)));
    run.into_iter().chain(names.map(|name| metadata(&name, json!(["session"]))))
}

/// The name of a session's step: `setup:lin`.
pub(super) fn step(phase: SessionPhase, step: SessionStep) -> String {
    let phase = match phase {
        SessionPhase::Setup => "setup",
        SessionPhase::Teardown => "teardown",
    };
    format!("{phase}:{}", step.word())
}
