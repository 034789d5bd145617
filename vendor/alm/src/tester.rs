//! What tests drive the module with (HLP-02).

use std::time::Duration;

use hil::model::{Resource, SourceLocation, Unit};
use hil::{Ctx, FrameIo, FromBench, Result, TestError};
use rgb_to_pwm::{Calculator, Celsius, Intensity, Pwm16, Rgb, Target};

/// One unit of a request's duration (hardware reference 10.1).
const DURATION_LSB: Duration = Duration::from_millis(200);
/// How often the state is read while an animation is measured: the module refreshes its status each 10 ms.
const FINE_POLL: Duration = Duration::from_millis(10);
/// How long the state may take to change after a request in immediate mode.
const REACTION: Duration = Duration::from_millis(500);
/// How long the PWM frame may take to follow (hardware reference 10.1).
const PWM_SETTLE: Duration = Duration::from_millis(100);
/// The absolute tolerance of a PWM value: 5 % of 16 bits (hardware reference 10.1).
const PWM_ABS_TOL: f64 = 3_277.0;
/// The relative tolerance of a PWM value (hardware reference 10.1).
const PWM_REL_TOL: f64 = 0.05;

/// What `ALMLEDState` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedState {
    /// Dark.
    Off = 0,
    /// On the way to what was requested.
    Animating = 1,
    /// Lit.
    On = 2,
}

impl LedState {
    fn from_raw(raw: u64) -> Result<Self> {
        match raw {
            0 => Ok(Self::Off),
            1 => Ok(Self::Animating),
            2 => Ok(Self::On),
            _ => Err(TestError::failed(format!("ALMLEDState: {raw} is no state"))),
        }
    }
}

/// What `ALMVoltageStatus` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoltageStatus {
    /// The rail is within limits.
    Normal = 0,
    /// The rail is too low.
    Under = 1,
    /// The rail is too high.
    Over = 2,
}

/// `AmbLightMode`: how the module gets to what is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// At once.
    Immediate = 0,
    /// Colour and intensity fade.
    Fade = 1,
    /// The intensity fades; the colour is the new one at once.
    FadeIntensity = 2,
}

/// `AmbLightUpdate`: what becomes of the request. The codes are our own (uncertain: the real ones are not
/// attested, hardware reference 10.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// It is applied at once.
    Apply = 0,
    /// It is saved for later.
    Save = 1,
    /// What was saved is applied.
    ApplySaved = 2,
    /// What was saved is discarded.
    Discard = 3,
}

/// A request to the module, `ALM_Req_A`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The colour.
    pub rgb: Rgb,
    /// The intensity, 0xFF = full.
    pub intensity: Intensity,
    /// What becomes of the request.
    pub update: Update,
    /// How the module gets there.
    pub mode: Mode,
    /// How long that takes, in units of 200 ms.
    pub duration: u8,
    /// Modules with an address from `lids.0` to `lids.1` take it; an inverted range addresses nobody.
    pub lids: (u8, u8),
}

/// How long a module animated, as exactly as polling can tell: no less than the one, no more than the other.
///
/// A poll that came late because the machine stalled makes the two differ more; it does not make a wrong value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnimatingWindow {
    /// From the first frame that said ANIMATING to the last one.
    pub shortest: Duration,
    /// From the last frame before them to the first one after them.
    pub longest: Duration,
}

impl AnimatingWindow {
    /// The time that is nearest to `expected` among those that fit what was seen.
    pub fn nearest_to(self, expected: Duration) -> Duration {
        expected.max(self.shortest).min(self.longest)
    }

    /// How far the two are apart.
    pub fn resolution(self) -> Duration {
        self.longest.saturating_sub(self.shortest)
    }
}

/// Drives one ambient-light module and checks what it does.
#[derive(Clone, Debug)]
pub struct AlmTester {
    ctx: Ctx,
    fio: FrameIo,
    nad: u8,
    calculator: Calculator,
}

impl FromBench for AlmTester {
    const NEEDS: &'static [Resource] = FrameIo::NEEDS;

    /// The module at `interface.nad`.
    fn from_bench(ctx: &Ctx) -> Result<Self> {
        let nad = ctx.config().interface.nad;
        Ok(Self::new(ctx, FrameIo::from_bench(ctx)?, nad))
    }
}

impl AlmTester {
    /// The module with the address `nad`, over `fio`.
    pub fn new(ctx: &Ctx, fio: FrameIo, nad: u8) -> Self {
        Self { ctx: ctx.clone(), fio, nad, calculator: Calculator::builtin() }
    }

    /// The frames that it is driven over.
    pub const fn fio(&self) -> &FrameIo {
        &self.fio
    }

    /// The module's address.
    pub const fn nad(&self) -> u8 {
        self.nad
    }

    /// A request for this module alone: `rgb` at `intensity`, applied at once, immediate mode.
    pub const fn immediate(&self, rgb: Rgb, intensity: Intensity) -> Request {
        Request {
            rgb,
            intensity,
            update: Update::Apply,
            mode: Mode::Immediate,
            duration: 0,
            lids: (self.nad, self.nad),
        }
    }

