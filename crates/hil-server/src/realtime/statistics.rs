//! How the stream is doing.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Json;
use axum::extract::State;
use hil_realtime::{Counts, QueueDepths, Seq};
use serde::Serialize;
use utoipa::ToSchema;

use super::clients::Client;
use crate::auth::Caller;
use crate::state::AppState;

/// How the stream is doing. Counts are since the server's start, of those who are here and of those who are gone.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Statistics {
    epoch: String,
    #[schema(value_type = u64)]
    seq: Seq,
    connections: usize,
    sessions: BTreeSet<String>,
    dropped: u64,
    dropped_by_class: ByClass,
    #[schema(value_type = Object)]
    dropped_by_type: Counts,
    slow_closes: u64,
    pong_timeouts: u64,
    write_timeouts: u64,
    garbage: u64,
    #[schema(value_type = Object)]
    queue: QueueDepths,
    clients: Vec<ClientStatistics>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ByClass {
    droppable: u64,
    latest: u64,
}

/// How one client is doing.
#[derive(Debug, Serialize, ToSchema)]
struct ClientStatistics {
    id: String,
    session: String,
    connected_at: String,
    queue_messages: usize,
    queue_bytes: usize,
    delivered: u64,
    dropped: u64,
    last_pong: Option<String>,
    rtt_ms: Option<f64>,
}

/// Connections, queues, drops and round-trip times.
#[utoipa::path(
    get,
    path = "/v1/realtime/stats",
    tag = "realtime",
    responses((status = 200, description = "They are these.", body = Statistics)),
)]
pub(super) async fn statistics(State(state): State<AppState>, _caller: Caller) -> Json<Statistics> {
    let (here, hub, counted) = (state.realtime.here(), state.hub.statistics(), &state.realtime.counted);
    let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    Json(Statistics {
        epoch: state.hub.epoch().to_owned(),
        seq: hub.seq,
        connections: here.len(),
        sessions: here.iter().map(|client| label(client)).collect(),
        dropped: hub.losses.by_kind.total(),
        dropped_by_class: ByClass { droppable: hub.losses.droppable, latest: hub.losses.latest },
        dropped_by_type: hub.losses.by_kind,
        slow_closes: read(&counted.slow_closes),
        pong_timeouts: read(&counted.pong_timeouts),
        write_timeouts: read(&counted.write_timeouts),
        garbage: read(&counted.garbage),
        queue: hub.queue,
        clients: here.iter().map(|client| one(client)).collect(),
    })
}

fn label(client: &Client) -> String {
    client.label.clone().unwrap_or_else(|| client.name())
}

fn one(client: &Client) -> ClientStatistics {
    let queue = client.observer.state();
    let (last_pong, round_trip) = client.pulse.last();
    ClientStatistics {
        id: client.name(),
        session: label(client),
        connected_at: client.connected_at.to_string(),
        queue_messages: queue.messages,
        queue_bytes: queue.bytes,
        delivered: queue.delivered,
        dropped: queue.losses.by_kind.total(),
        last_pong: last_pong.map(|at| at.to_string()),
        rtt_ms: round_trip.map(|took| took.as_secs_f64() * 1e3),
    }
}
