//! A store and a server answer alike.

use std::io::Read;
use std::net::TcpListener;

use hil_archive::{Archive, ArchiveError, Contents, Obstacle, Order};
use hil_model::run::{Attachment, AttachmentLimits, MeasuredValue, Measurement, Phase, Run, RunOutcome};
use hil_store::RunFilter;
use rstest::rstest;

use crate::bench::{self, Lab, MAX_CONTENT, client, id, run, store, stored, with_file};
use crate::spool::somebody_else;

/// A store or a server, empty.
enum Place {
    Store(tempfile::TempDir),
    Server(Box<Lab>),
}

impl Place {
    fn archive(&self) -> Archive {
        match self {
            Self::Store(folder) => store(folder, "runs.sqlite"),
            Self::Server(lab) => lab.user(),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Store,
    Server,
}

impl Kind {
    fn open(self) -> Place {
        match self {
            Self::Store => Place::Store(tempfile::tempdir().unwrap()),
            Self::Server => Place::Server(Box::new(Lab::open())),
        }
    }
}

use Kind::{Server, Store};

#[rstest]
fn a_run_comes_back_with_its_files(#[values(Store, Server)] kind: Kind) {
    let (place, files) = (kind.open(), tempfile::tempdir().unwrap());
    let archive = place.archive();
    let (sent, contents) = with_file(run(1, 1000), &files, &vec![7; 100_000]);
    for _ in 0..2 {
        assert_eq!(archive.save(&sent, Contents::Files(&contents)).unwrap(), sent.id);
    }
    let found = archive.run(&sent.id).unwrap();
    assert_eq!(format!("{:?}", found.phases), format!("{:?}", sent.phases));
    assert_eq!(found.attachments, sent.attachments);
    assert_eq!(found.procedure.name.unwrap().as_str(), "hardware");
    assert_eq!((found.started_at, found.duration), (sent.started_at, sent.duration));
    let mut content = Vec::new();
    archive.content(&sent.attachments[0].digest).unwrap().read_to_end(&mut content).unwrap();
    assert_eq!(content, vec![7; 100_000]);
    assert_eq!(stored(&archive), [sent.id]);
}

#[rstest]
fn another_run_of_the_same_id_is_refused(#[values(Store, Server)] kind: Kind) {
    let place = kind.open();
    let archive = place.archive();
    let first = run(1, 1000);
    archive.save(&first, Contents::Files(&[])).unwrap();
    let mut changed = first.clone();
    changed.phases[0].measurements[0].value = MeasuredValue::Number(5.000_000_000_000_001);
    for other in [Run { outcome: RunOutcome::Fail, ..first.clone() }, changed] {
        let error = archive.save(&other, Contents::Files(&[])).unwrap_err();
        assert!(error.obstacle() == Obstacle::Run && error.to_string().contains("another run"), "{error}");
    }
    assert_eq!(archive.run(&first.id).unwrap().outcome, RunOutcome::Pass);
}

#[rstest]
fn runs_are_found_by_page(#[values(Store, Server)] kind: Kind) {
    let place = kind.open();
    let archive = place.archive();
    for number in 1..=5 {
        archive.save(&run(number, i64::try_from(number).unwrap() * 1000), Contents::Files(&[])).unwrap();
    }
    let page = archive.runs(RunFilter::default(), Order::Newest, 2, 0).unwrap();
    let serials = |page: &hil_archive::answer::RunLines| {
        page.runs.iter().map(|run| run.serial_number.clone()).collect::<Vec<_>>()
    };
    assert_eq!((serials(&page), page.next), (vec!["SN-5".to_owned(), "SN-4".to_owned()], Some(2)));
    let rest = archive.runs(RunFilter::default(), Order::Newest, 10, 2).unwrap();
    assert_eq!((serials(&rest).len(), rest.next), (3, None));
    let one = archive.runs(RunFilter::of_unit("sn-3".parse().unwrap()), Order::Oldest, 10, 0).unwrap();
    assert_eq!(serials(&one), ["SN-3"]);
    let line = &one.runs[0];
    assert_eq!((line.outcome.as_str(), line.part_number.as_str(), line.started_ms), ("PASS", "ALM", 3000));
    for (name, count) in [("Hardware", 5), ("fvt1", 5), ("other", 0)] {
        let filter = RunFilter { procedure_names: vec![name.into()], ..RunFilter::default() };
        assert_eq!(archive.runs(filter, Order::Newest, 10, 0).unwrap().runs.len(), count, "{name}");
    }
    let unknown = RunFilter::of_unit("unknown".parse().unwrap());
    assert_eq!(serials(&archive.runs(unknown, Order::Newest, 10, 0).unwrap()), Vec::<String>::new());
    assert!(archive.run(&id(77)).unwrap_err().is_not_found());
}

#[rstest]
fn statistics_are_asked_of_either(#[values(Store, Server)] kind: Kind) {
    let place = kind.open();
    let archive = place.archive();
    for (number, value) in (1..).zip([4.0, 5.0, 6.0, 9.0]) {
        let mut run = run(number, i64::try_from(number).unwrap() * 1000);
        run.phases[0].measurements[0].value = MeasuredValue::Number(value);
        if number == 2 {
            run.outcome = RunOutcome::Fail;
            run.phases.push(Phase { retry_count: 1, ..Phase::new("supply") });
        }
        archive.save(&run, Contents::Files(&[])).unwrap();
    }
    let all = RunFilter::default;
    let first = archive.first_pass(all(), 5, 0).unwrap().procedures;
    assert_eq!((first[0].units, first[0].passed, first[0].share), (4, 3, 0.75));
    assert_eq!(first[0].procedure.name, "hardware");
    let capability = archive.capability(all(), Some("rail"), 5, 0).unwrap().measurements;
    assert_eq!((capability[0].count, capability[0].mean), (4, Some(6.0)));
    assert!(capability[0].cpk.is_some_and(|cpk| cpk > 0.0));
    let trend = archive.trend(all(), "rail", Order::Oldest, 3, 0).unwrap();
    let values: Vec<_> = trend.points.iter().map(|point| point.value).collect();
    assert_eq!((values, trend.next), (vec![4.0, 5.0, 6.0], Some(3)));
    let units = archive.unit_trend(all(), "rail", Order::Newest, 1, 0).unwrap();
    assert_eq!((units.units[0].serial_number.as_str(), units.next), ("SN-4", Some(1)));
    let flaky = archive.flaky(all(), 5).unwrap();
    assert_eq!((flaky[0].phase.as_str(), flaky[0].retried), ("supply", 1));
    assert_eq!(archive.slowest(all(), 5).unwrap().len(), 1);
    let drift = archive.drift(all(), None, 2, 5, 0).unwrap().measurements;
    assert_eq!(drift[0].periods.iter().map(|p| p.mean).collect::<Vec<_>>(), [Some(4.5), Some(7.5)]);
    assert_eq!(drift[0].shift, Some(3.0));
}

#[test]
fn an_export_is_whole_and_in_order_beyond_one_page() {
    let lab = Lab::open();
    let archive = lab.user();
    // More than one page of the server's reading.
    let ids: Vec<_> = (0..1010).map(id).collect();
    for number in 0..1010 {
        let phases = Vec::new();
        archive.save(&Run { phases, ..run(number, 5_000_000) }, Contents::Files(&[])).unwrap();
    }
    assert_eq!(stored(&archive), ids);
}

#[test]
fn a_run_may_have_as_many_files_as_a_bench_may_be_configured_for() {
    let (lab, files) = (Lab::open(), tempfile::tempdir().unwrap());
    let (mut run, contents) = with_file(run(1, 0), &files, b"content");
    let file = run.attachments[0].clone();
    run.attachments = (0..101).map(|i| Attachment { name: format!("{i}.csv"), ..file.clone() }).collect();
    lab.user().save(&run, Contents::Files(&contents)).unwrap();
    assert_eq!(lab.user().run(&run.id).unwrap().attachments.len(), 101);
    run.attachments = vec![file; usize::try_from(AttachmentLimits::MOST).unwrap() + 1];
    let error = lab.user().save(&Run { id: id(2), ..run }, Contents::Files(&contents)).unwrap_err();
    assert!(error.to_string().contains("10001 attachments, at most 10000 are allowed"), "{error}");
}

#[test]
fn a_station_sends_runs_too() {
    let lab = Lab::open();
    let archive = lab.client(&lab.station_key);
    archive.save(&run(1, 1000), Contents::Files(&[])).unwrap();
    let found = archive.run(&id(1)).unwrap();
    assert_eq!(found.station.unwrap().as_str(), "bench 3");
}

/// The status and the beginning of what was said, on one line, with nothing that steers a terminal and without the key.
#[rstest]
#[case::page(200)]
#[case::elsewhere(302)]
#[case::unknown_path(404)]
#[case::key(401)]
#[case::forbidden(403)]
fn a_foreign_answer_is_told_with_its_status_and_its_text(#[case] status: u16) {
    let url = somebody_else(status, "<html>\x1b[31m\n hil_0123456789 no</html>");
    let archive = client(&url, "hil_0123456789");
    let errors =
        [archive.run(&id(1)).unwrap_err(), archive.save(&run(1, 0), Contents::Files(&[])).unwrap_err()];
    for error in errors {
        let is_foreign = matches!(error, ArchiveError::Foreign { .. });
        assert_eq!(is_foreign, !matches!(status, 401 | 403), "{error:?}");
        let text = error.to_string();
        assert!(text.contains(&status.to_string()), "{text}");
        assert!(text.contains("<html>\\u{1b}[31m … no</html>"), "{text}");
    }
}

#[test]
fn what_is_wrong_is_told_apart() {
    let (lab, files) = (Lab::open(), tempfile::tempdir().unwrap());
    let error = lab.client("hil_0000000000").save(&run(1, 0), Contents::Files(&[])).unwrap_err();
    assert!(matches!(error, ArchiveError::Unauthorized { .. }), "{error:?}");
    assert!(!format!("{error:?} {error}").contains("hil_0000000000"));

    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error =
        client(&format!("http://{closed}"), "key").save(&run(1, 0), Contents::Files(&[])).unwrap_err();
    assert!(
        matches!(error, ArchiveError::Unreachable { .. }) && error.obstacle() == Obstacle::Archive,
        "{error:?}"
    );

    let mut wrong = run(1, 2000);
    wrong.ended_at = bench::run(1, 0).started_at;
    let error = lab.user().save(&wrong, Contents::Files(&[])).unwrap_err();
    assert!(matches!(error, ArchiveError::Refused { status: 409, .. }), "{error:?}");

    let (large, contents) = with_file(run(2, 0), &files, &vec![1; usize::try_from(MAX_CONTENT).unwrap() + 1]);
    let error = lab.user().save(&large, Contents::Files(&contents)).unwrap_err();
    assert!(matches!(error, ArchiveError::Refused { status: 413, .. }), "{error:?}");

    let (changed, contents) = with_file(run(3, 0), &files, b"before");
    std::fs::write(&contents[0].1, "after").unwrap();
    let error = lab.user().save(&changed, Contents::Files(&contents)).unwrap_err();
    assert!(matches!(error, ArchiveError::ContentDiffers { .. }), "{error:?}");

    assert_eq!(stored(&lab.user()), []);
}

/// What a client of another make sends.
fn put(lab: &Lab, path: &str, body: &[u8]) -> (u16, String) {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let request = agent.put(format!("{}/api/hil/v1/{path}", lab.url));
    let mut answer = request.header("authorization", format!("Bearer {}", lab.user_key)).send(body).unwrap();
    (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
}

#[test]
fn documents_that_do_not_fit_are_refused_with_their_reason() {
    let (lab, files) = (Lab::open(), tempfile::tempdir().unwrap());
    let document = |run: &Run| {
        let mut json = Vec::new();
        hil_exchange::document::to_writer(run, &mut json).unwrap();
        String::from_utf8(json).unwrap()
    };
    let (with, contents) = with_file(run(1, 0), &files, b"content");
    let digest = contents[0].0.to_string();
    let good = document(&run(1, 0));
    let address = format!("runs/{}", id(1));
    for (path, body, status, why) in [
        (address.as_str(), document(&with), 409, digest.as_str()),
        ("runs/other", good.clone(), 400, "the document is that of run"),
        ("runs/a%20b", good.clone(), 400, "run id"),
        (&address, good.replace("\"SN-1\"", "\"\""), 400, "serial number must not be empty"),
        (&address, good.replace("\"serial_number\":\"SN-1\"", ""), 400, "unit"),
        (&address, good.replace("\"schema\":1", "\"schema\":9"), 400, "schema 9"),
        (&address, "[".repeat(100_000), 400, "document"),
        (&address, String::new(), 400, "document"),
        (&format!("contents/{digest}"), "other".into(), 400, "the content has the SHA-256"),
        ("contents/..%2F..%2Fetc%2Fpasswd", "other".into(), 400, "SHA-256"),
    ] {
        let (found, text) = put(&lab, path, body.as_bytes());
        assert_eq!(found, status, "{path}: {text}");
        assert!(text.contains(why), "{text}");
    }
    assert_eq!(stored(&lab.user()).len(), 0);
    // A size that is not that of the content.
    lab.user().save(&with, Contents::Files(&contents)).unwrap();
    let lies = document(&Run { id: id(2), ..with }).replace("\"size\":7", "\"size\":8");
    assert_eq!(put(&lab, &format!("runs/{}", id(2)), lies.as_bytes()).0, 400);
}

#[test]
fn a_question_with_a_mistake_is_refused() {
    let lab = Lab::open();
    let ask = |path: &str| {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let request = agent.get(format!("{}/api/{path}", lab.url));
        let mut answer = request.header("authorization", format!("Bearer {}", lab.user_key)).call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    };
    for (path, status, why) in [
        ("hil/v1/runs?serial_number=", 400, "serial number must not be empty"),
        ("hil/v1/runs?serial=SN-1", 400, "serial"),
        ("hil/v1/runs?serial_number=SN-1", 200, "\"runs\":[]"),
        ("hil/v1/documents?outcome=GOOD", 400, "GOOD"),
        ("hil/v1/statistics/trend", 400, "measurement"),
        ("hil/v1/statistics/first-pass", 200, "{\"procedures\":[],\"next\":null}"),
    ] {
        let (found, text) = ask(path);
        assert_eq!(found, status, "{path}: {text}");
        assert!(text.contains(why), "{path}: {text}");
    }
    let description = ask("openapi.json").1;
    for path in ["/api/hil/v1/runs/{id}", "/api/hil/v1/documents", "/api/hil/v1/statistics/drift"] {
        assert!(description.contains(path), "{path}");
    }
}

#[test]
fn a_value_that_is_no_number_survives_the_way() {
    let lab = Lab::open();
    let mut sent = run(1, 0);
    let value = |value| Measurement { value, ..Measurement::new("x") };
    sent.phases[0].measurements = vec![
        value(MeasuredValue::Number(f64::NEG_INFINITY)),
        value(MeasuredValue::Text("NaN".into())),
        value(MeasuredValue::Json(serde_json::json!({"a": [u64::MAX, null]}))),
    ];
    lab.user().save(&sent, Contents::Files(&[])).unwrap();
    assert_eq!(lab.user().run(&sent.id).unwrap().phases, sent.phases);
}
