//! The description of the API.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use serde_json::Value;

use super::bench::{Bench, Nobody};

/// Every operation that one of the client's releases knows, but for the areas that only the hosted service has.
const OPERATIONS: [&str; 48] = [
    "DELETE /api/v2/attachments",
    "DELETE /api/v2/batches/{number}",
    "DELETE /api/v2/parts/{number}",
    "DELETE /api/v2/parts/{part_number}/revisions/{revision_number}",
    "DELETE /api/v2/procedures/{id}",
    "DELETE /api/v2/procedures/{procedure_id}/versions/{tag}",
    "DELETE /api/v2/runs",
    "DELETE /api/v2/stations/{id}",
    "DELETE /api/v2/units",
    "DELETE /api/v2/units/{serial_number}/attachments",
    "DELETE /api/v2/units/{serial_number}/children",
    "GET /api/v2/batches",
    "GET /api/v2/batches/{number}",
    "GET /api/v2/parts",
    "GET /api/v2/parts/{number}",
    "GET /api/v2/parts/{part_number}/revisions/{revision_number}",
    "GET /api/v2/procedures",
    "GET /api/v2/procedures/{id}",
    "GET /api/v2/procedures/{procedure_id}/versions/{tag}",
    "GET /api/v2/runs",
    "GET /api/v2/runs/{id}",
    "GET /api/v2/stations",
    "GET /api/v2/stations/current",
    "GET /api/v2/stations/{id}",
    "GET /api/v2/units",
    "GET /api/v2/units/{serial_number}",
    "GET /api/v2/users",
    "GET /api/v2/users/current",
    "PATCH /api/v2/batches/{number}",
    "PATCH /api/v2/parts/{number}",
    "PATCH /api/v2/parts/{part_number}/revisions/{revision_number}",
    "PATCH /api/v2/procedures/{id}",
    "PATCH /api/v2/runs/{id}",
    "PATCH /api/v2/stations/{id}",
    "PATCH /api/v2/units/{serial_number}",
    "POST /api/v2/attachments",
    "POST /api/v2/attachments/{id}/finalize",
    "POST /api/v2/batches",
    "POST /api/v2/parts",
    "POST /api/v2/parts/{part_number}/revisions",
    "POST /api/v2/procedures",
    "POST /api/v2/procedures/{procedure_id}/versions",
    "POST /api/v2/runs",
    "POST /api/v2/runs/{id}/attachments",
    "POST /api/v2/stations",
    "POST /api/v2/units",
    "POST /api/v2/units/{serial_number}/attachments",
    "PUT /api/v2/units/{serial_number}/children",
];

fn description() -> Value {
    let (_, api) = crate::v2::router().split_for_parts();
    serde_json::to_value(api).unwrap()
}

fn described(api: &Value) -> Vec<String> {
    let mut operations = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        operations.extend(
            item.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())),
        );
    }
    operations.sort();
    operations
}

#[test]
fn every_operation_is_described() {
    let mut expected: Vec<_> = OPERATIONS.iter().map(ToString::to_string).collect();
    expected.sort();
    assert_eq!(described(&description()), expected);
}

/// What is described exists, and is closed to whoever has no key.
#[tokio::test]
async fn every_described_operation_is_routed_and_needs_a_key() {
    let bench = Bench::open().await;
    for operation in described(&description()) {
        let (method, path) = operation.split_once(' ').unwrap();
        let path = path.strip_prefix("/api/v2").unwrap().replace(['{', '}'], "");
        let (status, body) = bench.send(Nobody, method.parse::<Method>().unwrap(), &path, "{}").await;
        assert_eq!(
            (status, &body["code"]),
            (StatusCode::UNAUTHORIZED, &"UNAUTHORIZED".into()),
            "{operation}"
        );
    }
}

#[test]
fn ids_of_operations_are_unique_and_references_lead_somewhere() {
    let api = description();
    let operations =
        api["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let ids: Vec<_> = operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());

    let text = api.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(api.pointer(pointer).is_some(), "{pointer}");
    }
}
