//! Several calls in one request.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod support;

use axum::http::Method;
use serde_json::{Value, json};
use support::{Changes, encode, get, nested, post, procedures, request, send, send_to, with, with_input};
use vitrine_trpc::Dialect;

fn data(value: Value) -> Value {
    json!({ "result": { "data": value } })
}

#[tokio::test]
async fn queries_are_answered_in_their_order() {
    let reply = send(get(&with_input("post.byId,slow,maybe?batch=1", &json!({ "0": "1", "1": 1 })))).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.json(), json!([data(json!({ "id": "1" })), data(json!(1)), data(json!(null))]));
}

#[tokio::test]
async fn mutations_are_answered() {
    let reply = send(post("post.add,count?batch=1", r#"{"0":{"title":"x"}}"#)).await;
    assert_eq!(reply.json(), json!([data(json!({ "title": "x", "tags": [] })), data(json!(2))]));
}

#[tokio::test]
async fn a_batch_may_hold_one_call() {
    assert_eq!(send(get("greeting?batch=1&input=%7B%7D")).await.json(), json!([data(json!("hello"))]));
    assert_eq!(send(get("greeting?batch=1")).await.json(), json!([data(json!("hello"))]));
    assert_eq!(send(post("count?batch=1", "")).await.json(), json!([data(json!(1))]));
}

#[tokio::test]
async fn only_a_1_makes_a_batch() {
    for flag in ["batch=0", "batch=true", "batch", "batch=", "batch=11", "batch=2&batch=1"] {
        let reply = send(get(&format!("greeting?{flag}"))).await;
        assert_eq!(reply.json(), data(json!("hello")), "{flag}");
        let error = send(get(&format!("greeting,greeting?{flag}"))).await.error();
        assert_eq!(error["message"], "No procedure found on path \"greeting,greeting\"", "{flag}");
    }
}

#[tokio::test]
async fn different_statuses_are_207() {
    let reply = send(get(&with_input("greeting,fails,x?batch=1", &json!({ "1": "CONFLICT" })))).await;
    assert_eq!(reply.status, 207);
    let all = reply.json();
    assert_eq!(all[0], data(json!("hello")));
    assert_eq!((&all[1]["error"]["code"], &all[1]["error"]["data"]["path"]), (&json!(-32009), &json!("fails")));
    assert_eq!((&all[2]["error"]["code"], &all[2]["error"]["data"]["path"]), (&json!(-32004), &json!("x")));
}

#[tokio::test]
async fn equal_statuses_are_the_status() {
    let reply = send(get("x,y?batch=1")).await;
    assert_eq!(reply.status, 404);
    assert_eq!(reply.json().as_array().unwrap().len(), 2);
    let reply =
        send(get(&with_input("fails,fails?batch=1", &json!({ "0": "NOT_IMPLEMENTED", "1": "BAD_GATEWAY" })))).await;
    assert_eq!(reply.status, 207);
}

#[tokio::test]
async fn headers_of_errors_are_told_if_all_end_alike() {
    assert_eq!(send(get("busy,busy?batch=1")).await.header("retry-after"), "7");
    assert_eq!(send(get("busy,greeting?batch=1")).await.header("retry-after"), "");
}

#[tokio::test]
async fn cookies_of_all_calls_are_set() {
    let reply = send(post("login,login?batch=1", r#"{"0":"ada","1":"bob"}"#)).await;
    let cookies: Vec<_> = reply.headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["who=ada", "who=bob"]);
}

#[tokio::test]
async fn a_batch_is_kept_only_if_all_say_so_alike() {
    assert_eq!(send(get("cached,greeting?batch=1")).await.header("cache-control"), "no-store");
    assert_eq!(send(get("cached,x?batch=1")).await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn kinds_are_not_mixed() {
    let error = send(post("post.add,greeting?batch=1", "{}")).await.error();
    let data = json!({ "code": "BAD_REQUEST", "httpStatus": 400 });
    assert_eq!(
        error,
        json!({ "message": "Cannot mix procedure types in call: mutation, query", "code": -32600, "data": data })
    );
    let error = send(get("numbers,greeting,post.add?batch=1")).await.error();
    assert_eq!(error["message"], "Cannot mix procedure types in call: subscription, query, mutation");
}

#[tokio::test]
async fn a_batch_is_bounded() {
    let paths = |calls: usize| vec!["count"; calls].join(",");
    assert_eq!(send(post(&format!("{}?batch=1", paths(10)), "{}")).await.json().as_array().unwrap().len(), 10);
    for calls in [11, 10_000] {
        let error = send(post(&format!("{}?batch=1", paths(calls)), "{}")).await.error();
        let data = json!({ "code": "BAD_REQUEST", "httpStatus": 400 });
        assert_eq!(error, json!({ "message": "Batch call exceeds maximum size", "code": -32600, "data": data }));
    }
    assert_eq!(
        send(get(&format!("{}?batch=1", ",".repeat(5000)))).await.error()["message"],
        "Batch call exceeds maximum size"
    );
    let changes = Changes::default();
    let service = nested(procedures().batch_calls(2).into_axum(changes.clone()));
    assert_eq!(send_to(service, post("count,count,count?batch=1", "{}")).await.status, 400);
    assert_eq!(changes.count(), 0);
}

#[tokio::test]
async fn what_must_not_be_tried_often_stands_in_a_request_once() {
    let changes = Changes::default();
    let service = || nested(procedures().once_per_request("count").into_axum(changes.clone()));
    let error = send_to(service(), post("count,login,count?batch=1", r#"{"1":"ada"}"#)).await.error();
    assert_eq!(
        (&error["code"], &error["message"]),
        (&json!(-32600), &json!("A request may hold one call of \"count\""))
    );
    assert_eq!(changes.count(), 0);
    assert_eq!(send_to(service(), post("count,login,login?batch=1", r#"{"1":"ada","2":"bob"}"#)).await.status, 200);
    assert_eq!(send_to(service(), post("count", "")).await.status, 200);
    assert_eq!(changes.count(), 2);
}

#[tokio::test]
async fn a_service_may_take_no_batches() {
    let service = || nested(procedures().without_batches().into_axum(Changes::default()));
    let error = send_to(service(), get("greeting?batch=1")).await.error();
    assert_eq!(error["message"], "Batching is not enabled on the server");
    assert_eq!(send_to(service(), get("greeting")).await.status, 200);
}

#[tokio::test]
async fn a_comma_may_be_encoded() {
    let reply = send(get(&with_input("post.byId%2Cgreeting?batch=1", &json!({ "0": "1" })))).await;
    assert_eq!(reply.json(), json!([data(json!({ "id": "1" })), data(json!("hello"))]));
}

#[tokio::test]
async fn a_wrong_input_fails_its_own_call() {
    let reply = send(get(&with_input("post.byId,post.byId,greeting?batch=1", &json!({ "0": 1, "1": "1" })))).await;
    assert_eq!(reply.status, 207);
    let all = reply.json();
    assert_eq!((&all[0]["error"]["code"], &all[0]["error"]["data"]["path"]), (&json!(-32600), &json!("post.byId")));
    assert_eq!((&all[1], &all[2]), (&data(json!({ "id": "1" })), &data(json!("hello"))));
}

#[tokio::test]
async fn inputs_that_are_no_json_fail_the_calls_that_read_them() {
    for input in ["{", "{\"0\":}", "{\"0\":\"\\x\"}"] {
        let reply = send(get(&format!("post.byId,greeting?batch=1&input={}", encode(input)))).await;
        assert_eq!(reply.status, 207, "{input}");
        let all = reply.json();
        assert_eq!((&all[0]["error"]["code"], &all[0]["error"]["data"]["path"]), (&json!(-32600), &json!("post.byId")));
        assert_eq!(all[1], data(json!("hello")));
    }
    let reply = send(post("post.add,count?batch=1", "{")).await;
    assert_eq!((reply.status.as_u16(), &reply.json()[1]), (207, &data(json!(1))));
}

#[tokio::test]
async fn inputs_are_an_object() {
    for input in ["[\"1\"]", "\"1\"", "1", "null", "true"] {
        let reply = send(get(&format!("post.byId?batch=1&input={}", encode(input)))).await;
        let error = &reply.json()[0]["error"];
        assert_eq!(error["message"], "\"input\" needs to be an object when doing a batch call", "{input}");
        assert_eq!((&error["code"], &error["data"]["path"]), (&json!(-32600), &json!("post.byId")));
    }
}

#[tokio::test]
async fn names_that_are_no_number_of_a_call_are_nothing() {
    let input = json!({ "__proto__": { "0": "x" }, "constructor": 1, "length": 9, "7": "x", "-1": "x", "0": "1" });
    let reply = send(get(&with_input("post.byId?batch=1", &input))).await;
    assert_eq!(reply.json(), json!([data(json!({ "id": "1" }))]));
    let many: serde_json::Map<String, Value> = (0..2000).map(|n| (n.to_string(), json!(n))).collect();
    assert_eq!(send(post("count?batch=1", json!(many).to_string())).await.status, 200);
    let reply = send(get("__proto__,constructor?batch=1&input=%7B%22__proto__%22%3A1%7D")).await;
    assert_eq!(reply.status, 404);
}

#[tokio::test]
async fn the_last_of_two_inputs_counts() {
    let reply = send(get(&format!("post.byId?batch=1&input={}", encode(r#"{"0":"1","0":"2"}"#)))).await;
    assert_eq!(reply.json(), json!([data(json!({ "id": "2" }))]));
}

#[tokio::test]
async fn deeply_nested_inputs_fail_their_own_call() {
    let deep = format!(r#"{{"0":{}{},"1":"x"}}"#, "[".repeat(20_000), "]".repeat(20_000));
    let service = || nested(procedures().method_override().into_axum(Changes::default()));
    let reply = send_to(service(), post("echo,maybe?batch=1", deep)).await;
    assert_eq!((reply.status.as_u16(), &reply.json()[1]), (207, &data(json!("x"))));
    assert_eq!(reply.json()[0]["error"]["code"], -32600);
}

#[tokio::test]
async fn another_method_fails_each_call() {
    let reply = send(get("post.add,count?batch=1&input=%7B%7D")).await;
    assert_eq!(reply.status, 405);
    assert_eq!(reply.json()[1]["error"]["message"], "Unsupported GET-request to mutation procedure at path \"count\"");
    let reply = send(post("greeting?batch=1", "{}")).await;
    assert_eq!((reply.status.as_u16(), &reply.json()[0]["error"]["code"]), (405, &json!(-32005)));
}

#[tokio::test]
async fn subscriptions_are_not_batched() {
    let reply = send(get("numbers,numbers?batch=1&input=%7B%7D")).await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()[1]["error"]["message"], "Cannot batch subscription calls");
}

#[tokio::test(start_paused = true)]
async fn calls_run_at_the_same_time() {
    let start = tokio::time::Instant::now();
    let reply = send(get(&with_input("slow,slow,slow?batch=1", &json!({ "0": 1000, "1": 1000, "2": 1000 })))).await;
    assert_eq!(reply.status, 200);
    assert_eq!(start.elapsed().as_millis() / 50 * 50, 1000);
}

#[tokio::test]
async fn by_the_rules_of_10_any_flag_makes_a_batch() {
    let service = || nested(procedures().dialect(Dialect::V10).into_axum(Changes::default()));
    for flag in ["1", "true", "0"] {
        let reply = send_to(service(), get(&format!("greeting,greeting?batch={flag}"))).await;
        assert_eq!(reply.json().as_array().unwrap().len(), 2, "{flag}");
    }
    assert_eq!(send_to(service(), get("greeting?batch=")).await.json(), data(json!("hello")));
    let reply = send_to(service(), request(Method::POST, "post.add", r#"{"title":"x"}"#)).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn by_the_rules_of_10_what_is_no_json_fails_the_whole() {
    let service = || nested(procedures().dialect(Dialect::V10).into_axum(Changes::default()));
    for request in [
        post("post.add,count?batch=1", "{"),
        post("count", "{"),
        with(request(Method::POST, "post.add", "{"), "content-type", "text/plain"),
        get("greeting?input=%7B"),
    ] {
        let error = send_to(service(), request).await.error();
        assert_eq!((&error["code"], &error["data"]["code"]), (&json!(-32700), &json!("PARSE_ERROR")));
        assert!(error["data"].get("path").is_none());
    }
    let error = send_to(service(), post("post.add,count?batch=1", "[]")).await.error();
    assert_eq!(error["message"], "\"input\" needs to be an object when doing a batch call");
}

#[tokio::test]
async fn a_whole_refusal_is_one_object() {
    for request in [
        request(Method::POST, "post.add,count?batch=1", "{}"),
        with(get("greeting"), "trpc-accept", "application/jsonl"),
        with(get("greeting?batch=0"), "accept", "text/html, application/jsonl"),
    ] {
        let reply = send(request).await;
        assert!(reply.error()["data"].get("path").is_none());
    }
    let error = send(with(get("greeting"), "trpc-accept", "application/jsonl")).await.error();
    assert_eq!(error["message"], "Streaming requests must be batched (you can do a batch of 1)");
}
