//! An open device with a running schedule: frames in, frames out.

use std::collections::VecDeque;
use std::ffi::{CString, c_int};
use std::path::Path;
use std::time::{Duration, Instant};

use super::expectation::Expectation;
use super::layout::{ChannelInfo, PortInfo, RawFrame, text};
use super::library::{Library, Port};
use super::master::{BabyLinSettings, NAME};
use crate::{Data, Frame, FrameId, Header, LinError, Response, checksum};

/// How long the device may take to report a frame that it was told to send: a slow schedule's round.
pub(super) const SENT: Duration = Duration::from_secs(1);

/// Frames that are looked through before a frame is sent or awaited. A bus has 400 a second at most.
const STALE: usize = 10_000;

/// Slave responses that are kept for whoever asks: a message of 4095 bytes has 683.
const KEPT: usize = 1024;

/// Channels that are looked at. A device has a few.
const CHANNELS: c_int = 64;

/// The schedule that the device runs.
pub(super) struct Device {
    port: Port,
    facts: Vec<(&'static str, String)>,
    /// Slave responses since the last master request, oldest first.
    responses: VecDeque<Reported>,
    expectation: Expectation,
}

/// A frame as the device reported it, with fields that can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reported {
    id: FrameId,
    data: Data,
    checksum: u8,
    /// The device sent it.
    sent: bool,
    error: bool,
    /// It broke off before the checksum.
    incomplete: bool,
}

impl Device {
    /// Opens the device that the settings name, and starts its schedule.
    pub(super) fn open(settings: &BabyLinSettings) -> Result<Self, LinError> {
        let path = settings.library.clone().unwrap_or_else(Library::default_path);
        let library = Library::load(&path)?;
        let Some(sdf) = &settings.sdf else { return Err(unavailable("no SDF is given".to_owned())) };
        let sdf_text = c_path(sdf)?;
        let info = choose(&library.ports()?, settings.port.as_deref())?;
        let name = text(&info.device);
        let Some(mut port) = library.open(&info) else {
            return Err(unavailable(format!("the library cannot open its port {name}")));
        };
        port.load_sdf(&sdf_text, super::master::CONNECT)?;
        let mut lin = None;
        for index in 0..port.channel_count()?.min(CHANNELS) {
            if let Some(info) = port.select(index)?
                && info.kind == ChannelInfo::LIN
                && info.flags & ChannelInfo::UNLICENSED == 0
            {
                lin = Some(info);
                break;
            }
        }
        let Some(channel) = lin else {
            return Err(unavailable(format!("{name} has no LIN channel with a licence")));
        };
        port.command(c"disframe 255 1;", "report every frame", SENT)?;
        let start = CString::new(format!("start schedule {};", settings.schedule)).unwrap_or_default();
        port.command(&start, "start its schedule", SENT)?;
        let facts = vec![
            ("library", library.version()),
            ("port", name),
            ("channel", text(&channel.name)),
            ("sdf", sdf.display().to_string()),
            ("schedule", settings.schedule.to_string()),
        ];
        Ok(Self { port, facts, responses: VecDeque::new(), expectation: Expectation::default() })
    }

    /// What is worth a line in the record.
    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        self.facts.clone()
    }

    /// Sends `frame` with the checksum that its id stands for, and waits until the device reports it.
    pub(super) fn send(&mut self, frame: &Frame) -> Result<(), LinError> {
        self.skip_stale()?;
        let id = frame.id();
        if id == FrameId::MASTER_REQUEST {
            let Ok(data) = <[u8; 8]>::try_from(&**frame.data()) else {
                let reason = format!("it takes exactly 8 data bytes, not {}", frame.data().len());
                return Err(LinError::Refused { adapter: NAME, operation: "send a master request", reason });
            };
            self.responses.clear();
            let expected = self.expectation.after(data);
            self.port.master_request(data, expected, SENT)?;
        } else {
            self.port.transmit(id.get(), frame.data(), SENT)?;
        }
        let judged = self.watch(SENT, |reported| {
            (reported.id == id && (reported.sent || reported.error))
                .then(|| reported.judge_sent(frame))
                .flatten()
        })?;
        let late = LinError::Timeout { adapter: NAME, operation: "report the frame as sent", timeout: SENT };
        judged.unwrap_or(Err(late))
    }

    /// Awaits what the running schedule fetches for `header`.
    pub(super) fn receive(&mut self, header: Header, timeout: Duration) -> Result<Response, LinError> {
        self.skip_stale()?;
        if header.id == FrameId::SLAVE_RESPONSE
            && let Some(kept) = self.responses.pop_front()
        {
            return kept.judge(header);
        }
        let judged = self.watch(timeout, |reported| {
            (reported.id == header.id && !reported.sent).then(|| reported.judge(header))
        })?;
        judged.unwrap_or(Ok(Response::None))
    }

    /// Shows every frame that is reported within `within` to `take`, until it takes one.
    fn watch<T>(
        &mut self,
        within: Duration,
        take: impl Fn(&Reported) -> Option<T>,
    ) -> Result<Option<T>, LinError> {
        let started = Instant::now();
        let mut left = within;
        while let Some(reported) = self.next(left)? {
            if let Some(taken) = take(&reported) {
                return Ok(Some(taken));
            }
            self.keep(reported);
            left = within.saturating_sub(started.elapsed());
            // A device that never runs out of other frames must not keep us here.
            if left.is_zero() {
                break;
            }
        }
        Ok(None)
    }

    /// Looks through what was reported before now. Only slave responses are of use later.
    fn skip_stale(&mut self) -> Result<(), LinError> {
        for _ in 0..STALE {
            let Some(reported) = self.next(Duration::ZERO)? else { return Ok(()) };
            self.keep(reported);
        }
        Err(LinError::Garbled { adapter: NAME, what: "more frames than a bus can carry".to_owned() })
    }

    /// Keeps a slave response for whoever asks next. A slot that nobody answered is none.
    fn keep(&mut self, reported: Reported) {
        if reported.id == FrameId::SLAVE_RESPONSE && !reported.is_empty() && self.responses.len() < KEPT {
            self.responses.push_back(reported);
        }
    }

    fn next(&mut self, wait: Duration) -> Result<Option<Reported>, LinError> {
        self.port.next_frame(wait)?.as_ref().map(Reported::parse).transpose()
    }
}

