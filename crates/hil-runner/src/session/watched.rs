//! The guardian of a session's supply (PSU-09): there is none without one, and it goes home only when the
//! output was shown to be off.

use hil_model::{Clock, OutputVerified, Property, chain};
use hil_psu::guardian::{Charge, Guardian, GuardianError, Released, folder, notes, wait_for_turn};
use hil_psu::{OwonPsu, SerialParams};

use super::Session;
use super::owned::{Facts, Without};

/// Waits until the guardian of an earlier run on this bench is done, and says what it left.
pub(super) fn report_and_wait(bench: &str, clock: &dyn Clock, facts: &mut Facts) -> Result<(), Without> {
    wait_for_turn(&folder(), bench, clock).map_err(broken)?;
    for note in notes(&folder()).into_iter().filter(|note| note.bench == bench) {
        tracing::warn!("{note}");
        facts.push(Property::new("guardian_note", &note));
        if let Err(error) = note.acknowledge() {
            tracing::warn!("the guardian's note will be reported again: {error}");
        }
    }
    Ok(())
}

/// Starts a guardian over the port, which nobody has taken yet.
pub(super) fn start(session: &Session, port: &str, params: SerialParams) -> Result<Guardian, Without> {
    let Some(launch) = session.guardian() else {
        return Err(unguarded("this program was not told how to start a guardian"));
    };
    let charge = Charge {
        bench: session.config().bench.name.clone(),
        port: std::path::absolute(port).unwrap_or_else(|_| port.into()),
        params,
        folder: folder(),
        harness: std::process::id(),
    };
    Guardian::start(launch, charge).map_err(broken)
}

/// Arms the guardian, now that it is known who hangs on the port.
pub(super) fn arm(guardian: &mut Guardian, driver: &OwonPsu) -> Result<(), Without> {
    guardian.arm(driver).map_err(broken)
}

/// Makes sure that the guardian is still there. To be called before the output is switched on.
pub(super) fn stands_by(guardian: &mut Guardian) -> Result<(), Without> {
    if guardian.is_alive() { Ok(()) } else { Err(unguarded("the guardian is gone")) }
}

/// Sends the guardian home if the output was shown to be off, and else lets it try as well.
pub(super) fn relieve(guardian: Guardian, mut proof: OutputVerified) -> OutputVerified {
    if proof.confirmed {
        if let Err(error) = guardian.disarm() {
            tracing::warn!("the run may have been without a guardian: {}", chain(&error));
        }
        return proof;
    }
    let tried = match guardian.release() {
        Released::Acted(note) => format!("the guardian tried as well: {}", note.how),
        Released::Silent => "the guardian ended without a word".to_owned(),
        Released::Working => "the guardian is still trying".to_owned(),
    };
    tracing::error!("{tried}");
    proof.how = format!("{}; {tried}", proof.how);
    proof
}

fn broken(error: GuardianError) -> Without {
    unguarded(&chain(&error))
}

fn unguarded(why: &str) -> Without {
    Without::Broken(format!("the output is not switched on, because nobody would switch it off: {why}"))
}
