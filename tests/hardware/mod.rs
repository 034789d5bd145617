//! The hardware suite: the ambient-light module on a bench with a supply.

mod addressing;
mod animation;
mod communication;
mod diagnostics;
mod led_state;
mod psu_settling;
mod pwm;
mod rail;
mod schedule;
mod sleep;
mod voltage;
