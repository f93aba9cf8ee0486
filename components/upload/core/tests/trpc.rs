//! The procedures of tRPC: the same use cases, in other words.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use bytes::Bytes;
use serde_json::{Value, json};
use support::{App, form, json_of, part, picture};

async fn create(app: &App, token: Option<&str>, query: &str, media: &str, body: impl Into<Body>) -> Response<Bytes> {
    let request = Request::post(format!("/api/upload/create{query}")).header(header::CONTENT_TYPE, media);
    let bearer = token.map(|token| format!("Bearer {token}"));
    let request = bearer.iter().fold(request, |request, token| request.header(header::AUTHORIZATION, token));
    app.send(request.body(body.into()).unwrap()).await
}

/// Calls a procedure; the input of a query stands in the address.
async fn call(app: &App, account: Option<u128>, method: &str, procedure: &str, input: &Value) -> Value {
    let encoded: String = input.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
    let path = format!("/api/upload/{procedure}");
    let answer = match method {
        "GET" if input.is_null() => app.ask(account, "GET", &path, &[], &Value::Null).await,
        "GET" => app.ask(account, "GET", &format!("{path}?input={encoded}"), &[], &Value::Null).await,
        _ => app.ask(account, method, &path, &[], input).await,
    };
    let body = json_of(&answer);
    assert_eq!(answer.status() == StatusCode::OK, body["error"].is_null(), "{body}");
    body
}

fn code(answer: &Value) -> &str {
    answer["error"]["data"]["code"].as_str().unwrap_or("OK")
}

#[tokio::test]
async fn a_whole_life_over_trpc() {
    let app = App::new().await;
    let token = app.token(1);
    let octets = create(&app, Some(&token), "?title=Sea&tags=a,b", "application/octet-stream", "picture").await;
    // Newest first is told by the millisecond.
    app.advance(1);
    let parts = form(&[part("title", "Sea"), picture("picture"), part("tags", "a,b")]);
    let multi = create(&app, Some(&token), "", "multipart/form-data; boundary=edge", parts).await;
    for answer in [&octets, &multi] {
        let photo = &json_of(answer)["result"]["data"]["photo"];
        assert_eq!((&photo["title"], &photo["tags"]), (&json!("Sea"), &json!(["a", "b"])), "{answer:?}");
        let rest = app.get(1, &format!("/api/v1/photos/{}", photo["id"].as_str().unwrap())).await.1;
        assert_eq!(&rest["photo"], photo, "the same photo over both");
    }
    assert_eq!((app.rung(), app.count("SELECT COUNT(*) AS n FROM outbox_events").await), (2, 2));
    let id = json_of(&octets)["result"]["data"]["photo"]["id"].clone();
    let own = async |method: &'static str, procedure: &'static str, input: Value| {
        call(&app, Some(1), method, procedure, &input).await
    };
    let mine = own("GET", "mine", Value::Null).await;
    assert_eq!(mine["result"]["data"]["items"].as_array().unwrap().len(), 2);
    let first = own("GET", "mine", json!({ "limit": 1 })).await;
    let next = &first["result"]["data"]["nextCursor"];
    let second = own("GET", "mine", json!({ "limit": 1, "cursor": next })).await;
    assert_eq!(second["result"]["data"]["items"][0]["id"], id);
    assert!(second["result"]["data"]["nextCursor"].is_null());

    let changed = own("POST", "update", json!({ "id": id, "visibility": "private", "tags": ["c"] })).await;
    assert_eq!(changed["result"]["data"]["photo"]["tags"], json!(["c"]));
    assert_eq!(own("GET", "byId", json!({ "id": id })).await["result"], changed["result"]);
    let original = own("GET", "original", json!({ "id": id })).await["result"]["data"].clone();
    assert_eq!(original["bytes"], 7);
    let bytes = app.ask(Some(1), "GET", original["url"].as_str().unwrap(), &[], &Value::Null).await;
    assert_eq!(bytes.body(), "picture");

    assert_eq!(own("POST", "delete", json!({ "id": id })).await["result"]["data"], json!({}));
    assert_eq!(own("GET", "mine", json!({ "deleted": true })).await["result"]["data"]["items"][0]["id"], id);
    assert_eq!(code(&own("POST", "update", json!({ "id": id, "title": "x" })).await), "CONFLICT");
    assert_eq!(own("POST", "restore", json!({ "id": id })).await["result"], changed["result"]);
    assert_eq!(own("POST", "delete", json!({ "id": id, "permanently": true })).await["result"]["data"], json!({}));
    assert_eq!(code(&own("GET", "byId", json!({ "id": id })).await), "NOT_FOUND");
}

