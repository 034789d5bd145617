//! The typed configuration: the table of every key, with its default and what it takes.

mod flash;
mod power_supply;
mod server;
mod simulation;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use hil_model::run::AttachmentLimits;

pub use flash::{BootLoader, BootMemory, Flash, FlashMethod, MemoryRange};
pub use power_supply::{Eol, Parity, PowerSupply, Settle};
pub use server::{LogFormat, Server};
pub use simulation::{
    BootFault, BootFaultKind, EcuFault, EcuFaultKind, Fault, LinFault, LinFaultKind, PsuFault, PsuFaultKind,
    Simulation,
};

use crate::rule::{
    Address, FilePath, Fingerprint, Flag, Integer, Keyed, KeyedBy, Name, OneOf, Optional, Seconds, Text,
    choice,
};
use crate::section::{SectionOf, section};

section! {
    /// The configuration of a bench.
    Config {
        /// The bench itself.
        bench: Bench = Bench::default(), SectionOf::<Bench>::NEW;
        /// The LIN adapter and the ECU behind it.
        interface: Interface = Interface::default(), SectionOf::<Interface>::NEW;
        /// Flashing of the ECU before the tests.
        flash: Flash = Flash::default(), SectionOf::<Flash>::NEW;
        /// The bench power supply.
        power_supply: PowerSupply = PowerSupply::default(), SectionOf::<PowerSupply>::NEW;
        /// The simulated bench, used when `interface.type` is `mock`.
        simulation: Simulation = Simulation::default(), SectionOf::<Simulation>::NEW;
        /// How tests are run.
        run: Run = Run::default(), SectionOf::<Run>::NEW;
        /// The unit under test.
        unit: Unit = Unit::default(), SectionOf::<Unit>::NEW;
        /// What a run's record says and holds.
        record: Record = Record::default(), SectionOf::<Record>::NEW;
        /// What a run writes.
        reports: Reports = Reports::default(), SectionOf::<Reports>::NEW;
        /// The server of `hil serve`.
        server: Server = Server::default(), SectionOf::<Server>::NEW;
    }
}

section! {
    /// The bench itself.
    Bench {
        /// Name of the bench, in the lock file and in reports: letters, digits, `_`, `-`, `.`, at
        /// most 64 characters.
        name: String = "bench".to_owned(), Name;
        /// Whether the devices are imitations in another process, as `hil sim` sets it: reports then say
        /// that the run was simulated.
        simulated: bool = false, Flag;
    }
}

choice! {
    /// The LIN adapter.
    InterfaceType {
        /// A simulated bus with a simulated ECU; nothing to install.
        Mock = "mock",
        /// The Melexis Universal Master, through the vendor's Python packages.
        Mum = "mum",
        /// The Melexis Compact Master, through its WebSocket API.
        Mcm = "mcm",
        /// A BabyLIN through the vendor's library. Deprecated.
        Babylin = "babylin",
        /// A LIN transceiver on a serial port.
        Uart = "uart",
    }
}

choice! {
    /// How a LIN transceiver on a serial port makes a break.
    BreakMethod {
        /// The system holds the line; the sync byte follows as soon as the converter lets it.
        Ioctl = "ioctl",
        /// A zero byte at 9/13 of the bit rate; the sync byte follows when its time has passed.
        Baud = "baud",
        /// The same, but the sync byte waits until the break has come back, as on a pseudo-terminal it must.
        BaudEcho = "baud_echo",
    }
}

