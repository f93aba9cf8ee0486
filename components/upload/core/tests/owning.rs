//! Who sees a photo, and what its owner does with it.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use axum::http::{StatusCode, header};
use serde_json::{Value, json};
use support::{App, json_of, processed};
use uuid::Uuid;

const DAY: u64 = 24 * 3600;

fn path(photo: Uuid) -> String {
    format!("/api/v1/photos/{photo}")
}

async fn reads(app: &App, account: Option<u128>, photo: Uuid) -> StatusCode {
    app.ask(account, "GET", &path(photo), &[], &Value::Null).await.status()
}

async fn delete(app: &App, account: Option<u128>, photo: Uuid, query: &str) -> StatusCode {
    app.ask(account, "DELETE", &format!("{}{query}", path(photo)), &[], &Value::Null).await.status()
}

async fn restore(app: &App, account: Option<u128>, photo: Uuid) -> StatusCode {
    app.ask(account, "POST", &format!("{}/restore", path(photo)), &[], &Value::Null).await.status()
}

async fn listed(app: &App, query: &str) -> usize {
    app.get(1, &format!("/api/v1/photos{query}")).await.1["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn everybody_sees_what_is_not_private() {
    let app = App::new().await;
    for (query, others) in [
        ("", StatusCode::OK),
        ("?visibility=public", StatusCode::OK),
        ("?visibility=unlisted", StatusCode::OK),
        ("?visibility=private", StatusCode::NOT_FOUND),
    ] {
        let photo = app.photo(1, query).await;
        assert_eq!(reads(&app, Some(1), photo).await, StatusCode::OK, "{query}");
        assert_eq!(reads(&app, Some(2), photo).await, others, "{query}");
        assert_eq!(reads(&app, None, photo).await, others, "{query}");
    }
    // In a list stand one's own only.
    assert_eq!(listed(&app, "").await, 4);
    assert_eq!(app.get(2, "/api/v1/photos").await.1["items"], json!([]));
}

#[tokio::test]
async fn a_bad_token_is_not_nobodys() {
    let app = App::new().await;
    let photo = app.photo(1, "").await;
    let headers = [("authorization", "Bearer x")];
    let answer = app.ask(None, "GET", &path(photo), &headers, &Value::Null).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_is_said_is_changed_for_the_state_that_is_known() {
    let app = App::new().await;
    let photo = app.photo(1, "?title=Sea&tags=a&visibility=unlisted").await;
    let read = app.ask(Some(1), "GET", &path(photo), &[], &Value::Null).await;
    let tag = read.headers()[header::ETAG].to_str().unwrap().to_owned();
    let update = async |account: Option<u128>, tag: &str, body: Value| {
        app.ask(account, "PATCH", &path(photo), &[("if-match", tag)], &body).await
    };
    let changed = update(Some(1), &tag, json!({ "description": "two\r\nlines", "tags": ["#B", "b", "c"] })).await;
    assert_eq!(changed.status(), StatusCode::OK, "{changed:?}");
    let now = &json_of(&changed)["photo"];
    assert_eq!((&now["title"], &now["description"]), (&json!("Sea"), &json!("two\nlines")));
    assert_eq!((&now["tags"], &now["visibility"]), (&json!(["b", "c"]), &json!("unlisted")));
    let read = app.ask(Some(1), "GET", &path(photo), &[], &Value::Null).await;
    assert_eq!((read.body(), &read.headers()[header::ETAG]), (changed.body(), &changed.headers()[header::ETAG]));
    // The state that was known before is not there any more.
    assert_eq!(update(Some(1), &tag, json!({ "title": "x" })).await.status(), StatusCode::PRECONDITION_FAILED);
    let without = app.ask(Some(1), "PATCH", &path(photo), &[], &json!({ "title": "x" })).await;
    assert_eq!(without.status(), StatusCode::PRECONDITION_REQUIRED);
    for (body, field) in [
        (json!({ "title": "x".repeat(201) }), "title"),
        (json!({ "description": "a\u{0}" }), "description"),
        (json!({ "tags": [""] }), "tags"),
        (json!({ "tags": ["a,b"] }), "tags"),
        (json!({ "tags": "a" }), "tags"),
        (json!({ "visibility": "secret" }), "visibility"),
    ] {
        let answer = update(Some(1), "*", body.clone()).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(json_of(&answer)["errors"][0]["field"], field, "{body}");
    }
    let after = app.ask(Some(1), "GET", &path(photo), &[], &Value::Null).await;
    assert_eq!(after.body(), changed.body(), "nothing of what was refused is done");
    let empty = update(Some(1), "*", json!({ "title": "", "tags": [], "visibility": "private" })).await;
    assert_eq!(json_of(&empty)["photo"]["tags"], json!([]));
    assert_eq!(reads(&app, None, photo).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nobody_else_changes_anything() {
    let app = App::new().await;
    let (open, hidden) = (app.photo(1, "").await, app.photo(1, "?visibility=private").await);
    // Who sees a photo is told that it is somebody else's; who does not, that there is none.
    for (photo, account, status) in [
        (open, Some(2), StatusCode::FORBIDDEN),
        (hidden, Some(2), StatusCode::NOT_FOUND),
        (Uuid::from_u128(7), Some(1), StatusCode::NOT_FOUND),
        (open, None, StatusCode::UNAUTHORIZED),
        (hidden, None, StatusCode::UNAUTHORIZED),
    ] {
        let change = json!({ "title": "mine" });
        let update = app.ask(account, "PATCH", &path(photo), &[("if-match", "*")], &change).await;
        assert_eq!(update.status(), status, "{photo} {account:?}");
        assert_eq!(delete(&app, account, photo, "").await, status);
        assert_eq!(delete(&app, account, photo, "?permanently=true").await, status);
        assert_eq!(restore(&app, account, photo).await, status);
        let original = format!("{}/original", path(photo));
        assert_eq!(app.ask(account, "GET", &original, &[], &Value::Null).await.status(), status);
    }
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos WHERE deleted_at IS NULL AND title = ''").await, 2);
}

#[tokio::test]
async fn a_deleted_photo_is_there_for_its_owner_who_can_restore_it() {
    let app = App::new().await;
    let (photo, event) = app.received(1).await;
    app.finish(photo, event, processed()).await;
    let before = app.get(1, &path(photo)).await.1;
    for _ in 0..2 {
        assert_eq!(delete(&app, Some(1), photo, "").await, StatusCode::NO_CONTENT, "also the second time");
    }
    assert_eq!(reads(&app, Some(2), photo).await, StatusCode::NOT_FOUND);
    assert_eq!(reads(&app, None, photo).await, StatusCode::NOT_FOUND);
    assert_eq!(app.get(1, &path(photo)).await.1["photo"]["deletedAt"], "2026-01-31T12:00:00.000Z");
    assert_eq!((listed(&app, "").await, listed(&app, "?deleted=true").await), (0, 1));
    // It is not to be had or changed meanwhile.
    let change = app.ask(Some(1), "PATCH", &path(photo), &[("if-match", "*")], &json!({ "title": "x" })).await;
    let original = app.ask(Some(1), "GET", &format!("{}/original", path(photo)), &[], &Value::Null).await;
    assert_eq!((change.status(), original.status()), (StatusCode::CONFLICT, StatusCode::CONFLICT));
    assert_eq!(restore(&app, Some(2), photo).await, StatusCode::NOT_FOUND);
    app.advance(30 * DAY);
    app.upload.sweep().await.unwrap();
    for _ in 0..2 {
        assert_eq!(restore(&app, Some(1), photo).await, StatusCode::OK, "also the second time");
    }
    assert_eq!(app.get(1, &path(photo)).await.1, before, "as it was");
    assert_eq!(reads(&app, None, photo).await, StatusCode::OK);
    assert_eq!((listed(&app, "").await, listed(&app, "?deleted=true").await), (1, 0));
}

#[tokio::test]
async fn a_condition_that_does_not_hold_stops_deleting_and_restoring() {
    let app = App::new().await;
    let photo = app.photo(1, "").await;
    let restore = format!("{}/restore", path(photo));
    for (method, target) in [("DELETE", path(photo)), ("POST", restore)] {
        for (headers, status) in
            [([("if-match", "\"old\"")], 412), ([("if-none-match", "*")], 412), ([("if-match", "old")], 400)]
        {
            let answer = app.ask(Some(1), method, &target, &headers, &Value::Null).await;
            assert_eq!(answer.status().as_u16(), status, "{method} {headers:?}");
        }
    }
    assert_eq!(listed(&app, "").await, 1);
}

/// What the relay would deliver of photos that are gone: each with its paths.
async fn told(app: &App) -> Vec<(String, Value)> {
    let sql = "SELECT subject, data FROM outbox_events WHERE type = 'vitrine.photo.deleted.v1'";
    let rows = app.upload.db.query(sql, []).await.unwrap();
    let data = |text: String| serde_json::from_str::<Value>(&text).unwrap()["paths"].clone();
    rows.iter().map(|row| (row.get("subject").unwrap(), data(row.get("data").unwrap()))).collect()
}

#[tokio::test]
async fn after_thirty_days_it_is_gone_for_good() {
    let app = App::new().await;
    let (photo, event) = app.received(1).await;
    app.finish(photo, event, processed()).await;
    let (waiting, _) = app.received(1).await;
    let kept = app.photo(1, "").await;
    for id in [photo, waiting] {
        assert_eq!(delete(&app, Some(1), id, "").await, StatusCode::NO_CONTENT);
    }
    app.advance(30 * DAY + 1);
    // Whether the sweep has come by or not.
    for _ in 0..2 {
        assert_eq!(reads(&app, Some(1), photo).await, StatusCode::NOT_FOUND);
        assert_eq!(restore(&app, Some(1), photo).await, StatusCode::NOT_FOUND);
        assert_eq!(delete(&app, Some(1), photo, "").await, StatusCode::NOT_FOUND);
        assert_eq!(listed(&app, "?deleted=true").await, 0);
        let rung = app.rung();
        app.upload.sweep().await.unwrap();
        assert!(app.rung() == rung + 1 || told(&app).await.len() == 1 && app.rung() == rung);
    }
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos").await, 1);
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM renditions").await, 0);
    for id in [photo, waiting] {
        assert!(app.upload.originals.head(&id.to_string()).await.unwrap().is_none());
    }
    // Of the one that still waits for the worker, nothing was written yet; it is told of when its event ends.
    assert_eq!(told(&app).await, [(photo.to_string(), json!([format!("small/{}", "0f".repeat(32))]))]);
    assert_eq!(reads(&app, None, kept).await, StatusCode::OK);
    assert!(app.upload.originals.head(&kept.to_string()).await.unwrap().is_some());
}

#[tokio::test]
async fn what_is_deleted_permanently_is_gone_at_once() {
    let app = App::new().await;
    for deleted_before in [false, true] {
        let (photo, event) = app.received(1).await;
        app.finish(photo, event, processed()).await;
        if deleted_before {
            assert_eq!(delete(&app, Some(1), photo, "").await, StatusCode::NO_CONTENT);
        }
        let rung = app.rung();
        assert_eq!(delete(&app, Some(1), photo, "?permanently=true").await, StatusCode::NO_CONTENT);
        assert!(app.rung() > rung);
        assert_eq!(restore(&app, Some(1), photo).await, StatusCode::NOT_FOUND);
        assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos").await, 0);
        assert!(app.upload.originals.head(&photo.to_string()).await.unwrap().is_none());
        assert!(told(&app).await.iter().any(|(subject, paths)| *subject == photo.to_string() && paths[0].is_string()));
    }
    assert_eq!(delete(&app, Some(1), Uuid::from_u128(7), "?permanently=maybe").await, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_original_comes_back_as_a_download() {
    let app = App::new().await;
    let png = [&b"\x89PNG\r\n\x1a\n"[..], &vec![7; 500_000]].concat();
    for (bytes, media_type, ending) in [
        (png, "image/png", ".png"),
        (b"\xff\xd8\xff\xe0 and so on".to_vec(), "image/jpeg", ".jpg"),
        (b"<html><script>alert(1)</script></html>".to_vec(), "application/octet-stream", ""),
        (b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>".to_vec(), "application/octet-stream", ""),
        (b"x".to_vec(), "application/octet-stream", ""),
    ] {
        let uploaded = app.upload(1, "?title=%22a%22&visibility=private", bytes.clone()).await;
        let id: Uuid = json_of(&uploaded)["photo"]["id"].as_str().unwrap().parse().unwrap();
        let original = app.ask(Some(1), "GET", &format!("{}/original", path(id)), &[], &Value::Null).await;
        assert_eq!(original.status(), StatusCode::OK);
        assert!(original.body() == &bytes, "other bytes");
        let has = |name: &str| original.headers()[name].to_str().unwrap().to_owned();
        assert_eq!((has("content-type"), has("content-length")), (media_type.to_owned(), bytes.len().to_string()));
        assert_eq!(has("content-disposition"), format!("attachment; filename=\"{id}{ending}\""));
        assert_eq!(
            (has("x-content-type-options").as_str(), has("cache-control").as_str()),
            ("nosniff", "private, no-store")
        );
        assert_eq!(has("content-security-policy"), "default-src 'none'; sandbox");
    }
}
