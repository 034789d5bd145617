//! The driver.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hil_model::{Amps, Clock, OutputVerified, Volts, poll_until};

use super::answer;
use super::dialogue::Dialogue;
use super::identity::Identity;
use crate::{Eol, Limits, Output, PowerSupply, PsuError, Reading, SerialParams, Setup, WireTap};

/// From switching the output to the next command; an immediate query was lost once (hardware reference 5.1).
pub(crate) const AFTER_SWITCHING: Duration = Duration::from_millis(300);
/// Below this the rail counts as off.
const OFF: Volts = Volts::new(0.5);
/// How long the rail may take to fall below it.
const FALL: Duration = Duration::from_millis(1_500);
/// How often the falling rail is read.
const FALL_POLL: Duration = Duration::from_millis(200);
/// How long a device that is gone at the end is looked for, and how often.
const RETURN: Duration = Duration::from_secs(2);
const RETURN_POLL: Duration = Duration::from_millis(250);
/// How often a question must have been in vain, while a simpler one was answered, to be given up for good.
const IN_VAIN: u32 = 3;
/// What switches the output on: one of them is understood.
const ON_COMMANDS: [&str; 3] = ["OUTP ON", "OUTP ON", "OUTP 1"];
/// What switches it off. One `OUTP OFF` was seen to be lost (hardware reference 5.1).
pub(crate) const OFF_COMMANDS: [&str; 3] = ["output 0", "OUTP OFF", "OUTP OFF"];

/// A set-point and the protection above it.
struct Knob {
    set: &'static str,
    limit: &'static str,
    /// How far above the set-point the device keeps the protection.
    margin: f64,
    unit: &'static str,
}

impl Knob {
    /// Refuses what is no amount, and what is beyond `limit`.
    fn check(&self, asked: f64, limit: Option<f64>) -> Result<(), PsuError> {
        let limit = limit.unwrap_or(f64::MAX);
        let bound = if asked > limit { limit } else { 0.0 };
        if (0.0..=limit).contains(&asked) {
            return Ok(());
        }
        let shown = |value: f64| format!("{value:.3} {}", self.unit);
        Err(PsuError::OutOfRange { asked: shown(asked), limit: shown(bound) })
    }
}

/// A Kiprim keeps its over-voltage limit at least 1 V above the voltage (hardware reference 5.2).
const VOLTAGE: Knob = Knob { set: "VOLT", limit: "VOLT:LIM", margin: 1.0, unit: Volts::UNIT };
/// Nobody was seen to keep a distance between the currents.
const CURRENT: Knob = Knob { set: "CURR", limit: "CURR:LIM", margin: 0.0, unit: Amps::UNIT };

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
    dialogue: Dialogue,
    limits: Limits,
    /// What this device was found to understand.
    measure: Option<MeasureCommand>,
    /// How often it was asked for everything, and answered something simpler only.
    in_vain: u32,
    /// The output may be on because of us.
    switched_on: bool,
}

impl OwonPsu {
    /// Opens `port` and identifies the device there. Nothing but `*IDN?` is sent before its identity
    /// contains `idn_substr`, whatever the case. The output is left as it is.
    ///
    /// Bounded by four times the line's time-out and about two seconds.
    ///
    /// # Errors
    ///
    /// [`PsuError::Open`], [`PsuError::Timeout`], [`PsuError::Stranger`], [`PsuError::Garbled`],
    /// [`PsuError::Refused`], [`PsuError::Unplugged`].
    pub fn open(
        port: &str,
        params: &SerialParams,
        idn_substr: &str,
        clock: Arc<dyn Clock>,
        tap: Option<Arc<dyn WireTap>>,
    ) -> Result<Self, PsuError> {
        let dialogue = Dialogue::open(port, params, idn_substr, clock, tap)?;
        Ok(Self { dialogue, limits: Limits::default(), measure: None, in_vain: 0, switched_on: false })
    }

    /// The port.
    pub fn port(&self) -> &str {
        self.dialogue.port()
    }

    /// The line end that the device was found to hear.
    pub const fn eol(&self) -> Eol {
        self.dialogue.eol()
    }

