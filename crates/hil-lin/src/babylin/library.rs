//! The one place with unsafe code: the library's functions, and safe calls around them.
//!
//! What makes them safe is the vendor's headers: that a library with these names is the vendor's (or does
//! as it does) is what whoever configures its path vouches for. A library of another generation, whose
//! structures are longer, is noticed by the guard behind each structure that it fills in.

#![expect(unsafe_code, reason = "a C library that is loaded at run time can only be called so")]

use std::ffi::{CStr, c_char, c_int, c_uchar, c_void};
use std::path::{Path, PathBuf};
use std::ptr::NonNull;
use std::time::Duration;

use super::code::Code;
use super::layout::{ChannelInfo, PortInfo, RawFrame, text};
use super::master::NAME;
use crate::LinError;

/// How many ports are listed at most.
const PORTS: usize = 16;

/// Bytes behind a structure that the library must leave alone.
const GUARD: usize = 256;

/// The longest text that the library is asked for.
const TEXT: usize = 512;

/// A device or a channel, as the library calls it.
type Handle = *mut c_void;

/// The functions that are used, with the signatures of the headers.
#[derive(Clone, Copy)]
struct Functions {
    version: unsafe extern "C" fn() -> *const c_char,
    ports: unsafe extern "C" fn(*mut PortInfo, *mut c_int) -> c_int,
    open: unsafe extern "C" fn(PortInfo) -> Handle,
    close: unsafe extern "C" fn(Handle) -> c_int,
    channel_count: unsafe extern "C" fn(Handle) -> c_int,
    channel: unsafe extern "C" fn(Handle, c_int) -> Handle,
    channel_info: unsafe extern "C" fn(Handle, *mut ChannelInfo) -> c_int,
    load_sdf: unsafe extern "C" fn(Handle, *const c_char, c_int) -> c_int,
    command: unsafe extern "C" fn(Handle, *const c_char) -> c_int,
    transmit: unsafe extern "C" fn(Handle, c_int, *const c_int, c_int, c_int) -> c_int,
    master_request: unsafe extern "C" fn(Handle, *mut c_uchar, c_int) -> c_int,
    next_frame: unsafe extern "C" fn(Handle, *mut RawFrame, c_int) -> c_int,
    last_error: unsafe extern "C" fn(Handle, *mut c_char, c_int) -> c_int,
}

/// The vendor's library, loaded until the process ends.
///
/// It is never unloaded: it has threads of its own, and nothing says that they are gone after `BLC_close`.
pub(super) struct Library {
    functions: Functions,
}

impl Library {
    /// The name by which the system's loader finds it.
    pub(super) fn default_path() -> PathBuf {
        PathBuf::from(if cfg!(windows) { "BabyLIN.dll" } else { "libBabyLIN.so" })
    }

    /// Loads `path`; a bare name is looked for where the system looks for libraries.
    ///
    /// # Errors
    ///
    /// [`LinError::Unavailable`] when it cannot be loaded, or lacks a function.
    pub(super) fn load(path: &Path) -> Result<Self, LinError> {
        let unavailable = |what: &dyn std::fmt::Display| LinError::Unavailable {
            adapter: NAME,
            reason: format!("{}: {what}", path.display()),
        };
        if cfg!(all(windows, target_pointer_width = "32")) {
            // Older headers say `__stdcall` there and newer ones do not: a wrong guess ruins the stack.
            return Err(unavailable(&"the library is not supported on 32-bit Windows"));
        }
        // SAFETY: The library's initialisers run. Whoever configured the path vouches for it.
        let library = unsafe { libloading::Library::new(path) }.map_err(|error| {
            // The error itself says only that it failed; its source says why.
            std::error::Error::source(&error).map_or_else(|| unavailable(&error), |why| unavailable(&why))
        })?;
        // SAFETY: The field's type, to which `$name` is inferred, is the function's signature in the headers.
        macro_rules! function {
            ($name:literal) => {
                *unsafe { library.get($name) }.map_err(|_| {
                    unavailable(&format_args!("it has no function {}", $name.to_string_lossy()))
                })?
            };
        }
        let functions = Functions {
            version: function!(c"BLC_getVersionString"),
            ports: function!(c"BLC_getBabyLinPorts"),
            open: function!(c"BLC_openPort"),
            close: function!(c"BLC_close"),
            channel_count: function!(c"BLC_getChannelCount"),
            channel: function!(c"BLC_getChannelHandle"),
            channel_info: function!(c"BLC_getChannelInfo"),
            load_sdf: function!(c"BLC_loadSDF"),
            command: function!(c"BLC_sendCommand"),
            transmit: function!(c"BLC_mon_set_xmit"),
            master_request: function!(c"BLC_sendRawMasterRequest"),
            next_frame: function!(c"BLC_getNextFrameTimeout"),
            last_error: function!(c"BLC_getLastError"),
        };
        // The functions outlive it from here on.
        let _ = std::mem::ManuallyDrop::new(library);
        Ok(Self { functions })
    }

