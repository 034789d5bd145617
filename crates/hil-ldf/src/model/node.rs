//! Nodes and what the file says about them.

use std::fmt;
use std::time::Duration;

use super::database::Database;
use super::view::view;
use crate::pool::List;
use crate::syntax::{Span, Symbol};

/// A node address for diagnostics and configuration, any byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Nad(u8);

impl Nad {
    pub(crate) fn new(nad: u8) -> Self {
        Self(nad)
    }

    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Nad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:02X}", self.0)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct MasterRecord {
    pub(crate) name: Symbol,
    pub(crate) time_base: Duration,
    pub(crate) jitter: Duration,
    pub(crate) j2602: Option<J2602Timing>,
}

view! {
    /// The master node.
    Master of MasterRecord
}

/// What J2602 adds to the master: its line of the file, or 48 bits and 40 % where the file leaves them out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct J2602Timing {
    /// Maximum header length in bits.
    pub max_header_bits: f64,
    /// How much longer than nominal a response may be, in percent.
    pub response_tolerance: f64,
}

impl Master<'_> {
    /// The unit in which schedule slots are counted.
    pub fn time_base(self) -> Duration {
        self.record.time_base
    }

    /// How far a slot's start may be off.
    pub fn jitter(self) -> Duration {
        self.record.jitter
    }

    /// J2602 files only.
    pub fn j2602(self) -> Option<J2602Timing> {
        self.record.j2602
    }
}

#[derive(Clone, Debug)]
pub(crate) struct SlaveRecord {
    pub(crate) name: Symbol,
    pub(crate) diagnostic_address: Option<Nad>,
    /// Index in the table of attributes.
    pub(crate) attributes: Option<u32>,
}

view! {
    /// A slave node.
    Slave of SlaveRecord
}

impl<'d> Slave<'d> {
    /// The address of the node: the configured one, or that of `Diagnostic_addresses` in LIN 1.3 files.
    pub fn nad(self) -> Option<Nad> {
        self.attributes().and_then(NodeAttributes::configured_nad).or(self.record.diagnostic_address)
    }

    /// The node's entry in `Node_attributes`.
    pub fn attributes(self) -> Option<NodeAttributes<'d>> {
        let record = self.database.tables.attributes.get(self.record.attributes? as usize)?;
        Some(NodeAttributes { database: self.database, record })
    }
}

#[derive(Clone, Debug)]
pub(crate) struct AttributesRecord {
    pub(crate) protocol: Option<Span>,
    pub(crate) configured_nad: Option<Nad>,
    pub(crate) initial_nad: Option<Nad>,
    pub(crate) product_id: Option<ProductId>,
    pub(crate) response_error: Option<Symbol>,
    pub(crate) fault_state_signals: List<Symbol>,
    pub(crate) p2_min: Duration,
    pub(crate) st_min: Duration,
    pub(crate) n_as_timeout: Duration,
    pub(crate) n_cr_timeout: Duration,
    pub(crate) configurable_frames: List<ConfigurableRecord>,
    pub(crate) response_tolerance: Option<f64>,
    pub(crate) wakeup_time: Option<Duration>,
    pub(crate) poweron_time: Option<Duration>,
}

/// The defaults of LDF reference 2.
impl Default for AttributesRecord {
    fn default() -> Self {
        Self {
            protocol: None,
            configured_nad: None,
            initial_nad: None,
            product_id: None,
            response_error: None,
            fault_state_signals: List::default(),
            p2_min: Duration::from_millis(50),
            st_min: Duration::ZERO,
            n_as_timeout: Duration::from_millis(1000),
            n_cr_timeout: Duration::from_millis(1000),
            configurable_frames: List::default(),
            response_tolerance: None,
            wakeup_time: None,
            poweron_time: None,
        }
    }
}

/// A node's entry in `Node_attributes`, with the defaults of LDF reference 2 for what it leaves out.
#[derive(Clone, Copy)]
pub struct NodeAttributes<'d> {
    database: &'d Database,
    record: &'d AttributesRecord,
}

impl fmt::Debug for NodeAttributes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeAttributes({:?})", self.record.configured_nad)
    }
}

