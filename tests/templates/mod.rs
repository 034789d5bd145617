//! Copy one of these into `hardware/`, name it in `hardware/mod.rs`, change it. Modules under `templates`
//! compile, so that they do not rot, and are never collected.

mod lin_only;
mod psu_and_lin;