    /// Its version, as it calls it.
    pub(super) fn version(&self) -> String {
        // SAFETY: Takes nothing, and returns a constant text or null.
        let version = unsafe { (self.functions.version)() };
        if version.is_null() {
            return String::new();
        }
        // SAFETY: Not null, and ended by a zero as every `CPCHAR` of the headers.
        unsafe { CStr::from_ptr(version) }.to_string_lossy().into_owned()
    }

    /// The devices that are plugged in.
    ///
    /// # Errors
    ///
    /// [`LinError::Garbled`] for a count that cannot be, and what the library says.
    pub(super) fn ports(&self) -> Result<Vec<PortInfo>, LinError> {
        let mut ports = Guarded::new([PortInfo::EMPTY; PORTS]);
        let mut count = PORTS as c_int;
        // SAFETY: Room for `count` entries is there; the library writes no more and says how many it wrote.
        let code = unsafe { (self.functions.ports)(ports.pointer().cast(), &raw mut count) };
        let ports = ports.filled("the list of ports")?;
        if code != 0 {
            return Err(Code(code).failed("list its ports", Duration::ZERO, ""));
        }
        let found = usize::try_from(count).ok().and_then(|count| ports.get(..count));
        found.map(<[PortInfo]>::to_vec).ok_or_else(|| garbled(format!("{count} ports in a list of {PORTS}")))
    }

    /// Opens a port that was listed; `None` when the library cannot.
    pub(super) fn open(&self, port: &PortInfo) -> Option<Port> {
        // SAFETY: The structure goes by value, and its texts end in zeros or with their fields.
        let device = NonNull::new(unsafe { (self.functions.open)(*port) })?;
        Some(Port { functions: self.functions, device, channel: device })
    }
}

/// An open device, closed when dropped.
pub(super) struct Port {
    functions: Functions,
    device: NonNull<c_void>,
    /// The channel that calls are for. Lives as long as the device.
    channel: NonNull<c_void>,
}

impl Port {
    /// Loads the SDF at `path` into the device, which resets it.
    pub(super) fn load_sdf(&self, path: &CStr, within: Duration) -> Result<(), LinError> {
        // SAFETY: The handle is open, and the text ends in a zero.
        let code = unsafe { (self.functions.load_sdf)(self.device.as_ptr(), path.as_ptr(), 1) };
        self.check(code, "load the SDF", within)
    }

    /// How many channels it has, the device itself included.
    pub(super) fn channel_count(&self) -> Result<c_int, LinError> {
        // SAFETY: The handle is open.
        match unsafe { (self.functions.channel_count)(self.device.as_ptr()) } {
            count @ 0.. => Ok(count),
            code => Err(Code(code).failed("count its channels", Duration::ZERO, &self.last_error())),
        }
    }

    /// Uses channel `index` from now on, if it is there, and says what it is.
    pub(super) fn select(&mut self, index: c_int) -> Result<Option<ChannelInfo>, LinError> {
        // SAFETY: The handle is open; a wrong index yields null.
        let channel = unsafe { (self.functions.channel)(self.device.as_ptr(), index) };
        let Some(channel) = NonNull::new(channel) else { return Ok(None) };
        let mut info = Guarded::new(ChannelInfo::EMPTY);
        // SAFETY: The handle came from the open device, and the structure has room.
        let code = unsafe { (self.functions.channel_info)(channel.as_ptr(), info.pointer()) };
        let info = info.filled("a channel")?;
        self.check(code, "describe a channel", Duration::ZERO)?;
        self.channel = channel;
        Ok(Some(info))
    }

