//! What can be tested without a bench: the parts that the hardware suites rely on.

mod calculator;
mod checksum;
mod ldf;
