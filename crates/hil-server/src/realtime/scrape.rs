//! The stream's counts, for Prometheus. They are read when it asks.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use super::clients::Realtime;

impl Collector for Realtime {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let hub = self.hub.statistics();
        let connections = ConstGauge::new(i64::try_from(self.here().len()).unwrap_or(i64::MAX));
        let name = "realtime_connections";
        let metric = encoder.encode_descriptor(name, "Live connections", None, connections.metric_type())?;
        connections.encode(metric)?;
        let published = ConstCounter::new(hub.seq.0);
        let name = "realtime_published";
        let metric =
            encoder.encode_descriptor(name, "Messages that were said", None, published.metric_type())?;
        published.encode(metric)?;

        let dropped = [("droppable", hub.losses.droppable), ("latest", hub.losses.latest)];
        let help = "Messages that somebody was too slow for, by class";
        by(&mut encoder, "realtime_dropped", help, "class", &dropped)?;

        let counted = &self.counted;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let ended = [
            ("too_slow", read(&counted.slow_closes)),
            ("pong_timeout", read(&counted.pong_timeouts)),
            ("write_timeout", read(&counted.write_timeouts)),
        ];
        by(&mut encoder, "realtime_closes", "Connections that the server gave up, by why", "reason", &ended)
    }
}

/// A counter for each value of one label.
fn by(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    label: &'static str,
    counts: &[(&'static str, u64)],
) -> fmt::Result {
    let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (value, count) in counts {
        let labels = [(label, *value)];
        family.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(count, None)?;
    }
    Ok(())
}
