//! Taking photos in, and refusing what is none.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use bytes::Bytes;
use futures::stream;
use serde_json::Value;
use support::{App, MAX_BYTES, json_of};
use vitrine_blob::Keys;

async fn app() -> App {
    App::new().await
}

async fn assert_nothing_is_left(app: &App) {
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos").await, 0);
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM outbox_events").await, 0);
    assert_eq!(app.keys.keys(), Vec::<String>::new());
    assert_eq!(app.rung(), 0, "nothing is rung for");
}

#[tokio::test]
async fn a_photo_is_received_with_its_bytes_and_its_event() {
    let app = app().await;
    let chunks = (0..5).map(|n| Ok::<_, std::io::Error>(Bytes::from(vec![n; 100_000])));
    let response = app.upload(1, "?title=D%C3%BCnen%20bei%20Nacht", Body::from_stream(stream::iter(chunks))).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    let photo = &json_of(&response)["photo"];
    let id = photo["id"].as_str().unwrap();
    assert_eq!(response.headers()[header::LOCATION], format!("/api/v1/photos/{id}"));
    assert_eq!(photo["title"], "Dünen bei Nacht");
    assert_eq!(photo["status"], "received");
    assert_eq!(photo["createdAt"], "2026-01-31T12:00:00.000Z");
    assert_eq!((&photo["width"], &photo["rejection"]), (&Value::Null, &Value::Null));
    assert_eq!(photo["renditions"], Value::Array(Vec::new()));

    let (manifest, _) = app.upload.originals.get(id).await.unwrap().unwrap();
    assert_eq!(manifest.bytes, 500_000);
    let row = app.upload.db.query_one("SELECT type, subject, data FROM outbox_events", []).await.unwrap().unwrap();
    assert_eq!(row.get::<String>("type").unwrap(), "vitrine.photo.uploaded.v1");
    assert_eq!(row.get::<String>("subject").unwrap(), id);
    let data: Value = serde_json::from_str(&row.get::<String>("data").unwrap()).unwrap();
    assert_eq!(data["photoId"], id);
    assert_eq!(data["bytes"], 500_000);
    assert_eq!(data["sha256"], manifest.sha256);
    assert_eq!(app.rung(), 1, "the delivery is rung for, and waits until the response has gone out");
}

#[tokio::test]
async fn what_is_too_long_is_refused_before_and_while_it_is_read() {
    let app = app().await;
    let long = vec![7; usize::try_from(MAX_BYTES).unwrap() + 1];
    let chunks: Vec<_> =
        long.chunks(10_000).map(|chunk| Ok::<_, std::io::Error>(Bytes::copy_from_slice(chunk))).collect();
    let undeclared = app.upload(1, "", Body::from_stream(stream::iter(chunks))).await;
    assert_eq!(undeclared.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(undeclared.headers()[header::CONTENT_TYPE], "application/problem+json");
    let detail = json_of(&undeclared)["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains(&MAX_BYTES.to_string()), "{detail}");

    let never = stream::once(async { panic!("the body is not to be read") as Result<Bytes, std::io::Error> });
    let declared = Request::post("/api/v1/photos")
        .header(header::AUTHORIZATION, format!("Bearer {}", app.token(1)))
        .header(header::CONTENT_TYPE, "image/jpeg")
        .header(header::CONTENT_LENGTH, MAX_BYTES + 1)
        .body(Body::from_stream(never))
        .unwrap();
    assert_eq!(app.send(declared).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_nothing_is_left(&app).await;
    assert_eq!(app.upload(1, "", long[1..].to_vec()).await.status(), StatusCode::ACCEPTED);
}

#[tokio::test]
async fn an_empty_body_is_refused() {
    let app = app().await;
    assert_eq!(app.upload(1, "", Body::empty()).await.status(), StatusCode::BAD_REQUEST);
    assert_nothing_is_left(&app).await;
}

#[tokio::test]
async fn a_body_that_stops_half_way_leaves_nothing() {
    let app = app().await;
    let parts = [Ok(Bytes::from(vec![1; 400_000])), Err(std::io::Error::other("connection reset"))];
    let response = app.upload(1, "", Body::from_stream(stream::iter(parts))).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_nothing_is_left(&app).await;

    // A runtime may tell of a broken connection as of an end.
    let short = Request::post("/api/v1/photos")
        .header(header::AUTHORIZATION, format!("Bearer {}", app.token(1)))
        .header(header::CONTENT_TYPE, "image/jpeg")
        .header(header::CONTENT_LENGTH, 500)
        .body(Body::from(vec![1; 400]))
        .unwrap();
    assert_eq!(app.send(short).await.status(), StatusCode::BAD_REQUEST);
    assert_nothing_is_left(&app).await;
}

#[tokio::test]
async fn an_upload_that_a_crash_cut_off_is_seen_by_nobody_and_swept() {
    let app = app().await;
    // Dropped as when the process dies: the row and some chunks are there.
    let endless = stream::iter([Ok::<_, std::io::Error>(Bytes::from(vec![1; 300_000]))]);
    let endless = futures::StreamExt::chain(endless, stream::pending());
    let upload = app.upload(1, "", Body::from_stream(endless));
    assert!(tokio::time::timeout(std::time::Duration::from_millis(200), upload).await.is_err());
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos WHERE status = 'uploading'").await, 1);
    assert!(!app.keys.keys().is_empty());
    let (_, page) = app.get(1, "/api/v1/photos").await;
    assert_eq!(page["items"], Value::Array(Vec::new()));
    let row = app.upload.db.query_one("SELECT id FROM photos", []).await.unwrap().unwrap();
    let id: String = row.get("id").unwrap();
    assert_eq!(app.get(1, &format!("/api/v1/photos/{id}")).await.0, StatusCode::NOT_FOUND);

    app.upload.sweep().await.unwrap();
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos").await, 1, "it may still be coming");
    app.advance(3601);
    app.upload.sweep().await.unwrap();
    assert_nothing_is_left(&app).await;
    assert!(!app.keys.exists(&id).await.unwrap());
}

#[tokio::test]
async fn only_bytes_of_pictures_are_taken() {
    let app = app().await;
    let post = |kind: Option<&str>| {
        let mut request =
            Request::post("/api/v1/photos").header(header::AUTHORIZATION, format!("Bearer {}", app.token(1)));
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        app.send(request.body(Body::from("picture")).unwrap())
    };
    for kind in ["application/octet-stream", "image/jpeg", "IMAGE/PNG; q=1"] {
        assert_eq!(post(Some(kind)).await.status(), StatusCode::ACCEPTED, "{kind}");
    }
    for kind in [None, Some("application/x-www-form-urlencoded"), Some("text/html"), Some("imagery/x")] {
        assert_eq!(post(kind).await.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind:?}");
    }
}

#[tokio::test]
async fn titles_are_checked() {
    let app = app().await;
    assert_eq!(app.upload(1, &format!("?title={}", "x".repeat(200)), "p").await.status(), StatusCode::ACCEPTED);
    for title in ["x".repeat(201), "a%00b".to_owned(), "a%0Ab".to_owned(), "a%7Fb".to_owned()] {
        let response = app.upload(1, &format!("?title={title}"), "p").await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{title}");
        assert_eq!(json_of(&response)["errors"][0]["field"], "title");
    }
}

#[tokio::test]
async fn callers_are_known() {
    let app = app().await;
    for path in ["/api/v1/photos", "/api/v1/photos/018f3a3e-0000-7000-8000-000000000000/original"] {
        let response = app.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
    let response = app.send(Request::post("/api/v1/photos").body(Body::from("x")).unwrap()).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_nothing_is_left(&app).await;
}
