//! Measurements: what is sent, and what comes back.

use axum::http::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use super::bench::{Bench, User};

/// The measurement, as a run's answer has it.
async fn round_trip(measurement: &str) -> Value {
    let bench = Bench::open().await;
    let procedure = bench.procedure().await;
    // As text, so that it can hold what JSON has no word for.
    let body = format!(
        r#"{{"outcome":"PASS","procedure_id":"{procedure}","serial_number":"S","part_number":"P",
             "started_at":"2026-11-21T00:00:00Z","ended_at":"2026-11-21T00:00:00Z",
             "phases":[{{"name":"p","outcome":"PASS","started_at":"2026-11-21T00:00:00Z",
                         "ended_at":"2026-11-21T00:00:00Z","measurements":[{measurement}]}}]}}"#
    );
    let (status, answer) = bench.send(User, Method::POST, "/runs", &body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let run = bench.get(User, &format!("/runs/{}", answer["id"].as_str().unwrap())).await;
    run["phases"][0]["measurements"][0].clone()
}

#[rstest]
#[case("3", json!(3.0))]
#[case("-0.25", json!(-0.25))]
#[case("true", json!(true))]
#[case("\"text\"", json!("text"))]
#[case("9007199254740993", json!(9_007_199_254_740_993_u64))]
#[case("18446744073709551615", json!(u64::MAX))]
#[case("{\"a\": [1, null]}", json!({ "a": [1, null] }))]
#[case("[[1.5, 2], [3]]", json!([[1.5, 2], [3]]))]
#[case("NaN", json!("nan"))]
#[case("-Infinity", json!("-inf"))]
#[case("\"inf\"", json!("inf"))]
#[tokio::test]
async fn values_come_back(#[case] sent: &str, #[case] expected: Value) {
    let measurement = format!(r#"{{"name":"m","outcome":"FAIL","units":"V","measured_value":{sent}}}"#);
    let read = round_trip(&measurement).await;
    assert_eq!((&read["measured_value"], &read["units"]), (&expected, &json!("V")));
    // Stored as given, whatever the value.
    assert_eq!(read["outcome"], "FAIL");
    assert_eq!((&read["validators"], &read["aggregations"]), (&Value::Null, &Value::Null));
}

#[rstest]
#[case(r#"{"name":"m","outcome":"UNSET"}"#)]
#[case(
    r#"{"name":"m","outcome":"UNSET","measured_value":null,"validators":null,"y_axis":null,"x_axis":null}"#
)]
#[tokio::test]
async fn what_was_not_set_has_no_value(#[case] measurement: &str) {
    let read = round_trip(measurement).await;
    assert!(read.get("measured_value").is_none() && read.get("data_series").is_none(), "{read}");
}

