//! The driver.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hil_model::{Amps, Clock, OutputVerified, Volts};

use super::answer::{self, REFUSAL};
use super::identity::Identity;
use crate::line::Line;
use crate::{Limits, Output, PowerSupply, PsuError, Reading, SerialParams, Setup, WireTap};

/// From opening the port to the first command; 150–500 ms were seen to be needed (hardware reference 5.1).
const AFTER_OPENING: Duration = Duration::from_millis(200);
/// From switching the output to the next command; an immediate query was lost once (hardware reference 5.1).
const AFTER_SWITCHING: Duration = Duration::from_millis(300);
/// From a setter to a read-back that is sure not to be the old value (hardware reference 5.1).
const READ_BACK: Duration = Duration::from_millis(300);
/// A rare `ERR` to a valid query, a lost setter: again, up to three times (hardware reference 5.1).
const TRIES: u32 = 3;
/// How often a query without an answer is repeated: each time costs the line's time-out.
const SILENT_TRIES: u32 = 2;
/// The most that a value read back may differ from the one that was set: the display's resolution.
const RESOLUTION: f64 = 0.011;
/// Below this the rail counts as off.
const OFF: Volts = Volts::new(0.5);
/// How long the rail may take to fall below it.
const FALL: Duration = Duration::from_millis(1_500);
/// How often the falling rail is read.
const FALL_POLL: Duration = Duration::from_millis(200);
/// A Kiprim keeps its over-voltage limit at least this far above the voltage (hardware reference 5.2).
const LIMIT_MARGIN: Volts = Volts::new(1.0);

/// How this device says what it measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MeasureCommand {
    /// `MEAS:ALL:INFO?`: everything at once.
    AllInfo,
    /// `MEAS:ALL?`: voltage and current.
    All,
    /// `MEAS:VOLT?` and `MEAS:CURR?`, one by one.
    Single,
}

impl MeasureCommand {
    const fn simpler(self) -> Option<Self> {
        match self {
            Self::AllInfo => Some(Self::All),
            Self::All => Some(Self::Single),
            Self::Single => None,
        }
    }
}

/// A supply of the Owon SPE, SPM or P4 series, or one of its clones.
pub struct OwonPsu {
    line: Line,
    identity: Identity,
    limits: Limits,
    measure: MeasureCommand,
    measure_known: bool,
    /// The output may be on because of us.
    switched_on: bool,
}

impl OwonPsu {
    /// Opens `port` and identifies the device there. Nothing but `*IDN?` is sent before its identity
    /// contains `idn_substr`, whatever the case.
    ///
    /// Bounded by four times the line's time-out.
    ///
    /// # Errors
    ///
    /// [`PsuError::Open`], [`PsuError::Timeout`], [`PsuError::Stranger`], [`PsuError::Unplugged`].
    pub fn open(
        port: &str,
        params: &SerialParams,
        idn_substr: &str,
        clock: Arc<dyn Clock>,
        tap: Option<Arc<dyn WireTap>>,
    ) -> Result<Self, PsuError> {
        let mut line = Line::open(port, params, clock, tap)?;
        line.settle(AFTER_OPENING);
        let identity = identify(&mut line)?;
        if !identity.contains(idn_substr) {
            return Err(PsuError::Stranger {
                port: port.to_owned(),
                identity: identity.as_str().to_owned(),
                expected: idn_substr.to_owned(),
            });
        }
        Ok(Self {
            line,
            identity,
            limits: Limits::default(),
            measure: MeasureCommand::AllInfo,
            measure_known: false,
            switched_on: false,
        })
    }

    /// The port.
    pub fn port(&self) -> &str {
        self.line.name()
    }

    /// Whether the output may be on because of this driver.
    pub const fn may_be_on(&self) -> bool {
        self.switched_on
    }

    /// Lets the output stay as it is when the driver is dropped. For a person at a desk; a run never does.
    pub fn leave_on(mut self) {
        self.switched_on = false;
    }

