//! One connection, from the end of the handshake to its end.

use std::sync::Arc;
use std::time::Duration;

use hil_realtime::{Filter, Metadata, Since, SinceError};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::clients::Realtime;
use super::ending::{self, End};
use super::pulse::jittered;
use super::reader::listen;
use super::writer::Writer;
use crate::auth::Pass;

/// What a client asks for.
#[derive(Debug)]
pub(super) struct StreamRequest {
    pub(super) label: Option<String>,
    pub(super) filter: Filter,
    pub(super) since: Option<Result<Since, SinceError>>,
    /// What it is told first.
    pub(super) plugins: Arc<[Metadata]>,
    /// What it was let in with.
    pub(super) pass: Pass,
}

/// The longest label, in characters.
const LABEL: usize = 128;

/// Serves a client to its end, or until the server waits no longer.
pub(super) async fn serve(upgrade: OnUpgrade, realtime: Realtime, wanted: StreamRequest) {
    let cut = realtime.cut.clone();
    tokio::select! {
        () = to_its_end(upgrade, realtime, wanted) => {}
        () = cut.cancelled() => {}
    }
}

async fn to_its_end(upgrade: OnUpgrade, realtime: Realtime, wanted: StreamRequest) {
    let Ok(upgraded) = upgrade.await else { return };
    let Ok(parts) = upgraded.downcast::<TokioIo<TcpStream>>() else {
        tracing::error!(target: "hil_server", "a live connection is no socket");
        return;
    };
    let (stream, early) = (parts.io.into_inner(), Vec::from(parts.read_buf));
    hold_on(&stream);
    let label = wanted.label;
    if label.as_ref().is_some_and(|label| label.chars().count() > LABEL || !label.chars().all(is_printable)) {
        return ending::close(stream, &[], End::BadLabel).await;
    }
    let subscription = realtime.hub.subscribe(wanted.filter, wanted.since);
    let permit = match realtime.admit(label, subscription.observer()) {
        Ok(permit) => permit,
        Err(end) => {
            drop(subscription);
            return ending::close(stream, &[], end).await;
        }
    };
    let client = &permit.client;
    let mut writer = Writer::new(&stream, &realtime, client, &wanted.plugins, subscription);
    // In no fixed order: neither who talks nor who listens without end keeps the other from its turn.
    let end = tokio::select! {
        end = listen(&stream, early, &realtime, client) => end,
        end = writer.write() => end,
        end = turned_away(&wanted.pass, realtime.options.ping_interval) => end,
    };
    // What has been begun is brought to its end, and what was heard before the end is answered.
    let mut rest = writer.rest().to_vec();
    client.lane.drain(&mut rest);
    drop(writer);
    realtime.counted.note(end);
    tracing::debug!(target: "hil_server", client = client.name(), ?end, "a live connection ends");
    // There is room for another as soon as it is over, however long the farewell takes.
    drop(permit);
    ending::close(stream, &rest, end).await;
}

/// Neither a control character, nor one that breaks lines, turns the direction of writing, or is not seen at all.
fn is_printable(c: char) -> bool {
    let is_hidden = matches!(c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}');
    // The last two of each plane are no characters.
    let is_none = u32::from(c) & 0xFFFE == 0xFFFE || ('\u{FDD0}'..='\u{FDEF}').contains(&c);
    !c.is_control() && !is_hidden && !is_none
}

/// Ends when the client may not watch any more. It is looked at as often as it is asked whether it is there.
async fn turned_away(pass: &Pass, interval: Duration) -> End {
    loop {
        sleep(jittered(interval)).await;
        if !pass.is_good().await {
            return End::NotAllowed;
        }
    }
}

/// Who reads nothing for a while is not given up by the system, but by the writer's own deadline.
#[cfg(target_os = "linux")]
fn hold_on(stream: &TcpStream) {
    use nix::sys::socket::{setsockopt, sockopt::TcpUserTimeout};
    if let Err(error) = setsockopt(stream, TcpUserTimeout, &0) {
        tracing::debug!(target: "hil_server", %error, "a live connection keeps the time-out of answers");
    }
}

/// Elsewhere the system gives up nobody so soon.
#[cfg(not(target_os = "linux"))]
fn hold_on(_stream: &TcpStream) {}