    /// The same with a fade of `duration` × 200 ms.
    pub const fn fade(&self, rgb: Rgb, intensity: Intensity, mode: Mode, duration: u8) -> Request {
        Request { mode, duration, ..self.immediate(rgb, intensity) }
    }

    /// Sends a request.
    ///
    /// # Errors
    ///
    /// Those of the bus.
    #[track_caller]
    pub fn request(&self, request: Request) -> Result {
        let Request { rgb, intensity, update, mode, duration, lids } = request;
        let raw = |value: u8| hil::ldf::Value::Raw(u64::from(value));
        let location = SourceLocation::caller();
        let title =
            format!("Request {rgb} at {}/255, {mode:?}, {update:?}, LID {}–{}", intensity.0, lids.0, lids.1);
        self.ctx.step(&title, || {
            self.fio
                .send(
                    "ALM_Req_A",
                    [
                        ("AmbLightColourRed", raw(rgb.r)),
                        ("AmbLightColourGreen", raw(rgb.g)),
                        ("AmbLightColourBlue", raw(rgb.b)),
                        ("AmbLightIntensity", raw(intensity.0)),
                        ("AmbLightUpdate", raw(update as u8)),
                        ("AmbLightMode", raw(mode as u8)),
                        ("AmbLightDuration", raw(duration)),
                        ("AmbLightLIDFrom", raw(lids.0)),
                        ("AmbLightLIDTo", raw(lids.1)),
                    ],
                )
                .map_err(|error| error.at(location))
        })
    }

    /// Makes the light dark at once and waits until the module says so.
    ///
    /// # Errors
    ///
    /// Those of [`Self::wait_for_state`].
    #[track_caller]
    pub fn force_off(&self) -> Result {
        self.request(self.immediate(Rgb::OFF, Intensity(0)))?;
        self.wait_for_state(LedState::Off)
    }

    /// What the module says that its light does.
    ///
    /// # Errors
    ///
    /// A failure if it does not answer.
    #[track_caller]
    pub fn read_led_state(&self) -> Result<LedState> {
        LedState::from_raw(self.fio.receive("ALM_Status")?.raw("ALMLEDState")?)
    }

    /// Waits until the module reports `state`, for at most 500 ms.
    ///
    /// # Errors
    ///
    /// A failure that tells a wrong state from silence.
    #[track_caller]
    pub fn wait_for_state(&self, state: LedState) -> Result {
        self.wait_for_state_within(state, REACTION)
    }

    /// Waits until the module reports `state`, for at most `within`.
    ///
    /// # Errors
    ///
    /// A failure that tells a wrong state from silence.
    #[track_caller]
    pub fn wait_for_state_within(&self, state: LedState, within: Duration) -> Result {
        let location = SourceLocation::caller();
        self.ctx.step(&format!("Wait until the light is {state:?}"), || {
            self.fio
                .expect_signal("ALM_Status", "ALMLEDState", state as u64, within)
                .map(drop)
                .map_err(|error| error.at(location))
        })
    }

    /// Measures how long the module reports ANIMATING after a request that was just sent.
    ///
    /// The uncertainty is twice the poll interval, 20 ms, and what the frames themselves take.
    ///
    /// # Errors
    ///
    /// A failure if it does not begin within 500 ms, or does not end within `limit`.
    #[track_caller]
    pub fn measure_animating_window(&self, limit: Duration) -> Result<AnimatingWindow> {
        let location = SourceLocation::caller();
        let clock = self.ctx.clock();
        self.ctx.step("Measure how long the light animates", || {
            // The state changes somewhere between two polls, and a machine that stalls makes that wide.
            let (mut first, mut last) = (None, None);
            // Where the very first poll finds it animating already, it began after the request, at most.
            let mut before = self.fio.last_stimulus().unwrap_or_else(|| clock.now());
            let measured = self
                .ctx
                .wait_for("ALMLEDState = ANIMATING", FINE_POLL, REACTION, || {
                    let asked = clock.now();
                    let animating = self.read_led_state()? == LedState::Animating;
                    if animating {
                        (first, last) = (Some(clock.now()), Some(asked));
                    } else {
                        before = asked;
                    }
                    Ok(animating.then_some(()))
                })
                .and_then(|()| {
                    self.ctx.wait_for("ALMLEDState past ANIMATING", FINE_POLL, limit, || {
                        let asked = clock.now();
                        let animating = self.read_led_state()? == LedState::Animating;
                        if animating {
                            last = Some(asked);
                        }
                        Ok((!animating).then(|| clock.now()))
                    })
                });
            let after = measured.map_err(|error| error.at(location))?;
            let shortest = last.zip(first).map_or(Duration::ZERO, |(last, first)| last.since(first));
            Ok(AnimatingWindow { shortest, longest: after.since(before) })
        })
    }

    /// The bench time that a request's `duration` stands for.
    pub fn duration(duration: u8) -> Duration {
        DURATION_LSB * u32::from(duration)
    }

