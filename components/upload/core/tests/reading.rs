//! What owners see of their photos, and others do not.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use axum::body::Body;
use axum::http::{HeaderValue, Request, StatusCode, header};
use serde_json::Value;
use support::{App, processed};

async fn app() -> App {
    App::new().await
}

#[tokio::test]
async fn a_processed_photo_has_renditions_with_addresses() {
    let app = app().await;
    let (photo, event) = app.received(1).await;
    assert_eq!(app.finish(photo, event, processed()).await, StatusCode::NO_CONTENT);
    let (status, body) = app.get(1, &format!("/api/v1/photos/{photo}")).await;
    assert_eq!(status, StatusCode::OK);
    let found = &body["photo"];
    assert_eq!(
        (&found["status"], &found["width"], &found["height"]),
        (&"processed".into(), &4000.into(), &3000.into())
    );
    let rendition = &found["renditions"][0];
    assert_eq!(rendition["type"], "image/jpeg");
    assert_eq!(rendition["url"], format!("/static/image/{photo}/small.{}", "Dw8P".repeat(10) + "Dw8"));
}

#[tokio::test]
async fn a_photo_is_sent_again_only_when_it_has_changed() {
    let app = app().await;
    let (photo, event) = app.received(1).await;
    let get = async |tag: Option<&HeaderValue>| {
        let request = Request::get(format!("/api/v1/photos/{photo}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", app.token(1)));
        let request = tag.into_iter().fold(request, |request, tag| request.header(header::IF_NONE_MATCH, tag));
        app.send(request.body(Body::empty()).unwrap()).await
    };
    let first = get(None).await;
    let tag = first.headers()[header::ETAG].clone();
    let known = get(Some(&tag)).await;
    assert_eq!((known.status(), known.body().len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!(known.headers()[header::ETAG], tag);
    app.finish(photo, event, processed()).await;
    let changed = get(Some(&tag)).await;
    assert_eq!(changed.status(), StatusCode::OK);
    assert_ne!(changed.headers()[header::ETAG], tag);
    let tampered = get(Some(&HeaderValue::from_static("\"half"))).await;
    assert_eq!(tampered.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn others_do_not_learn_that_a_photo_exists() {
    let app = app().await;
    let photo = app.photo(1, "?visibility=private").await;
    assert_eq!(app.get(1, &format!("/api/v1/photos/{photo}")).await.0, StatusCode::OK);
    let foreign = app.get(2, &format!("/api/v1/photos/{photo}")).await;
    let absent = app.get(2, "/api/v1/photos/018f3a3e-0000-7000-8000-000000000000").await;
    assert_eq!((foreign.0, absent.0), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    assert_eq!(foreign.1["detail"], absent.1["detail"]);
    assert_eq!(app.get(2, "/api/v1/photos").await.1["items"], Value::Array(Vec::new()));
    assert_eq!(app.get(1, "/api/v1/photos/no-uuid").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn pages_hold_every_photo_once_newest_first() {
    let app = app().await;
    let mut expected = Vec::new();
    for n in 0..7 {
        let (photo, event) = app.received(1).await;
        if n % 2 == 0 {
            app.finish(photo, event, processed()).await;
        }
        expected.insert(0, photo.to_string());
        app.advance(1);
    }
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, page) = app.get(1, &format!("/api/v1/photos?limit=3{cursor}")).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        for item in page["items"].as_array().unwrap() {
            let renditions = item["renditions"].as_array().unwrap().len();
            assert_eq!(renditions, usize::from(item["status"] == "processed"));
            found.push(item["id"].as_str().unwrap().to_owned());
        }
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_page_that_is_full_and_last_has_no_cursor() {
    let app = app().await;
    for _ in 0..3 {
        app.received(1).await;
    }
    let (_, page) = app.get(1, "/api/v1/photos?limit=3").await;
    assert_eq!((page["items"].as_array().unwrap().len(), &page["nextCursor"]), (3, &Value::Null));
}

#[tokio::test]
async fn a_cursor_that_was_changed_is_refused() {
    let app = app().await;
    app.received(1).await;
    app.received(1).await;
    let (_, page) = app.get(1, "/api/v1/photos?limit=1").await;
    let cursor = page["nextCursor"].as_str().unwrap().to_owned();
    assert_eq!(app.get(1, &format!("/api/v1/photos?cursor={cursor}")).await.0, StatusCode::OK);
    let last = if cursor.ends_with('A') { "B" } else { "A" };
    let changed = format!("{}{last}", &cursor[..cursor.len() - 1]);
    for cursor in [&cursor[1..], &cursor[..cursor.len() - 4], &cursor.to_lowercase(), &changed, "%00", "%F0%9F%90%9F"] {
        let (status, problem) = app.get(1, &format!("/api/v1/photos?cursor={cursor}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{cursor}: {problem}");
        assert_eq!(problem["errors"][0]["field"], "cursor");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_refused() {
    let app = app().await;
    for query in ["limit=0", "limit=101", "limit=-1", "limit=x", "cursor=x", "cursor=bnVsbA", "cursor="] {
        let (status, problem) = app.get(1, &format!("/api/v1/photos?{query}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}: {problem}");
        assert_eq!(problem["status"], 400);
    }
}

#[tokio::test]
async fn an_api_key_does_what_it_was_made_for() {
    let app = App::new().await;
    let (photo, _) = app.received(1).await;
    let send = |scopes: &'static [&'static str], request: axum::http::request::Builder| {
        let bearer = format!("Bearer {}", app.token_of_key(1, Some(scopes)));
        let request = request.header("authorization", bearer).header("content-type", "image/png");
        app.send(request.body(axum::body::Body::from("picture")).unwrap())
    };
    for path in ["/api/v1/photos".to_owned(), format!("/api/v1/photos/{photo}")] {
        let read = |scopes| send(scopes, Request::get(&path));
        assert_eq!(read(&["photos:read"]).await.status(), StatusCode::OK);
        assert_eq!(read(&["photos:write"]).await.status(), StatusCode::FORBIDDEN);
        assert_eq!(read(&[]).await.status(), StatusCode::FORBIDDEN);
    }
    let write = |scopes| send(scopes, Request::post("/api/v1/photos"));
    assert_eq!(write(&["photos:write"]).await.status(), StatusCode::ACCEPTED);
    assert_eq!(write(&["photos:read", "account:read"]).await.status(), StatusCode::FORBIDDEN);
}
