//! A valid file, edited token by token as the input says.

#![no_main]

use hil_ldf_fuzz::Script;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|script: Script| hil_ldf_fuzz::check(&script.edited()));
