//! People, stations and their keys.

use hil_store::{
    Actor, Direction, ErrorKind, KeyOwner, Page, Principal, Role, StationChange, StationFilter, StoreError,
};
use rstest::rstest;

use crate::backend::{Backend, Bench, Postgres, Sqlite};
use crate::sample;

#[rstest]
#[tokio::test]
async fn keys_stand_for_whoever_they_were_made_for(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(bench) = &Bench::open(backend).await else { return };
    let store = &bench.store;
    let user =
        store.ensure_user("ann@example.org".parse().unwrap(), Some("Ann".into()), Role::Admin).await.unwrap();
    let same = store.ensure_user("ANN@example.org".parse().unwrap(), None, Role::Member).await.unwrap();
    assert_eq!(user, same);
    let station = store.create_station("Bench 1".parse().unwrap(), None).await.unwrap();

    let (key, secret) = store.create_key(KeyOwner::User(user.id), None).await.unwrap();
    assert!(secret.reveal().len() >= 36 && !format!("{secret:?}").contains(secret.reveal()));
    let admitted = store.authenticate(secret.reveal()).await.unwrap();
    assert!(!admitted.read_only && admitted.principal == Principal::User(user.clone()));
    let (_, of_station) = store.create_key(KeyOwner::Station(station.id), None).await.unwrap();
    assert_eq!(
        store.authenticate(of_station.reveal()).await.unwrap().principal.actor(),
        Actor::Station(station.id)
    );
    let (_, old) = store.create_key(KeyOwner::User(user.id), Some(sample::at(1))).await.unwrap();
    assert!(matches!(store.authenticate(old.reveal()).await, Err(StoreError::KeyExpired)));
    let (looking, only) = store.create_read_only_key(KeyOwner::User(user.id), None).await.unwrap();
    let admitted = store.authenticate(only.reveal()).await.unwrap();
    assert!(admitted.read_only && admitted.principal == Principal::User(user.clone()));
    let keys = store.keys().await.unwrap();
    assert_eq!(keys.iter().filter(|key| key.read_only).collect::<Vec<_>>(), [&looking]);
    assert_eq!(keys.len(), 4);

    for unknown in ["", "invalid-key-000", "' OR 1 = 1 --", "\0"] {
        let error = store.authenticate(unknown).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthorized, "{unknown:?}");
    }
    store.ban_user(user.id, true).await.unwrap();
    assert!(matches!(store.authenticate(secret.reveal()).await, Err(StoreError::KeyUnknown)));
    store.ban_user(user.id, false).await.unwrap();
    assert!(store.revoke_key(key.id).await.unwrap() && !store.revoke_key(key.id).await.unwrap());
    assert!(matches!(store.authenticate(secret.reveal()).await, Err(StoreError::KeyUnknown)));
    let hash = format!("SELECT COUNT(*) FROM keys WHERE digest LIKE '%{}%'", &of_station.reveal()[4..]);
    assert_eq!(bench.count(&hash).await, 0);
}

#[rstest]
#[tokio::test]
async fn stations_come_and_go(#[values(Sqlite, Postgres)] backend: Backend) {
    let Some(Bench { store, .. }) = &Bench::open(backend).await else { return };
    let procedure = sample::procedure(store).await;
    let station = store.create_station("Bench 1".parse().unwrap(), Some(procedure.id)).await.unwrap();
    assert_eq!(station.procedures[0].procedure, procedure);
    let error = store.create_station("BENCH 1".parse().unwrap(), None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);

    let (_, secret) = store.create_key(KeyOwner::Station(station.id), None).await.unwrap();
    let run = sample::run(&procedure, "SN-1", 1);
    store.save_run(run.clone(), Actor::Station(station.id)).await.unwrap();
    let change = StationChange { name: Some("Bench 2".parse().unwrap()), ..StationChange::default() };
    assert_eq!(store.update_station(station.id, change).await.unwrap().name, "Bench 2");
    assert_eq!(store.procedure(procedure.id).await.unwrap().stations[0].name, "Bench 2");

    store.remove_station(station.id).await.unwrap();
    assert_eq!(store.station(station.id).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(matches!(store.authenticate(secret.reveal()).await, Err(StoreError::KeyUnknown)));
    let summary = store.run(run.id).await.unwrap().summary;
    assert_eq!(summary.created_by.station.unwrap().name, "Bench 2");
    assert_eq!(summary.station.unwrap().as_str(), "Bench 1");
    // The name is free again.
    store.create_station("Bench 2".parse().unwrap(), None).await.unwrap();
    let listed =
        store.stations(StationFilter::default(), Page::default(), Direction::Ascending).await.unwrap();
    assert_eq!(listed.items.len(), 1);
}

#[rstest]
#[case("nobody")]
#[case("@example.org")]
#[case("a@b")]
#[case("a b@example.org")]
fn what_is_no_address_is_refused(#[case] text: &str) {
    let error = text.parse::<hil_store::Email>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().starts_with("email"));
}
