//! What becomes of photos whose account is deleted.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use support::{App, SERVICE, processed};
use uuid::Uuid;

async fn deliver(app: &App, token: &str, r#type: &str, id: u128, data: Value) -> StatusCode {
    let event = json!({
        "specversion": "1.0", "id": Uuid::from_u128(id), "source": "/auth", "type": r#type,
        "time": "2026-01-31T12:00:00Z", "datacontenttype": "application/json", "data": data,
    });
    let request = Request::post("/_events")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/cloudevents+json");
    app.send(request.body(Body::from(event.to_string())).unwrap()).await.status()
}

fn gone(account: u128) -> Value {
    json!({ "accountId": Uuid::from_u128(account) })
}

#[tokio::test]
async fn they_are_gone_at_once_and_their_bytes_with_the_next_sweep() {
    let app = App::new().await;
    let (photo, event) = app.received(1).await;
    assert_eq!(app.finish(photo, event, processed()).await, StatusCode::NO_CONTENT);
    let (waiting, _) = app.received(1).await;
    let (other, _) = app.received(2).await;
    for _ in 0..2 {
        // Delivered twice it has one effect.
        let status = deliver(&app, SERVICE, "vitrine.account.deleted.v1", 7, gone(1)).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
    }
    let (status, list) = app.get(1, "/api/v1/photos").await;
    assert_eq!((status, list["items"].as_array().unwrap().len()), (StatusCode::OK, 0));
    for id in [photo, waiting] {
        assert_eq!(app.get(1, &format!("/api/v1/photos/{id}")).await.0, StatusCode::NOT_FOUND);
    }
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM renditions").await, 0);
    app.upload.sweep().await.unwrap();
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos").await, 1);
    assert_eq!(app.get(2, &format!("/api/v1/photos/{other}")).await.0, StatusCode::OK);
    assert!(app.upload.originals.head(&photo.to_string()).await.unwrap().is_none());
    assert!(app.upload.originals.head(&other.to_string()).await.unwrap().is_some());
}

#[tokio::test]
async fn nobody_else_says_so_and_nothing_else_is_obeyed() {
    let app = App::new().await;
    let (photo, _) = app.received(1).await;
    let user = app.token(1);
    for token in ["", "x", user.as_str()] {
        let status = deliver(&app, token, "vitrine.account.deleted.v1", 7, gone(1)).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    for (r#type, data) in
        [("vitrine.account.renamed.v1", gone(1)), ("vitrine.account.deleted.v1", json!({ "accountId": "x" }))]
    {
        assert_eq!(deliver(&app, SERVICE, r#type, 8, data).await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(app.get(1, &format!("/api/v1/photos/{photo}")).await.0, StatusCode::OK);
}

#[tokio::test]
async fn an_upload_that_ends_after_its_account_is_no_photo() {
    let app = App::new().await;
    let (go, bytes) = tokio::sync::oneshot::channel::<()>();
    let rest = futures::stream::once(async move {
        bytes.await.unwrap();
        Ok::<_, std::io::Error>(bytes::Bytes::from_static(b"ture"))
    });
    let first = futures::stream::once(async { Ok(bytes::Bytes::from_static(b"pic")) });
    let body = Body::from_stream(futures::StreamExt::chain(first, rest));
    let deleted = async {
        // Its row is there before its bytes.
        while app.count("SELECT COUNT(*) AS n FROM photos").await == 0 {
            tokio::task::yield_now().await;
        }
        let status = deliver(&app, SERVICE, "vitrine.account.deleted.v1", 7, gone(1)).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        go.send(()).unwrap();
    };
    let (answer, ()) = futures::join!(app.upload(1, "", body), deleted);
    assert!(answer.status().is_client_error(), "{answer:?}");
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos WHERE status <> 'uploading'").await, 0);
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM outbox_events").await, 0);
    app.upload.sweep().await.unwrap();
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos").await, 0);
}