section! {
    /// The LIN adapter and the ECU behind it.
    Interface {
        /// The adapter.
        kind as "type": InterfaceType = InterfaceType::Mock, OneOf::<InterfaceType>::new();
        /// Host name or address of a MUM (usually `192.168.7.2`) or MCM, which also takes `host:port`.
        /// Without it the tests that need LIN skip. HIL_LIN_HOST stands for it.
        host: Option<String> = None, Optional(Text);
        /// SHA-256 fingerprint of an MCM's certificate, 64 hexadecimal digits, with or without colons.
        /// Without it any certificate is taken (`mcm` only).
        tls_fingerprint: Option<String> = None, Optional(Fingerprint);
        /// The serial port of a LIN transceiver, such as `/dev/ttyUSB1` (`uart`, where the tests that need
        /// LIN skip without it), or the port of a BabyLIN in place of the first one (`babylin`).
        port: Option<String> = None, Optional(Text);
        /// How long the serial converter may keep bytes back, 0 s to 0.1 s (`uart` only).
        latency: Duration = Duration::from_millis(20),
            Seconds::new(Duration::ZERO, Duration::from_millis(100));
        /// How a break is made: by the system, or as a zero byte at a lower bit rate (`uart` only). On a
        /// real converter `ioctl` keeps the header shortest.
        break_method as "break": BreakMethod = BreakMethod::BaudEcho, OneOf::<BreakMethod>::new();
        /// The adapter's name for its LIN channel.
        lin_device: String = "lin0".to_owned(), Text;
        /// The adapter's name for the output that powers the ECU.
        power_device: String = "power_out0".to_owned(), Text;
        /// Time from power-up to the first frame, 0 s to 60 s.
        boot_settle_seconds: Duration = Duration::from_millis(500),
            Seconds::new(Duration::ZERO, Duration::from_secs(60));
        /// Bit rate of the bus in bit/s, 1000 to 20000.
        bitrate: u32 = 19_200, Integer::new(1000, 20_000);
        /// The Python interpreter that can import the vendor's packages (`mum` only).
        python: String = "python3".to_owned(), Text;
        /// The LDF. Without it the tests that need it skip.
        ldf_path: Option<PathBuf> = None, Optional(FilePath);
        /// The vendor's library, in place of the one that the system finds (`babylin` only).
        library: Option<PathBuf> = None, Optional(FilePath);
        /// The SDF (`babylin` only).
        sdf_path: Option<PathBuf> = None, Optional(FilePath);
        /// Number of the schedule in the SDF (`babylin` only).
        schedule_nr: u32 = 0, Integer::new(0, u32::MAX);
        /// Node address of the ECU, 0x01 to 0x7D. Where nobody says it on a real bench, the bus is asked: the
        /// addresses of the LDF first, then every one.
        nad: u8 = 0x01, Integer::new(0x01, 0x7D);
        /// Lengths of frames in bytes, 1 to 8, by frame id, 0x00 to 0x3F. The LDF gives the
        /// lengths; an entry here overrides it.
        frame_lengths: BTreeMap<u8, u8> = BTreeMap::new(),
            Keyed::<FrameIds, _>::new(Integer::new(1, 8));
    }
}

section! {
    /// How tests are run.
    Run {
        /// Longest duration of a test that sets none of its own, 10 ms to one day.
        timeout: Duration = Duration::from_secs(60),
            Seconds::new(Duration::from_millis(10), Duration::from_secs(24 * 3600));
        /// How often a failed test is tried again, 0 to 100.
        retries: u32 = 0, Integer::new(0, 100);
        /// How often a test may ask to be repeated, 0 to 1000, if it sets no number of its own. One that asks
        /// once more has failed.
        repeats: u32 = 3, Integer::new(0, 1000);
        /// The user's own markers, each with what it means.
        markers: BTreeMap<String, String> = BTreeMap::new(), Keyed::<Markers, _>::new(Text);
        /// The catalogue of requirements for the coverage report: a YAML file, id to title.
        requirements: Option<PathBuf> = None, Optional(FilePath);
    }
}