    /// What the module says about its supply.
    ///
    /// # Errors
    ///
    /// A failure if it does not answer, or says something that is no status.
    #[track_caller]
    pub fn read_voltage_status(&self) -> Result<VoltageStatus> {
        match self.fio.receive("ALM_Status")?.raw("ALMVoltageStatus")? {
            0 => Ok(VoltageStatus::Normal),
            1 => Ok(VoltageStatus::Under),
            2 => Ok(VoltageStatus::Over),
            raw => Err(TestError::failed(format!("ALMVoltageStatus: {raw} is no status"))),
        }
    }

    /// Waits until the module reports `status`, for at most `within`.
    ///
    /// # Errors
    ///
    /// A failure that tells a wrong status from silence.
    #[track_caller]
    pub fn wait_for_voltage_status(&self, status: VoltageStatus, within: Duration) -> Result {
        let location = SourceLocation::caller();
        self.ctx.step(&format!("Wait until the module reports {status:?} voltage"), || {
            self.fio
                .expect_signal("ALM_Status", "ALMVoltageStatus", status as u64, within)
                .map(drop)
                .map_err(|error| error.at(location))
        })
    }

    /// Switches the temperature compensation.
    ///
    /// # Errors
    ///
    /// Those of the bus.
    #[track_caller]
    pub fn enable_compensation(&self, enable: bool) -> Result {
        let title = format!("Switch the temperature compensation {}", if enable { "on" } else { "off" });
        self.ctx.step(&title, || {
            self.fio.send("ConfigFrame", [("EnableCompensation", hil::ldf::Value::from(enable))])
        })
    }

    /// The temperature that the module measures.
    ///
    /// # Errors
    ///
    /// A failure if it does not answer.
    #[track_caller]
    pub fn read_temperature(&self) -> Result<Celsius> {
        let kelvin = self.fio.receive("Tj_Frame")?.raw("Tj_Frame_NTC")?;
        Ok(Celsius(kelvin as f64 - 273.15))
    }

    /// The duties that the module drives its LED with, once they had time to settle.
    ///
    /// # Errors
    ///
    /// A failure if it does not answer.
    #[track_caller]
    pub fn read_pwm(&self) -> Result<Pwm16> {
        self.read_channels("PWM_Frame")
    }

    /// The duties before temperature compensation, once they had time to settle.
    ///
    /// # Errors
    ///
    /// A failure if it does not answer.
    #[track_caller]
    pub fn read_pwm_wo_comp(&self) -> Result<Pwm16> {
        self.read_channels("PWM_wo_Comp")
    }

    #[track_caller]
    fn read_channels(&self, frame: &str) -> Result<Pwm16> {
        self.ctx.sleep(PWM_SETTLE);
        let signals = self.fio.receive(frame)?;
        let channel = |name: &str| -> Result<u16> {
            let raw = signals.raw(&format!("{frame}_{name}"))?;
            u16::try_from(raw).map_err(|_| TestError::misuse(format!("{frame}_{name} is wider than 16 bits")))
        };
        Ok(Pwm16 { red: channel("Red")?, green: channel("Green")?, blue: channel("Blue")? })
    }

    /// The duties must be those of the calculator at the temperature that the module measures, each within
    /// 5 % of its value or of full scale, whichever is more.
    ///
    /// # Errors
    ///
    /// A failure that names the channel.
    #[track_caller]
    pub fn assert_pwm_matches_rgb(&self, rgb: Rgb, intensity: Intensity) -> Result {
        let location = SourceLocation::caller();
        self.ctx.step(&format!("Compare the PWM with the calculator's for {rgb}"), || {
            let temperature = self.read_temperature()?;
            let target = self.calculator.pwm(rgb, intensity, temperature);
            self.ctx.measure("temperature", temperature.0).units(Unit::CELSIUS).record()?;
            self.compare("pwm", self.read_pwm()?, target).map_err(|error| error.at(location))
        })
    }

    /// The duties before compensation must be those of the calculator, with the same tolerance.
    ///
    /// # Errors
    ///
    /// A failure that names the channel.
    #[track_caller]
    pub fn assert_pwm_wo_comp_matches_rgb(&self, rgb: Rgb, intensity: Intensity) -> Result {
        let location = SourceLocation::caller();
        self.ctx.step(&format!("Compare the uncompensated PWM with the calculator's for {rgb}"), || {
            let target = self.calculator.pwm_without_compensation(rgb, intensity);
            self.compare("pwm_wo_comp", self.read_pwm_wo_comp()?, target).map_err(|error| error.at(location))
        })
    }

    fn compare(&self, name: &str, got: Pwm16, target: Target) -> Result {
        let Target { pwm, out_of_gamut, saturated } = target;
        self.ctx.rp(&format!("{name}_out_of_gamut"), out_of_gamut);
        self.ctx.rp(&format!("{name}_saturated"), saturated);
        let channels =
            [("red", got.red, pwm.red), ("green", got.green, pwm.green), ("blue", got.blue, pwm.blue)];
        for (channel, got, want) in channels {
            let want = f64::from(want);
            let tolerance = PWM_ABS_TOL.max(want * PWM_REL_TOL);
            self.ctx
                .measure(&format!("{name}_{channel}"), f64::from(got))
                .units(Unit::COUNT)
                .near(want, tolerance)?;
        }
        Ok(())
    }
}
