//! Coming back: wherever the connection was cut, what was had and what is replayed is everything.

use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use super::{frame, job, json, metadata, part, progress, status, warning};
use crate::{Filter, Hub, HubOptions, Kind, Piece, Seq, Since, SinceError, State};

/// The numbers of everything that a subscription gives now.
fn numbers(hub: &Hub, filter: &Filter, since: Option<Since>) -> (Value, Vec<u64>) {
    let mut subscription = hub.subscribe(filter.clone(), since.map(Ok));
    let prelude: Vec<Value> = subscription.prelude().iter().map(|bytes| json(bytes)).collect();
    let numbers = prelude.iter().filter_map(|message| message["seq"].as_u64()).collect();
    (prelude[0]["payload"].clone(), numbers)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_missed_and_nothing_comes_twice(
        total in 1..60_u64,
        cut in 0..60_u64,
        kept in 1..60_usize,
        of_a in any::<bool>(),
        frames_only in any::<bool>(),
    ) {
        let cut = cut.min(total);
        let hub = Hub::new(HubOptions { history_messages: kept, ..HubOptions::default() });
        let (a, b) = (job("a"), job("b"));
        let filter = Filter {
            jobs: of_a.then(|| a.clone()).into_iter().collect(),
            kinds: frames_only.then_some(Kind::Frame).into_iter().collect(),
        };
        let say = |number: u64| {
            let of = if number.is_multiple_of(3) { &b } else { &a };
            hub.publish(&if number.is_multiple_of(2) { frame(of, 3) } else { warning(of, "w") })
        };
        let wanted = |number: &u64| (!of_a || !number.is_multiple_of(3)) && (!frames_only || number.is_multiple_of(2));
        let first = hub.subscribe(filter.clone(), None);
        let mut had = Vec::new();
        for number in 1..=total {
            prop_assert_eq!(say(number), Seq(number));
            if number == cut {
                first.take(usize::MAX, &mut had).unwrap();
            }
        }
        drop(first);
        let mut all: Vec<u64> = had
            .iter()
            .map(|piece| match piece {
                Piece::Message(message) => message.seq.0,
                Piece::Gap(gap) => panic!("{gap:?}"),
            })
            .collect();
        let since = Since { epoch: hub.epoch().to_owned(), seq: Seq(cut) };
        let mut second = hub.subscribe(filter.clone(), Some(Ok(since)));
        let prelude: Vec<Value> = second.prelude().iter().map(|bytes| json(bytes)).collect();
        let is_kept = total - cut <= u64::try_from(kept).unwrap();
        let sync = &prelude[0]["payload"];
        prop_assert_eq!(&sync["recovered"], &json!(is_kept));
        prop_assert_eq!(&sync["seq"], &json!(total));
        if !is_kept {
            prop_assert_eq!(&sync["reason"], "expired");
            prop_assert_eq!(prelude.len(), 1);
            return Ok(());
        }
        all.extend(prelude.iter().filter_map(|message| message["seq"].as_u64()));
        say(total + 1);
        let mut after = Vec::new();
        second.take(usize::MAX, &mut after).unwrap();
        for piece in after {
            if let Piece::Message(message) = piece {
                all.push(message.seq.0);
            }
        }
        prop_assert_eq!(all, (1..=total + 1).filter(wanted).collect::<Vec<_>>());
    }
}

#[rstest]
#[case::nothing_new("{epoch}:5", true, Value::Null, &[])]
#[case::two_new("{epoch}:3", true, Value::Null, &[4, 5])]
#[case::all("{epoch}:1", true, Value::Null, &[2, 3, 4, 5])]
#[case::too_old("{epoch}:0", false, json!("expired"), &[])]
#[case::of_another_server("k3v9:3", false, json!("epoch"), &[])]
#[case::of_the_future("{epoch}:6", false, json!("malformed"), &[])]
fn a_client_says_where_it_was(
    #[case] since: &str,
    #[case] recovered: bool,
    #[case] reason: Value,
    #[case] replayed: &[u64],
) {
    let hub = Hub::new(HubOptions { history_messages: 4, ..HubOptions::default() });
    for _ in 0..5 {
        hub.publish(&frame(&job("a"), 0));
    }
    let since = since.replace("{epoch}", hub.epoch()).parse().unwrap();
    let (sync, numbers) = numbers(&hub, &Filter::default(), Some(since));
    assert_eq!((&sync["recovered"], &sync["reason"]), (&json!(recovered), &reason));
    assert_eq!(numbers, replayed);
}

#[rstest]
#[case("")]
#[case(":5")]
#[case("k3v9")]
#[case("k3v9:")]
#[case("k3v9:-1")]
#[case("k3v9:+1")]
#[case("k3v9:99999999999999999999")]
fn what_says_nowhere_is_malformed(#[case] text: &str) {
    assert_eq!(text.parse::<Since>(), Err(SinceError));
}

#[test]
fn a_newcomer_is_told_of_the_jobs_that_run() {
    let hub = Hub::default();
    let (a, b) = (job("a"), job("b"));
    hub.open(&a);
    hub.open(&b);
    for message in [
        metadata(&a, "p", 1),
        metadata(&a, "q", 1),
        metadata(&a, "p", 2),
        progress(&a, 0),
        status(&a, "p", State::Started),
        frame(&a, 1),
        warning(&a, "sagged"),
        status(&a, "q", State::Running),
        part(&a, "p", json!({ "measurement": 1 })),
        part(&a, "p", json!({ "outcome": "SKIP", "reason": "no supply" })),
        status(&a, "p", State::Completed),
        warning(&a, "sagged"),
        progress(&a, 42),
        progress(&b, 7),
    ] {
        hub.publish(&message);
    }
    hub.close(&b);
    let told = |filter: Filter| -> Vec<Value> {
        hub.subscribe(filter, None).prelude().iter().map(|bytes| json(bytes)).collect()
    };
    let all = told(Filter::default());
    assert_eq!(all[0]["payload"], json!({ "recovered": false, "seq": 14, "jobs": ["a"], "reason": "fresh" }));
    let said: Vec<_> = all[1..]
        .iter()
        .map(|message| {
            assert_eq!((&message["snapshot"], &message["job_id"]), (&json!(true), &json!("a")));
            assert!(message.get("seq").is_none() && message["epoch"] == hub.epoch());
            let payload = &message["payload"];
            let what =
                ["metadata", "progress", "status", "message", "result"].map(|field| payload[field].clone());
            (
                message["type"].as_str().unwrap().to_owned(),
                what.into_iter().find(|value| !value.is_null()).unwrap(),
            )
        })
        .collect();
    let expected = [
        ("metadata", json!({ "version": 2 })),
        ("metadata", json!({ "version": 1 })),
        ("progress", json!(42)),
        ("partial_result", json!({ "outcome": "SKIP", "reason": "no supply" })),
        ("plugin_status", json!("completed")),
        ("plugin_status", json!("running")),
        ("warning", json!("sagged")),
        ("warning", json!("sagged")),
    ];
    assert_eq!(said, expected.map(|(kind, what)| (kind.to_owned(), what)));
    assert_eq!(told(Filter { jobs: [b].into(), ..Filter::default() })[0]["payload"]["jobs"], json!([]));
    assert_eq!(told(Filter { kinds: [Kind::Warning].into(), ..Filter::default() }).len(), 3);
}
