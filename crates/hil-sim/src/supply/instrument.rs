//! The instrument: commands in, answers out, silence in between.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hil_model::{Amps, BenchTime, Volts};

use super::analogue::Analogue;
use super::fault::{Faults, SupplyFaultKind};
use super::profile::SupplyProfile;
use crate::{Rail, Seeded};

/// What it measures is refreshed this often (hardware reference 5.3).
const REFRESH: Duration = Duration::from_millis(300);
/// After switch-on what it shows lags behind (hardware reference 5.1: about a second).
const SWITCH_ON_LAG: Duration = Duration::from_millis(900);
/// For so long after switch-on it says that the current limits the output (hardware reference 5.2).
const UNDECIDED: Duration = Duration::from_millis(200);
/// Commands that come closer to each other are lost (hardware reference 5.3).
const TOO_CLOSE: Duration = Duration::from_millis(5);
/// The noise of a reading, in millivolts to either side.
const NOISE: u64 = 2;
/// Below this many volts it shows nothing.
const DARK: f64 = 0.005;
/// How far a Kiprim keeps its over-voltage limit above the voltage.
const LIMIT_MARGIN: f64 = 1.0;

/// What becomes of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reaction {
    /// Nothing is said.
    Silence,
    /// A line is said.
    Answer(String),
    /// The instrument is gone.
    Vanished,
}

/// The instrument.
pub(super) struct Instrument {
    profile: SupplyProfile,
    rail: Rail,
    output: Arc<Mutex<Analogue>>,
    faults: Faults,
    voltage: f64,
    current: f64,
    voltage_limit: f64,
    current_limit: f64,
    switched_on: Option<BenchTime>,
    over_voltage: bool,
    over_current: bool,
    last_command: Option<BenchTime>,
    seed: u64,
}

impl Instrument {
    pub(super) fn new(profile: SupplyProfile, rail: Rail, faults: Faults, seed: u64) -> Self {
        let trip = Volts::new(profile.max_voltage.get() + 1.0);
        let output = Arc::new(Mutex::new(Analogue::off(trip)));
        let fed = Arc::clone(&output);
        let load = rail.clone();
        // The rail's own lock is held while its source is asked, so the draw must not be asked for in there.
        rail.feed_loaded(move |at, draw| lock(&fed).volts(at, draw));
        Self {
            profile,
            rail: load,
            output,
            faults,
            voltage: 5.0,
            current: 1.0,
            voltage_limit: trip.get(),
            current_limit: profile.max_current.get() + 0.1,
            switched_on: None,
            over_voltage: false,
            over_current: false,
            last_command: None,
            seed,
        }
    }

    /// Takes a line with its line end.
    pub(super) fn command(&mut self, line: &str, now: BenchTime) -> Reaction {
        if self.faults.strikes(SupplyFaultKind::Vanish, now) {
            return Reaction::Vanished;
        }
        let too_close = self.last_command.is_some_and(|last| now.since(last) < TOO_CLOSE);
        self.last_command = Some(now);
        if too_close || (self.profile.wants_crlf && !line.ends_with("\r\n")) {
            return Reaction::Silence;
        }
        self.watch_protections(now);
        // A chain runs its first command only (uncertain: one simulator does).
        let command = line.split(';').next().unwrap_or_default().trim().to_ascii_uppercase();
        let (header, argument) =
            command.split_once(' ').map_or((command.as_str(), ""), |(h, a)| (h, a.trim()));
        let answer = match header.strip_suffix('?') {
            Some(query) => self.query(query, argument, now),
            None => self.set(header, argument, now),
        };
        match answer {
            None => Reaction::Silence,
            Some(_) if self.faults.strikes(SupplyFaultKind::Silent, now) => Reaction::Silence,
            Some(_) if self.faults.strikes(SupplyFaultKind::ErrorReply, now) => Reaction::Answer(refusal()),
            Some(answer) if self.faults.strikes(SupplyFaultKind::Garbled, now) => {
                Reaction::Answer(garbled(&answer))
            }
            Some(answer) => Reaction::Answer(answer),
        }
    }