#[rstest]
#[case(r#"{"operator":">=","expected_value":3,"outcome":"PASS"}"#, json!(3.0), "x >= 3.0")]
#[case(r#"{"operator":"range","expected_value":[1,2.5],"is_decisive":false}"#, json!([1.0, 2.5]), "1.0 <= x <= 2.5")]
#[case(r#"{"operator":"in","expected_value":["a","b"],"outcome":"FAIL"}"#, json!(["a", "b"]), "x in [\"a\",\"b\"]")]
#[case(r#"{"operator":"==","expected_value":true}"#, json!(true), "x == true")]
#[case(r#"{"operator":"<","expected_value":Infinity}"#, json!("inf"), "x < \"inf\"")]
#[case(r#"{"operator":"close to","expected_value":"it"}"#, json!("it"), "x close to \"it\"")]
#[case(r#"{"operator":"==","expected_value":[1,"a"]}"#, json!("[1,\"a\"]"), "x == \"[1,\\\"a\\\"]\"")]
#[case(r#"{"operator":"==","expected_value":{"a":1}}"#, json!("{\"a\":1}"), "x == \"{\\\"a\\\":1}\"")]
#[case(r#"{"operator":"is set"}"#, Value::Null, "x is set")]
#[case(r#"{"expression":"odd(x)","outcome":"PASS"}"#, Value::Null, "odd(x)")]
#[tokio::test]
async fn validators_are_kept(#[case] sent: &str, #[case] expected: Value, #[case] expression: &str) {
    let read =
        round_trip(&format!(r#"{{"name":"m","outcome":"PASS","measured_value":1,"validators":[{sent}]}}"#))
            .await;
    let sent: Value = serde_json::from_str(&sent.replace("Infinity", "0")).unwrap();
    let own_words = sent.get("expression").is_some();
    let validator = json!({
        "outcome": sent.get("outcome").unwrap_or(&json!("UNSET")),
        "operator": sent.get("operator"),
        "expected_value": expected,
        "expression": expression,
        "is_decisive": sent.get("is_decisive"),
        "is_expression_only": own_words,
        "analytics_expression": null,
        "has_custom_expression": own_words,
    });
    assert_eq!(read["validators"], json!([validator]));
}

#[tokio::test]
async fn limits_are_shown_as_validators() {
    let read = round_trip(
        r#"{"name":"m","outcome":"PASS","measured_value":5,"lower_limit":1,"upper_limit":4,
            "validators":[{"expression":"odd(x)"}]}"#,
    )
    .await;
    let shown: Vec<_> = read["validators"]
        .as_array()
        .unwrap()
        .iter()
        .map(|validator| (validator["expression"].as_str().unwrap(), validator["outcome"].as_str().unwrap()))
        .collect();
    assert_eq!(shown, [("x >= 1.0", "PASS"), ("x <= 4.0", "FAIL"), ("odd(x)", "UNSET")]);
    assert_eq!(read["outcome"], "PASS");
}

#[tokio::test]
async fn axes_are_data_series() {
    let read = round_trip(
        r#"{"name":"m","outcome":"PASS",
            "x_axis":{"data":[0,NaN,null],"units":"s","description":"Time","validators":[{"operator":"<","expected_value":9}]},
            "y_axis":[{"data":[1],"units":"V","aggregations":[
                {"type":"avg","value":-Infinity,"outcome":"FAIL","unit":"mV","validators":[{"operator":">","expected_value":0}]},
                {"type":"flag","value":true}]}],
            "aggregations":[{"type":"mode","value":"red"}]}"#,
    )
    .await;
    assert!(read.get("measured_value").is_none());
    let series = read["data_series"].as_array().unwrap();
    assert_eq!(series[0]["data"], json!([0.0, "nan", "nan"]));
    assert_eq!((&series[0]["units"], &series[0]["description"]), (&json!("s"), &json!("Time")));
    assert_eq!(
        (&series[0]["validators"][0]["operator"], &series[0]["aggregations"]),
        (&json!("<"), &Value::Null)
    );
    let average = &series[1]["aggregations"][0];
    assert_eq!(
        (&average["type"], &average["value"], &average["outcome"], &average["unit"]),
        (&json!("avg"), &json!("-inf"), &json!("FAIL"), &json!("mV"))
    );
    assert_eq!(average["validators"][0]["expected_value"], 0.0);
    let flag = &series[1]["aggregations"][1];
    assert_eq!((&flag["value"], &flag["outcome"]), (&json!(true), &Value::Null));
    assert_ne!(average["id"], flag["id"]);
    assert_eq!(read["aggregations"][0]["value"], "red");
}

/// Columns of numbers are series; a table with texts in it stays one.
#[rstest]
#[case("[[0, 1.5], [1, NaN]]", json!([[0.0, 1.0], [1.5, "nan"]]), Value::Null)]
#[case("[[\"CPU\", 40], [\"GPU\", 50]]", Value::Null, json!([["CPU", 40.0], ["GPU", 50.0]]))]
#[case("[[0, 1], [2]]", Value::Null, json!([[0, 1], [2]]))]
#[tokio::test]
async fn rows_with_a_unit_for_each_column(#[case] rows: &str, #[case] columns: Value, #[case] value: Value) {
    let measurement = format!(r#"{{"name":"m","outcome":"PASS","units":["s","V"],"measured_value":{rows}}}"#);
    let read = round_trip(&measurement).await;
    assert_eq!(read.get("measured_value").unwrap_or(&Value::Null), &value);
    let data: Value = match read.get("data_series") {
        Some(series) => series.as_array().unwrap().iter().map(|column| column["data"].clone()).collect(),
        None => Value::Null,
    };
    assert_eq!(data, columns);
}

#[tokio::test]
async fn deep_values_are_refused_and_wide_ones_are_not() {
    let bench = Bench::open().await;
    let procedure = bench.procedure().await;
    let deep = "[".repeat(100_000);
    let body =
        format!(r#"{{"outcome":"PASS","procedure_id":"{procedure}","phases":[{{"measured_value":{deep}"#);
    let (status, body) = bench.send(User, Method::POST, "/runs", &body).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
    let wide = format!("[{}0]", "0,".repeat(100_000));
    let read = round_trip(&format!(r#"{{"name":"m","outcome":"PASS","measured_value":{wide}}}"#)).await;
    assert_eq!(read["measured_value"].as_array().unwrap().len(), 100_001);
}
