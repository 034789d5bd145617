//! Nodes and what the file says about them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

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

/// The master node.
#[derive(Clone, Debug, PartialEq)]
pub struct Master {
    pub(crate) name: Arc<str>,
    pub(crate) time_base: Duration,
    pub(crate) jitter: Duration,
    pub(crate) j2602: Option<J2602Timing>,
}

/// What J2602 adds to the master: its line of the file, or 48 bits and 40 % where the file leaves them out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct J2602Timing {
    /// Maximum header length in bits.
    pub max_header_bits: f64,
    /// How much longer than nominal a response may be, in percent.
    pub response_tolerance: f64,
}

impl Master {
    /// Name of the node.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The unit in which schedule slots are counted.
    pub fn time_base(&self) -> Duration {
        self.time_base
    }

    /// How far a slot's start may be off.
    pub fn jitter(&self) -> Duration {
        self.jitter
    }

    /// J2602 files only.
    pub fn j2602(&self) -> Option<J2602Timing> {
        self.j2602
    }
}

/// A slave node.
#[derive(Clone, Debug, PartialEq)]
pub struct Slave {
    pub(crate) name: Arc<str>,
    pub(crate) diagnostic_address: Option<Nad>,
    pub(crate) attributes: Option<NodeAttributes>,
}

impl Slave {
    /// Name of the node.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address of the node: the configured one, or that of `Diagnostic_addresses` in LIN 1.3 files.
    pub fn nad(&self) -> Option<Nad> {
        self.attributes.as_ref().and_then(NodeAttributes::configured_nad).or(self.diagnostic_address)
    }

    /// The node's entry in `Node_attributes`.
    pub fn attributes(&self) -> Option<&NodeAttributes> {
        self.attributes.as_ref()
    }
}

/// A node's entry in `Node_attributes`, with the defaults of LDF reference 2 for what it leaves out.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeAttributes {
    pub(crate) protocol: Option<String>,
    pub(crate) configured_nad: Option<Nad>,
    pub(crate) initial_nad: Option<Nad>,
    pub(crate) product_id: Option<ProductId>,
    pub(crate) response_error: Option<Arc<str>>,
    pub(crate) fault_state_signals: Vec<Arc<str>>,
    pub(crate) p2_min: Duration,
    pub(crate) st_min: Duration,
    pub(crate) n_as_timeout: Duration,
    pub(crate) n_cr_timeout: Duration,
    pub(crate) configurable_frames: Vec<ConfigurableFrame>,
    pub(crate) response_tolerance: Option<f64>,
    pub(crate) wakeup_time: Option<Duration>,
    pub(crate) poweron_time: Option<Duration>,
}

impl Default for NodeAttributes {
    fn default() -> Self {
        Self {
            protocol: None,
            configured_nad: None,
            initial_nad: None,
            product_id: None,
            response_error: None,
            fault_state_signals: Vec::new(),
            p2_min: Duration::from_millis(50),
            st_min: Duration::ZERO,
            n_as_timeout: Duration::from_millis(1000),
            n_cr_timeout: Duration::from_millis(1000),
            configurable_frames: Vec::new(),
            response_tolerance: None,
            wakeup_time: None,
            poweron_time: None,
        }
    }
}

impl NodeAttributes {
    /// The protocol version of this node, as written.
    pub fn protocol(&self) -> Option<&str> {
        self.protocol.as_deref()
    }

    /// The address after configuration.
    pub fn configured_nad(&self) -> Option<Nad> {
        self.configured_nad
    }

    /// The address after power-on; the configured one if the file does not say.
    pub fn initial_nad(&self) -> Option<Nad> {
        self.initial_nad.or(self.configured_nad)
    }

    /// Supplier, function and variant.
    pub fn product_id(&self) -> Option<ProductId> {
        self.product_id
    }

    /// The one-bit signal by which the node reports errors in frames.
    pub fn response_error(&self) -> Option<&str> {
        self.response_error.as_deref()
    }

    /// The signals by which the node reports that it is faulty.
    pub fn fault_state_signals(&self) -> impl Iterator<Item = &str> {
        self.fault_state_signals.iter().map(AsRef::as_ref)
    }

    /// Shortest time between a diagnostic request and the first slot for its response.
    pub fn p2_min(&self) -> Duration {
        self.p2_min
    }

    /// Shortest time between two frames of one diagnostic message.
    pub fn st_min(&self) -> Duration {
        self.st_min
    }

    /// Longest time for sending one frame of a diagnostic message.
    pub fn n_as_timeout(&self) -> Duration {
        self.n_as_timeout
    }

    /// Longest time until the next frame of a diagnostic message.
    pub fn n_cr_timeout(&self) -> Duration {
        self.n_cr_timeout
    }

    /// The frames whose identifier can be changed, in the order of their index.
    pub fn configurable_frames(&self) -> &[ConfigurableFrame] {
        &self.configurable_frames
    }

    /// J2602: how much longer than nominal a response may be, in percent; the standard's default is 40.
    pub fn response_tolerance(&self) -> Option<f64> {
        self.response_tolerance
    }

    /// J2602: time from wake-up to readiness; the standard's default is 100 ms.
    pub fn wakeup_time(&self) -> Option<Duration> {
        self.wakeup_time
    }

    /// J2602: time from power-on to readiness; the standard's default is 100 ms.
    pub fn poweron_time(&self) -> Option<Duration> {
        self.poweron_time
    }
}

/// What a node is, for the configuration services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProductId {
    /// Supplier, 0 to 0xFFFF.
    pub supplier: u16,
    /// Function, 0 to 0xFFFF.
    pub function: u16,
    /// Variant; 0 if the file does not say.
    pub variant: u8,
}

/// A frame whose identifier can be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurableFrame {
    pub(crate) frame: Arc<str>,
    pub(crate) message_id: Option<u16>,
}

impl ConfigurableFrame {
    /// Name of the frame.
    pub fn frame(&self) -> &str {
        &self.frame
    }

    /// LIN 2.0: the message identifier. Several frames may share one.
    pub fn message_id(&self) -> Option<u16> {
        self.message_id
    }
}

/// A configuration of composite nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    pub(crate) name: Arc<str>,
    pub(crate) composites: Vec<Composite>,
}

impl Configuration {
    /// Name of the configuration.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its composite nodes.
    pub fn composites(&self) -> &[Composite] {
        &self.composites
    }
}

/// A node made of several logical nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composite {
    pub(crate) name: Arc<str>,
    pub(crate) members: Vec<Arc<str>>,
}

impl Composite {
    /// Name of the composite node.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Names of its members, which need not be slaves of the file.
    pub fn members(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(AsRef::as_ref)
    }
}
