//! The module as a whole: power, sleep, frames.

use std::time::Duration;

use hil::lin::{ChecksumModel, Data, FrameId, Nad};
use hil::model::{Amps, BenchTime, Volts};
use hil::sim::{Node, Reaction};
use rgb_to_pwm::{Calculator, Celsius, Intensity, Pwm16, Rgb};

use super::diagnostics::{Diagnostics, Effect};
use super::lamp::{Lamp, Light};
use super::thermal::Thermal;
use super::voltage::VoltageMonitor;
use super::wire::{self, Request, Status};

/// Below this the module loses its mind, above it it starts again; chosen by us.
const RESET: Volts = Volts::new(5.5);
/// From power or wake-up to the first answer; a slave may take 100 ms (hardware reference 1.5, uncertain).
const BOOT: Duration = Duration::from_millis(80);
/// How often the PWM buffer is refreshed (hardware reference 10.1: within 100 ms).
const PWM_REFRESH: Duration = Duration::from_millis(50);

/// What the electronics draw, and what each channel adds at full duty.
const QUIESCENT: Amps = Amps::new(0.030);
const CHANNEL: f64 = 0.060;

/// Whether the module can answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Power {
    Unpowered,
    Starting { ready: BenchTime },
    Awake,
    Asleep,
}

/// A simulated ambient-light module.
#[derive(Debug)]
pub struct AlmNode {
    nad: u8,
    power: Power,
    lamp: Lamp,
    voltage: VoltageMonitor,
    thermal: Thermal,
    diagnostics: Diagnostics,
    calculator: Calculator,
    compensation: bool,
    communication_error: bool,
    last_tick: BenchTime,
    /// The buffers that the frames are sent from, refreshed as the real ones are.
    status: [u8; 4],
    pwm: Pwm,
}

/// The PWM buffer and when it was refreshed.
#[derive(Clone, Copy, Debug, Default)]
struct Pwm {
    refreshed: BenchTime,
    compensated: Pwm16,
    plain: Pwm16,
}

impl AlmNode {
    /// A module with the address `nad`, without power.
    pub fn new(nad: Nad) -> Self {
        Self {
            nad: nad.get(),
            power: Power::Unpowered,
            lamp: Lamp::off(),
            voltage: VoltageMonitor::new(),
            thermal: Thermal::new(),
            diagnostics: Diagnostics::default(),
            calculator: Calculator::builtin(),
            compensation: true,
            communication_error: false,
            last_tick: BenchTime::ZERO,
            status: [0; 4],
            pwm: Pwm::default(),
        }
    }

    /// Starts as after power-up: what was volatile is gone, the address is not.
    fn start(&mut self, now: BenchTime) {
        self.power = Power::Starting { ready: now + BOOT };
        self.lamp = Lamp::off();
        self.voltage = VoltageMonitor::new();
        self.diagnostics = Diagnostics::default();
        self.compensation = true;
        self.communication_error = false;
        self.pwm = Pwm { refreshed: now, ..Pwm::default() };
    }

    fn refresh_status(&mut self, now: BenchTime) {
        let status = Status {
            nad: self.nad,
            led: self.lamp.state(now) as u8,
            voltage: self.voltage.reported() as u8,
            thermal: u8::from(self.thermal.is_derating()),
            communication_error: self.communication_error,
        };
        self.status = status.write();
    }

    fn refresh_pwm(&mut self, now: BenchTime) {
        let Light { rgb, intensity } = self.lamp.light(now);
        let [r, g, b] = rgb.map(|channel| channel.round() as u8);
        let (rgb, intensity) = (Rgb { r, g, b }, Intensity(intensity.round() as u8));
        let plain = self.calculator.pwm_without_compensation(rgb, intensity).pwm;
        let compensated = if self.compensation {
            self.calculator.pwm(rgb, intensity, Celsius(self.thermal.celsius())).pwm
        } else {
            plain
        };
        self.pwm = Pwm { refreshed: now, compensated, plain };
    }

    fn on_request(&mut self, data: &[u8; 8], now: BenchTime) {
        let request = Request::read(data);
        // An empty range, from above to, addresses nobody.
        if (request.lid_from..=request.lid_to).contains(&self.nad) {
            self.lamp.request(request, now);
        }
    }