    /// Asks `command` until the answer makes sense to `read`.
    fn query<T>(&mut self, command: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, PsuError> {
        let (mut silent, mut tries) = (0, 0);
        loop {
            self.line.send(command)?;
            let error = match self.line.receive(command) {
                Ok(answer) => match read(&answer) {
                    Some(value) => return Ok(value),
                    None if answer.eq_ignore_ascii_case(REFUSAL) => {
                        PsuError::Refused { port: self.port().to_owned(), command: command.to_owned() }
                    }
                    None => PsuError::Garbled {
                        port: self.port().to_owned(),
                        command: command.to_owned(),
                        answer,
                    },
                },
                Err(error @ PsuError::Timeout { .. }) => {
                    silent += 1;
                    error
                }
                Err(error @ PsuError::Garbled { .. }) => error,
                Err(error) => return Err(error),
            };
            tries += 1;
            if silent >= SILENT_TRIES || tries >= TRIES {
                return Err(error);
            }
        }
    }

    /// Sends `setter` until `query` reads back a number that is `value`, as far as the device resolves it.
    fn set(&mut self, setter: &str, query: &str, value: f64) -> Result<f64, PsuError> {
        let mut got = f64::NAN;
        for _ in 0..TRIES {
            self.line.send(setter)?;
            // The first read-back may come too early and show the old value: ask once more, later.
            for _ in 0..2 {
                got = self.query(query, answer::number)?;
                if (got - value).abs() <= RESOLUTION {
                    return Ok(got);
                }
                self.line.settle(READ_BACK);
            }
        }
        Err(PsuError::NotAccepted {
            port: self.port().to_owned(),
            command: setter.to_owned(),
            got: format!("{got:.3}"),
        })
    }

    fn set_limit(&mut self, command: &str, value: f64) -> Result<(), PsuError> {
        self.set(&format!("{command} {value:.3}"), &format!("{command}?"), value).map(drop)
    }

    fn ask_measure(&mut self, command: MeasureCommand) -> Result<Reading, PsuError> {
        match command {
            MeasureCommand::AllInfo => self.query("MEAS:ALL:INFO?", answer::all_info),
            MeasureCommand::All => self.query("MEAS:ALL?", answer::all),
            MeasureCommand::Single => {
                let volts = Volts::new(self.query("MEAS:VOLT?", answer::number)?);
                let amps = Amps::new(self.query("MEAS:CURR?", answer::number)?);
                Ok(Reading { volts, amps, watts: None, mode: None, tripped: None })
            }
        }
    }

    /// Sends the commands for `output`, one after the other, until the device says that it took effect.
    fn switch(&mut self, output: Output, commands: [&str; 3]) -> Result<(), PsuError> {
        let mut got = Err(PsuError::Output { port: self.port().to_owned(), asked: output, got: output });
        for command in commands {
            self.line.send(command)?;
            self.line.settle(AFTER_SWITCHING);
            got = self.output();
            match &got {
                Ok(state) if *state == output => return Ok(()),
                Err(error) if error.is_lost() => break,
                Ok(_) | Err(_) => {}
            }
        }
        let got = got?;
        Err(PsuError::Output { port: self.port().to_owned(), asked: output, got })
    }

    /// Watches the rail until it is off, and says how that was seen.
    fn watch_fall(&mut self, switched: Result<(), PsuError>) -> OutputVerified {
        let clock = Arc::clone(self.line.clock());
        let since = clock.now();
        let elapsed = |clock: &dyn Clock| clock.now().since(since).as_millis() as u64;
        let unconfirmed =
            |how: String, rail| OutputVerified { confirmed: false, rail, after_ms: elapsed(&*clock), how };
        if let Err(error) = switched {
            return unconfirmed(format!("the output could not be switched off: {error}"), None);
        }
        loop {
            let rail = match self.measure() {
                Ok(reading) => reading.volts,
                Err(error) => {
                    return unconfirmed(format!("off is read back, but the rail cannot be: {error}"), None);
                }
            };
            if rail < OFF {
                let how = format!("off is read back, and the rail fell below {OFF:.1}");
                return OutputVerified { confirmed: true, rail: Some(rail), after_ms: elapsed(&*clock), how };
            }
            if clock.now().since(since) >= FALL {
                let how = format!("off is read back, but the rail is still at {rail:.2}");
                return unconfirmed(how, Some(rail));
            }
            clock.sleep(FALL_POLL);
        }
    }
}

/// Asks who is there. The first command after opening may be lost, and some hear one line end only.
fn identify(line: &mut Line) -> Result<Identity, PsuError> {
    const COMMAND: &str = "*IDN?";
    let first = line.eol;
    let mut last = None;
    for eol in [first, first.other(), first, first.other()] {
        line.eol = eol;
        line.send(COMMAND)?;
        match line.receive(COMMAND) {
            Ok(answer) if answer.eq_ignore_ascii_case(REFUSAL) => {
                last = Some(PsuError::Refused { port: line.name().to_owned(), command: COMMAND.to_owned() });
            }
            Ok(answer) => return Ok(Identity::new(answer)),
            Err(error @ (PsuError::Timeout { .. } | PsuError::Garbled { .. })) => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| unreachable!("each of the four attempts leaves an error")))
}

/// Refuses `asked` beyond `limit`.
fn check<T: PartialOrd + fmt::Display + Copy>(asked: T, limit: Option<T>) -> Result<(), PsuError> {
    match limit {
        Some(limit) if asked > limit => {
            Err(PsuError::OutOfRange { asked: asked.to_string(), limit: limit.to_string() })
        }
        Some(_) | None => Ok(()),
    }
}

impl PowerSupply for OwonPsu {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn set_voltage(&mut self, volts: Volts) -> Result<Volts, PsuError> {
        check(volts, self.limits.voltage)?;
        if volts < Volts::ZERO || !volts.get().is_finite() {
            return Err(PsuError::OutOfRange { asked: volts.to_string(), limit: Volts::ZERO.to_string() });
        }
        self.set(&format!("VOLT {:.3}", volts.get()), "VOLT?", volts.get()).map(Volts::new)
    }

