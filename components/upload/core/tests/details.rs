//! What owners say about their photos, in the address or in a form.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use support::{App, MAX_BYTES, form, json_of, part, picture};

async fn send(app: &App, body: impl Into<Body>) -> Response<Bytes> {
    keyed(app, None, body).await
}

async fn keyed(app: &App, key: Option<&str>, body: impl Into<Body>) -> Response<Bytes> {
    let request = Request::post("/api/v1/photos")
        .header(header::AUTHORIZATION, format!("Bearer {}", app.token(1)))
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge");
    let request = key.into_iter().fold(request, |request, key| request.header("idempotency-key", key));
    app.send(request.body(body.into()).unwrap()).await
}

async fn nothing_is_left(app: &App) {
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos").await, 0);
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM outbox_events").await, 0);
    assert_eq!(app.keys.keys(), Vec::<String>::new());
}

fn said(answer: &Response<Bytes>) -> Value {
    assert_eq!(answer.status(), StatusCode::ACCEPTED, "{answer:?}");
    let photo = &json_of(answer)["photo"];
    let said = |name: &str| photo[name].clone();
    json!([said("title"), said("description"), said("tags"), said("visibility")])
}

#[tokio::test]
async fn bytes_have_it_in_the_address() {
    let app = App::new().await;
    let query = "?title=Sea&description=two%0D%0Alines&tags=%23Sea,old%20%20Town,,sea&visibility=unlisted";
    let answer = app.upload(1, query, "picture").await;
    assert_eq!(said(&answer), json!(["Sea", "two\nlines", ["sea", "old town"], "unlisted"]));
    let photo = json_of(&answer)["photo"].clone();
    assert_eq!(photo["ownerId"], "00000000-0000-0000-0000-000000000001");
    assert_eq!(photo["ownerHandle"], "anna");
    let read = app.get(1, &format!("/api/v1/photos/{}", photo["id"].as_str().unwrap())).await.1;
    assert_eq!(read["photo"], photo, "as it was answered");
    assert_eq!(said(&app.upload(1, "", "picture").await), json!(["", "", [], "public"]));
}

#[tokio::test]
async fn a_form_has_it_before_and_after_the_picture() {
    let app = App::new().await;
    let before = [
        part("title", "Sea"),
        part("tags", "a"),
        picture("picture"),
        part("tags", "B, c"),
        part("visibility", "private"),
    ];
    let answer = send(&app, form(&before)).await;
    assert_eq!(said(&answer), json!(["Sea", "", ["a", "b", "c"], "private"]));
    let id = json_of(&answer)["photo"]["id"].as_str().unwrap().to_owned();
    let (manifest, stream) = app.upload.originals.get(&id).await.unwrap().unwrap();
    assert_eq!((manifest.bytes, stream.collect().await.unwrap()), (7, Bytes::from_static(b"picture")));
    assert_eq!(said(&send(&app, form(&[picture("picture")])).await), json!(["", "", [], "public"]));
}

#[tokio::test]
async fn a_large_form_streams_and_is_bounded() {
    let app = App::new().await;
    let most = usize::try_from(MAX_BYTES).unwrap();
    for (bytes, status) in [(most, StatusCode::ACCEPTED), (most + 1, StatusCode::PAYLOAD_TOO_LARGE)] {
        let whole = form(&[picture(&"x".repeat(bytes)), part("title", "after")]);
        let pieces: Vec<_> = whole.as_bytes().chunks(10_000).map(|it| Ok::<_, std::io::Error>(it.to_vec())).collect();
        let answer = send(&app, Body::from_stream(stream::iter(pieces))).await;
        assert_eq!(answer.status(), status);
    }
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos WHERE title = 'after'").await, 1);
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos").await, 1);
    // What stands beside the picture is bounded too, wherever it stands.
    for (length, named) in [(20_000, true), (200_000, false)] {
        let long = part("description", &"x".repeat(length));
        for parts in [[long.clone(), picture("picture")], [picture("picture"), long]] {
            let answer = send(&app, form(&parts)).await;
            // Of what is far too long no more is read than shows that.
            assert!(answer.status() == 400 || !named && answer.status() == 413, "{answer:?}");
            assert!(!named || json_of(&answer)["errors"][0]["field"] == "description", "{answer:?}");
        }
    }
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos").await, 1);
}

