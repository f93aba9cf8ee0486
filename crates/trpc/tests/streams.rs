//! Batches that are answered as their calls end.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod support;

use axum::{
    body::Body,
    http::{HeaderMap, Request},
};
use futures::StreamExt as _;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use support::{Changes, get, nested, post, procedures, send, with, with_input};
use tokio::time::Instant;
use tower::ServiceExt as _;
use vitrine_clock::TokioTimer;
use vitrine_trpc::Streams;

fn lines(request: Request<Body>) -> Request<Body> {
    with(request, "trpc-accept", "application/jsonl")
}

/// What comes, with the milliseconds after which it came, as full fifties.
async fn arrivals(request: Request<Body>) -> (HeaderMap, Vec<(u128, String)>) {
    let streams = Streams::new(Arc::new(TokioTimer)).ping(Duration::from_secs(1));
    let service = nested(procedures().streams(streams).into_axum(Changes::default()));
    let start = Instant::now();
    let (parts, body) = service.oneshot(request).await.unwrap().into_parts();
    assert_eq!(parts.status, 200);
    let chunks = body
        .into_data_stream()
        .map(|chunk| (start.elapsed().as_millis() / 50 * 50, String::from_utf8(chunk.unwrap().to_vec()).unwrap()));
    (parts.headers, chunks.collect().await)
}

#[tokio::test(start_paused = true)]
async fn each_answer_is_sent_when_it_is_there() {
    let input = json!({ "0": 1500, "1": 100, "2": "CONFLICT" });
    let (headers, arrived) = arrivals(lines(get(&with_input("slow,slow,fails?batch=1", &input)))).await;
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["cache-control"], "no-store");
    let texts: Vec<_> = arrived.iter().map(|(after, text)| (*after, text.as_str())).collect();
    assert_eq!(texts[0], (0, "{\"0\":[[0],[null,0,0]],\"1\":[[0],[null,0,1]],\"2\":[[0],[null,0,2]]}\n"));
    assert!(texts[1].1.starts_with("[2,0,[[{\"error\":{") && texts[1].0 == 0, "{texts:?}");
    assert!(texts[1].1.contains(r#""path":"fails""#));
    assert_eq!(texts[2], (100, "[1,0,[[{\"result\":{\"data\":100}}]]]\n"));
    assert_eq!(texts[3], (1100, " "));
    assert_eq!(texts[4], (1500, "[0,0,[[{\"result\":{\"data\":1500}}]]]\n"));
    assert_eq!(texts.len(), 5);
}

#[tokio::test]
async fn undefined_is_no_data_and_each_line_is_json() {
    let (_, arrived) =
        arrivals(lines(get(&with_input("nothing,echo?batch=1", &json!({ "1": { "a\nb": ["\r\n"] } }))))).await;
    let whole: String = arrived.into_iter().map(|(_, text)| text).collect();
    let parsed: Vec<Value> = whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(parsed.len(), 3);
    assert!(parsed.contains(&json!([0, 0, [[{ "result": {} }]]])));
    assert!(parsed.contains(&json!([1, 0, [[{ "result": { "data": { "a\nb": ["\r\n"] } } }]]])));
}

#[tokio::test]
async fn mutations_are_waited_for_so_that_their_cookies_are_set() {
    let reply = send(lines(post("login,count?batch=1", r#"{"0":"ada"}"#))).await;
    assert_eq!((reply.status.as_u16(), reply.header("set-cookie")), (200, "who=ada"));
    let expected = "{\"0\":[[{\"result\":{\"data\":\"ada\"}}]],\"1\":[[{\"result\":{\"data\":1}}]]}\n";
    assert_eq!(reply.text(), expected);
    let reply = send(lines(post("login?batch=1", r#"{"0":1}"#))).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["0"][0][0]["error"]["code"]), (200, &json!(-32600)));
}

#[tokio::test]
async fn the_header_accept_asks_for_it_too() {
    for accept in ["application/jsonl", "text/html, application/jsonl"] {
        let reply = send(with(get("greeting?batch=1"), "accept", accept)).await;
        assert_eq!(reply.text(), "{\"0\":[[0],[null,0,0]]}\n[0,0,[[{\"result\":{\"data\":\"hello\"}}]]]\n");
    }
    let request = with(with(get("greeting?batch=1"), "accept", "application/jsonl"), "trpc-accept", "application/json");
    assert_eq!(send(request).await.json(), json!([{ "result": { "data": "hello" } }]));
}

#[tokio::test]
async fn a_refusal_of_the_whole_is_no_stream() {
    let reply = send(lines(get(&format!("{}?batch=1", ["greeting"; 11].join(","))))).await;
    assert_eq!(reply.error()["message"], "Batch call exceeds maximum size");
}

#[tokio::test(start_paused = true)]
async fn the_stream_of_10_is_an_object_in_lines() {
    let request = get(&with_input("slow,greeting,slow?batch=1", &json!({ "0": 2500, "2": 50 })));
    let (_, arrived) = arrivals(with(request, "trpc-batch-mode", "stream")).await;
    let whole: String = arrived.iter().map(|(_, text)| text.as_str()).collect();
    let expected = "{\"1\":{\"result\":{\"data\":\"hello\"}}\n,\"2\":{\"result\":{\"data\":50}}\n,\"0\":{\"result\":{\"data\":2500}}\n}";
    assert_eq!(whole, expected);
    let reply = send(with(post("count,login?batch=1", r#"{"1":"ada"}"#), "trpc-batch-mode", "stream")).await;
    assert_eq!(reply.text(), "{\"0\":{\"result\":{\"data\":1}}\n,\"1\":{\"result\":{\"data\":\"ada\"}}\n}");
    assert_eq!(reply.header("set-cookie"), "who=ada");
}

#[tokio::test]
async fn a_refusal_of_the_whole_is_an_object_in_lines_to_10_too() {
    let request = with(get("count,greeting?batch=1"), "trpc-batch-mode", "stream");
    let reply = send(request).await;
    assert_eq!(reply.status, 400);
    let text = reply.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), lines[2]), (3, "}"), "{text}");
    for (line, start) in lines.iter().zip(["{\"0\":", ",\"1\":"]) {
        let error: serde_json::Value = serde_json::from_str(line.strip_prefix(start).unwrap()).unwrap();
        assert_eq!(error["error"]["data"]["code"], "BAD_REQUEST", "{line}");
    }
    // Nobody is answered as often as he writes a comma.
    let many = format!("{}?batch=1", ["greeting"; 500].join(","));
    let reply = send(with(get(&many), "trpc-batch-mode", "stream")).await;
    assert_eq!(reply.error()["message"], "Batch call exceeds maximum size");
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_calls() {
    let alive = Arc::new(());
    let held = alive.clone();
    let router = vitrine_trpc::Router::<()>::new().query("never", async move || {
        let _held = held;
        std::future::pending::<()>().await;
        Ok::<_, vitrine_trpc::TrpcError>(())
    });
    let service = nested(router.into_axum(()));
    let response = service.oneshot(lines(get("never?batch=1"))).await.unwrap();
    let mut body = response.into_body().into_data_stream();
    body.next().await.unwrap().unwrap();
    assert!(futures::poll!(body.next()).is_pending());
    let before = Arc::strong_count(&alive);
    drop(body);
    assert!(Arc::strong_count(&alive) < before);
}
