//! What arrives when somebody is slow.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::watcher::{Heard, LONG, Watcher, statistics};
use super::{frame, lab, progress, warning};

/// More than the system takes of its own accord, in messages of 20 kB.
const FLOOD: u64 = 2000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalled_client_is_told_what_it_lost_and_nobody_else_loses_anything() {
    let lab = lab(|_| {}).await;
    let mut stalled = Watcher::narrow(&lab, "?session_id=stalled").await;
    stalled.prelude().await;
    let mut healthy = Watcher::open(&lab, "?session_id=healthy").await;
    healthy.prelude().await;
    let hub = lab.hub.clone();
    let reading = tokio::spawn(async move {
        for seq in 1..=FLOOD {
            let message = healthy.message().await;
            assert_eq!(message["seq"], seq, "{}", message["type"]);
        }
        healthy
    });
    let begun = Instant::now();
    for number in 1..=FLOOD {
        match number {
            500 => hub.publish(&warning("a", "behind a full queue")),
            600 => hub.publish(&progress("a", 7)),
            700 => hub.publish(&progress("a", 8)),
            _ => hub.publish(&frame("a", 20_000)),
        };
        // As fast as the healthy one can read in a debug build.
        if number.is_multiple_of(20) {
            let caught_up = |told: &serde_json::Value| {
                let clients = told["clients"].as_array().unwrap();
                clients.iter().any(|client| client["session"] == "healthy" && client["queue_messages"] == 0)
            };
            statistics(&lab, caught_up).await;
        }
    }
    let mut healthy = tokio::time::timeout(LONG, reading).await.unwrap().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(60));

    let told = statistics(&lab, |told| told["dropped"].as_u64() > Some(0)).await;
    assert!(told["dropped_by_type"]["frame"].as_u64() > Some(100), "{told}");
    assert!(told["queue"]["max_bytes"].as_u64() <= Some(4 << 20), "{told}");
    let client = |name: &str| {
        let clients = told["clients"].as_array().unwrap();
        clients.iter().find(|client| client["session"] == name).unwrap().clone()
    };
    assert_eq!((&client("healthy")["dropped"], &client("healthy")["delivered"]), (&json!(0), &json!(FLOOD)));
    assert_eq!(client("stalled")["dropped"], told["dropped"]);

    // The last message says that there is nothing more.
    lab.hub.publish(&progress("a", 100));
    let (mut next, mut lost, mut seen) = (1, 0, Vec::new());
    while next <= FLOOD + 1 {
        let message = stalled.message().await;
        match message["type"].as_str().unwrap() {
            "gap" => {
                let payload = &message["payload"];
                assert!(message.get("seq").is_none());
                assert_eq!(payload["from_seq"], next);
                let inside: u64 = payload["dropped"]
                    .as_object()
                    .unwrap()
                    .values()
                    .map(|count| count.as_u64().unwrap())
                    .sum();
                next = payload["to_seq"].as_u64().unwrap() + 1;
                assert_eq!(inside, next - payload["from_seq"].as_u64().unwrap());
                lost += inside;
            }
            "ping" => {}
            kind => {
                assert_eq!(message["seq"], next);
                next += 1;
                if kind != "frame" {
                    seen.push((kind.to_owned(), message["payload"]["progress"].clone()));
                }
            }
        }
    }
    assert!(lost > 100);
    assert!(seen.contains(&("warning".to_owned(), json!(null))));
    assert_eq!(seen.last(), Some(&("progress".to_owned(), json!(100))));
    assert_eq!(healthy.message().await["seq"], FLOOD + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_can_lose_nothing_more_is_closed_as_too_slow() {
    let lab = lab(|options| options.realtime.hub.queue_bytes = 100_000).await;
    let mut stalled = Watcher::narrow(&lab, "").await;
    stalled.prelude().await;
    let text = "x".repeat(20_000);
    for _ in 0..FLOOD {
        lab.hub.publish(&warning("a", &text));
    }
    statistics(&lab, |told| told["slow_closes"] == 1 && told["connections"] == 0).await;
    // Either the close frame came through within its second, or the connection was reset.
    let end = stalled.end().await;
    assert!(matches!(end, Some(4009) | None), "{end:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_that_takes_nothing_is_given_up() {
    let lab = lab(|options| options.realtime.write_deadline = Duration::from_millis(300)).await;
    let mut stalled = Watcher::narrow(&lab, "").await;
    stalled.prelude().await;
    for _ in 0..FLOOD {
        lab.hub.publish(&frame("a", 20_000));
    }
    statistics(&lab, |told| told["write_timeouts"] == 1 && told["connections"] == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_come_and_go_harm_nobody() {
    let lab = lab(|_| {}).await;
    let mut watcher = Watcher::open(&lab, "").await;
    watcher.prelude().await;
    let hub = lab.hub.clone();
    let publishing = tokio::spawn(async move {
        for _ in 0..500 {
            hub.publish(&frame("a", 10));
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    for round in 0..20 {
        let mut guests = Vec::new();
        for _ in 0..5 {
            guests.push(Watcher::open(&lab, "").await);
        }
        for (number, mut guest) in guests.into_iter().enumerate() {
            match (round + number) % 3 {
                // Gone without a word.
                0 => drop(guest),
                1 => guest.0.close(None).await.unwrap(),
                _ => {
                    let prelude = guest.prelude().await;
                    let joined = prelude[2]["payload"]["seq"].as_u64().unwrap();
                    if let Heard::Message(message) = guest.next().await {
                        assert_eq!(message["seq"], joined + 1);
                    }
                }
            }
            // The last message may have been said before the last guests came.
            if publishing.is_finished() {
                break;
            }
        }
    }
    publishing.await.unwrap();
    for seq in 1..=500 {
        assert_eq!(watcher.message().await["seq"], seq);
    }
    statistics(&lab, |told| told["connections"] == 1).await;
    assert_eq!(lab.hub.statistics().clients, 1);
}
