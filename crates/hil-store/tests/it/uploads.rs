//! Files and their contents.

use hil_model::run::{Attachment, Digest, Run};
use hil_store::{Actor, ContentWriter, ErrorKind, Import, Store, StoreError, StoreOptions, UnitChange};
use rstest::rstest;
use tokio::io::AsyncReadExt as _;

use crate::backend::{Backend, Bench, Postgres, Sqlite};
use crate::sample;

async fn written(store: &Store, bytes: &[u8]) -> ContentWriter {
    let mut content = store.begin_content().await.unwrap();
    for chunk in bytes.chunks(1000) {
        content.write(chunk).await.unwrap();
    }
    content
}

async fn read(store: &Store, digest: &Digest) -> Vec<u8> {
    let mut content = store.content(digest).await.unwrap();
    let mut bytes = Vec::new();
    content.file.read_to_end(&mut bytes).await.unwrap();
    assert_eq!(content.size, bytes.len() as u64);
    bytes
}

fn files(bench: &Bench) -> usize {
    let is_dir = |path: &std::path::Path| path.is_dir();
    let shards = std::fs::read_dir(bench.contents()).into_iter().flatten().map(|entry| entry.unwrap().path());
    shards.filter(|path| is_dir(path)).map(|path| std::fs::read_dir(path).unwrap().count()).sum()
}