    /// Whether the output may be on because of this driver.
    pub const fn may_be_on(&self) -> bool {
        self.switched_on
    }

    /// Lets the output stay as it is when the driver is dropped. For a person at a desk; a run never does.
    pub fn leave_on(mut self) {
        self.switched_on = false;
    }

    /// Sets a value and reads it back.
    fn write(&mut self, command: &str, value: f64) -> Result<f64, PsuError> {
        self.dialogue.set(&format!("{command} {value:.3}"), &format!("{command}?"), value)
    }

    /// Arms a protection and moves the set-point below it. Whichever of the two is in the other's way moves
    /// last.
    fn arm(&mut self, knob: &Knob, value: f64, limit: Option<f64>) -> Result<(), PsuError> {
        let Some(limit) = limit else { return self.write(knob.set, value).map(drop) };
        let armed = self.dialogue.query(&format!("{}?", knob.limit), answer::number)?;
        let steps = [(knob.set, value), (knob.limit, limit)];
        let ordered = if value + knob.margin > armed { [steps[1], steps[0]] } else { steps };
        for (command, value) in ordered {
            self.write(command, value)?;
        }
        Ok(())
    }

    fn ask_measure(&mut self, command: MeasureCommand) -> Result<Reading, PsuError> {
        match command {
            MeasureCommand::AllInfo => self.dialogue.query("MEAS:ALL:INFO?", answer::all_info),
            MeasureCommand::All => self.dialogue.query("MEAS:ALL?", answer::all),
            MeasureCommand::Single => {
                let volts = Volts::new(self.dialogue.query("MEAS:VOLT?", answer::number)?);
                let amps = Amps::new(self.dialogue.query("MEAS:CURR?", answer::number)?);
                Ok(Reading { volts, amps, watts: None, mode: None, tripped: None })
            }
        }
    }

    /// Settles for the question that was answered: at once if the device refused the better ones, as it does
    /// with what it does not understand, and else once that happened again and again. A device that was only
    /// slow or garbled is asked for everything again next time.
    fn measured_with(&mut self, command: MeasureCommand, refused: bool) {
        self.in_vain += 1;
        if refused || self.in_vain >= IN_VAIN {
            self.measure = Some(command);
        }
    }

    /// Looks whether a device that was unplugged is back at its port. It must be the very same; another hears
    /// nothing but `*IDN?`.
    fn came_back(&mut self) -> bool {
        let clock = Arc::clone(self.dialogue.clock());
        let back = || match self.dialogue.open_again() {
            Ok(()) => Ok(Some(())),
            // The port is not there yet.
            Err(PsuError::Open { .. } | PsuError::Unplugged { .. }) => Ok(None),
            Err(error) => Err(error),
        };
        let found = poll_until(&*clock, "the supply to come back", RETURN_POLL, RETURN, back);
        found.inspect_err(|error| tracing::warn!("{}: {error}", self.dialogue.port())).is_ok()
    }

    /// Sends the commands for `output`, one after the other, until the device says that it took effect.
    fn switch(&mut self, output: Output, commands: [&str; 3]) -> Result<(), PsuError> {
        let mut got = Ok(output);
        for command in commands {
            got = self.dialogue.tell(command, AFTER_SWITCHING).and_then(|()| self.output());
            match &got {
                Ok(state) if *state == output => return Ok(()),
                Err(error) if error.is_lost() => break,
                Ok(_) | Err(_) => {}
            }
        }
        Err(PsuError::Output { port: self.port().to_owned(), asked: output, got: got? })
    }

