//! How connections end.

use std::time::Duration;

use rstest::rstest;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::watcher::{Heard, Watcher, statistics};
use super::{frame, lab};

#[rstest]
#[case(1000)]
#[case(1001)]
#[case(4321)]
#[tokio::test]
async fn a_client_that_closes_is_acknowledged_and_forgotten(#[case] code: u16) {
    let lab = lab(|_| {}).await;
    let mut watcher = Watcher::open(&lab, "").await;
    watcher.prelude().await;
    let (said, begun) = (CloseFrame { code: code.into(), reason: "bye".into() }, Instant::now());
    watcher.say(tokio_tungstenite::tungstenite::Message::Close(Some(said))).await;
    assert_eq!(watcher.end().await, Some(code));
    assert!(begun.elapsed() < Duration::from_millis(900), "{:?}", begun.elapsed());
    statistics(&lab, |told| told["connections"] == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_says_so_to_all_and_waits_a_bounded_time() {
    let mut lab = lab(|options| options.realtime.shutdown_wait = Duration::from_secs(3)).await;
    let mut watchers = Vec::new();
    for _ in 0..10 {
        let mut watcher = Watcher::open(&lab, "").await;
        watcher.prelude().await;
        watchers.push(watcher);
    }
    let stalled = Watcher::narrow(&lab, "?types=frame").await;
    statistics(&lab, |told| told["connections"] == 11).await;
    for _ in 0..2000 {
        lab.hub.publish(&frame("a", 20_000));
    }
    let begun = Instant::now();
    let stopped = lab.stop();
    for mut watcher in watchers {
        loop {
            match watcher.next().await {
                Heard::Message(_) => {}
                Heard::End(code) => {
                    assert_eq!(code, Some(1001));
                    break;
                }
            }
        }
    }
    tokio::time::timeout(Duration::from_secs(6), stopped).await.unwrap().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    drop(stalled);
}

#[tokio::test]
async fn live_connections_do_not_take_the_places_of_requests() {
    let lab = lab(|options| options.connections = 2).await;
    let mut watchers = Vec::new();
    for _ in 0..8 {
        let mut watcher = Watcher::open(&lab, "").await;
        watcher.prelude().await;
        watchers.push(watcher);
    }
    assert_eq!(lab.get("/v1/realtime/stats").await.json()["connections"], 8);
}
