//! Single calls.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod support;

use axum::{
    body::{Body, Bytes},
    http::{Method, StatusCode},
};
use serde_json::{Value, json};
use support::{Changes, encode, get, nested, post, procedures, request, send, send_to, with, with_input};
use vitrine_trpc::{Code, Kind, Router, TrpcError};

#[tokio::test]
async fn a_query_is_answered() {
    let reply = send(get(&with_input("post.byId", &json!("1")))).await;
    assert_eq!((reply.status, reply.json()), (StatusCode::OK, json!({ "result": { "data": { "id": "1" } } })));
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_mutation_is_answered() {
    let reply = send(post("post.add", r#"{"title":"x"}"#)).await;
    assert_eq!(
        (reply.status, reply.json()),
        (StatusCode::OK, json!({ "result": { "data": { "title": "x", "tags": [] } } }))
    );
    assert_eq!(reply.header("cache-control"), "no-store");
}

#[tokio::test]
async fn handlers_take_parts_of_the_state_and_the_head() {
    assert_eq!(send(get("greeting")).await.json(), json!({ "result": { "data": "hello" } }));
    assert_eq!(send(with(get("headers"), "x-a", "b")).await.json(), json!({ "result": { "data": 1 } }));
}

#[tokio::test]
async fn undefined_is_no_data_and_null_is_null() {
    assert_eq!(send(get("nothing")).await.json(), json!({ "result": {} }));
    assert_eq!(send(get("null")).await.json(), json!({ "result": { "data": null } }));
}

#[tokio::test]
async fn an_input_may_be_absent() {
    for path in ["maybe", "maybe?input=", "maybe?input=null"] {
        assert_eq!(send(get(path)).await.json(), json!({ "result": { "data": null } }), "{path}");
    }
    assert_eq!(send(post("count", "")).await.json(), json!({ "result": { "data": 1 } }));
    // All fields of a struct may be absent too; one that is needed may not.
    assert_eq!(send(get("page")).await.json(), json!({ "result": { "data": 20 } }));
    assert_eq!(send(get("page?input=%7B%22limit%22%3A5%7D")).await.json(), json!({ "result": { "data": 5 } }));
    assert_eq!(send(post("post.add", "")).await.error()["message"], "This procedure needs an input.");
    let error = send(get("post.byId")).await.error();
    assert_eq!((&error["code"], &error["message"]), (&json!(-32600), &json!("This procedure needs an input.")));
}

#[tokio::test]
async fn each_code_is_told_by_key_number_and_status() {
    let table = [
        ("PARSE_ERROR", -32700, 400),
        ("BAD_REQUEST", -32600, 400),
        ("UNAUTHORIZED", -32001, 401),
        ("PAYMENT_REQUIRED", -32002, 402),
        ("FORBIDDEN", -32003, 403),
        ("NOT_FOUND", -32004, 404),
        ("METHOD_NOT_SUPPORTED", -32005, 405),
        ("TIMEOUT", -32008, 408),
        ("CONFLICT", -32009, 409),
        ("PRECONDITION_FAILED", -32012, 412),
        ("PAYLOAD_TOO_LARGE", -32013, 413),
        ("UNSUPPORTED_MEDIA_TYPE", -32015, 415),
        ("UNPROCESSABLE_CONTENT", -32022, 422),
        ("PRECONDITION_REQUIRED", -32028, 428),
        ("TOO_MANY_REQUESTS", -32029, 429),
        ("CLIENT_CLOSED_REQUEST", -32099, 499),
        ("INTERNAL_SERVER_ERROR", -32603, 500),
        ("NOT_IMPLEMENTED", -32603, 501),
        ("BAD_GATEWAY", -32603, 502),
        ("SERVICE_UNAVAILABLE", -32603, 503),
        ("GATEWAY_TIMEOUT", -32603, 504),
    ];
    assert_eq!(Code::ALL.len(), table.len());
    for (key, number, status) in table {
        let reply = send(get(&with_input("fails", &json!(key)))).await;
        assert_eq!(reply.status.as_u16(), status, "{key}");
        let data = json!({ "code": key, "httpStatus": status, "path": "fails", "reason": "asked" });
        assert_eq!(reply.error(), json!({ "message": format!("as asked: {key}"), "code": number, "data": data }));
        let back = if key == "PARSE_ERROR" { "BAD_REQUEST" } else { key };
        assert_eq!(Code::from_status(reply.status).key(), back);
    }
}

#[tokio::test]
async fn a_procedure_that_is_not_there_is_not_found() {
    for path in
        ["x", "post", "post.byId.x", "__proto__", "constructor", "toString", "post.__proto__", "post.add/x", "a,b"]
    {
        let reply = send(get(&encode(path))).await;
        let message = format!("No procedure found on path \"{path}\"");
        let data = json!({ "code": "NOT_FOUND", "httpStatus": 404, "path": path });
        assert_eq!(reply.error(), json!({ "message": message, "code": -32004, "data": data }));
    }
    assert_eq!(send(post("__proto__", "{}")).await.status, 404);
}

#[tokio::test]
async fn paths_are_decoded() {
    assert_eq!(send(get(&with_input("post%2EbyId", &json!("1")))).await.status, 200);
    assert_eq!(send(get(&with_input("post.byId/", &json!("1")))).await.status, 200);
    let error = send(get("post%ff")).await.error();
    assert_eq!((&error["code"], &error["data"].get("path")), (&json!(-32600), &None));
}

#[tokio::test]
async fn another_method_is_not_supported() {
    for (method, path, kind) in [
        (Method::GET, "post.add", "mutation"),
        (Method::POST, "post.byId", "query"),
        (Method::PUT, "post.byId", "query"),
        (Method::DELETE, "post.add", "mutation"),
        (Method::OPTIONS, "post.add", "mutation"),
    ] {
        let reply = send(with(request(method.clone(), path, "{}"), "content-type", "application/json")).await;
        let error = reply.error();
        assert_eq!((reply.status.as_u16(), &error["code"]), (405, &json!(-32005)));
        let message = format!("Unsupported {method}-request to {kind} procedure at path \"{path}\"");
        assert_eq!(error["message"], message.as_str());
    }
}

#[tokio::test]
async fn a_refused_method_changes_nothing() {
    let changes = Changes::default();
    let service = nested(procedures().into_axum(changes.clone()));
    assert_eq!(send_to(service.clone(), get("count")).await.status, 405);
    assert_eq!(changes.count(), 0);
    assert_eq!(send_to(service, post("count", "")).await.status, 200);
    assert_eq!(changes.count(), 1);
}

#[tokio::test]
async fn reads_come_by_post_only_where_that_is_allowed() {
    let service = || nested(procedures().method_override().into_axum(Changes::default()));
    let reply = send_to(service(), post("post.byId", r#""1""#)).await;
    assert_eq!(reply.json(), json!({ "result": { "data": { "id": "1" } } }));
    assert_eq!(send_to(service(), get("post.add")).await.status, 405);
}

#[tokio::test]
async fn head_is_answered_without_a_body() {
    for path in ["post.byId", "x", "post.add,post.add?batch=1"] {
        let reply = send(request(Method::HEAD, path, "")).await;
        assert_eq!((reply.status, reply.body), (StatusCode::NO_CONTENT, Bytes::new()), "{path}");
    }
}

#[tokio::test]
async fn a_post_says_what_it_brings() {
    let error = send(request(Method::POST, "post.add", r#"{"title":"x"}"#)).await.error();
    let data = json!({ "code": "UNSUPPORTED_MEDIA_TYPE", "httpStatus": 415 });
    assert_eq!(error, json!({ "message": "Missing content-type header", "code": -32015, "data": data }));
    for media in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "", "\u{fc}", ";"] {
        let reply = send(with(request(Method::POST, "post.add", r#"{"title":"x"}"#), "content-type", media)).await;
        assert_eq!(reply.status, 415, "{media}");
        assert!(reply.error()["message"].as_str().unwrap().starts_with("Unsupported content-type \""), "{media}");
    }
    for media in ["application/json; charset=utf-8", "Application/JSON"] {
        let reply = send(with(request(Method::POST, "post.add", r#"{"title":"x"}"#), "content-type", media)).await;
        assert_eq!(reply.status, 200, "{media}");
    }
    assert_eq!(send(with(get("greeting"), "content-type", "text/plain")).await.status, 200);
}

#[tokio::test]
async fn a_wrong_input_names_its_field() {
    let cases = [
        (r#"{"title":1}"#, "title"),
        ("{}", "title"),
        (r#"{"title":"x","tags":[{"name":"a"},{"name":null}]}"#, "tags[1].name"),
        (r#"{"title":"x","tags":{}}"#, "tags"),
    ];
    for (input, field) in cases {
        let reply = send(post("post.add", input)).await;
        let error = reply.error();
        assert_eq!(
            (reply.status.as_u16(), &error["code"], &error["data"]["path"]),
            (400, &json!(-32600), &json!("post.add"))
        );
        assert_eq!(error["data"]["errors"][0]["field"], field, "{error}");
        assert_eq!(error["data"]["type"], "/problems/bad-request");
        assert!(error["message"].as_str().unwrap().contains(field), "{error}");
    }
}

#[tokio::test]
async fn an_input_that_is_no_json_is_a_bad_request() {
    for input in ["{", "nul", "{} {}", "{'a':1}", "\u{0}", "[1,]"] {
        let reply = send(get(&format!("echo?input={}", encode(input)))).await;
        assert_eq!((reply.status.as_u16(), &reply.error()["code"]), (400, &json!(-32600)), "{input}");
        let reply = send(post("post.add", input.to_owned())).await;
        assert_eq!(reply.error()["data"]["path"], "post.add", "{input}");
    }
}

#[tokio::test]
async fn bytes_that_are_not_utf_8_are_a_bad_request() {
    assert_eq!(
        send(post("post.add", &b"{\"title\":\"\xff\"}"[..])).await.error()["message"],
        "The input is not UTF-8."
    );
    assert_eq!(send(get("echo?input=%22%ff%22")).await.error()["code"], -32600);
}

#[tokio::test]
async fn deeply_nested_json_is_a_bad_request() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(send(get(&format!("echo?input={}", nested(100)))).await.status, 200);
    for depth in [129, 10_000] {
        let reply = send(get(&format!("echo?input={}", nested(depth)))).await;
        assert_eq!(reply.error()["code"], -32600);
    }
    let hidden = format!(r#"{{"title":"x","other":{}}}"#, nested(30_000));
    let reply = send(post("post.add", hidden)).await;
    assert!(matches!(reply.status.as_u16(), 200 | 400), "{}", reply.status);
}

#[tokio::test]
async fn an_input_is_bounded() {
    let service = || nested(procedures().input_bytes(40).into_axum(Changes::default()));
    let exact = format!(r#"{{"title":"{}"}}"#, "x".repeat(28));
    assert_eq!(send_to(service(), post("post.add", exact)).await.status, 200);
    let more = format!(r#"{{"title":"{}"}}"#, "x".repeat(29));
    let reply = send_to(service(), post("post.add", more)).await;
    let data = json!({ "code": "PAYLOAD_TOO_LARGE", "httpStatus": 413, "type": "/problems/too-large" });
    assert_eq!(reply.error(), json!({ "message": "Send at most 40 bytes.", "code": -32013, "data": data }));
    let query = with_input("echo", &json!("x".repeat(39)));
    assert_eq!(send_to(service(), get(&query)).await.error()["code"], -32013);
    let endless = futures::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 1024])));
    assert_eq!(send(post("post.add", Body::from_stream(endless))).await.status, 413);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_bad_request() {
    let broken = futures::stream::iter([Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("hung up"))]);
    let reply = send(post("post.add", Body::from_stream(broken))).await;
    assert_eq!(reply.status, 400);
    assert!(!reply.error().to_string().contains("hung up"));
}

#[tokio::test]
async fn a_problem_of_the_service_is_an_error_with_its_reason() {
    let reply = send(get("totp")).await;
    let error = reply.error();
    assert_eq!((&error["code"], &error["message"]), (&json!(-32001), &json!("Send the code of your second factor.")));
    let data = json!({
        "code": "UNAUTHORIZED", "httpStatus": 401, "path": "totp", "reason": "totp_required",
        "type": "/problems/unauthorized", "errors": [{ "field": "totp", "detail": "It is missing." }],
    });
    assert_eq!(error["data"], data);
    assert_eq!(reply.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn the_inside_is_not_told() {
    let reply = send(get("busy")).await;
    assert_eq!((reply.status.as_u16(), reply.header("retry-after")), (503, "7"));
    assert!(!reply.text().contains("secret"));
    let error = TrpcError::internal(&"the secret cause");
    assert!(!format!("{error} {error:?}").contains("secret"));
}

#[tokio::test]
async fn a_service_says_how_long_an_answer_is_kept() {
    let (parts, _) = tower::ServiceExt::oneshot(support::service(), get("cached")).await.unwrap().into_parts();
    assert_eq!(parts.headers["cache-control"], "max-age=60");
    let vary: Vec<_> = parts.headers.get_all("vary").iter().collect();
    assert_eq!(vary, ["trpc-accept, accept", "trpc-batch-mode"]);
}

#[tokio::test]
async fn cookies_are_set_beside_an_answer() {
    let reply = send(post("login", r#""ada""#)).await;
    assert_eq!((reply.status.as_u16(), reply.header("set-cookie")), (200, "who=ada"));
    assert_eq!(reply.json(), json!({ "result": { "data": "ada" } }));
}

#[tokio::test]
async fn connection_parameters_are_an_object_of_texts() {
    let call = |params: &str| get(&format!("params?connectionParams={}", encode(params)));
    assert_eq!(send(call(r#"{"token":"t"}"#)).await.json(), json!({ "result": { "data": "t" } }));
    assert_eq!(send(call("null")).await.json(), json!({ "result": { "data": null } }));
    for (params, message) in [
        ("{", "Not JSON-parsable query params"),
        (r#"{"token":1}"#, "Invalid connection params shape"),
        ("[1]", "Invalid connection params shape"),
    ] {
        let error = send(call(params)).await.error();
        assert_eq!((&error["code"], &error["message"]), (&json!(-32700), &json!(message)));
        assert!(error["data"].get("path").is_none());
    }
    assert_eq!(send(get("params?connectionParams=%ff")).await.error()["code"], -32700);
}

#[tokio::test]
async fn what_tells_errors_apart_does_not_change_what_trpc_says() {
    let error =
        TrpcError::new(Code::Conflict, "x").with_data("code", "y").with_data("path", 1).with_data("reason", "z");
    assert_eq!(
        error.data().clone(),
        serde_json::from_value::<serde_json::Map<String, Value>>(json!({ "reason": "z" })).unwrap()
    );
}

#[tokio::test]
async fn an_error_may_come_from_a_layer_before_the_procedures() {
    let refuse = axum::middleware::from_fn(async |_: axum::extract::Request, _: axum::middleware::Next| {
        TrpcError::new(Code::TooManyRequests, "Slow down.").with_header(axum::http::header::RETRY_AFTER, 9.into())
    });
    let reply = send_to(nested(procedures().into_axum(Changes::default()).layer(refuse)), get("greeting")).await;
    assert_eq!((reply.status.as_u16(), reply.header("retry-after")), (429, "9"));
    assert_eq!(reply.error()["data"], json!({ "code": "TOO_MANY_REQUESTS", "httpStatus": 429 }));
}

#[test]
fn procedures_are_listed() {
    let router = procedures();
    let listed: Vec<_> = router.procedures().collect();
    assert!(listed.contains(&("post.add", Kind::Mutation)) && listed.contains(&("numbers", Kind::Subscription)));
}

#[test]
#[should_panic(expected = "two procedures of the path `greeting`")]
fn two_procedures_of_one_path_are_refused() {
    let _ = procedures().query("greeting", async || Ok::<_, TrpcError>(()));
}

#[test]
#[should_panic(expected = "no client can call")]
fn a_path_that_nobody_can_call_is_refused() {
    let _ = Router::<Changes>::new().query("a,b", async || Ok::<_, TrpcError>(()));
}