    fn query(&self, query: &str, argument: &str, now: BenchTime) -> Option<String> {
        let three = |value: f64| Some(format!("{value:.3}"));
        match (short(query).as_str(), argument) {
            ("*IDN", "") => Some(self.profile.identity.to_owned()),
            ("*OPC", "") => Some("V2.12.2B.1C.D".to_owned()),
            ("SYST:VERS", "") => Some("V1.0.0".to_owned()),
            ("SYST:ERR", "") => Some("0x0000".to_owned()),
            // The long form asks for the present value, whatever it is told (hardware reference 5.1).
            ("VOLT", "" | "MAXIMUM") => three(self.voltage),
            ("VOLT", "MAX") => three(self.profile.max_voltage.get()),
            ("VOLT", "MIN") => three(0.01),
            ("CURR", "") => three(self.current),
            ("CURR", "MAX") => three(self.profile.max_current.get()),
            ("VOLT:LIM", "") => three(self.voltage_limit),
            ("CURR:LIM", "") => three(self.current_limit),
            ("OUTP", "") => Some(self.output_state().to_owned()),
            ("MEAS:VOLT", "") => three(self.shown_volts(now).get()),
            ("MEAS:CURR", "") => three(self.shown_amps().get()),
            ("MEAS:POW", "") => three(self.shown_volts(now).get() * self.shown_amps().get()),
            ("MEAS:ALL", "") => {
                Some(format!("{:.3},{:.3}", self.shown_volts(now).get(), self.shown_amps().get()))
            }
            ("MEAS:ALL:INFO", "") if self.profile.knows_all_info => Some(self.all_info(now)),
            _ => Some(refusal()),
        }
    }