impl Reported {
    fn parse(raw: &RawFrame) -> Result<Self, LinError> {
        let id = u8::try_from(raw.id).ok().and_then(|id| FrameId::new(id).ok());
        let data = raw.data.get(..usize::from(raw.length)).and_then(|data| Data::new(data).ok());
        let (Some(id), Some(data)) = (id, data) else {
            let what = format!("a frame {:#x} of {} bytes", raw.id, raw.length);
            return Err(LinError::Garbled { adapter: NAME, what });
        };
        Ok(Self {
            id,
            data: if raw.bus_flags & RawFrame::EMPTY == 0 { data } else { Data::default() },
            checksum: raw.checksum,
            sent: raw.flags & RawFrame::SENT != 0,
            error: raw.flags & RawFrame::ERROR != 0,
            incomplete: raw.bus_flags & RawFrame::INCOMPLETE != 0,
        })
    }

    /// Whether nothing followed the header. Whether a device reports such a slot at all is uncertain (U).
    fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// What it says of `frame`, which is to be sent; `None` if it is not about it.
    fn judge_sent(&self, frame: &Frame) -> Option<Result<(), LinError>> {
        let id = self.id;
        let differs = frame.data().iter().zip(self.data.iter()).position(|(sent, got)| sent != got);
        match differs {
            None if !self.error && self.data == *frame.data() => Some(Ok(())),
            // The schedule sends the frame as well, with the data that it had before.
            None | Some(_) if !self.error => None,
            Some(at) => {
                let (sent, got) = (frame.data()[at], self.data[at]);
                // Sync and protected id stand before the data.
                Some(Err(LinError::BitError { id, at: at + 2, sent, got }))
            }
            None => {
                Some(Err(LinError::Disturbed { id, what: "an error while it sent the frame".to_owned() }))
            }
        }
    }

    /// What it is as the response to `header`.
    fn judge(&self, header: Header) -> Result<Response, LinError> {
        let Self { id, data, checksum: got, .. } = *self;
        let expected = checksum(header.checksum, id, &data);
        if self.is_empty() {
            Ok(Response::None)
        } else if self.incomplete || data.len() < header.length {
            Err(LinError::Incomplete { id, data, expected: header.length })
        } else if data.len() > header.length {
            let what = format!("{} data bytes instead of {}", data.len(), header.length);
            Err(LinError::Disturbed { id, what })
        } else if got != expected {
            Err(LinError::Checksum { id, data, got, expected })
        } else if self.error {
            Err(LinError::Disturbed { id, what: "an error in the response".to_owned() })
        } else {
            Ok(Response::Data(data))
        }
    }
}

/// The port to open: the one of that name, device or number, or else the first that can be connected.
fn choose(ports: &[PortInfo], wanted: Option<&str>) -> Result<PortInfo, LinError> {
    let names = |port: &PortInfo| [text(&port.device), text(&port.name), port.number.to_string()];
    let mut connectable = ports.iter().filter(|port| matches!(port.kind, 0 | 2));
    let chosen = match wanted {
        None => connectable.next(),
        Some(wanted) => connectable.find(|port| names(port).iter().any(|name| name == wanted)),
    };
    chosen.copied().ok_or_else(|| {
        let found: Vec<String> = ports.iter().map(|port| text(&port.device)).collect();
        unavailable(match wanted {
            None => "the library finds no device".to_owned(),
            Some(wanted) => format!("the library finds no device {wanted} (found: [{}])", found.join(", ")),
        })
    })
}

