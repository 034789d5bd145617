//! The hardware suite: the ambient-light module on a bench with a supply.

mod addressing;
mod animation;
mod communication;
mod diagnostics;
mod flashed;
mod led_state;
mod psu_settling;
mod pwm;
mod rail;
mod schedule;
mod server;
mod sleep;
mod voltage;