    /// Gives the channel a command such as `start;`, which is to do `operation`.
    pub(super) fn command(
        &self,
        command: &CStr,
        operation: &'static str,
        within: Duration,
    ) -> Result<(), LinError> {
        // SAFETY: The channel's device is open, and the text ends in a zero.
        let code = unsafe { (self.functions.command)(self.channel.as_ptr(), command.as_ptr()) };
        self.check(code, operation, within)
    }

    /// Has the frame `id` sent once.
    pub(super) fn transmit(&self, id: u8, data: &[u8], within: Duration) -> Result<(), LinError> {
        let data: Vec<c_int> = data.iter().map(|byte| c_int::from(*byte)).collect();
        let (length, once) = (data.len() as c_int, 0);
        // SAFETY: The channel's device is open, and `length` integers are there to read.
        let code = unsafe {
            (self.functions.transmit)(self.channel.as_ptr(), c_int::from(id), data.as_ptr(), length, once)
        };
        self.check(code, "send a frame", within)
    }

    /// Has a master request sent, and the next `responses` slave responses reported, see [`super::expectation`].
    pub(super) fn master_request(
        &self,
        mut data: [u8; 8],
        responses: u8,
        within: Duration,
    ) -> Result<(), LinError> {
        // SAFETY: The channel's device is open, and the eight bytes that the headers ask for are there.
        let code = unsafe {
            (self.functions.master_request)(self.channel.as_ptr(), data.as_mut_ptr(), c_int::from(responses))
        };
        self.check(code, "send a master request", within)
    }

    /// The next frame that the device reports, within `wait`, rounded up to milliseconds.
    pub(super) fn next_frame(&self, wait: Duration) -> Result<Option<RawFrame>, LinError> {
        let millis = c_int::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(c_int::MAX);
        let mut frame = Guarded::new(RawFrame::INVALID);
        // SAFETY: The channel's device is open, and the structure has room.
        let code = unsafe { (self.functions.next_frame)(self.channel.as_ptr(), frame.pointer(), millis) };
        let frame = frame.filled("a frame")?;
        match Code(code) {
            Code::TIMEOUT | Code::NO_DATA => Ok(None),
            Code(code) => self.check(code, "report frames", wait).map(|()| Some(frame)),
        }
    }

    fn check(&self, code: c_int, operation: &'static str, within: Duration) -> Result<(), LinError> {
        match code {
            0 => Ok(()),
            code => Err(Code(code).failed(operation, within, &self.last_error())),
        }
    }

    /// What the library says of its last error.
    fn last_error(&self) -> String {
        let mut field: [c_char; TEXT] = [0; TEXT];
        // SAFETY: The handle is open, and the text has room for its length.
        let code =
            unsafe { (self.functions.last_error)(self.device.as_ptr(), field.as_mut_ptr(), TEXT as c_int) };
        if code == 0 { text(&field) } else { String::new() }
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        // SAFETY: The handle is open, and nobody uses it or its channels any more.
        let code = unsafe { (self.functions.close)(self.device.as_ptr()) };
        if code != 0 {
            tracing::debug!("the BabyLIN library does not close its device: {}", Code(code));
        }
    }
}

/// A structure for the library to fill in, with bytes behind it that it must leave alone.
#[repr(C)]
struct Guarded<T> {
    value: T,
    guard: [u8; GUARD],
}

impl<T> Guarded<T> {
    const PATTERN: [u8; GUARD] = [0xA5; GUARD];

    const fn new(value: T) -> Self {
        Self { value, guard: Self::PATTERN }
    }

    /// Where the library writes. The pointer may reach the guard.
    const fn pointer(&mut self) -> *mut T {
        std::ptr::from_mut(self).cast()
    }

    /// The structure, if the guard is as it was.
    fn filled(self, what: &str) -> Result<T, LinError> {
        if self.guard == Self::PATTERN {
            Ok(self.value)
        } else {
            Err(garbled(format!("{what} is longer than in the headers that this was built for")))
        }
    }
}

const fn garbled(what: String) -> LinError {
    LinError::Garbled { adapter: NAME, what }
}
