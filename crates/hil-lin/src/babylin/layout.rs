//! The library's structures, as the vendor's headers lay them out (hardware reference 4).
//!
//! The headers have no packing pragma, so `repr(C)` is their layout; `long` is 8 bytes on 64-bit Linux and
//! 4 on Windows.

use std::ffi::{c_char, c_int, c_long, c_short, c_uchar, c_ulong, c_ushort};

/// A field of text, ended by a zero, in whatever encoding.
type Text<const N: usize> = [c_char; N];

/// `BLC_PORTINFO`: where a device was found.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct PortInfo {
    pub(super) number: c_int,
    /// 0 USB serial, 1 UDP (not connectable), 2 TCP.
    pub(super) kind: c_int,
    pub(super) name: Text<256>,
    pub(super) device: Text<256>,
}

impl PortInfo {
    pub(super) const EMPTY: Self = Self { number: 0, kind: 0, name: [0; 256], device: [0; 256] };
}

/// `BLC_CHANNELINFO`: a channel of a device.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct ChannelInfo {
    pub(super) id: c_ushort,
    /// 0 LIN, 1 CAN, 99 the device itself.
    pub(super) kind: c_ushort,
    pub(super) name: Text<128>,
    pub(super) max_rate: c_long,
    /// Bit 0: disabled for want of a licence. Bit 3: initialised.
    pub(super) flags: c_long,
    pub(super) reserved: [c_long; 2],
    /// −1: none.
    pub(super) section: c_int,
}

impl ChannelInfo {
    pub(super) const EMPTY: Self = Self {
        id: 0,
        kind: c_ushort::MAX,
        name: [0; 128],
        max_rate: 0,
        flags: 0,
        reserved: [0; 2],
        section: -1,
    };

    pub(super) const LIN: c_ushort = 0;
    pub(super) const UNLICENSED: c_long = 1;
}

/// `BLC_FRAME`: a frame as the device reports it.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct RawFrame {
    pub(super) channel: c_ulong,
    /// Microseconds of the device, milliseconds with flag 04.
    pub(super) timestamp: c_ulong,
    /// Milliseconds of the host.
    pub(super) intime: c_long,
    /// Without parity.
    pub(super) id: c_ulong,
    pub(super) length: c_uchar,
    pub(super) data: [c_uchar; 8],
    pub(super) flags: c_short,
    pub(super) bus_flags: c_short,
    pub(super) checksum: c_uchar,
}

impl RawFrame {
    /// A frame that cannot be: what the library leaves as it is must not pass for one.
    pub(super) const INVALID: Self = Self {
        channel: 0,
        timestamp: 0,
        intime: 0,
        id: c_ulong::MAX,
        length: c_uchar::MAX,
        data: [0; 8],
        flags: 0,
        bus_flags: 0,
        checksum: 0,
    };

    /// In `flags`: something is wrong with it.
    pub(super) const ERROR: c_short = 0x01;
    /// In `flags`: the device sent it.
    pub(super) const SENT: c_short = 0x02;
    /// In `bus_flags`: it broke off before the checksum.
    pub(super) const INCOMPLETE: c_short = 0x04;
    /// In `bus_flags`: an error without data.
    pub(super) const EMPTY: c_short = 0x08;
}

/// A field of text up to its zero, or whole if it has none.
pub(super) fn text(field: &[c_char]) -> String {
    // A `char` is signed on some machines and not on others.
    let bytes: Vec<u8> =
        field.iter().map(|byte| byte.to_ne_bytes()[0]).take_while(|byte| *byte != 0).collect();
    String::from_utf8_lossy(&bytes).chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use std::mem::{offset_of, size_of};

    use super::*;

    /// Computed from the headers with ctypes, on 64-bit Linux and 64-bit Windows.
    #[test]
    fn the_structures_are_laid_out_as_in_the_headers() {
        let long_is_eight = size_of::<c_long>() == 8;
        let sizes = [size_of::<PortInfo>(), size_of::<ChannelInfo>(), size_of::<RawFrame>()];
        assert_eq!(sizes, if long_is_eight { [520, 176, 48] } else { [520, 152, 32] });
        assert_eq!(
            [offset_of!(PortInfo, kind), offset_of!(PortInfo, name), offset_of!(PortInfo, device)],
            [4, 8, 264]
        );
        let frame = [
            offset_of!(RawFrame, data),
            offset_of!(RawFrame, flags),
            offset_of!(RawFrame, bus_flags),
            offset_of!(RawFrame, checksum),
        ];
        assert_eq!(frame, if long_is_eight { [33, 42, 44, 46] } else { [17, 26, 28, 30] });
        let channel = [
            offset_of!(ChannelInfo, kind),
            offset_of!(ChannelInfo, name),
            offset_of!(ChannelInfo, max_rate),
            offset_of!(ChannelInfo, section),
        ];
        assert_eq!(channel, if long_is_eight { [2, 4, 136, 168] } else { [2, 4, 132, 148] });
    }

    #[test]
    fn text_ends_at_its_zero_or_with_its_field() {
        let field: Vec<c_char> = b"BabyLIN\x1b\0rest".iter().map(|byte| *byte as c_char).collect();
        assert_eq!(text(&field), "BabyLIN");
        assert_eq!(text(&[b'x' as c_char; 4]), "xxxx");
    }
}