impl<'d> NodeAttributes<'d> {
    /// The protocol version of this node, as written.
    pub fn protocol(self) -> Option<&'d str> {
        self.database.optional_text(self.record.protocol)
    }

    /// The address after configuration.
    pub fn configured_nad(self) -> Option<Nad> {
        self.record.configured_nad
    }

    /// The address after power-on; the configured one if the file does not say.
    pub fn initial_nad(self) -> Option<Nad> {
        self.record.initial_nad.or(self.record.configured_nad)
    }

    /// Supplier, function and variant.
    pub fn product_id(self) -> Option<ProductId> {
        self.record.product_id
    }

    /// The one-bit signal by which the node reports errors in frames.
    pub fn response_error(self) -> Option<&'d str> {
        self.record.response_error.map(|signal| self.database.name(signal))
    }

    /// The signals by which the node reports that it is faulty.
    pub fn fault_state_signals(self) -> impl ExactSizeIterator<Item = &'d str> {
        self.database.names(self.record.fault_state_signals)
    }

    /// Shortest time between a diagnostic request and the first slot for its response.
    pub fn p2_min(self) -> Duration {
        self.record.p2_min
    }

    /// Shortest time between two frames of one diagnostic message.
    pub fn st_min(self) -> Duration {
        self.record.st_min
    }

    /// Longest time for sending one frame of a diagnostic message.
    pub fn n_as_timeout(self) -> Duration {
        self.record.n_as_timeout
    }

    /// Longest time until the next frame of a diagnostic message.
    pub fn n_cr_timeout(self) -> Duration {
        self.record.n_cr_timeout
    }

    /// The frames whose identifier can be changed, in the order of their index.
    pub fn configurable_frames(self) -> impl ExactSizeIterator<Item = ConfigurableFrame<'d>> {
        let Self { database, record } = self;
        let frames = record.configurable_frames.of(&database.tables.configurable_frames).iter();
        frames.map(move |frame| ConfigurableFrame {
            frame: database.name(frame.frame),
            message_id: frame.message_id,
        })
    }

    /// J2602: how much longer than nominal a response may be, in percent; the standard's default is 40.
    pub fn response_tolerance(self) -> Option<f64> {
        self.record.response_tolerance
    }

    /// J2602: time from wake-up to readiness; the standard's default is 100 ms.
    pub fn wakeup_time(self) -> Option<Duration> {
        self.record.wakeup_time
    }

    /// J2602: time from power-on to readiness; the standard's default is 100 ms.
    pub fn poweron_time(self) -> Option<Duration> {
        self.record.poweron_time
    }
}

/// What a node is, for the configuration services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProductId {
    /// Supplier, 0 to 0xFFFF.
    pub supplier: u16,
    /// Function, 0 to 0xFFFF.
    pub function: u16,
    /// Variant, if the file says one.
    pub variant: Option<u8>,
}

#[derive(Clone, Debug)]
pub(crate) struct ConfigurableRecord {
    pub(crate) frame: Symbol,
    pub(crate) message_id: Option<u16>,
}

/// A frame whose identifier can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigurableFrame<'d> {
    frame: &'d str,
    message_id: Option<u16>,
}

impl<'d> ConfigurableFrame<'d> {
    /// Name of the frame.
    pub fn frame(self) -> &'d str {
        self.frame
    }

    /// LIN 2.0: the message identifier. Several frames may share one.
    pub fn message_id(self) -> Option<u16> {
        self.message_id
    }
}

#[derive(Clone, Debug)]
pub(crate) struct ConfigurationRecord {
    pub(crate) name: Symbol,
    pub(crate) composites: List<CompositeRecord>,
}

view! {
    /// A configuration of composite nodes.
    Configuration of ConfigurationRecord
}

impl<'d> Configuration<'d> {
    /// Its composite nodes.
    pub fn composites(self) -> impl ExactSizeIterator<Item = Composite<'d>> {
        let Self { database, record } = self;
        record
            .composites
            .of(&database.tables.composites)
            .iter()
            .map(move |record| Composite { database, record })
    }
}

#[derive(Clone, Debug)]
pub(crate) struct CompositeRecord {
    pub(crate) name: Symbol,
    pub(crate) members: List<Symbol>,
}

view! {
    /// A node made of several logical nodes.
    Composite of CompositeRecord
}

impl<'d> Composite<'d> {
    /// Names of its members, which need not be slaves of the file.
    pub fn members(self) -> impl ExactSizeIterator<Item = &'d str> {
        self.database.names(self.record.members)
    }
}
