//! Subscriptions of the client 11 (`httpSubscriptionLink`), with an EventSource that comes back when a connection is lost.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod support;

use serde_json::{Value, json};
use support::Client;
use vitrine_trpc_clients::{Call, Outcome, Version};

async fn client() -> Option<Client> {
    Client::new(Version::V11).await
}

/// Tracked events, as the client gives them.
fn tracked(numbers: std::ops::RangeInclusive<u32>) -> Value {
    numbers.map(|n| json!({ "id": n.to_string(), "data": n })).collect()
}

async fn run(client: &Client, call: Call) -> Outcome {
    client.plan("httpSubscriptionLink").call(call).run().await.unwrap()
}

#[tokio::test]
async fn events_come_until_the_end() {
    let Some(client) = client().await else { return };
    let outcome = run(&client, Call::subscription("plain")).await;
    assert_eq!((&outcome.results[0]["events"], &outcome.results[0]["ended"]), (&json!([1, 2, 3]), &json!("complete")));
    assert_eq!(outcome.requests[0].media.as_deref(), Some("text/event-stream"));
    let outcome = run(&client, Call::subscription("tracked").input(json!({}))).await;
    assert_eq!((&outcome.results[0]["events"], &outcome.results[0]["ended"]), (&tracked(1..=3), &json!("complete")));
}

#[tokio::test]
async fn a_client_may_say_where_to_go_on() {
    let Some(client) = client().await else { return };
    let outcome = run(&client, Call::subscription("tracked").input(json!({ "lastEventId": "7" }))).await;
    assert_eq!(outcome.results[0]["events"], tracked(8..=10));
}

#[tokio::test]
async fn a_refusal_ends_it() {
    let Some(client) = client().await else { return };
    for (call, code, key) in [
        (Call::subscription("refused"), -32003, "FORBIDDEN"),
        (Call::subscription("tracked").input(json!([1])), -32600, "BAD_REQUEST"),
    ] {
        let outcome = run(&client, call).await;
        let result = &outcome.results[0];
        assert_eq!((&result["ended"], &result["error"]["code"]), (&json!("error"), &json!(code)));
        assert_eq!((&result["error"]["data"]["code"], outcome.requests.len()), (&json!(key), 1));
    }
}

#[tokio::test]
async fn after_a_failure_inside_the_client_comes_back_and_misses_nothing() {
    let Some(client) = client().await else { return };
    let outcome = run(&client, Call::subscription("stumbles").input(json!({})).take(5)).await;
    let result = &outcome.results[0];
    assert_eq!((&result["events"], &result["ended"]), (&tracked(1..=5), &json!("taken")));
    assert_eq!(outcome.requests.len(), 3);
    assert!(result["errors"].as_array().unwrap().iter().any(|error| error["message"] == "Come back."), "{result}");
}

#[tokio::test]
async fn after_the_longest_time_the_client_comes_back_and_misses_nothing() {
    let Some(client) = client().await else { return };
    let outcome = run(&client, Call::subscription("lingers").input(json!({})).take(3)).await;
    let result = &outcome.results[0];
    assert_eq!((&result["events"], &result["ended"]), (&tracked(1..=3), &json!("taken")));
    assert_eq!(outcome.requests.len(), 2);
}

#[tokio::test]
async fn after_a_silence_the_client_comes_back_and_misses_nothing() {
    let Some(client) = client().await else { return };
    let call = Call::subscription("lingers").input(json!({})).take(3);
    let outcome = client.hung("httpSubscriptionLink").call(call).run().await.unwrap();
    let result = &outcome.results[0];
    assert_eq!((&result["events"], &result["ended"]), (&tracked(1..=3), &json!("taken")));
    assert!(result["errors"].to_string().contains("Timeout of 600ms"), "{result}");
    // The address names the last event, since an EventSource made anew has no header for it.
    assert!(outcome.requests[1].url.contains("lastEventId"), "{:?}", outcome.requests);
}

#[tokio::test]
async fn pings_keep_a_quiet_connection() {
    let Some(client) = client().await else { return };
    let outcome = run(&client, Call::subscription("quiet").take(1)).await;
    assert_eq!((&outcome.results[0]["events"], outcome.requests.len()), (&json!([1]), 1));
}

#[tokio::test]
async fn a_token_comes_as_a_connection_parameter_or_as_a_header() {
    let Some(client) = client().await else { return };
    let plan = client.plan("httpSubscriptionLink").connection_param("token", "t ü").header("authorization", "Bearer h");
    let outcome = plan.call(Call::subscription("token")).run().await.unwrap();
    assert_eq!(outcome.results[0]["events"], json!([{ "parameter": "t ü", "header": "Bearer h" }]));
}