#[tokio::test]
async fn each_procedure_decides_on_the_photo() {
    let app = App::new().await;
    let (open, hidden) = (app.photo(1, "").await, app.photo(1, "?visibility=private").await);
    for account in [None, Some(2)] {
        assert_eq!(code(&call(&app, account, "GET", "byId", &json!({ "id": open })).await), "OK");
        assert_eq!(code(&call(&app, account, "GET", "byId", &json!({ "id": hidden })).await), "NOT_FOUND");
    }
    for (method, procedure) in [("POST", "update"), ("POST", "delete"), ("POST", "restore"), ("GET", "original")] {
        for (account, photo, expected) in
            [(Some(2), open, "FORBIDDEN"), (Some(2), hidden, "NOT_FOUND"), (None, open, "UNAUTHORIZED")]
        {
            let answer = call(&app, account, method, procedure, &json!({ "id": photo, "title": "mine" })).await;
            assert_eq!(code(&answer), expected, "{procedure} {account:?}");
        }
    }
    let permanently = json!({ "id": open, "permanently": true });
    assert_eq!(code(&call(&app, Some(2), "POST", "delete", &permanently).await), "FORBIDDEN");
    assert_eq!(code(&call(&app, None, "GET", "mine", &Value::Null).await), "UNAUTHORIZED");
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos WHERE title = '' AND deleted_at IS NULL").await, 2);
}

#[tokio::test]
async fn refusals_are_those_of_trpc() {
    let app = App::new().await;
    let token = app.token(1);
    let octets = "application/octet-stream";
    for (media, query, body, expected, field) in [
        (octets, "?title=%00", "picture", "UNPROCESSABLE_CONTENT", "title"),
        (octets, "?visibility=secret", "picture", "UNPROCESSABLE_CONTENT", "visibility"),
        (octets, "", "", "BAD_REQUEST", ""),
        ("multipart/form-data; boundary=edge", "", "--edge--\r\n", "BAD_REQUEST", "file"),
        ("application/json", "", "{}", "UNSUPPORTED_MEDIA_TYPE", ""),
        ("image/png", "", "picture", "UNSUPPORTED_MEDIA_TYPE", ""),
    ] {
        let answer = json_of(&create(&app, Some(&token), query, media, body).await);
        assert_eq!(code(&answer), expected, "{answer}");
        assert_eq!(answer["error"]["data"]["errors"][0]["field"].as_str().unwrap_or_default(), field, "{answer}");
    }
    assert_eq!(code(&json_of(&create(&app, None, "", octets, "picture").await)), "UNAUTHORIZED");
    assert_eq!(code(&json_of(&create(&app, Some("x"), "", octets, "picture").await)), "UNAUTHORIZED");
    for (scopes, expected) in [(&["photos:write"][..], "OK"), (&["photos:read"], "FORBIDDEN"), (&[], "FORBIDDEN")] {
        let token = app.token_of_key(1, Some(scopes));
        assert_eq!(code(&json_of(&create(&app, Some(&token), "", octets, "picture").await)), expected, "{scopes:?}");
    }
    for (procedure, input) in [
        ("byId", json!({})),
        ("byId", json!({ "id": "x" })),
        ("mine", json!({ "limit": 0 })),
        ("mine", json!({ "cursor": "x" })),
    ] {
        assert_eq!(code(&call(&app, Some(1), "GET", procedure, &input).await), "BAD_REQUEST", "{input}");
    }
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos").await, 1);
}

#[test]
fn these_are_the_procedures() {
    let all = ["byId", "mine", "original"].map(|name| ("GET", name.to_owned()));
    let all = all.into_iter().chain(["create", "update", "delete", "restore"].map(|name| ("POST", name.to_owned())));
    assert_eq!(upload_core::every_procedure(), all.collect::<BTreeSet<_>>());
}
