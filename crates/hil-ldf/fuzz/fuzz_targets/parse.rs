//! Any bytes as a file.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| hil_ldf_fuzz::check(bytes));
