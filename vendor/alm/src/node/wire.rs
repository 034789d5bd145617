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

/// A frame of the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ModuleFrame {
    pub(super) id: u8,
    /// Its length in bytes, where the master sends it.
    pub(super) subscribed: Option<usize>,
    /// The bits that carry a signal, where the module sends it.
    pub(super) used: &'static [u8],
}

/// The frames of the module, in the order of its `configurable_frames`.
pub(super) const FRAMES: [ModuleFrame; 6] = [
    ModuleFrame { id: REQUEST, subscribed: Some(8), used: &[] },
    ModuleFrame { id: CONFIG, subscribed: Some(3), used: &[] },
    ModuleFrame { id: STATUS, subscribed: None, used: &[0xFF, 0x03, 0x3F, 0x01] },
    ModuleFrame { id: PWM, subscribed: None, used: &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00] },
    ModuleFrame {
        id: PWM_WO_COMP,
        subscribed: None,
        used: &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00],
    },
    ModuleFrame { id: TJ, subscribed: None, used: &[0xFF; 4] },
];

/// The index of the frame that leaves the factory with this id.
pub(super) fn index(id: u8) -> Option<usize> {
    FRAMES.iter().position(|frame| frame.id == id)
}

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

/// What an `ALM_Status` says of the module; the node adds its address and its error flag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Status {
    /// 0 off, 1 animating, 2 on.
    pub(super) led: u8,
    /// 0 normal, 1 under-voltage, 2 over-voltage.
    pub(super) voltage: u8,
    /// 0 normal, 1 derating.
    pub(super) thermal: u8,
}

impl Status {
    /// The bytes; bits without a signal are 1. The NVM status is always 0, "OK".
    pub(super) fn write(self, nad: u8, communication_error: bool) -> [u8; 4] {
        let supply = self.voltage | self.thermal << 2;
        [nad, self.led | 0xFC, supply | 0xC0, u8::from(communication_error) | 0xFE]
    }
}

/// Three 16-bit words, least significant byte first, and unused bits.
pub(super) fn words(words: [u16; 3]) -> [u8; 8] {
    let [[a, b], [c, d], [e, f]] = words.map(u16::to_le_bytes);
    [a, b, c, d, e, f, 0xFF, 0xFF]
}
