//! What is kept of a running job is bounded, whatever is said of it.

use rstest::rstest;
use serde_json::{Map, Value};

use super::{job, json, metadata, status, warning};
use crate::board::FRAME_BYTES;
use crate::by_plugin::{PLUGIN_BYTES, PLUGINS};
use crate::warnings::{WARNING_BYTES, WARNINGS};
use crate::{Filter, Frame, Hub, JobView, Message, Metadata, Payload, State};

fn view_of(messages: impl Iterator<Item = Message>) -> JobView {
    let hub = Hub::default();
    hub.open(&job("a"));
    messages.for_each(|message| {
        hub.publish(&message);
    });
    hub.view(&job("a")).unwrap()
}

/// What a newcomer is told of the job.
fn told(hub: &Hub) -> Vec<Value> {
    let prelude = hub.subscribe(Filter::default(), None).prelude();
    prelude.iter().map(|message| json(message)).collect()
}

#[rstest]
#[case::as_many_as_may_be(WARNINGS, 8, WARNINGS, None)]
#[case::one_too_many(WARNINGS + 1, 8, WARNINGS, Some("1 more warning is not kept"))]
#[case::many_too_many(WARNINGS + 4000, 8, WARNINGS, Some("4000 more warnings are not kept"))]
#[case::as_large_as_may_be(4, WARNING_BYTES / 4 - 1, 4, None)]
#[case::too_large(6, WARNING_BYTES / 4 - 1, 4, Some("2 more warnings are not kept"))]
fn the_first_warnings_are_kept_and_the_others_counted(
    #[case] said: usize,
    #[case] width: usize,
    #[case] kept: usize,
    #[case] last: Option<&str>,
) {
    // Every other one repeats the one before.
    let text = |number: usize| {
        let number = (number / 2).to_string();
        "0".repeat(width.saturating_sub(number.len())) + &number
    };
    let view = view_of((0..said).map(|number| warning(&job("a"), &text(number))));
    let expected: Vec<String> = (0..kept).map(text).chain(last.map(str::to_owned)).collect();
    let warnings: Vec<String> = view.warnings.into_iter().map(|warning| warning.message).collect();
    assert!(warnings == expected, "{} of {}", warnings.len(), expected.len());
}

#[test]
fn nothing_is_kept_after_a_warning_that_was_not() {
    let sizes = [10, WARNING_BYTES, 10];
    let view = view_of(sizes.into_iter().map(|size| warning(&job("a"), &"x".repeat(size))));
    let lengths: Vec<usize> = view.warnings.iter().map(|warning| warning.message.len()).collect();
    assert_eq!(lengths, [10, "2 more warnings are not kept".len()]);
}

#[test]
fn a_newcomer_is_told_that_warnings_are_missing() {
    let hub = Hub::default();
    hub.open(&job("a"));
    for _ in 0..WARNINGS + 2 {
        hub.publish(&warning(&job("a"), "hot"));
    }
    let told = told(&hub);
    let warnings: Vec<&Value> = told.iter().filter(|message| message["type"] == "warning").collect();
    assert_eq!(warnings.len(), WARNINGS + 1);
    assert_eq!(warnings[WARNINGS]["payload"]["message"], "2 more warnings are not kept");
}

#[test]
fn plugins_are_bounded_and_those_that_are_known_go_on() {
    let a = job("a");
    let names = (0..PLUGINS + 10).map(|number| format!("p{number}"));
    let statuses = names.map(|name| status(&a, &name, State::Started));
    let view = view_of(statuses.chain([status(&a, "p0", State::Completed)]));
    assert_eq!((view.statuses.len(), view.plugin_timings.len()), (PLUGINS, PLUGINS));
    assert_eq!(view.statuses[0].status, State::Completed);
    let long = |number: usize| format!("{number}{}", "x".repeat(PLUGIN_BYTES / 4));
    let view = view_of((0..10).map(|number| status(&a, &long(number), State::Started)));
    assert_eq!(view.statuses.len(), 3);
}

#[test]
fn declarations_are_bounded_and_can_be_mended() {
    let (hub, a) = (Hub::default(), job("a"));
    hub.open(&a);
    let large = |name: usize| Metadata {
        plugin: format!("p{name}").parse().unwrap(),
        metadata: Map::from_iter([("pad".to_owned(), Value::from("x".repeat(PLUGIN_BYTES / 4)))]),
    };
    for name in 0..10 {
        hub.publish(&Message::of(&a, large(name)));
    }
    let declared = || told(&hub).into_iter().filter(|message| message["type"] == "metadata").count();
    assert_eq!(declared(), 3);
    for name in 0..3 {
        hub.publish(&metadata(&a, &format!("p{name}"), 2));
    }
    for name in 3..PLUGINS + 10 {
        hub.publish(&metadata(&a, &format!("p{name}"), 1));
    }
    assert_eq!(declared(), PLUGINS);
}

#[test]
fn frames_with_long_names_are_fewer() {
    let frame = |number: usize| {
        let frame_id = format!("{number}{}", "x".repeat(FRAME_BYTES / 4));
        let (plugin, device_used) = ("p".parse().unwrap(), "sim".to_owned());
        let frame = Frame { frame_id, plugin, data: Map::new(), device_used, timing_ms: 0.5 };
        Message::of(&job("a"), Payload::Frame(frame))
    };
    let view = view_of((0..10).map(frame));
    let first: String = view.frames.iter().filter_map(|frame| frame.frame_id.chars().next()).collect();
    assert_eq!(first, "789");
}
