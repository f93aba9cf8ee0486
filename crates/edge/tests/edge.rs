//! A small service that uses all of the edge, as a client meets it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Method, Request, StatusCode},
    routing::{get, post},
};
use http_body_util::BodyExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;
use tower::ServiceExt as _;
use uuid::Uuid;
use vitrine_edge::{Cursor, Json, Limit, Path, Problem, Query, RequestId, finish};
use vitrine_random::Ids;

#[derive(Serialize, Deserialize)]
struct Note {
    text: String,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    limit: Limit<7, 50>,
    cursor: Option<Cursor<u32>>,
}

fn service() -> Router {
    let routes = Router::new()
        .route("/notes", post(async |Json(note): Json<Note>| Json::<Note>(note)))
        .route("/any", post(async |Json(any): Json<Value>| any.is_array().to_string()))
        .route("/small", post(async |Json(note): Json<Note, 20>| Json::<Note>(note)))
        .route("/notes/{id}", get(async |Path(id): Path<Uuid>| id.to_string()))
        .route("/list", get(async |Query(page): Query<Page>| format!("{:?} {:?}", page.limit.get(), page.cursor)))
        .route("/id", get(async |id: axum::Extension<RequestId>| id.to_string()))
        .route("/busy", get(async || Problem::unavailable(Duration::from_millis(10), &"the secret cause")))
        .route("/broken", get(async || Problem::internal(&"the secret cause")));
    finish(routes, Ids::system())
}

async fn send(method: Method, uri: &str, body: impl Into<Body>) -> (StatusCode, HeaderMap, Bytes) {
    let request = Request::builder().method(method).uri(uri).header("content-type", "application/json");
    let response = service().oneshot(request.body(body.into()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status, parts.headers, body.collect().await.unwrap().to_bytes())
}

async fn problem(method: Method, uri: &str, body: impl Into<Body>, expected: StatusCode) -> (HeaderMap, Value) {
    let (status, headers, body) = send(method, uri, body).await;
    assert_eq!(status, expected, "{body:?}");
    assert_eq!(headers["content-type"], "application/problem+json");
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["status"], expected.as_u16());
    assert!(body["instance"].as_str().unwrap().ends_with(headers["x-request-id"].to_str().unwrap()));
    (headers, body)
}

#[tokio::test]
async fn json_goes_in_and_out() {
    let (status, headers, body) = send(Method::POST, "/notes", r#"{"text":"ü"}"#).await;
    assert_eq!((status, &body[..]), (StatusCode::OK, r#"{"text":"ü"}"#.as_bytes()));
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["x-request-id"].to_str().unwrap().parse::<Uuid>().unwrap().get_version_num(), 7);
}

#[tokio::test]
async fn a_query_that_is_not_utf_8_is_refused() {
    assert_eq!(send(Method::GET, "/list?limit=3", "").await.0, StatusCode::OK);
    let (_, body) = problem(Method::GET, "/list?limit=3&other=%FF%FE", "", StatusCode::BAD_REQUEST).await;
    assert!(body["detail"].as_str().unwrap().contains("UTF-8"), "{body}");
}

#[tokio::test]
async fn a_limit_is_kept_to_the_byte() {
    let (exact, more) = (r#"{"text":"123456789"}"#, r#"{"text":"1234567890"}"#);
    assert_eq!(send(Method::POST, "/small", exact).await.0, StatusCode::OK);
    let (_, body) = problem(Method::POST, "/small", more, StatusCode::PAYLOAD_TOO_LARGE).await;
    assert!(body["detail"].as_str().unwrap().contains("20 bytes"), "{body}");
}

#[tokio::test]
async fn a_body_that_streams_beyond_the_limit_is_not_read_to_its_end() {
    let endless = futures::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 1024])));
    problem(Method::POST, "/notes", Body::from_stream(endless), StatusCode::PAYLOAD_TOO_LARGE).await;
}

#[tokio::test]
async fn a_body_that_breaks_off_is_the_clients_to_send_again() {
    let broken = futures::stream::iter([Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("hung up"))]);
    let (_, body) = problem(Method::POST, "/notes", Body::from_stream(broken), StatusCode::BAD_REQUEST).await;
    assert!(!body.to_string().contains("hung up"));
}

#[tokio::test]
async fn what_names_nothing_is_not_found() {
    problem(Method::GET, "/absent", "", StatusCode::NOT_FOUND).await;
    problem(Method::GET, "/notes/not-a-uuid", "", StatusCode::NOT_FOUND).await;
    problem(Method::GET, "/notes/%ff", "", StatusCode::NOT_FOUND).await;
    let id = Uuid::nil().to_string();
    assert_eq!(&send(Method::GET, &format!("/notes/{id}"), "").await.2[..], id.as_bytes());
}

#[tokio::test]
async fn another_method_is_told_which_there_are() {
    let (headers, _) = problem(Method::PUT, "/notes", "", StatusCode::METHOD_NOT_ALLOWED).await;
    assert_eq!(headers["allow"], "POST");
}

#[tokio::test]
async fn queries_are_read_or_refused() {
    let cursor = Cursor(7_u32).encode();
    let (status, _, body) = send(Method::GET, &format!("/list?limit=5&cursor={cursor}"), "").await;
    assert_eq!((status, &body[..]), (StatusCode::OK, &b"5 Some(Cursor(7))"[..]));
    assert_eq!(&send(Method::GET, "/list", "").await.2[..], &b"7 None"[..]);
    for query in [
        "limit=x",
        "limit=0",
        "limit=51",
        "limit=-1",
        "limit=99999999999",
        "cursor=tampered",
        "cursor=",
        "limit=1&limit=2",
    ] {
        problem(Method::GET, &format!("/list?{query}"), "", StatusCode::BAD_REQUEST).await;
    }
}

