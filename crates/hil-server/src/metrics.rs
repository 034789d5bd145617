//! What the server counts, for Prometheus.
//!
//! Labels are routes and not paths, methods that the server knows, and statuses: nobody outside can make new ones.

use std::sync::atomic::AtomicI64;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Label names and values.
type Labels = Vec<(&'static str, String)>;

/// The upper ends of the histogram's buckets in seconds.
const SECONDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// The media type of [`Metrics::text`].
pub(crate) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What the server counts.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    durations: Family<Labels, Histogram, fn() -> Histogram>,
    in_flight: Gauge<i64, AtomicI64>,
    /// Runs that were stored, however they came.
    pub(crate) runs_saved: Counter,
    /// Contents that were stored.
    pub(crate) uploads: Counter,
    /// Bytes of contents that were stored.
    pub(crate) stored: Counter,
}

impl Metrics {
    /// No counts yet; those of `stream` are asked for.
    pub(crate) fn new(stream: impl Collector) -> Self {
        let requests = Family::default();
        let durations = Family::new_with_constructor((|| Histogram::new(SECONDS)) as fn() -> Histogram);
        let in_flight = Gauge::default();
        let (runs_saved, uploads, stored) = (Counter::default(), Counter::default(), Counter::default());
        let mut registry = Registry::with_prefix("hil");
        registry.register("http_requests", "Requests that were answered", requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time to the head of the answer",
            Unit::Seconds,
            durations.clone(),
        );
        registry.register("http_requests_in_flight", "Requests under way", in_flight.clone());
        registry.register("runs_saved", "Runs that were stored", runs_saved.clone());
        registry.register("uploads", "Files that were stored", uploads.clone());
        registry.register_with_unit(
            "stored",
            "Contents of files that were stored",
            Unit::Bytes,
            stored.clone(),
        );
        registry.register_collector(Box::new(stream));
        Self { registry, requests, durations, in_flight, runs_saved, uploads, stored }
    }

    /// A request begins.
    pub(crate) fn begin(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// A request was answered.
    pub(crate) fn answered(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let route = ("route", route.to_owned());
        let labels = vec![
            ("method", method_word(method).to_owned()),
            route.clone(),
            ("status", status.as_u16().to_string()),
        ];
        self.requests.get_or_create(&labels).inc();
        self.durations.get_or_create(&vec![route]).observe(took.as_secs_f64());
    }

    /// Everything, as Prometheus reads it.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// A request under way; it ends when this is dropped, whatever becomes of it.
#[derive(Debug)]
pub(crate) struct InFlight(Gauge<i64, AtomicI64>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn method_word(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        _ => "other",
    }
}
