//! Which tests of a plan are held back (LIV-01, LIV-02).

use hil_config::{Config, InterfaceType};
use hil_model::{Mutation, Resource, TestMeta};

use super::Missing;
use crate::run::PlannedRun;
use crate::session::SIMULATED_PORT;

/// What a run would touch that is real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reality {
    /// The bus and the unit.
    pub(crate) lin: bool,
    /// The supply.
    pub(crate) psu: bool,
    /// A server of runs and jobs, which is never simulated.
    pub(crate) server: bool,
}

/// Whether nothing of the bench is real.
pub fn is_simulated(config: &Config) -> bool {
    !Reality::of(config, false).bench()
}

impl Reality {
    /// What is real in this configuration; `server` says whether one is named.
    pub(crate) fn of(config: &Config, server: bool) -> Self {
        let real_adapter = config.interface.kind != InterfaceType::Mock;
        let supply = &config.power_supply;
        let real_supply = match supply.port.as_deref() {
            Some(port) => port != SIMULATED_PORT,
            // It is looked for, but not to feed a simulated unit.
            None => real_adapter,
        };
        Self {
            lin: real_adapter && !config.bench.simulated,
            psu: supply.enabled && real_supply && !config.bench.simulated,
            server,
        }
    }

    /// Whether anything of the bench is real.
    pub(crate) const fn bench(self) -> bool {
        self.lin || self.psu
    }

    fn touches(self, test: &TestMeta) -> bool {
        test.needs.iter().any(|need| match need {
            Resource::Lin => self.lin,
            Resource::Psu => self.psu,
            Resource::Server => self.server,
            Resource::Ldf => false,
        })
    }

    /// Whether a mutation of this kind is one of something real.
    const fn concerns(self, mutation: Mutation) -> bool {
        match mutation {
            Mutation::Flash | Mutation::NonVolatile | Mutation::NodeConfiguration => self.lin,
            Mutation::VoltageOutsideNominal => self.psu,
            Mutation::SubmitsRecords => self.server,
        }
    }
}

/// What a run may do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Permissions {
    pub(crate) live: bool,
    pub(crate) mutation: bool,
    /// Whether the configuration has the unit flashed before the tests.
    pub(crate) flashes: bool,
}

/// Says of each run why it is held back, if it is. On a bench that is real, a run without the live switch runs nothing
/// at all: a few green tests that need no bench would look like evidence of it. Returns how many it is that live
/// running holds back.
pub(crate) fn hold_back(runs: &mut [PlannedRun], reality: Reality, permissions: Permissions) -> usize {
    let live = runs.iter().any(|run| reality.touches(&run.meta) && needs_bench(&run.meta));
    for run in &mut *runs {
        run.held = reason(&run.meta, reality, permissions, live);
    }
    runs.iter().filter(|run| run.held == Some(Missing::LiveRunning)).count()
}

fn needs_bench(test: &TestMeta) -> bool {
    test.needs.iter().any(|need| match need {
        Resource::Lin | Resource::Psu => true,
        Resource::Ldf | Resource::Server => false,
    })
}

fn reason(
    test: &TestMeta,
    reality: Reality,
    Permissions { live, mutation, flashes }: Permissions,
    whole_run_is_live: bool,
) -> Option<Missing> {
    if !live && (whole_run_is_live || reality.touches(test)) {
        return Some(Missing::LiveRunning);
    }
    if mutation {
        return None;
    }
    if flashes && reality.lin && test.needs.contains(&Resource::Lin) {
        // Without its program the unit is another one: no verdict on that.
        return Some(Missing::FlashPermission);
    }
    let mutates: Vec<Mutation> =
        test.mutates.iter().copied().filter(|mutation| reality.concerns(*mutation)).collect();
    (!mutates.is_empty()).then_some(Missing::Mutation(mutates))
}