/// The SDF's path as the library takes it, if there is a file.
fn c_path(path: &Path) -> Result<CString, LinError> {
    if let Err(error) = std::fs::File::open(path) {
        return Err(unavailable(format!("SDF {}: {error}", path.display())));
    }
    path.to_str()
        .and_then(|text| CString::new(text).ok())
        .ok_or_else(|| unavailable(format!("SDF {}: the library cannot take this path", path.display())))
}

fn unavailable(reason: String) -> LinError {
    LinError::Unavailable { adapter: NAME, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn raw(length: u8, checksum: u8, flags: i16, bus_flags: i16) -> RawFrame {
        let data = [1, 2, 3, 4, 5, 6, 7, 8];
        RawFrame { id: 0x11, length, data, flags, bus_flags, checksum, ..RawFrame::INVALID }
    }

    fn data(bytes: &[u8]) -> Data {
        Data::new(bytes).unwrap()
    }

    const ID: FrameId = match FrameId::new(0x11) {
        Ok(id) => id,
        Err(_) => panic!(),
    };

    #[rstest]
    #[case::good(raw(2, 0xEB, 8, 2), Ok(Response::Data(data(&[1, 2]))))]
    #[case::silence(raw(0, 0, 1, 0), Ok(Response::None))]
    #[case::silence_with_data(raw(2, 0, 1, 8), Ok(Response::None))]
    #[case::classic(
        raw(2, 0xFC, 0, 1),
        Err(LinError::Checksum { id: ID, data: data(&[1, 2]), got: 0xFC, expected: 0xEB })
    )]
    #[case::flagged(raw(2, 0xEB, 1, 0), Err(LinError::Disturbed { id: ID, what: "an error in the response".into() }))]
    #[case::no_sum(raw(2, 0, 0, 4), Err(LinError::Incomplete { id: ID, data: data(&[1, 2]), expected: 2 }))]
    #[case::part(raw(1, 0, 1, 0), Err(LinError::Incomplete { id: ID, data: data(&[1]), expected: 2 }))]
    #[case::longer(raw(3, 0, 0, 0), Err(LinError::Disturbed { id: ID, what: "3 data bytes instead of 2".into() }))]
    fn a_reported_frame_is_judged(#[case] raw: RawFrame, #[case] expected: Result<Response, LinError>) {
        assert_eq!(Reported::parse(&raw).unwrap().judge(Header::new(ID, 2)), expected);
    }

    #[rstest]
    #[case::ours(raw(2, 0, 2, 2), Some(Ok(())))]
    #[case::other_data(RawFrame { data: [9; 8], ..raw(2, 0, 2, 2) }, None)]
    #[case::other_length(raw(1, 0, 2, 2), None)]
    #[case::no_data(raw(0, 0, 3, 8), Some(Err(LinError::Disturbed { id: ID, what: "an error while it sent the frame".into() })))]
    #[case::a_bit(
        RawFrame { data: [1, 6, 0, 0, 0, 0, 0, 0], ..raw(2, 0, 3, 0) },
        Some(Err(LinError::BitError { id: ID, at: 3, sent: 2, got: 6 }))
    )]
    fn a_sent_frame_is_judged(#[case] raw: RawFrame, #[case] expected: Option<Result<(), LinError>>) {
        let frame = Frame::of(ID, data(&[1, 2]));
        assert_eq!(Reported::parse(&raw).unwrap().judge_sent(&frame), expected);
    }

    #[rstest]
    #[case::untouched(RawFrame::INVALID)]
    #[case::id(RawFrame { id: 0x40, ..raw(2, 0, 0, 0) })]
    #[case::length(raw(9, 0, 0, 0))]
    fn a_frame_that_cannot_be_is_nonsense(#[case] raw: RawFrame) {
        assert!(matches!(Reported::parse(&raw), Err(LinError::Garbled { .. })));
    }

    #[test]
    fn a_port_is_found_by_each_of_its_names() {
        let field = |name: &str| {
            let mut field = [0; 256];
            for (to, from) in field.iter_mut().zip(name.bytes()) {
                *to = from as std::ffi::c_char;
            }
            field
        };
        let port =
            |number, kind, device| PortInfo { number, kind, name: field("BabyLIN"), device: field(device) };
        let ports = [port(1, 1, "udp"), port(2, 0, "/dev/ttyUSB0"), port(3, 2, "10.0.0.2")];
        let chosen =
            |wanted| choose(&ports, wanted).map(|port| port.number).map_err(|error| error.to_string());
        assert_eq!(chosen(None), Ok(2));
        assert_eq!(chosen(Some("10.0.0.2")), Ok(3));
        assert_eq!(chosen(Some("2")), Ok(2));
        assert_eq!(
            chosen(Some("udp")).unwrap_err(),
            "babylin cannot be had: the library finds no device udp (found: [udp, /dev/ttyUSB0, 10.0.0.2])"
        );
    }
}
