//! The layout of the module's frames, as in `vendor/alm.ldf`.

/// `ALM_Req_A`: what the light shall do.
pub const REQUEST: u8 = 0x0A;
/// `ConfigFrame`: how the module computes.
pub const CONFIG: u8 = 0x0B;
/// `ALM_Status`: how the module is.
pub const STATUS: u8 = 0x11;
/// `PWM_Frame`: the duties after temperature compensation.
pub const PWM: u8 = 0x12;
/// `PWM_wo_Comp`: the duties before it.
pub const PWM_WO_COMP: u8 = 0x13;
/// `Tj_Frame`: the temperature.
pub const TJ: u8 = 0x14;

/// The request in an `ALM_Req_A`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) rgb: [u8; 3],
    pub(super) intensity: u8,
    /// 0 apply at once, 1 save, 2 apply what was saved, 3 discard what was saved. Our own codes: the
    /// real ones are not attested (hardware reference 10.1, uncertain).
    pub(super) update: u8,
    /// 0 immediate, 1 fade colour and intensity, 2 fade the intensity only.
    pub(super) mode: u8,
    /// In units of 200 ms.
    pub(super) duration: u8,
    pub(super) lid_from: u8,
    pub(super) lid_to: u8,
}

impl Request {
    pub(super) fn read(data: &[u8; 8]) -> Self {
        let [red, green, blue, intensity, update_mode, duration, lid_from, lid_to] = *data;
        Self {
            rgb: [red, green, blue],
            intensity,
            update: update_mode & 0x03,
            mode: update_mode >> 2,
            duration,
            lid_from,
            lid_to,
        }
    }
}

/// What an `ALM_Status` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) nad: u8,
    /// 0 off, 1 animating, 2 on.
    pub(super) led: u8,
    /// 0 normal, 1 under-voltage, 2 over-voltage.
    pub(super) voltage: u8,
    /// 0 normal, 1 derating.
    pub(super) thermal: u8,
    pub(super) communication_error: bool,
}

impl Status {
    /// The bytes; bits without a signal are 1. The NVM status is always 0, "OK".
    pub(super) fn write(self) -> [u8; 4] {
        let supply = self.voltage | self.thermal << 2;
        [self.nad, self.led | 0xFC, supply | 0xC0, u8::from(self.communication_error) | 0xFE]
    }
}

/// Three 16-bit words, least significant byte first, and unused bits.
pub(super) fn words(words: [u16; 3]) -> [u8; 8] {
    let [[a, b], [c, d], [e, f]] = words.map(u16::to_le_bytes);
    [a, b, c, d, e, f, 0xFF, 0xFF]
}
