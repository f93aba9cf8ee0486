//! Subscriptions, as an `EventSource` gets them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod support;

use axum::{body::Body, http::Request};
use futures::StreamExt as _;
use serde_json::json;
use std::{sync::Arc, time::Duration};
use support::{Changes, Reply, encode, get, nested, post, procedures, send, send_to, with, with_input};
use tokio::time::Instant;
use tower::ServiceExt as _;
use vitrine_clock::TokioTimer;
use vitrine_trpc::{Event, Router, Streams, TrpcError, poll};

const CONNECTED: &str = "event: connected\ndata: {}\n\n\n";
const RETURN: &str = "event: return\ndata: \n\n\n";

fn tracked(numbers: std::ops::Range<u32>) -> String {
    numbers.map(|n| format!("data: {{\"n\":{n}}}\nid: {n}\n\n\n")).collect()
}

fn is_stream(reply: &Reply) {
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), "text/event-stream");
    assert_eq!(reply.header("cache-control"), "no-cache, no-transform");
    assert_eq!(reply.header("x-accel-buffering"), "no");
    assert!(reply.headers.get("connection").is_none());
}

/// The error that ended a stream.
fn ended_by(reply: &Reply) -> serde_json::Value {
    is_stream(reply);
    let text = reply.text();
    assert!(text.starts_with(CONNECTED) && !text.contains("event: return"), "{text}");
    let (_, error) = text.split_once("event: serialized-error\ndata: ").unwrap();
    serde_json::from_str(error.strip_suffix("\n\n\n").unwrap()).unwrap()
}

#[tokio::test]
async fn events_come_with_their_ids_and_end() {
    let reply = send(get(&with_input("numbers", &json!({ "from": 2 })))).await;
    is_stream(&reply);
    assert_eq!(reply.text(), format!("{CONNECTED}{}{RETURN}", tracked(2..5)));
}

#[tokio::test]
async fn a_client_goes_on_after_the_last_event() {
    let input = with_input("numbers", &json!({ "from": 0 }));
    let after_two = format!("{CONNECTED}{}{RETURN}", tracked(3..5));
    for request in [
        with(get(&input), "last-event-id", "2"),
        get(&format!("{input}&lastEventId=2")),
        get(&format!("{input}&Last-Event-Id=2")),
        get(&with_input("numbers", &json!({ "from": 0, "lastEventId": "2" }))),
        with(get("numbers"), "last-event-id", "2"),
        get("numbers?lastEventId=2&input=null"),
        // The header is newer than what the address was made with.
        with(get(&with_input("numbers?lastEventId=1", &json!({ "lastEventId": "0" }))), "last-event-id", "2"),
    ] {
        let uri = request.uri().to_string();
        assert_eq!(send(request).await.text(), after_two, "{uri}");
    }
    assert_eq!(
        send(with(get(&input), "last-event-id", "")).await.text(),
        format!("{CONNECTED}{}{RETURN}", tracked(0..5))
    );
}

#[tokio::test]
async fn an_id_that_is_none_is_an_error_of_the_call() {
    let error = ended_by(&send(with(get("numbers"), "last-event-id", "x")).await);
    assert_eq!((&error["code"], &error["message"]), (&json!(-32600), &json!("no event has that id")));
    assert_eq!(send(get("numbers?lastEventId=%ff")).await.error()["code"], -32600);
    let error = ended_by(&send(get("numbers?lastEventId=2&input=%5B1%5D")).await);
    assert_eq!(error["code"], -32600);
}

#[tokio::test]
async fn errors_are_told_in_the_stream() {
    let error = ended_by(&send(get("numbers?input=%7B")).await);
    assert_eq!((&error["code"], &error["data"]["path"]), (&json!(-32600), &json!("numbers")));
    let error = ended_by(&send(post("numbers", "{}")).await);
    assert_eq!(error["data"]["code"], "METHOD_NOT_SUPPORTED");
    let reply = send(get("breaks")).await;
    let error = ended_by(&reply);
    assert_eq!((&error["code"], &error["data"]["httpStatus"]), (&json!(-32603), &json!(500)));
    let text = reply.text();
    assert!(text.contains("data: 1\n\n\n") && !text.contains("data: 2\n\n\n") && !text.contains("secret"), "{text}");
}

#[tokio::test]
async fn an_id_that_would_break_the_stream_is_refused() {
    for id in ["", "a\nb", "a\rb", "a\u{0}b"] {
        let error = ended_by(&send(get(&with_input("badIds", &json!(id)))).await);
        assert_eq!(error["code"], -32603, "{id:?}");
    }
    let reply = send(get(&with_input("badIds", &json!("ü: b")))).await;
    assert_eq!(reply.text(), format!("{CONNECTED}data: 1\nid: ü: b\n\n\n{RETURN}"));
}