#[rstest]
#[tokio::test]
async fn a_file_goes_in_steps_and_is_kept_under_its_hash(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(bench) = &Bench::open(backend).await else { return };
    let store = &bench.store;
    let name = "../../etc/pass wd Ω";
    let upload = store.create_upload(name.into(), None, Actor::Local).await.unwrap();
    assert_eq!(store.finalize_upload(upload.id, Actor::Local).await.unwrap_err().kind(), ErrorKind::NotFound);
    let content = written(store, &[7; 5000]).await;
    let stored = store.store_upload(upload.id, content, Some("text/plain".into())).await.unwrap();
    assert_eq!((stored.name.as_str(), stored.size, stored.finalized), (name, Some(5000), false));
    assert!(store.finalize_upload(upload.id, Actor::Local).await.unwrap().finalized);
    assert_eq!(read(store, &stored.digest.unwrap()).await, [7; 5000]);

    // Again is fine, something else is not.
    store.store_upload(upload.id, written(store, &[7; 5000]).await, None).await.unwrap();
    let other = store.store_upload(upload.id, written(store, b"other").await, None).await;
    assert_eq!(other.unwrap_err().kind(), ErrorKind::Conflict);
    let missing = "01a1fea7-c6ae-77b0-bea8-86c1e25a6ff4".parse().unwrap();
    let lost = store.store_upload(missing, written(store, b"other").await, None).await;
    assert_eq!(lost.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(files(bench), 1, "what was refused leaves no file");

    // Two files of one content: it goes with the last of them.
    let twin = store.create_upload("twin".into(), None, Actor::Local).await.unwrap();
    store.store_upload(twin.id, written(store, &[7; 5000]).await, None).await.unwrap();
    store.delete_uploads(vec![upload.id], Actor::Local).await.unwrap();
    assert_eq!(read(store, &stored.digest.unwrap()).await, [7; 5000]);
    store.delete_uploads(vec![twin.id], Actor::Local).await.unwrap();
    assert_eq!(files(bench), 0);
    assert_eq!(store.content(&stored.digest.unwrap()).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[rstest]
#[tokio::test]
async fn too_large_is_refused_and_leaves_nothing(#[values(Sqlite, Postgres)] backend: Backend) {
    let options = StoreOptions { max_content: Some(100), ..StoreOptions::default() };
    let Some(bench) = &Bench::open_with(backend, options).await else { return };
    let mut content = bench.store.begin_content().await.unwrap();
    content.write(&[0; 100]).await.unwrap();
    let error = content.write(&[0]).await.unwrap_err();
    assert!(matches!(error, StoreError::TooLarge { max: 100, .. }) && error.kind() == ErrorKind::TooLarge);
    drop(content);
    assert_eq!(files(bench), 0);
}

#[rstest]
#[tokio::test]
async fn runs_and_units_have_files(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(bench) = &Bench::open(backend).await else { return };
    let store = &bench.store;
    let procedure = sample::procedure(store).await;

    // The harness: contents first, the run with its attachments afterwards.
    let stored = store.put_content(written(store, b"trace").await).await.unwrap();
    let attachment = Attachment {
        name: "trace.asc".into(),
        content_type: Some("text/plain".into()),
        size: stored.size,
        digest: stored.digest,
        is_report: false,
    };
    let run = Run { attachments: vec![attachment.clone(); 2], ..sample::run(&procedure, "SN-1", 1) };
    store.save_run(run.clone(), Actor::Local).await.unwrap();
    assert_eq!(store.run(run.id.clone()).await.unwrap().run.attachments, run.attachments);
    let lost = Attachment { digest: Digest::new([1; 32]), ..attachment };
    let other = Run { attachments: vec![lost], ..sample::run(&procedure, "SN-1", 2) };
    assert_eq!(store.save_run(other, Actor::Local).await.unwrap_err().kind(), ErrorKind::NotFound);

    // Foreign clients: the run first. Linking twice is once; a file belongs to one run.
    let upload = store.create_upload("late.txt".into(), None, Actor::Local).await.unwrap();
    for _ in 0..2 {
        store.attach_to_run(run.id.clone(), vec![upload.id], Actor::Local).await.unwrap();
    }
    let found = store.run(run.id.clone()).await.unwrap();
    assert_eq!((found.attachments.len(), found.attachments[2].id), (3, upload.id));
    let other = sample::run(&procedure, "SN-1", 3);
    store.save_run(other.clone(), Actor::Local).await.unwrap();
    let taken = store.attach_to_run(other.id, vec![upload.id], Actor::Local).await;
    assert_eq!(taken.unwrap_err().kind(), ErrorKind::Conflict);

    let upload = store.create_upload("photo.png".into(), None, Actor::Local).await.unwrap();
    let change = UnitChange { attachments: vec![upload.id], ..UnitChange::default() };
    let unit = store.update_unit("SN-1".parse().unwrap(), change, Actor::Local).await.unwrap();
    assert_eq!(unit.attachments[0].name, "photo.png");

    store.delete_runs(vec![run.id]).await.unwrap();
    assert_eq!(files(bench), 0, "a run takes its files with it");
    assert_eq!(store.delete_stale_uploads(sample::at(i64::MAX)).await.unwrap(), 0);
}

#[rstest]
#[tokio::test]
async fn a_report_becomes_a_run_and_its_attachment(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let procedure = sample::procedure(store).await;
    let upload = store.create_upload("report.json".into(), None, Actor::Local).await.unwrap();
    store.store_upload(upload.id, written(store, b"{}").await, None).await.unwrap();
    let run = sample::run(&procedure, "SN-1", 1);
    let import = Import { upload: upload.id, importer: "OPENHTF".into() };
    for _ in 0..2 {
        store.import_run(run.clone(), Actor::Local, import.clone()).await.unwrap();
    }
    let found = store.run(run.id).await.unwrap();
    assert!(found.attachments[0].is_report);
    let imported = found.import.unwrap();
    assert_eq!((imported.importer.as_str(), imported.upload.unwrap().id), ("OPENHTF", upload.id));
}

#[rstest]
#[tokio::test]
async fn announced_and_never_needed_files_go(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(bench) = &Bench::open(backend).await else { return };
    let store = &bench.store;
    let upload = store.create_upload("a".into(), None, Actor::Local).await.unwrap();
    store.store_upload(upload.id, written(store, b"a").await, None).await.unwrap();
    assert_eq!(store.delete_stale_uploads(sample::at(1)).await.unwrap(), 0);
    assert_eq!(store.delete_stale_uploads(sample::at(i64::MAX)).await.unwrap(), 1);
    assert_eq!((files(bench), store.upload(upload.id).await.unwrap_err().kind()), (0, ErrorKind::NotFound));
}

#[rstest]
#[case("")]
#[case(" \t")]
#[tokio::test]
async fn a_file_has_a_name(#[case] name: &str) {
    let bench = Bench::open(Sqlite).await.unwrap();
    let long = "x".repeat(1025);
    for name in [name, &long] {
        let error = bench.store.create_upload(name.into(), None, Actor::Local).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
}

/// Makes every content look as if it had been written in 1970.
fn age(bench: &Bench) {
    for shard in std::fs::read_dir(bench.contents()).unwrap().map(|entry| entry.unwrap().path()) {
        for file in std::fs::read_dir(shard).unwrap().map(|entry| entry.unwrap().path()) {
            let file = std::fs::File::options().write(true).open(file).unwrap();
            file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        }
    }
}

#[rstest]
#[tokio::test]
async fn contents_that_no_run_came_for_go(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(bench) = &Bench::open(backend).await else { return };
    let store = &bench.store;
    let procedure = sample::procedure(store).await;
    let needed = store.put_content(written(store, b"needed").await).await.unwrap();
    let attachment = Attachment {
        name: "needed".into(),
        content_type: None,
        size: needed.size,
        digest: needed.digest,
        is_report: false,
    };
    let run = Run { attachments: vec![attachment], ..sample::run(&procedure, "SN-1", 1) };
    store.save_run(run.clone(), Actor::Local).await.unwrap();
    for i in 0..100 {
        store.put_content(written(store, format!("nobody's {i}").as_bytes()).await).await.unwrap();
    }
    let again = store.put_content(written(store, b"again").await).await.unwrap();
    assert_eq!(store.delete_stale_contents(sample::at(1)).await.unwrap(), 0, "they are young");
    age(bench);
    // Who puts a content again is about to need it.
    store.put_content(written(store, b"again").await).await.unwrap();
    assert_eq!(store.delete_stale_contents(sample::at(1)).await.unwrap(), 100);
    assert_eq!(read(store, &needed.digest).await, b"needed");
    assert_eq!(read(store, &again.digest).await, b"again");
    store.delete_runs(vec![run.id]).await.unwrap();
    assert_eq!(files(bench), 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_content_goes_only_after_its_last_reference_is_gone_for_good(
    #[values(Sqlite, Postgres)] backend: Backend,
) {
    let Some(bench) = Bench::open(backend).await else { return };
    let (procedure, bench) = (sample::procedure(&bench.store).await, std::sync::Arc::new(bench));
    for round in 0..20 {
        // Those who need a content and those who remove it at the same time: whoever was saved has it.
        let tasks: Vec<_> = (0..8)
            .map(|i| {
                let (bench, procedure) = (std::sync::Arc::clone(&bench), procedure.clone());
                tokio::spawn(async move {
                    let store = &bench.store;
                    let stored = store.put_content(written(store, b"shared").await).await.unwrap();
                    let attachment = Attachment {
                        name: "shared".into(),
                        content_type: None,
                        size: stored.size,
                        digest: stored.digest,
                        is_report: false,
                    };
                    let run = sample::run(&procedure, &format!("SN-{round}-{i}"), 1);
                    let run = Run { attachments: vec![attachment], ..run };
                    match store.save_run(run.clone(), Actor::Local).await {
                        Ok(_) if i % 2 == 0 => store.delete_runs(vec![run.id]).await.unwrap(),
                        Ok(_) => assert_eq!(read(store, &stored.digest).await, b"shared"),
                        Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound),
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    }
}

#[rstest]
#[tokio::test]
async fn a_run_carries_so_many_files_and_no_more(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let procedure = sample::procedure(store).await;
    let run = sample::run(&procedure, "SN-1", 1);
    store.save_run(run.clone(), Actor::Local).await.unwrap();
    for i in 0..100 {
        store.create_upload_of_run(format!("{i}"), run.id.clone(), Actor::Local).await.unwrap();
    }
    let one_more = store.create_upload("x".into(), None, Actor::Local).await.unwrap();
    let refused = store.attach_to_run(run.id.clone(), vec![one_more.id], Actor::Local).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Invalid);
    let refused = store.create_upload_of_run("y".into(), run.id.clone(), Actor::Local).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(store.run(run.id).await.unwrap().attachments.len(), 100);
}