#[tokio::test]
async fn what_is_not_accepted_is_named_and_leaves_nothing() {
    let app = App::new().await;
    let many: Vec<_> = (0..21).map(|n| n.to_string()).collect();
    for (field, value) in [
        ("title", "x".repeat(201)),
        ("title", "a\u{202e}b".to_owned()),
        ("description", "x".repeat(2001)),
        ("description", "a\u{1b}b".to_owned()),
        ("tags", many.join(",")),
        ("tags", "x".repeat(51)),
        ("tags", "a\u{200b}b".to_owned()),
        ("visibility", "secret".to_owned()),
        ("visibility", String::new()),
    ] {
        let encoded: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let octets = app.upload(1, &format!("?{field}={encoded}"), "picture").await;
        let before = send(&app, form(&[part(field, &value), picture("picture")])).await;
        let after = send(&app, form(&[picture("picture"), part(field, &value)])).await;
        for answer in [octets, before, after] {
            assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{field}: {answer:?}");
            assert_eq!(json_of(&answer)["errors"][0]["field"], field);
        }
    }
    nothing_is_left(&app).await;
}

#[tokio::test]
async fn what_is_no_form_of_a_photo_is_refused() {
    let app = App::new().await;
    let whole = form(&[picture("picture"), part("title", "Sea")]);
    let text = "--edge\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\npicture\r\n--edge--\r\n";
    let html = whole.replace("image/png", "text/html");
    for (body, status) in [
        (form(&[part("title", "Sea")]), 400),
        (form(&[]), 400),
        (form(&[picture("")]), 400),
        (form(&[picture("a"), picture("b")]), 400),
        (form(&[part("title", "a"), part("title", "b"), picture("a")]), 400),
        (form(&[picture("a"), part("owner", "me")]), 400),
        (form(&[part("id", "me"), picture("a")]), 400),
        (whole[..whole.len() - 30].to_owned(), 400),
        (whole[..110].to_owned(), 400),
        (text.to_owned(), 400),
        ("no form".to_owned(), 400),
        (html, 415),
    ] {
        let answer = send(&app, body.clone()).await;
        assert_eq!(answer.status().as_u16(), status, "{body}: {answer:?}");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
    }
    let broken = [Ok(Bytes::from(whole[..120].to_owned())), Err(std::io::Error::other("hung up"))];
    assert_eq!(send(&app, Body::from_stream(stream::iter(broken))).await.status(), StatusCode::BAD_REQUEST);
    nothing_is_left(&app).await;
}

#[tokio::test]
async fn a_form_may_be_sent_twice_and_is_the_same_only_with_the_same_values() {
    let app = App::new().await;
    let first = [picture("picture"), part("title", "Sea"), part("tags", "a,b")];
    let answer = keyed(&app, Some("k"), form(&first)).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    // Another order of the parts, the tags one by one: the same photo.
    let again = [part("tags", "a"), part("tags", "b"), part("title", "Sea"), picture("picture")];
    let again = keyed(&app, Some("k"), form(&again)).await;
    assert_eq!((again.status(), again.body()), (StatusCode::ACCEPTED, answer.body()));
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    for other in [
        [picture("picture"), part("title", "sea"), part("tags", "a,b")],
        [picture("picturf"), part("title", "Sea"), part("tags", "a,b")],
        [picture("picture"), part("title", "Sea"), part("tags", "b,a")],
    ] {
        assert_eq!(keyed(&app, Some("k"), form(&other)).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos").await, 1);
}

#[tokio::test]
async fn a_form_that_stops_is_seen_by_nobody() {
    let app = App::new().await;
    let begun = form(&[picture(&"x".repeat(300_000))]);
    let begun = Bytes::from(begun.as_bytes()[..300_000].to_vec());
    let body = stream::iter([Ok::<_, std::io::Error>(begun)]).chain(stream::pending());
    let upload = send(&app, Body::from_stream(body));
    assert!(tokio::time::timeout(std::time::Duration::from_millis(200), upload).await.is_err());
    assert_eq!(app.count("SELECT COUNT(*) AS n FROM photos WHERE status = 'uploading'").await, 1);
    assert!(!app.keys.keys().is_empty(), "it was not held back until it is whole");
    app.advance(3601);
    app.upload.sweep().await.unwrap();
    nothing_is_left(&app).await;
}