#[tokio::test]
async fn the_inside_is_not_told() {
    let (headers, busy) = problem(Method::GET, "/busy", "", StatusCode::SERVICE_UNAVAILABLE).await;
    assert_eq!(headers["retry-after"], "1");
    let (_, broken) = problem(Method::GET, "/broken", "", StatusCode::INTERNAL_SERVER_ERROR).await;
    assert!(!format!("{busy}{broken}").contains("secret"));
}

#[tokio::test]
async fn handlers_know_the_id_of_the_request() {
    let (_, headers, body) = send(Method::GET, "/id", "").await;
    assert_eq!(headers["x-request-id"].as_bytes(), &body[..]);
}

#[tokio::test]
async fn fields_are_listed() {
    let problem = Problem::unprocessable("two are wrong").with_field("a", "is 1").with_field("b", "is 2");
    let router = Router::new().route("/", get(move || async { problem }));
    let response = router.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
    let body: Value = serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap();
    assert_eq!(body["errors"], json!([{ "field": "a", "detail": "is 1" }, { "field": "b", "detail": "is 2" }]));
    assert!(body.get("instance").is_none());
}

#[tokio::test]
async fn members_of_its_own_stand_beside_those_that_every_problem_has() {
    let problem = Problem::unauthorized("a code is needed").with_member("reason", "totp_required");
    let problem = problem.with_member("status", 200).with_member("detail", json!(null));
    assert_eq!(problem.members().len(), 1);
    let router = Router::new().route("/", get(move || async { problem }));
    let response = router.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
    let body: Value = serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap();
    assert_eq!((&body["reason"], &body["status"]), (&json!("totp_required"), &json!(401)));
    assert_eq!(body["detail"], "a code is needed");
}

#[derive(Serialize, Deserialize)]
struct Album {
    cover: Note,
    pages: Vec<Note>,
}

#[tokio::test]
async fn a_wrong_field_is_named() {
    async fn albums(Json(album): Json<Album>) -> Json<Album> {
        Json(album)
    }
    let router = finish(Router::new().route("/albums", post(albums)), Ids::system());
    let cases = [
        (r#"{"cover":{"text":1},"pages":[]}"#, "cover.text"),
        (r#"{"cover":{},"pages":[]}"#, "cover.text"),
        (r#"{"cover":{"text":""},"pages":[{"text":""},{"text":null}]}"#, "pages[1].text"),
        (r#"{"cover":{"text":""}}"#, "pages"),
        (r#"{"cover":{"text":"","text":""},"pages":[]}"#, "cover.text"),
    ];
    for (body, field) in cases {
        let request = Request::post("/albums").header("content-type", "application/json").body(Body::from(body));
        let response = router.clone().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        let answer = response.into_body().collect().await.unwrap().to_bytes();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(answer["errors"][0]["field"], field, "{body}: {answer}");
        assert!(answer["detail"].as_str().unwrap().contains(field), "{answer}");
        assert!(!answer.to_string().contains("line 1"), "{answer}");
    }
}

/// A document that says object means it, and so does a check that looks for a member by its name.
#[tokio::test]
async fn a_list_of_values_is_no_object() {
    let (_, body) = problem(Method::POST, "/notes", r#"["text"]"#, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(body["type"], "/problems/unprocessable");
    // Where a list is asked for, it is taken.
    assert_eq!(vitrine_edge::parse_json::<Vec<u8>>(b"[1, 2]").unwrap(), [1, 2]);
    assert_eq!(vitrine_edge::parse_json::<(u8, Option<u8>)>(b"[1, null]").unwrap(), (1, None));
}

/// The stack of a component is small, so nothing that reads a body goes deeper than it is told to.
#[tokio::test]
async fn a_body_is_nested_so_deep_and_no_deeper() {
    let lists = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
    let objects = |depth: usize| [r#"{"x":"#.repeat(depth), "0".to_owned(), "}".repeat(depth)].concat();
    for value in [lists(127), objects(127)] {
        assert_eq!(send(Method::POST, "/any", value).await.0, StatusCode::OK);
    }
    for value in [lists(128), objects(128), lists(32_000), objects(10_000), "[".repeat(65_000)] {
        problem(Method::POST, "/any", value, StatusCode::BAD_REQUEST).await;
    }
    // What nobody asked for is passed over without going into it.
    let passed_over = format!(r#"{{"other":{},"text":""}}"#, lists(32_000));
    assert_eq!(send(Method::POST, "/notes", passed_over).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_parameter_is_named() {
    for (query, field) in [("limit=x", "limit"), ("cursor=x", "cursor"), ("limit=1&limit=2", "limit")] {
        let (_, body) = problem(Method::GET, &format!("/list?{query}"), "", StatusCode::BAD_REQUEST).await;
        assert_eq!(body["errors"][0]["field"], field, "{body}");
    }
}

#[tokio::test]
async fn what_follows_a_body_is_refused() {
    let (_, body) = problem(Method::POST, "/notes", r#"{"text":""} {}"#, StatusCode::BAD_REQUEST).await;
    assert_eq!(body["type"], "/problems/bad-request");
}
