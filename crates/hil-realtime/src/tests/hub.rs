//! What the hub makes of messages.

use serde_json::json;

use super::{frame, job, json, progress, status, warning};
use crate::{
    Envelope, Filter, Hub, HubOptions, Kind, Message, Moment, Notice, Piece, Ping, Seq, State, TooSlow,
};

fn drained(hub: &Hub, say: impl FnOnce()) -> Vec<serde_json::Value> {
    let subscription = hub.subscribe(Filter::default(), None);
    say();
    let mut pieces = Vec::new();
    subscription.take(usize::MAX, &mut pieces).unwrap();
    let text = |piece: &Piece| match piece {
        Piece::Message(message) => json(&message.bytes),
        Piece::Gap(gap) => json(&hub.encode(&Notice::Gap(gap))),
    };
    pieces.iter().map(text).collect()
}

#[test]
fn a_message_on_the_wire_is_whole() {
    let hub = Hub::default();
    let told = drained(&hub, || {
        hub.publish(&progress(&job("a\"b"), 42).from_event(912));
        hub.publish(&Message { job: None, ..status(&job("a"), "p", State::Running) });
    });
    let mut first = told[0].clone();
    let at = first.as_object_mut().unwrap().remove("timestamp").unwrap();
    assert!(Moment::parse(at.as_str().unwrap()).is_some());
    assert_eq!(
        first,
        json!({
            "type": "progress", "epoch": hub.epoch(), "seq": 1, "job_id": "a\"b", "event": 912,
            "payload": { "job_id": "a\"b", "progress": 42 },
        })
    );
    assert_eq!(told[1]["payload"], json!({ "plugin": "p", "status": "running", "timing_ms": 1.5 }));
    assert!(told[1].get("job_id").is_none() && told[1]["seq"] == 2);
}

#[test]
fn what_is_emitted_keeps_its_time_and_what_we_do_not_know() {
    let hub = Hub::default();
    let envelope = json!({
        "type": "warning", "timestamp": "2026-11-21T10:00:00+01:00", "job_id": "a",
        "payload": { "plugin": "p", "message": "", "colour": "red" },
    });
    hub.open(&job("a"));
    let told = drained(&hub, || {
        let envelope = Envelope::parse(envelope.to_string().as_bytes()).unwrap();
        assert_eq!(hub.emit(&envelope), Seq(1));
    });
    assert_eq!(told[0]["timestamp"], "2026-11-21T09:00:00.000Z");
    assert_eq!(told[0]["payload"], envelope["payload"]);
    assert_eq!(told[0]["job_id"], "a");
    assert_eq!(hub.view(&job("a")).unwrap().warnings.len(), 1);
}

#[test]
fn who_saw_a_message_reads_at_least_as_much() {
    let hub = Hub::default();
    let a = job("a");
    hub.publish(&progress(&a, 1));
    assert_eq!(hub.view(&a), None, "a job that was not opened is not known");
    hub.open(&a);
    for number in 0..1005_u32 {
        hub.publish(&frame(&a, usize::try_from(number % 7).unwrap()));
    }
    hub.publish(&status(&a, "p", State::Started));
    let started = status(&a, "p", State::Started);
    assert_eq!(started.payload.to_json()["status"], "started");
    assert_eq!(hub.view(&a).unwrap().plugin_timings.len(), 1);
    hub.publish(&status(&a, "p", State::Completed));
    hub.publish(&warning(&a, "w"));
    hub.publish(&warning(&a, "w"));
    hub.publish(&progress(&a, 100));
    let view = hub.close(&a).unwrap();
    assert_eq!((view.progress.get(), view.frames.len(), view.warnings.len()), (100, 1000, 2));
    assert_eq!((view.plugin_timings.values().sum::<f64>(), view.statuses.len()), (1.5, 1));
    assert_eq!(hub.view(&a), None);
}

#[test]
fn a_filter_lets_through_what_was_asked_for() {
    let hub = Hub::default();
    let filter = Filter { jobs: [job("a")].into(), kinds: [Kind::Progress].into() };
    let subscription = hub.subscribe(filter, None);
    for message in [progress(&job("a"), 1), progress(&job("b"), 1), frame(&job("a"), 0)] {
        hub.publish(&message);
    }
    let mut pieces = Vec::new();
    subscription.take(usize::MAX, &mut pieces).unwrap();
    assert!(matches!(&pieces[..], [Piece::Message(message)] if message.seq == Seq(1)));
}

#[test]
fn a_client_that_is_too_slow_is_told_and_holds_nothing() {
    let hub = Hub::new(HubOptions { queue_bytes: 1000, ..HubOptions::default() });
    let slow = hub.subscribe(Filter::default(), None);
    for _ in 0..20 {
        hub.publish(&warning(&job("a"), "w"));
    }
    assert_eq!(slow.take(usize::MAX, &mut Vec::new()), Err(TooSlow));
    assert_eq!(slow.observer().state().bytes, 0);
    drop(slow);
    assert_eq!(hub.statistics().clients, 0);
}

#[test]
fn what_is_lost_is_told_and_counted() {
    let hub = Hub::default();
    let told = drained(&hub, || {
        for _ in 0..1010 {
            hub.publish(&frame(&job("a"), 0));
        }
    });
    assert_eq!((told.len(), &told[0]["type"]), (1001, &json!("gap")));
    assert_eq!(told[0]["payload"], json!({ "dropped": { "frame": 10 }, "from_seq": 1, "to_seq": 10 }));
    assert!(told[0].get("seq").is_none() && told[0]["epoch"] == hub.epoch());
    let counted = hub.statistics();
    assert_eq!((counted.losses.droppable, counted.losses.by_kind.of(Kind::Frame)), (10, 10));
    assert_eq!((counted.queue.p50, counted.queue.p99, counted.queue.max), (505, 1000, 1000));
}

#[test]
fn a_ping_says_how_often_it_comes() {
    let ping = Notice::Ping(Ping { interval_seconds: Some(0.5) });
    assert_eq!(json(&Hub::default().encode(&ping))["payload"], json!({ "interval_seconds": 0.5 }));
}

#[tokio::test]
async fn news_wake_whoever_waits_and_whoever_looks_later() {
    let hub = Hub::default();
    let subscription = hub.subscribe(Filter::default(), None);
    let publisher = hub.clone();
    let waiting = tokio::spawn(async move {
        subscription.news().await;
        subscription
    });
    tokio::task::yield_now().await;
    publisher.publish(&frame(&job("a"), 0));
    let subscription = waiting.await.unwrap();
    subscription.news().await;
    subscription.take(usize::MAX, &mut Vec::new()).unwrap();
    publisher.publish(&frame(&job("a"), 0));
    subscription.news().await;
}