    /// Switches off, watches the rail until it is near zero, and says how that was seen.
    ///
    /// The first reading comes later after the switch than the device takes to refresh it, so it is no old
    /// one.
    fn prove_off(&mut self) -> OutputVerified {
        let clock = Arc::clone(self.dialogue.clock());
        let ordered = clock.now();
        let verified = |confirmed, how, rail| {
            let after_ms = clock.now().since(ordered).as_millis() as u64;
            OutputVerified { confirmed, rail, after_ms, how }
        };
        let mut switched = self.set_output(Output::Off);
        if switched.as_ref().is_err_and(PsuError::is_lost) && self.came_back() {
            switched = self.set_output(Output::Off);
        }
        if let Err(error) = switched {
            return verified(false, format!("the output could not be switched off: {error}"), None);
        }
        let deadline = clock.now() + FALL;
        loop {
            let rail = match self.measure() {
                Ok(reading) => reading.volts,
                Err(error) => {
                    let how = format!("off is read back, but the rail cannot be: {error}");
                    return verified(false, how, None);
                }
            };
            if rail < OFF {
                let how = format!("off is read back, and the rail fell below {OFF:.1}");
                return verified(true, how, Some(rail));
            }
            if clock.now() >= deadline {
                let how = format!("off is read back, but the rail is still at {rail:.2}");
                return verified(false, how, Some(rail));
            }
            clock.sleep(FALL_POLL);
        }
    }
}

impl PowerSupply for OwonPsu {
    fn identity(&self) -> &Identity {
        self.dialogue.identity()
    }

    fn set_voltage(&mut self, volts: Volts) -> Result<Volts, PsuError> {
        VOLTAGE.check(volts.get(), self.limits.voltage.map(Volts::get))?;
        self.write(VOLTAGE.set, volts.get()).map(Volts::new)
    }

    fn set_current(&mut self, amps: Amps) -> Result<Amps, PsuError> {
        CURRENT.check(amps.get(), self.limits.current.map(Amps::get))?;
        self.write(CURRENT.set, amps.get()).map(Amps::new)
    }

    fn voltage(&mut self) -> Result<Volts, PsuError> {
        self.dialogue.query("VOLT?", answer::number).map(Volts::new)
    }

    fn current(&mut self) -> Result<Amps, PsuError> {
        self.dialogue.query("CURR?", answer::number).map(Amps::new)
    }

    fn output(&mut self) -> Result<Output, PsuError> {
        self.dialogue.query("OUTP?", answer::output)
    }

    fn set_output(&mut self, output: Output) -> Result<(), PsuError> {
        match output {
            Output::On => {
                self.switched_on = true;
                self.switch(output, ON_COMMANDS)
            }
            Output::Off => {
                self.switch(output, OFF_COMMANDS)?;
                self.switched_on = false;
                Ok(())
            }
        }
    }

    fn park(&mut self, setup: &Setup) -> Result<(), PsuError> {
        let (volts, amps) = (setup.voltage.get(), setup.current.get());
        let max_volts = setup.limits.voltage.map(Volts::get);
        let max_amps = setup.limits.current.map(Amps::get);
        VOLTAGE.check(volts, max_volts)?;
        CURRENT.check(amps, max_amps)?;
        // They hold from now on, even if the device does not take them.
        self.limits = setup.limits;
        self.arm(&VOLTAGE, volts, max_volts)?;
        self.arm(&CURRENT, amps, max_amps)
    }

    fn measure(&mut self) -> Result<Reading, PsuError> {
        if let Some(command) = self.measure {
            return self.ask_measure(command);
        }
        let (mut command, mut refused) = (MeasureCommand::AllInfo, true);
        loop {
            match (self.ask_measure(command), command.simpler()) {
                (Ok(reading), _) => {
                    self.measured_with(command, refused);
                    return Ok(reading);
                }
                (Err(error), Some(simpler)) if !error.is_lost() => {
                    refused &= matches!(error, PsuError::Refused { .. });
                    command = simpler;
                }
                (Err(error), _) => return Err(error),
            }
        }
    }

    fn shut_down(&mut self) -> OutputVerified {
        self.prove_off()
    }
}

impl fmt::Debug for OwonPsu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwonPsu")
            .field("identity", self.dialogue.identity())
            .field("dialogue", &self.dialogue)
            .finish_non_exhaustive()
    }
}

impl Drop for OwonPsu {
    /// The net under everything else: an output that was switched on is not left on. Nobody is left to tell
    /// what comes of it, and one command was seen to be lost.
    fn drop(&mut self) {
        if self.switched_on {
            for command in &OFF_COMMANDS[..2] {
                let _ = self.dialogue.tell(command, Duration::ZERO);
            }
        }
    }
}