#[tokio::test]
async fn connection_parameters_reach_the_handler() {
    let params = encode(r#"{"token":"t"}"#);
    let reply = send(get(&format!("told?connectionParams={params}"))).await;
    assert_eq!(reply.text(), format!("{CONNECTED}data: \"t\"\n\n\n{RETURN}"));
    assert_eq!(send(get("told?connectionParams=1")).await.error()["data"]["code"], "PARSE_ERROR");
}

#[tokio::test]
async fn reads_by_post_are_subscriptions_too() {
    let service = nested(procedures().method_override().into_axum(Changes::default()));
    let reply = send_to(service, post("numbers", r#"{"from":4}"#)).await;
    assert_eq!(reply.text(), format!("{CONNECTED}{}{RETURN}", tracked(4..5)));
}

/// What comes, with the milliseconds after which it came, as full fifties.
async fn arrivals(service: axum::Router, request: Request<Body>) -> Vec<(u128, String)> {
    let start = Instant::now();
    let body = service.oneshot(request).await.unwrap().into_body().into_data_stream();
    let chunks =
        body.map(|chunk| (start.elapsed().as_millis() / 50 * 50, String::from_utf8(chunk.unwrap().to_vec()).unwrap()));
    chunks.collect().await
}

#[tokio::test(start_paused = true)]
async fn silence_is_filled_with_pings_until_the_longest_time_is_over() {
    let streams = Streams::new(Arc::new(TokioTimer)).ping(Duration::from_secs(2)).longest(Duration::from_secs(7));
    let service = nested(procedures().streams(streams).into_axum(Changes::default()));
    let ping = "event: ping\ndata: \n\n\n".to_owned();
    let expected = [(0, CONNECTED.to_owned()), (2000, ping.clone()), (4000, ping.clone()), (6000, ping)];
    // It breaks off at 7 s, and not by a `return`, which would end the subscription for the client too.
    let start = Instant::now();
    assert_eq!(arrivals(service, get("silent")).await, expected);
    assert_eq!(start.elapsed().as_millis() / 50 * 50, 7000);
}

#[tokio::test(start_paused = true)]
async fn clients_are_told_when_silence_means_a_lost_connection() {
    let told = async |ping: u64, inactivity: u64| {
        let streams = Streams::new(Arc::new(TokioTimer)).ping(Duration::from_millis(ping));
        let streams = streams.reconnect_after_inactivity(Duration::from_millis(inactivity));
        let service = nested(procedures().streams(streams).into_axum(Changes::default()));
        send_to(service, get("told")).await.text()
    };
    assert!(told(1000, 5000).await.starts_with("event: connected\ndata: {\"reconnectAfterInactivityMs\":5000}\n\n\n"));
    assert!(told(3000, 5000).await.starts_with("event: connected\ndata: {\"reconnectAfterInactivityMs\":6000}\n\n\n"));
}

#[tokio::test(start_paused = true)]
async fn events_are_looked_up_until_the_client_goes_away() {
    let router = Router::<()>::new().subscription("polled", async || {
        // A page, nothing yet, then the last page, after which the table fails.
        let events = poll(Arc::new(TokioTimer), Duration::from_secs(1), 0_u32, async |after| match after {
            0 => Ok((vec![Event::tracked("1", "a"), Event::tracked("2", "b")], 2)),
            2 => Ok((vec![], 3)),
            3 => Ok((vec![Event::tracked("3", "c")], 4)),
            _ => Err(TrpcError::internal(&"the table is gone")),
        });
        Ok::<_, TrpcError>(events)
    });
    let arrived = arrivals(nested(router.into_axum(())), get("polled")).await;
    let frame = |id: u32, text: &str| format!("data: \"{text}\"\nid: {id}\n\n\n");
    let expected = [(0, CONNECTED.to_owned()), (0, frame(1, "a")), (0, frame(2, "b")), (1000, frame(3, "c"))];
    assert_eq!(arrived[..4], expected);
    assert!(arrived[4].0 == 1000 && arrived[4].1.starts_with("event: serialized-error\n"), "{arrived:?}");
}

#[tokio::test]
async fn what_is_not_there_is_no_stream() {
    assert_eq!(send(with(get("absent"), "accept", "text/event-stream")).await.error()["code"], -32004);
}

#[tokio::test]
async fn a_form_is_no_way_to_subscribe() {
    let request = with(post("numbers", ""), "content-type", "multipart/form-data; boundary=x");
    assert_eq!(send(request).await.error()["code"], -32005);
}
