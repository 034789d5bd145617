//! Opening stores, one's own and others'.

use hil_store::{ErrorKind, Store, StoreError, StoreOptions};
use rstest::rstest;

use crate::backend::{Backend, Bench, Postgres, Sqlite};
use crate::sample;

#[rstest]
#[tokio::test]
async fn what_was_saved_is_there_after_reopening(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(bench) = Bench::open(backend).await else { return };
    let procedure = sample::procedure(&bench.store).await;
    let id =
        bench.store.save_run(sample::filled(&procedure, "SN-1", 2, 3), Default::default()).await.unwrap();
    bench.store.close().await;
    assert!(matches!(bench.store.ping().await, Err(StoreError::Closed)));

    let again = Store::open(&bench.url, StoreOptions::default()).await.unwrap();
    assert_eq!(again.run(id).await.unwrap().run.phases.len(), 2);
    again.close().await;
}

#[rstest]
#[tokio::test]
async fn a_newer_store_is_refused(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(bench) = Bench::open(backend).await else { return };
    bench.sql("INSERT INTO hil_schema (version) VALUES (4711)").await;
    let error = Store::open(&bench.url, StoreOptions::default()).await.unwrap_err();
    assert!(matches!(error, StoreError::Newer { database: 4711, .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("4711") && text.contains(&Store::version().to_string()), "{text}");
}

#[rstest]
#[tokio::test]
async fn two_may_open_an_empty_store_at_once(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(bench) = Bench::open(backend).await else { return };
    match backend {
        Sqlite => {
            bench.store.close().await;
            std::fs::remove_file(&bench.url).unwrap();
        }
        Postgres => bench.sql("DO $$ BEGIN EXECUTE 'DROP SCHEMA ' || current_schema || ' CASCADE; CREATE SCHEMA ' || current_schema; END $$").await,
    }
    let open = || Store::open(&bench.url, StoreOptions::default());
    let (one, two) = tokio::join!(open(), open());
    one.unwrap().ping().await.unwrap();
    two.unwrap().ping().await.unwrap();
}

#[tokio::test]
async fn somebody_elses_file_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let text = directory.path().join("notes.txt");
    std::fs::write(&text, "not a database at all, but long enough to be one".repeat(20)).unwrap();
    let foreign = directory.path().join("other.db");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE mine (a)").unwrap();
    for path in [text, foreign] {
        let before = std::fs::read(&path).unwrap();
        let error = Store::open(path.to_str().unwrap(), StoreOptions::default()).await.unwrap_err();
        assert!(matches!(error, StoreError::NotAStore { .. }), "{error:?}");
        assert!(before == std::fs::read(&path).unwrap());
    }
}

#[rstest]
#[case("mysql://root@localhost/hil", ErrorKind::Internal)]
#[case("postgres://nobody:secret@127.0.0.1:1/hil", ErrorKind::Unavailable)]
#[case("/proc/no/such/place.db", ErrorKind::Internal)]
#[tokio::test]
async fn what_cannot_be_opened_says_so(#[case] url: &str, #[case] kind: ErrorKind) {
    let error = Store::open(url, StoreOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), kind, "{error:?}");
    assert!(!format!("{error:?}").contains("secret"));
}
