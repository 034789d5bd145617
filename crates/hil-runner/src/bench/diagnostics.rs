//! Diagnostic frames as a test sends them, and the timers that the LDF has for them.

use std::sync::Arc;

use hil_ldf::{Database, Slave};
use hil_lin::{Bitrate, DiagnosticSlots, DirectSlots, LinError, Nad, SharedMaster, TransportTiming};
use hil_model::Clock;

use super::Lease;

/// The bench's LIN adapter as a carrier of diagnostic frames; see `Lin::diagnostic_slots`.
#[derive(Clone, Debug)]
pub struct LinSlots {
    master: SharedMaster,
    lease: Lease,
    bitrate: Bitrate,
    clock: Arc<dyn Clock>,
}

impl LinSlots {
    pub(crate) const fn new(
        master: SharedMaster,
        lease: Lease,
        bitrate: Bitrate,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { master, lease, bitrate, clock }
    }

    /// Does something with the adapter's own slots, once the lease allows it and a slot that is due has had it.
    fn with<T>(&self, act: impl FnOnce(&mut DirectSlots<'_>) -> T) -> T {
        self.lease.check();
        let mut master = self.master.lock_after_slot(&*self.clock);
        act(&mut DirectSlots::new(&mut **master, self.bitrate))
    }
}

impl DiagnosticSlots for LinSlots {
    fn request(&mut self, frame: [u8; 8]) -> Result<(), LinError> {
        self.with(|slots| slots.request(frame))
    }

    fn response(&mut self) -> Result<Option<[u8; 8]>, LinError> {
        self.with(|slots| slots.response())
    }
}

/// The timers that `ldf` has for the slave with the address `nad`, or for its only slave; the standard's where
/// it has neither.
pub fn transport_timing(ldf: &Database, nad: Nad) -> TransportTiming {
    let has_nad = |slave: &Slave<'_>| slave.nad().is_some_and(|of| of.get() == nad.get());
    let slave = ldf.slaves().find(has_nad).or_else(|| {
        let mut slaves = ldf.slaves();
        slaves.next().filter(|_| slaves.next().is_none())
    });
    slave.and_then(Slave::attributes).map_or_else(TransportTiming::default, |node| TransportTiming {
        p2_min: node.p2_min(),
        st_min: node.st_min(),
        n_as: node.n_as_timeout(),
        n_cr: node.n_cr_timeout(),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use rstest::rstest;

    fn ldf(nodes: &str, slaves: &str) -> Database {
        let text = format!(
            "LIN_description_file; LIN_protocol_version = \"2.1\"; LIN_language_version = \"2.1\"; LIN_speed = 19.2 kbps;
             Nodes {{ Master: M, 5 ms, 0.1 ms; Slaves: {slaves}; }}
             Signals {{ }} Frames {{ }} Node_attributes {{ {nodes} }} Schedule_tables {{ }}"
        );
        hil_ldf::parse(&text).unwrap().database
    }

    fn node(name: &str, nad: u8, p2: u32) -> String {
        format!(
            "{name} {{ LIN_protocol = \"2.1\"; configured_NAD = {nad}; P2_min = {p2} ms; N_Cr_timeout = 700 ms; }}"
        )
    }

    #[rstest]
    #[case::by_address(0x02, 80, 700)]
    #[case::nobodys(0x55, 50, 1000)]
    fn the_timers_are_those_of_the_node(#[case] nad: u8, #[case] p2_min: u64, #[case] n_cr: u64) {
        let ldf = ldf(&[node("A", 1, 70), node("B", 2, 80)].concat(), "A, B");
        let timing = transport_timing(&ldf, Nad::new(nad).unwrap());
        assert_eq!(
            (timing.p2_min, timing.n_cr),
            (Duration::from_millis(p2_min), Duration::from_millis(n_cr))
        );
    }

    #[test]
    fn an_only_slave_is_meant_whatever_its_address() {
        let timing = transport_timing(&ldf(&node("A", 1, 70), "A"), Nad::new(0x22).unwrap());
        assert_eq!(timing.p2_min, Duration::from_millis(70));
    }
}
