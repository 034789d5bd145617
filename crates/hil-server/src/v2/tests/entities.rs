//! What runs refer to.

use axum::http::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use super::bench::{Bench, Station, User, Who};

impl Bench {
    /// Sends a request that must succeed.
    pub(super) async fn ok(&self, who: Who, method: Method, path: &str, body: Value) -> Value {
        let (status, answer) = self.send(who, method, path, &body.to_string()).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    pub(super) async fn get(&self, who: Who, path: &str) -> Value {
        self.ok(who, Method::GET, path, Value::Null).await
    }

    pub(super) async fn post(&self, who: Who, path: &str, body: Value) -> Value {
        self.ok(who, Method::POST, path, body).await
    }

    async fn refused(&self, method: Method, path: &str, body: Value) -> (u16, String) {
        let (status, answer) = self.send(User, method, path, &body.to_string()).await;
        (status.as_u16(), answer["error"]["message"].as_str().unwrap().to_owned())
    }

    /// A unit of the part `P`, revision `A`.
    async fn unit(&self, serial: &str) -> Value {
        let unit = json!({ "serial_number": serial, "part_number": "P", "revision_number": "A" });
        self.post(User, "/units", unit).await["id"].clone()
    }
}

#[rstest]
#[tokio::test]
async fn parts_and_revisions(#[values(User, Station)] who: Who) {
    let bench = Bench::open().await;
    // Numbers may hold a slash, in the path as %2F.
    let id = bench.post(who, "/parts", json!({ "number": "P/1 ü", "name": "Lamp", "later": 1 })).await["id"]
        .clone();
    let part = bench.get(who, "/parts/p%2F1%20%C3%BC").await;
    assert_eq!((&part["id"], &part["number"], &part["name"]), (&id, &json!("P/1 ü"), &json!("Lamp")));
    assert_eq!(part["revisions"][0]["number"], "A");
    let creator = if matches!(who, User) { "created_by_user" } else { "created_by_station" };
    assert!(part[creator]["id"].is_string(), "{part}");
    let revision =
        bench.post(who, "/parts/P%2F1%20ü/revisions", json!({ "number": "B" })).await["id"].clone();
    let read = bench.get(who, "/parts/P%2F1%20ü/revisions/b").await;
    assert_eq!((&read["id"], &read["part"]["id"], &read["units"]), (&revision, &id, &json!([])));
    assert_eq!(bench.refused(Method::POST, "/parts", json!({ "number": "p/1 Ü" })).await.0, 409);
    assert_eq!(
        bench.refused(Method::POST, "/parts/P%2F1%20ü/revisions", json!({ "number": "b" })).await,
        (409, "revision \"b\" already exists".to_owned())
    );

    let change = json!({ "new_number": "P2", "name": "Light" });
    let changed = bench.ok(User, Method::PATCH, "/parts/P%2F1%20ü", change).await;
    assert_eq!((&changed["number"], &changed["name"]), (&json!("P2"), &json!("Light")));
    assert!(changed["updated_at"].is_string());
    let (status, message) = bench.refused(Method::PATCH, "/parts/P2", json!({})).await;
    assert_eq!((status, message.as_str()), (400, "at least one of new_number and name is required"));
    bench.ok(User, Method::PATCH, "/parts/P2/revisions/B", json!({ "number": "C", "image_id": "" })).await;
    assert_eq!(bench.ok(User, Method::DELETE, "/parts/P2/revisions/C", Value::Null).await["id"], revision);
    let removed = bench.ok(User, Method::DELETE, "/parts/P2", Value::Null).await;
    assert_eq!(removed, json!({ "id": id, "deletedRevisionIds": [part["revisions"][0]["id"]] }));
}

#[tokio::test]
async fn units_and_their_family() {
    let bench = Bench::open().await;
    bench.post(User, "/parts", json!({ "number": "P" })).await;
    let box_id = bench.unit("BOX").await;
    let pcb = bench.unit("PCB").await;
    assert_eq!(
        bench
            .refused(
                Method::POST,
                "/units",
                json!({ "serial_number": "box", "part_number": "P", "revision_number": "A" })
            )
            .await,
        (409, "unit \"box\" already exists".to_owned())
    );
    for (part, revision) in [("P", "Z"), ("Q", "Z")] {
        let unit = json!({ "serial_number": "X", "part_number": part, "revision_number": revision });
        let (status, message) = bench.refused(Method::POST, "/units", unit).await;
        assert!(status == 404 && message.contains("revision"), "{message}");
    }

    let child = json!({ "child_serial_number": "PCB" });
    assert_eq!(bench.ok(Station, Method::PUT, "/units/BOX/children", child).await["id"], pcb);
    let unit = bench.get(Station, "/units/pcb").await;
    assert_eq!(
        (&unit["parent"]["id"], &unit["parent"]["part"]["revision"]["number"]),
        (&box_id, &json!("A"))
    );
    assert_eq!(bench.get(User, "/units/BOX").await["children"][0]["serial_number"], "PCB");
    for child in ["PCB", "BOX"] {
        let (status, _) =
            bench.refused(Method::PUT, "/units/PCB/children", json!({ "child_serial_number": child })).await;
        assert_eq!(status, 400);
    }
    let listed = bench.get(User, "/units?exclude_units_with_parent=true&sort_by=serial_number").await;
    assert_eq!((listed["data"].as_array().unwrap().len(), &listed["data"][0]["last_run"]), (1, &Value::Null));
    let path = "/units/BOX/children?child_serial_number=PCB";
    assert_eq!(bench.ok(Station, Method::DELETE, path, Value::Null).await["id"], pcb);
    let (status, message) = bench.refused(Method::DELETE, path, Value::Null).await;
    assert!(status == 400 && message.contains("is not a child of"), "{message}");

    bench.ok(User, Method::PUT, "/units/BOX/children", json!({ "child_serial_number": "PCB" })).await;
    let removed = bench.ok(User, Method::DELETE, "/units?serial_numbers=BOX", Value::Null).await;
    assert_eq!(removed, json!({ "id": [box_id] }));
    assert_eq!(bench.get(User, "/units/PCB").await["parent"], Value::Null);
}

#[tokio::test]
async fn a_unit_changes_field_by_field() {
    let bench = Bench::open().await;
    bench.post(User, "/parts", json!({ "number": "P" })).await;
    bench.post(User, "/batches", json!({ "number": "LOT-1" })).await;
    let id = bench.unit("SN").await;
    let patch = |body| bench.ok(Station, Method::PATCH, "/units/SN", body);
    assert_eq!(patch(json!({ "batch_number": "lot-1" })).await["id"], id);
    patch(json!({})).await;
    let batch = bench.get(User, "/batches/LOT-1").await;
    assert_eq!(
        (&batch["units"][0]["id"], &batch["units"][0]["part"]["revision"]["number"]),
        (&id, &json!("A"))
    );
    assert_eq!(bench.get(User, "/batches").await["data"][0]["unit_count"], 1);
    patch(json!({ "batch_number": null })).await;
    assert_eq!(bench.get(User, "/units/SN").await["batch"], Value::Null);
    patch(json!({ "new_serial_number": "SN-2" })).await;
    assert_eq!(bench.get(User, "/units/sn-2").await["serial_number"], "SN-2");
}

#[tokio::test]
async fn batches() {
    let bench = Bench::open().await;
    let id = bench.post(Station, "/batches", json!({ "number": "LOT-1" })).await["id"].clone();
    assert_eq!(bench.refused(Method::POST, "/batches", json!({ "number": "lot-1" })).await.0, 409);
    bench.ok(User, Method::PATCH, "/batches/lot-1", json!({ "new_number": "LOT-2" })).await;
    assert_eq!(bench.get(Station, "/batches/LOT-2").await["units"], json!([]));
    assert_eq!(bench.ok(User, Method::DELETE, "/batches/lot-2", Value::Null).await, json!({ "id": [id] }));
}

#[tokio::test]
async fn procedures_and_versions() {
    let bench = Bench::open().await;
    let id = bench.post(User, "/procedures", json!({ "name": "Final" })).await["id"].clone();
    let path = format!("/procedures/{}", id.as_str().unwrap());
    bench.post(User, "/procedures", json!({ "name": "Final" })).await;
    bench.ok(User, Method::PATCH, &path, json!({ "name": "Final test" })).await;
    let read = bench.get(Station, &path).await;
    let expected = json!({ "id": id, "identifier": "FVT1", "name": "Final test", "runs_count": 0, "recent_runs": [],
                           "stations": [], "created_at": read["created_at"], "created_by_user": read["created_by_user"] });
    assert_eq!(read, expected);
    assert_eq!(read["created_by_user"]["email"], "ada@lab.example");
    let listed = bench.get(Station, "/procedures?search_query=final%20t&cursor=0.0").await;
    assert_eq!((&listed["data"][0]["id"], &listed["data"][0]["linkedRepository"]), (&id, &Value::Null));
    assert_eq!(listed["meta"], json!({ "has_more": false, "next_cursor": null }));
    let first = bench.get(User, "/procedures?limit=1").await;
    assert_eq!(first["meta"], json!({ "has_more": true, "next_cursor": 1 }));
    assert_eq!(bench.get(User, "/procedures?limit=1&cursor=1.0").await["data"][0]["id"], id);

    let versions = format!("{path}/versions");
    let version = bench.post(User, &versions, json!({ "tag": "V 1/2" })).await["id"].clone();
    let read = bench.get(Station, &format!("{versions}/v%201%2F2")).await;
    assert_eq!((&read["id"], &read["run_count"], &read["procedure"]["id"]), (&version, &json!(0), &id));
    assert_eq!(bench.refused(Method::POST, &versions, json!({ "tag": "v 1/2" })).await.0, 409);
    let (status, message) = bench.refused(Method::POST, &versions, json!({ "tag": "v".repeat(61) })).await;
    assert!(status == 400 && message.contains("60 character"), "{message}");
    assert_eq!(
        bench.ok(User, Method::DELETE, &format!("{versions}/v%201%2f2"), Value::Null).await["id"],
        version
    );
    assert_eq!(bench.ok(User, Method::DELETE, &path, Value::Null).await["id"], id);
}

/// A procedure that was made on the server itself has no person, but the client needs one.
#[tokio::test]
async fn a_procedure_of_the_harness_has_a_stand_in_for_its_maker() {
    let bench = Bench::open().await;
    bench.store.create_procedure("Local".parse().unwrap(), hil_store::Actor::Local).await.unwrap();
    let listed = bench.get(User, "/procedures").await;
    assert_eq!(listed["data"][0]["created_by_user"]["id"], "local");
}

#[tokio::test]
async fn stations() {
    let bench = Bench::open().await;
    let procedure = bench.post(User, "/procedures", json!({ "name": "Final" })).await["id"].clone();
    let new = json!({ "name": "Bench 2", "procedure_id": procedure });
    let id = bench.post(User, "/stations", new).await["id"].clone();
    let path = format!("/stations/{}", id.as_str().unwrap());
    assert_eq!(bench.refused(Method::POST, "/stations", json!({ "name": "BENCH 2" })).await.0, 409);
    let read = bench.get(Station, &path).await;
    let linked = json!([{ "id": procedure, "identifier": "FVT1", "name": "Final", "runs_count": 0 }]);
    let expected = json!({ "id": id, "name": "Bench 2", "api_key": null, "procedures": linked,
                           "organization_slug": "hil", "connection_status": null, "team": null });
    assert_eq!(read, expected);
    bench.store.station_seen(bench.station_id).await.unwrap();
    let current = bench.get(Station, "/stations/current").await;
    assert_eq!((&current["name"], &current["connection_status"]), (&json!("bench 1"), &json!("connected")));
    let listed = bench.get(User, "/stations?search_query=bench%202").await;
    assert_eq!(listed["data"][0]["procedures_count"], 1);

    let change = json!({ "name": "Bench 3", "image_id": "", "team_id": "lab" });
    assert_eq!(bench.ok(User, Method::PATCH, &path, change).await, json!({ "id": id, "name": "Bench 3" }));
    assert_eq!(bench.get(User, &path).await["team"], json!({ "id": "lab", "name": "lab" }));
    bench.ok(User, Method::PATCH, &path, json!({ "team_id": null })).await;
    assert_eq!(bench.get(User, &path).await["team"], Value::Null);
    assert_eq!(bench.ok(User, Method::DELETE, &path, Value::Null).await["id"], id);
}

#[tokio::test]
async fn people() {
    let bench = Bench::open().await;
    let everybody = bench.get(Station, "/users").await;
    let person = json!({ "id": everybody[0]["id"], "email": "ada@lab.example", "name": null, "image": null, "banned": false });
    assert_eq!(everybody, json!([person]));
    assert_eq!(bench.get(User, "/users?current=true").await, everybody);
    assert_eq!(bench.get(Station, "/users?current=true").await, json!([]));
    assert_eq!(bench.get(User, "/users/current").await, person);
}
