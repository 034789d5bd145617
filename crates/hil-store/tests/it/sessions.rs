//! Sessions of browsers: they stand for a key, and end when nobody uses them.

use hil_store::{KeyOwner, Principal, Role, StoreError};
use rstest::rstest;

use crate::backend::{Backend, Bench, Postgres, Sqlite};

const HOUR: i64 = 3600 * 1000;

/// How long the only session lasts from now on, in milliseconds.
async fn left(bench: &Bench) -> i64 {
    bench.count("SELECT ends_at FROM sessions").await - now()
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

#[rstest]
#[case::of_a_key(false, 12 * HOUR)]
#[case::of_a_key_for_looking(true, 30 * 24 * HOUR)]
#[tokio::test]
async fn a_session_lasts_while_it_is_used(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[case] read_only: bool,
    #[case] lasts: i64,
) {
    let Some(bench) = &Bench::open(backend).await else { return };
    let store = &bench.store;
    let user = store.ensure_user("ann@example.org".parse().unwrap(), None, Role::Member).await.unwrap();
    let owner = KeyOwner::User(user.id);
    let (key, secret) = if read_only {
        store.create_read_only_key(owner, None).await.unwrap()
    } else {
        store.create_key(owner, None).await.unwrap()
    };
    let session = store.begin_session(secret.reveal()).await.unwrap();
    let found = store.session(session.reveal()).await.unwrap().unwrap();
    assert_eq!(found.admission.principal, Principal::User(user));
    assert!(found.admission.read_only == read_only && !found.is_worn);
    let rest = left(bench).await;
    assert!((lasts - HOUR..=lasts).contains(&rest), "{rest}");

    // It was last used ten minutes ago.
    bench.sql(&format!("UPDATE sessions SET ends_at = {}", now() + lasts - HOUR / 6)).await;
    assert!(store.session(session.reveal()).await.unwrap().unwrap().is_worn);
    assert!(store.renew_session(session.reveal()).await.unwrap());
    assert!(!store.session(session.reveal()).await.unwrap().unwrap().is_worn);

    bench.sql(&format!("UPDATE sessions SET ends_at = {}", now())).await;
    assert_eq!(store.session(session.reveal()).await.unwrap(), None);
    assert!(!store.renew_session(session.reveal()).await.unwrap(), "what has ended stays so");

    let next = store.begin_session(secret.reveal()).await.unwrap();
    assert_eq!(bench.count("SELECT COUNT(*) FROM sessions").await, 1, "the other one had ended");
    assert!(store.revoke_key(key.id).await.unwrap());
    assert_eq!(store.session(next.reveal()).await.unwrap(), None);
    assert_eq!(bench.count("SELECT COUNT(*) FROM sessions").await, 0);
}

#[rstest]
#[tokio::test]
async fn sessions_are_bounded_and_end(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(bench) = &Bench::open(backend).await else { return };
    let store = &bench.store;
    let user = store.ensure_user("ann@example.org".parse().unwrap(), None, Role::Member).await.unwrap();
    let (_, secret) = store.create_key(KeyOwner::User(user.id), None).await.unwrap();
    let first = store.begin_session(secret.reveal()).await.unwrap();
    bench.sql(&format!("UPDATE sessions SET ends_at = {}", now() + HOUR)).await;
    let mut last = first.reveal().to_owned();
    for _ in 0..64 {
        last = store.begin_session(secret.reveal()).await.unwrap().reveal().to_owned();
    }
    assert_eq!(bench.count("SELECT COUNT(*) FROM sessions").await, 64);
    assert_eq!(store.session(first.reveal()).await.unwrap(), None);
    let hidden = format!("SELECT COUNT(*) FROM sessions WHERE digest = '{last}'");
    assert_eq!(bench.count(&hidden).await, 0, "the text itself is not stored");
    assert!(store.end_session(&last).await.unwrap() && !store.end_session(&last).await.unwrap());
    assert_eq!(store.session(&last).await.unwrap(), None);
    assert!(matches!(store.begin_session("no key").await, Err(StoreError::KeyUnknown)));
    // A session is no key.
    assert!(matches!(store.authenticate(&last).await, Err(StoreError::KeyUnknown)));
    store.ban_user(user.id, true).await.unwrap();
    assert!(matches!(store.begin_session(secret.reveal()).await, Err(StoreError::KeyUnknown)));
}