section! {
    /// The unit under test.
    Unit {
        /// Its serial number, at most 60 characters. Without one, and without `--serial`, the record of a run
        /// belongs to the unit `bench:` and the bench's name.
        serial_number: Option<String> = None, Optional(Text);
        /// What part it is one of, at most 60 characters.
        part_number: Option<String> = None, Optional(Text);
        /// What the part is called, at most 255 characters.
        part_name: Option<String> = None, Optional(Text);
        /// The part's revision, at most 60 characters.
        revision: Option<String> = None, Optional(Text);
        /// The batch that it was made in: letters, digits, `_` and `-`, at most 100 characters.
        batch: Option<String> = None, Optional(Text);
    }
}

choice! {
    /// How much a line of the log matters.
    LogLevel {
        /// For whoever debugs `hil` or a suite.
        Debug = "debug",
        /// For the reader of the report.
        Info = "info",
        /// Something is odd.
        Warning = "warning",
        /// Something is broken.
        Error = "error",
        /// Nothing works any more.
        Critical = "critical",
    }
}

section! {
    /// What a run's record says and holds.
    Record {
        /// What is executed: a UUID, an identifier such as `FVT1`, or a name. Without it, the names of the
        /// suites.
        procedure: Option<String> = None, Optional(Text);
        /// The version of it, at most 60 characters.
        procedure_version: Option<String> = None, Optional(Text);
        /// Who executes it: an e-mail address, or a name.
        operator: Option<String> = None, Optional(Text);
        /// The least important lines of the log that are recorded. With `debug` those of `hil` and the suites;
        /// what other libraries have to debug is never recorded.
        log_level: LogLevel = LogLevel::Info, OneOf::<LogLevel>::new();
        /// Where runs are kept: a path, `postgres://USER@HOST/DATABASE`, or `none`. Without it, the store in the
        /// user's data directory. Shown without user, password and options.
        store: Option<String> = None, Optional(Address);
        /// Where the contents of attachments lie; beside a SQLite file if nothing is said.
        files: Option<PathBuf> = None, Optional(FilePath);
        /// The server that finished runs are sent to, such as `https://hil.example.com`.
        server: Option<String> = None, Optional(Address);
        /// A file that holds the key for the server and nothing else; without it, the key is in HIL_API_KEY.
        key_file: Option<PathBuf> = None, Optional(FilePath);
        /// How many files tests may attach to a run, 0 to 10000.
        max_attachments: u32 = 100, Integer::new(0, AttachmentLimits::MOST);
        /// How many bytes each of them may have, 0 to 1 GiB.
        max_attachment_bytes: u64 = 10 << 20, Integer::new(0, 1 << 30);
    }
}

section! {
    /// What a run writes.
    Reports {
        /// The directory of the reports.
        dir: PathBuf = PathBuf::from("reports"), FilePath;
    }
}

/// Frame ids as keys, decimal or `0x…`.
struct FrameIds;

impl KeyedBy for FrameIds {
    type Key = u8;

    const EXPECTED: &'static str = "a frame id from 0x00 to 0x3F";
    const PATTERN: &'static str = "^([0-9]|[1-5][0-9]|6[0-3]|0x0?[0-9A-Fa-f]|0x[0-3][0-9A-Fa-f])$";

    fn parse(text: &str) -> Option<u8> {
        let id = match text.strip_prefix("0x") {
            Some(digits) => u8::from_str_radix(digits, 16),
            None => text.parse(),
        };
        let has_leading_zero = text.len() > 1 && text.starts_with('0') && !text.starts_with("0x");
        id.ok().filter(|id| *id <= 0x3F && !has_leading_zero && !text.contains('+'))
    }

    fn spell(key: &u8) -> String {
        format!("0x{key:02X}")
    }
}

/// Names of markers as keys.
struct Markers;

impl KeyedBy for Markers {
    type Key = String;

    const EXPECTED: &'static str = "a marker: a letter, then letters, digits and `_`";
    const PATTERN: &'static str = "^[A-Za-z][A-Za-z0-9_]*$";

    fn parse(text: &str) -> Option<String> {
        let is_marker = text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        is_marker.then(|| text.to_owned())
    }

    fn spell(key: &String) -> String {
        key.clone()
    }
}