    fn set_current(&mut self, amps: Amps) -> Result<Amps, PsuError> {
        check(amps, self.limits.current)?;
        if amps < Amps::ZERO || !amps.get().is_finite() {
            return Err(PsuError::OutOfRange { asked: amps.to_string(), limit: Amps::ZERO.to_string() });
        }
        self.set(&format!("CURR {:.3}", amps.get()), "CURR?", amps.get()).map(Amps::new)
    }

    fn voltage(&mut self) -> Result<Volts, PsuError> {
        self.query("VOLT?", answer::number).map(Volts::new)
    }

    fn current(&mut self) -> Result<Amps, PsuError> {
        self.query("CURR?", answer::number).map(Amps::new)
    }

    fn output(&mut self) -> Result<Output, PsuError> {
        self.query("OUTP?", answer::output)
    }

    fn set_output(&mut self, output: Output) -> Result<(), PsuError> {
        match output {
            Output::On => {
                self.switched_on = true;
                self.switch(output, ["OUTP ON", "OUTP ON", "OUTP 1"])
            }
            Output::Off => {
                self.switch(output, ["output 0", "OUTP OFF", "OUTP OFF"])?;
                self.switched_on = false;
                Ok(())
            }
        }
    }

    fn park(&mut self, setup: &Setup) -> Result<(), PsuError> {
        let Setup { voltage, current, limits } = *setup;
        check(voltage, limits.voltage)?;
        check(current, limits.current)?;
        if let Some(limit) = limits.voltage {
            // Whichever of limit and voltage is in the other's way must move last.
            let armed = Volts::new(self.query("VOLT:LIM?", answer::number)?);
            if voltage + LIMIT_MARGIN > armed {
                self.set_limit("VOLT:LIM", limit.get())?;
                self.limits = Limits::default();
                self.set_voltage(voltage)?;
            } else {
                self.limits = Limits::default();
                self.set_voltage(voltage)?;
                self.set_limit("VOLT:LIM", limit.get())?;
            }
        } else {
            self.set_voltage(voltage)?;
        }
        if let Some(limit) = limits.current {
            self.set_limit("CURR:LIM", limit.get())?;
        }
        self.limits = limits;
        self.set_current(current)?;
        Ok(())
    }

    fn measure(&mut self) -> Result<Reading, PsuError> {
        loop {
            let result = self.ask_measure(self.measure);
            match (&result, self.measure.simpler()) {
                (Ok(_), _) => self.measure_known = true,
                // A device that never understood the command is asked a simpler one from now on.
                (Err(error), Some(simpler)) if !self.measure_known && !error.is_lost() => {
                    self.measure = simpler;
                    continue;
                }
                (Err(_), _) => {}
            }
            return result;
        }
    }

    fn shut_down(&mut self) -> OutputVerified {
        let switched = self.set_output(Output::Off);
        self.watch_fall(switched)
    }
}

impl fmt::Debug for OwonPsu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwonPsu")
            .field("identity", &self.identity)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

impl Drop for OwonPsu {
    /// The net under everything else: an output that was switched on is not left on.
    fn drop(&mut self) {
        if self.switched_on {
            // Nobody is left to tell.
            let _ = self.line.send("output 0");
        }
    }
}