    fn on_diagnostic(&mut self, data: &[u8; 8]) {
        match self.diagnostics.request(data, self.nad) {
            Effect::None => {}
            Effect::Sleep => {
                self.power = Power::Asleep;
                self.lamp = Lamp::off();
            }
            Effect::NewNad(nad) => self.nad = nad,
        }
    }
}

impl Node for AlmNode {
    fn on_header(&mut self, id: FrameId, _now: BenchTime) -> Reaction {
        if self.power != Power::Awake {
            return Reaction::Ignore;
        }
        let listen = |length, checksum| Reaction::Listen { length, checksum };
        match id.get() {
            wire::REQUEST => listen(8, ChecksumModel::Enhanced),
            wire::CONFIG => listen(3, ChecksumModel::Enhanced),
            wire::STATUS => respond(&self.status),
            wire::PWM => respond(&words(self.pwm.compensated)),
            wire::PWM_WO_COMP => respond(&words(self.pwm.plain)),
            wire::TJ => {
                let [[ntc_low, ntc_high], [led_low, led_high]] = self.thermal.kelvin().map(u16::to_le_bytes);
                respond(&[ntc_low, ntc_high, led_low, led_high])
            }
            0x3C => listen(8, ChecksumModel::Classic),
            0x3D => self.diagnostics.answer().map_or(Reaction::Ignore, |answer| respond_diagnostic(&answer)),
            _ => Reaction::Ignore,
        }
    }

    fn on_frame(&mut self, id: FrameId, data: &Data, now: BenchTime) {
        match (id.get(), <&[u8; 8]>::try_from(&**data)) {
            (wire::REQUEST, Ok(data)) => self.on_request(data, now),
            (0x3C, Ok(data)) => self.on_diagnostic(data),
            (wire::CONFIG, _) => self.compensation = data.first().is_some_and(|byte| byte & 1 == 1),
            _ => {}
        }
        self.refresh_status(now);
    }

    fn on_faulty_response(&mut self, _id: FrameId, now: BenchTime) {
        self.communication_error = true;
        self.refresh_status(now);
    }

    fn on_transmitted(&mut self, id: FrameId, now: BenchTime) {
        // The flag is cleared once the frame that carries it went out (hardware reference 1.9).
        if id.get() == wire::STATUS {
            self.communication_error = false;
            self.refresh_status(now);
        }
    }

    fn on_dominant(&mut self, now: BenchTime) {
        if self.power == Power::Asleep {
            self.power = Power::Starting { ready: now + BOOT };
        }
    }

    fn on_tick(&mut self, now: BenchTime, rail: Volts) -> Amps {
        let elapsed = now.since(self.last_tick);
        self.last_tick = now;
        match self.power {
            _ if rail < RESET => self.power = Power::Unpowered,
            Power::Unpowered => self.start(now),
            Power::Starting { ready } if now >= ready => self.power = Power::Awake,
            Power::Starting { .. } | Power::Awake | Power::Asleep => {}
        }
        if self.power == Power::Unpowered {
            self.thermal.pass(elapsed, 0.0);
            return Amps::ZERO;
        }
        self.voltage.observe(rail, now);
        if now.since(self.pwm.refreshed) >= PWM_REFRESH {
            self.refresh_pwm(now);
        }
        let Pwm16 { red, green, blue } = self.pwm.compensated;
        let duty: f64 = [red, green, blue].iter().map(|pwm| f64::from(*pwm) / 65_535.0).sum();
        self.thermal.pass(elapsed, duty / 3.0);
        self.refresh_status(now);
        QUIESCENT + Amps::new(CHANNEL * duty)
    }
}

fn words(pwm: Pwm16) -> [u8; 8] {
    wire::words([pwm.red, pwm.green, pwm.blue])
}

fn respond(bytes: &[u8]) -> Reaction {
    // Every buffer of the module has at most eight bytes.
    Data::new(bytes)
        .map_or(Reaction::Ignore, |data| Reaction::Respond { data, checksum: ChecksumModel::Enhanced })
}

fn respond_diagnostic(bytes: &[u8; 8]) -> Reaction {
    Data::new(bytes)
        .map_or(Reaction::Ignore, |data| Reaction::Respond { data, checksum: ChecksumModel::Classic })
}
