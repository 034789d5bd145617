//! The module's application: light, voltage, temperature, and the frames that tell of them.

use std::time::Duration;

use hil::lin::{Data, FrameId};
use hil::model::{Amps, BenchTime, Volts};
use hil::sim::{
    Application, Bootloader, Defect, FrameDirection, LinSlave, Node, NodeSetup, NodeState, PowerTiming,
    Services, SlaveFrame, SlaveSetup, TransportTiming,
};
use rgb_to_pwm::{Calculator, Celsius, Intensity, Pwm16, Rgb};

use super::diagnostics::{Diagnostics, IDENTITY};
use super::lamp::{Lamp, Light};
use super::program;
use super::thermal::Thermal;
use super::voltage::VoltageMonitor;
use super::wire::{self, Request, Status};

/// How often the PWM buffer is refreshed (hardware reference 10.1: within 100 ms).
const PWM_REFRESH: Duration = Duration::from_millis(50);

/// What the electronics draw, and what each channel adds at full duty.
const QUIESCENT: Amps = Amps::new(0.030);
const CHANNEL: f64 = 0.060;

/// A simulated module, without power, as it was delivered.
pub fn simulated(mut setup: NodeSetup) -> Box<dyn Node> {
    let boot = Bootloader::new(program::delivered());
    for (fault, window) in std::mem::take(&mut setup.boot_faults) {
        boot.plant(fault, window);
    }
    simulated_with_boot(setup, Box::new(boot))
}

/// A simulated module whose boot loader serves `boot`: sessions, security, routines, transfer, reset, and the
/// software version. The faults of `setup` are not planted in it.
pub fn simulated_with_boot(setup: NodeSetup, boot: Box<dyn Services>) -> Box<dyn Node> {
    let NodeSetup { nad, defects, boot_faults: _ } = setup;
    let frames = wire::FRAMES.iter().filter_map(|frame| {
        let id = FrameId::new(frame.id).ok()?;
        let direction = match frame.subscribed {
            Some(length) => FrameDirection::Subscribed { length },
            None => FrameDirection::Published,
        };
        Some(SlaveFrame { id, direction })
    });
    let setup = SlaveSetup {
        nad,
        identity: IDENTITY,
        frames: frames.collect(),
        status_frame: wire::index(wire::STATUS),
        nodes_behind: 0,
        power: PowerTiming::default(),
        transport: TransportTiming::default(),
        defects,
    };
    let module = Module::new(defects.has(Defect::UnusedBitsDominant));
    Box::new(LinSlave::new(setup, module, Box::new(Diagnostics::new(boot))))
}

/// What the module does with its frames.
#[derive(Debug)]
struct Module {
    lamp: Lamp,
    voltage: VoltageMonitor,
    thermal: Thermal,
    calculator: Calculator,
    compensation: bool,
    unused_bits_dominant: bool,
    last_tick: BenchTime,
    /// What the frames are sent from, refreshed as the real ones are.
    status: Status,
    pwm: Pwm,
}

/// The PWM buffer and when it was refreshed.
#[derive(Clone, Copy, Debug, Default)]
struct Pwm {
    refreshed: BenchTime,
    compensated: Pwm16,
    plain: Pwm16,
}

impl Module {
    fn new(unused_bits_dominant: bool) -> Self {
        Self {
            lamp: Lamp::off(),
            voltage: VoltageMonitor::new(),
            thermal: Thermal::new(),
            calculator: Calculator::builtin(),
            compensation: true,
            unused_bits_dominant,
            last_tick: BenchTime::ZERO,
            status: Status::default(),
            pwm: Pwm::default(),
        }
    }

    fn refresh_status(&mut self, now: BenchTime) {
        self.status = Status {
            led: self.lamp.state(now) as u8,
            voltage: self.voltage.reported() as u8,
            thermal: u8::from(self.thermal.is_derating()),
        };
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

    /// How long it is since time was seen to pass.
    fn elapsed(&mut self, now: BenchTime) -> Duration {
        let elapsed = now.since(self.last_tick);
        self.last_tick = now;
        elapsed
    }
}

impl Application for Module {
    fn start(&mut self, now: BenchTime) {
        self.lamp = Lamp::off();
        self.voltage = VoltageMonitor::new();
        self.compensation = true;
        self.pwm = Pwm { refreshed: now, ..Pwm::default() };
    }

    fn sleep(&mut self, _now: BenchTime) {
        self.lamp = Lamp::off();
    }

    fn publish(&mut self, frame: usize, node: NodeState, _now: BenchTime) -> Data {
        let Some(frame) = wire::FRAMES.get(frame) else { return Data::default() };
        let mut bytes = match frame.id {
            wire::STATUS => self.status.write(node.nad.get(), node.response_error).to_vec(),
            wire::PWM => words(self.pwm.compensated).to_vec(),
            wire::PWM_WO_COMP => words(self.pwm.plain).to_vec(),
            _ => self.thermal.kelvin().map(u16::to_le_bytes).concat(),
        };
        if self.unused_bits_dominant {
            for (byte, used) in bytes.iter_mut().zip(frame.used) {
                *byte &= used;
            }
        }
        // Every buffer of the module has at most eight bytes.
        Data::new(&bytes).unwrap_or_default()
    }

    fn receive(&mut self, frame: usize, data: &Data, node: NodeState, now: BenchTime) {
        let id = wire::FRAMES.get(frame).map(|frame| frame.id);
        match (id, <&[u8; 8]>::try_from(&**data)) {
            (Some(wire::REQUEST), Ok(data)) => {
                let request = Request::read(data);
                // An empty range, from above to, addresses nobody.
                if (request.lid_from..=request.lid_to).contains(&node.nad.get()) {
                    self.lamp.request(request, now);
                }
            }
            (Some(wire::CONFIG), _) => self.compensation = data.first().is_some_and(|byte| byte & 1 == 1),
            _ => {}
        }
        self.refresh_status(now);
    }

    fn powered(&mut self, rail: Volts, now: BenchTime) -> Amps {
        let elapsed = self.elapsed(now);
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

    fn unpowered(&mut self, now: BenchTime) {
        let elapsed = self.elapsed(now);
        self.thermal.pass(elapsed, 0.0);
    }
}

fn words(pwm: Pwm16) -> [u8; 8] {
    wire::words([pwm.red, pwm.green, pwm.blue])
}
