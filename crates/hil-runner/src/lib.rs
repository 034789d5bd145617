//! The session, the tests' view of the bench, selection, execution.
//!
//! ```text
//! registry ─► selection ─► plan ─► session ─► attempts ─► session ─► reports
//!                                     └──── events ─────────┘
//! ```

#![forbid(unsafe_code)]

mod bench;
mod description;
mod error;
mod events;
mod live;
mod log;
mod registry;
mod run;
mod select;
mod session;

pub use bench::{
    Aggregate, Applied, Ctx, Declaration, Excursion, FromBench, Lin, LinSlots, Measure, Psu, SeriesMeasure,
    Settled, SystemClock, apply_voltage_and_settle, transport_timing, wait_until_settled,
};
pub use description::{ScheduleTables, TableError, frame_checksum, is_slave};
pub use error::{TestError, TestResult};
pub use events::{EventLog, Listener};
pub use live::{
    LiveOptions, Missing, SaidBy, ServerAt, ServerKey, Switch, UnclearSwitch, is_simulated, look_up,
};
pub use log::LogCapture;
pub use registry::{BaselineDef, RegisteredTest, Registry, RegistryError, TestDef};
pub use run::{Format, Plan, PlannedRun, RunError, RunOptions, RunResult, Schedule, plan, planned, run};
pub use select::{BUILT_IN_MARKERS, ExpressionError, MarkerExpression, Markers, Selection, SelectionError};
pub use session::{
    Desk, DeviceLock, FolderLock, LiveUnit, Owner, SIMULATED_PORT, bench_owner, check_bench, check_firmware,
    live_unit, lock_device, lock_reports, serial_params,
};
