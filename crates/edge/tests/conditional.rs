//! Conditional requests, as clients and caches make them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Method, Request, StatusCode},
    routing::get,
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use vitrine_edge::{ETag, IfMatch, Preconditions, Problem, finish};
use vitrine_random::Ids;

/// A note in version 7, which may only be changed by those who know that.
fn service() -> Router {
    let read = async |preconditions: Preconditions| preconditions.json(&json!({ "text": "a" }));
    let change = async |if_match: IfMatch| {
        if_match.check(Some(&ETag::of_version(7)))?;
        Ok::<_, Problem>("changed")
    };
    let make = async |preconditions: Preconditions| {
        preconditions.check(Some(&ETag::of_version(7)))?;
        Ok::<_, Problem>("made")
    };
    let absent = async |if_match: IfMatch| if_match.check(None).map(|()| "changed");
    let routes = Router::new().route("/note", get(read).put(change).post(make)).route("/absent", get(absent));
    finish(routes, Ids::system())
}

async fn send(method: Method, path: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, Bytes) {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, value.as_bytes());
    }
    let response = service().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status, parts.headers, body.collect().await.unwrap().to_bytes())
}

#[tokio::test]
async fn what_is_known_is_not_sent_again() {
    let (status, headers, body) = send(Method::GET, "/note", &[]).await;
    assert_eq!((status, &body[..]), (StatusCode::OK, &br#"{"text":"a"}"#[..]));
    assert_eq!(headers["content-type"], "application/json");
    let tag = headers["etag"].to_str().unwrap();
    for known in [tag, &format!("W/{tag}"), &format!("\"x\", {tag}"), "*"] {
        let (status, headers, body) = send(Method::GET, "/note", &[("if-none-match", known)]).await;
        assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0), "{known}");
        assert_eq!(headers["etag"], tag);
        assert_eq!(headers["cache-control"], "private, no-cache");
    }
    assert_eq!(send(Method::GET, "/note", &[("if-none-match", "\"other\"")]).await.0, StatusCode::OK);
    assert_eq!(send(Method::GET, "/note", &[("if-match", tag)]).await.0, StatusCode::OK);
    assert_eq!(send(Method::GET, "/note", &[("if-match", "\"other\"")]).await.0, StatusCode::PRECONDITION_FAILED);
}

#[tokio::test]
async fn a_change_is_for_the_state_that_it_names() {
    for known in ["\"v7\"", "\"v6\", \"v7\"", "*"] {
        assert_eq!(send(Method::PUT, "/note", &[("if-match", known)]).await.0, StatusCode::OK, "{known}");
    }
    // The strong comparison: a weak tag may stand for other bytes.
    for known in ["\"v6\"", "W/\"v7\"", "\"V7\"", "\"\""] {
        let (status, _, body) = send(Method::PUT, "/note", &[("if-match", known)]).await;
        assert_eq!(status, StatusCode::PRECONDITION_FAILED, "{known}");
        let problem: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem["type"], "/problems/precondition-failed");
    }
    assert_eq!(send(Method::PUT, "/note", &[]).await.0, StatusCode::PRECONDITION_REQUIRED);
    assert_eq!(send(Method::PUT, "/note", &[("if-none-match", "\"v6\"")]).await.0, StatusCode::PRECONDITION_REQUIRED);
}

#[tokio::test]
async fn what_exists_is_not_made_again() {
    assert_eq!(send(Method::POST, "/note", &[("if-none-match", "*")]).await.0, StatusCode::PRECONDITION_FAILED);
    assert_eq!(send(Method::POST, "/note", &[("if-none-match", "\"v6\"")]).await.0, StatusCode::OK);
    assert_eq!(send(Method::GET, "/absent", &[("if-match", "*")]).await.0, StatusCode::PRECONDITION_FAILED);
}

#[tokio::test]
async fn a_header_that_is_no_list_of_tags_is_refused() {
    for name in ["if-match", "if-none-match"] {
        for value in ["", "v7", "\"v7", "'v7'", "\"a\" \"b\"", "*, \"v7\"", "w/\"v7\""] {
            for method in [Method::GET, Method::PUT, Method::POST] {
                let (status, _, body) = send(method, "/note", &[(name, value)]).await;
                assert_eq!(status, StatusCode::BAD_REQUEST, "{name}: {value}");
                let problem: Value = serde_json::from_slice(&body).unwrap();
                assert_eq!(problem["errors"][0]["field"], name);
            }
        }
    }
}
