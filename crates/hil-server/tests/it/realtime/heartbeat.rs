//! Signs of life.

use std::time::Duration;

use hil_server::ServerOptions;
use hil_store::{KeyOwner, Role};
use rstest::rstest;
use tokio::time::Instant;

use super::watcher::{Heard, Watcher, statistics};
use super::{frame, lab};

const INTERVAL: Duration = Duration::from_millis(100);
const TIMEOUT: Duration = Duration::from_secs(2);

fn quick(options: &mut ServerOptions) {
    options.realtime.ping_interval = INTERVAL;
    options.realtime.pong_timeout = TIMEOUT;
}

#[tokio::test]
async fn who_answers_stays() {
    let lab = lab(quick).await;
    let mut watcher = Watcher::open(&lab, "").await;
    let begun = Instant::now();
    while begun.elapsed() < TIMEOUT * 3 / 2 {
        let ping = watcher.of_type("ping").await;
        assert_eq!(ping["payload"]["interval_seconds"], 0.1);
        watcher.pong().await;
    }
    let told = statistics(&lab, |told| told["clients"][0]["rtt_ms"].is_number()).await;
    assert!(told["clients"][0]["last_pong"].is_string() && told["pong_timeouts"] == 0, "{told}");
}

#[tokio::test]
async fn who_is_silent_is_closed() {
    let lab = lab(quick).await;
    // The server counts from the handshake on, whose answer may take its time.
    let begun = Instant::now();
    let mut watcher = Watcher::open(&lab, "").await;
    // A pong without a time is none.
    watcher.say(r#"{"type":"pong"}"#).await;
    assert_eq!(watcher.end().await, Some(4008));
    assert!(begun.elapsed() >= TIMEOUT, "{:?}", begun.elapsed());
    statistics(&lab, |told| told["pong_timeouts"] == 1 && told["connections"] == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_answers_pings_behind_a_flood_stays() {
    let lab = lab(quick).await;
    let mut watcher = Watcher::open(&lab, "").await;
    watcher.prelude().await;
    let hub = lab.hub.clone();
    let flood = tokio::task::spawn_blocking(move || {
        let begun = std::time::Instant::now();
        while begun.elapsed() < TIMEOUT * 3 / 2 {
            hub.publish(&frame("a", 500));
            std::thread::yield_now();
        }
    });
    let mut pings = 0;
    while !flood.is_finished() {
        match watcher.next().await {
            Heard::Message(message) if message["type"] == "ping" => {
                pings += 1;
                watcher.pong().await;
            }
            Heard::Message(_) => {}
            Heard::End(code) => panic!("{code:?}"),
        }
    }
    assert!(pings >= 5, "{pings} pings");
}

#[tokio::test]
async fn a_clients_own_ping_is_answered() {
    let lab = lab(|_| {}).await;
    let mut watcher = Watcher::open(&lab, "").await;
    watcher.say(r#"{"type":"ping","payload":{}}"#).await;
    let pong = watcher.of_type("pong").await;
    assert_eq!(pong["payload"]["timestamp"], pong["timestamp"]);
}

#[derive(Clone, Copy, Debug)]
enum Leave {
    KeyRevoked,
    PersonBanned,
    SessionEnded,
    /// Nothing happens to the one who watches.
    AnotherKeyRevoked,
}

#[rstest]
#[case(Leave::KeyRevoked, true)]
#[case(Leave::PersonBanned, true)]
#[case(Leave::SessionEnded, true)]
#[case(Leave::AnotherKeyRevoked, false)]
#[tokio::test]
async fn who_may_no_longer_watch_is_turned_away(#[case] leave: Leave, #[case] is_away: bool) {
    let lab = lab(quick).await;
    let email = "bob@example.com".parse().unwrap();
    let bob = lab.store.ensure_user(email, None, Role::Admin).await.unwrap().id;
    let (key, secret) = lab.store.create_key(KeyOwner::User(bob), None).await.unwrap();
    let (other, _) = lab.store.create_key(KeyOwner::User(bob), None).await.unwrap();
    let session = lab.store.begin_session(secret.reveal()).await.unwrap();
    let headers = match leave {
        Leave::SessionEnded => [("cookie", format!("hil_session={}", session.reveal()))],
        Leave::KeyRevoked | Leave::PersonBanned | Leave::AnotherKeyRevoked => {
            [("authorization", format!("Bearer {}", secret.reveal()))]
        }
    };
    let mut watcher = Watcher::try_open(&lab, "", &headers, None).await.unwrap();
    for _ in 0..3 {
        watcher.of_type("ping").await;
        watcher.pong().await;
    }
    match leave {
        Leave::KeyRevoked => assert!(lab.store.revoke_key(key.id).await.unwrap()),
        Leave::PersonBanned => lab.store.ban_user(bob, true).await.unwrap(),
        Leave::SessionEnded => assert!(lab.store.end_session(session.reveal()).await.unwrap()),
        Leave::AnotherKeyRevoked => assert!(lab.store.revoke_key(other.id).await.unwrap()),
    }
    let mut pings = 0;
    let end = loop {
        match watcher.next().await {
            Heard::Message(message) if message["type"] == "ping" => {
                watcher.pong().await;
                pings += 1;
                if !is_away && pings == 10 {
                    break None;
                }
            }
            Heard::Message(_) => {}
            Heard::End(code) => break code,
        }
    };
    assert_eq!(end, is_away.then_some(4003));
}

#[tokio::test]
async fn a_network_that_breaks_is_noticed() {
    let lab = lab(quick).await;
    let watcher = Watcher::open(&lab, "").await;
    statistics(&lab, |told| told["connections"] == 1).await;
    watcher.0.get_ref().set_zero_linger().unwrap();
    drop(watcher);
    statistics(&lab, |told| told["connections"] == 0).await;
}