    fn output_state(&self) -> &'static str {
        match (self.switched_on.is_some(), self.profile.says_digits) {
            (true, false) => "ON",
            (false, false) => "OFF",
            (true, true) => "1",
            (false, true) => "0",
        }
    }

    fn all_info(&self, now: BenchTime) -> String {
        let (volts, amps) = (self.shown_volts(now).get(), self.shown_amps().get());
        let flag = |tripped| if tripped { "ON" } else { "OFF" };
        let mode = match self.switched_on {
            _ if self.over_voltage || self.over_current => 3,
            None => 0,
            Some(since) if amps >= self.current || now.since(since) < UNDECIDED => 2,
            Some(_) => 1,
        };
        let watts = volts * amps;
        let (ovp, ocp) = (flag(self.over_voltage), flag(self.over_current));
        format!("{volts:.3},{amps:.3},{watts:.3},{ovp},{ocp},OFF,{mode}")
    }

    /// Setters are silent, and what is out of range is ignored without a word.
    fn set(&mut self, header: &str, argument: &str, now: BenchTime) -> Option<String> {
        let header = short(header);
        let known = ["VOLT", "CURR", "VOLT:LIM", "CURR:LIM", "OUTP", "SYST:REM", "SYST:LOC"];
        if !known.contains(&header.as_str()) {
            return Some(refusal());
        }
        if self.faults.strikes(SupplyFaultKind::IgnoreSetters, now) {
            return None;
        }
        if header == "OUTP" {
            match argument {
                "ON" | "1" => self.switch(true, now),
                "OFF" | "0" => self.switch(false, now),
                _ => return Some(refusal()),
            }
            return None;
        }
        if header.starts_with("SYST") {
            return None;
        }
        let Ok(value) = argument.parse::<f64>() else { return Some(refusal()) };
        let keeps_limit_above = self.profile.keeps_limit_above;
        match header.as_str() {
            "VOLT"
                if (0.0..=self.profile.max_voltage.get()).contains(&value)
                    && !(keeps_limit_above && value + LIMIT_MARGIN > self.voltage_limit) =>
            {
                self.voltage = value;
                if self.switched_on.is_some() {
                    let slow = self.faults.strikes(SupplyFaultKind::SlowRail, now);
                    lock(&self.output).move_to(Volts::new(value), now, slow);
                }
            }
            "CURR" if (0.0..=self.profile.max_current.get()).contains(&value) => self.current = value,
            "VOLT:LIM" if (0.0..=self.profile.max_voltage.get() + 1.0).contains(&value) => {
                let lowest = if keeps_limit_above { self.voltage + LIMIT_MARGIN } else { 0.0 };
                self.voltage_limit = value.max(lowest);
                lock(&self.output).protect(Volts::new(self.voltage_limit), now);
            }
            "CURR:LIM" if (0.0..=self.profile.max_current.get() + 0.1).contains(&value) => {
                self.current_limit = value;
            }
            _ => {}
        }
        None
    }

    fn switch(&mut self, on: bool, now: BenchTime) {
        let mut output = lock(&self.output);
        match (on, self.switched_on) {
            (true, None) if !self.over_voltage && !self.over_current => {
                self.switched_on = Some(now);
                output.switch_on(Volts::new(self.voltage), now);
            }
            (true, _) => {}
            (false, was_on) => {
                // Switching off clears a protection that tripped.
                self.over_voltage = false;
                self.over_current = false;
                if was_on.is_some() {
                    self.switched_on = None;
                    output.switch_off(now);
                }
            }
        }
    }

    /// A protection that tripped cuts the output until it is switched off.
    fn watch_protections(&mut self, now: BenchTime) {
        if self.switched_on.is_none() {
            return;
        }
        let over_voltage = lock(&self.output).tripped_at().is_some_and(|tripped| tripped <= now);
        let over_current = self.rail.draw().get() > self.current_limit;
        if over_voltage || over_current {
            (self.over_voltage, self.over_current) = (over_voltage, over_current);
            self.switched_on = None;
            lock(&self.output).switch_off(now);
        }
    }

    /// What the display shows: the last refresh, with a little noise.
    fn shown_volts(&self, now: BenchTime) -> Volts {
        let refreshes = now.as_micros() / REFRESH.as_micros() as u64;
        let at = BenchTime::from_micros(refreshes * REFRESH.as_micros() as u64);
        let lagging = self.switched_on.is_some_and(|since| at.since(since) < SWITCH_ON_LAG);
        if lagging {
            return Volts::ZERO;
        }
        let volts = self.rail.volts(at).get();
        if volts < DARK {
            return Volts::ZERO;
        }
        let noise = Seeded::new(self.seed, refreshes).below(2 * NOISE + 1) as f64 - NOISE as f64;
        Volts::new((volts + noise / 1000.0).max(0.0))
    }

    fn shown_amps(&self) -> Amps {
        let drawn = self.rail.draw().get().min(self.current);
        if self.switched_on.is_some() { Amps::new(drawn) } else { Amps::ZERO }
    }
}

/// The short form of a header: long forms are taken, too.
fn short(header: &str) -> String {
    let part = |part: &str| match part {
        "VOLTAGE" => "VOLT".to_owned(),
        "CURRENT" => "CURR".to_owned(),
        "OUTPUT" => "OUTP".to_owned(),
        "MEASURE" => "MEAS".to_owned(),
        "POWER" => "POW".to_owned(),
        "LIMIT" => "LIM".to_owned(),
        "SYSTEM" => "SYST".to_owned(),
        "REMOTE" => "REM".to_owned(),
        "LOCAL" => "LOC".to_owned(),
        other => other.to_owned(),
    };
    header.split(':').map(part).collect::<Vec<_>>().join(":")
}

fn refusal() -> String {
    "ERR".to_owned()
}

/// The answer with every other character broken.
fn garbled(answer: &str) -> String {
    answer.chars().enumerate().map(|(at, c)| if at % 2 == 0 { '#' } else { c }).collect()
}

fn lock(output: &Mutex<Analogue>) -> MutexGuard<'_, Analogue> {
    output.lock().unwrap_or_else(PoisonError::into_inner)
}
