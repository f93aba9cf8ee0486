//! Inputs that are forms and bytes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod support;

use axum::{
    body::{Body, Bytes},
    http::{Method, Request},
};
use futures::{StreamExt as _, stream};
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use support::{Changes, get, nested, post, procedures, request, send, send_to, with};

fn form(path: &str, body: impl Into<Body>) -> Request<Body> {
    with(request(Method::POST, path, body), "content-type", "multipart/form-data; boundary=edge")
}

fn octets(path: &str, body: impl Into<Body>) -> Request<Body> {
    with(request(Method::POST, path, body), "content-type", "application/octet-stream")
}

const FORM: &str = "--edge\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\nHarbour\r\n\
    --edge\r\ncontent-disposition: form-data; name=\"photo\"; filename=\"a.png\"\r\ncontent-type: image/png\r\n\r\nbytes\r\n--edge--\r\n";

#[tokio::test]
async fn a_form_is_read_part_by_part() {
    let reply = send(form("form", FORM)).await;
    let parts = json!([
        { "name": "title", "file": null, "media": null, "text": "Harbour" },
        { "name": "photo", "file": "a.png", "media": "image/png", "text": "bytes" },
    ]);
    assert_eq!((reply.status.as_u16(), reply.json()), (200, json!({ "result": { "data": parts } })));
}

#[tokio::test]
async fn bytes_are_read() {
    assert_eq!(send(octets("octets", &b"\x00\xff"[..])).await.json(), json!({ "result": { "data": 2 } }));
    assert_eq!(send(octets("octets", "")).await.json(), json!({ "result": { "data": 0 } }));
    assert_eq!(send(octets("octets", vec![7; 1000])).await.json(), json!({ "result": { "data": 1000 } }));
}

#[tokio::test]
async fn a_procedure_may_read_a_form_or_bytes_by_itself() {
    for (request, is_form, bytes) in [(form("either", FORM), true, FORM.len()), (octets("either", "bytes"), false, 5)] {
        let data = json!({ "form": is_form, "bytes": bytes });
        assert_eq!(send(request).await.json(), json!({ "result": { "data": data } }));
    }
    assert_eq!(send(octets("either", vec![7; 1001])).await.error()["code"], -32013);
}

#[tokio::test]
async fn uploads_are_bounded() {
    let endless =
        || Body::from_stream(futures::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[0; 64]))));
    let long =
        format!("--edge\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n{}\r\n--edge--\r\n", "x".repeat(1000));
    let announced = with(octets("octets", "x"), "content-length", "99999999999999999999");
    for (request, path) in [
        (octets("octets", vec![7; 1001]), "octets"),
        (octets("octets", endless()), "octets"),
        (with(octets("octets", "x"), "content-length", "1001"), "octets"),
        (form("form", long), "form"),
        (form("form", endless()), "form"),
    ] {
        let error = send(request).await.error();
        assert_eq!((&error["code"], &error["message"]), (&json!(-32013), &json!("Send at most 1000 bytes.")));
        assert_eq!(error["data"]["path"], path);
    }
    // No number of bytes at all.
    assert_eq!(send(announced).await.status, 200);
}

#[tokio::test]
async fn what_breaks_off_or_is_no_form_is_a_bad_request() {
    let broken = || Body::from_stream(futures::stream::iter([Ok("--edge\r\n"), Err(std::io::Error::other("hung up"))]));
    for request in [
        form("form", broken()),
        octets("octets", broken()),
        form("form", "no form"),
        form("form", ""),
        form("form", &FORM[..60]),
        form("form", "--edge\r\n\u{0}: x\r\n\r\nx\r\n--edge--\r\n"),
        form("form", &b"--edge\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n\xff\r\n--edge--\r\n"[..]),
        with(form("form", FORM), "content-type", "multipart/form-data"),
        with(form("form", FORM), "content-type", "multipart/form-data; boundary="),
    ] {
        let reply = send(request).await;
        assert_eq!((reply.status.as_u16(), &reply.error()["code"]), (400, &json!(-32600)));
        assert!(!reply.text().contains("hung up"));
    }
    let not_utf8 = &b"--edge\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n\xff\r\n--edge--\r\n"[..];
    assert_eq!(send(form("form", not_utf8)).await.error()["data"]["errors"][0]["field"], "a");
}

#[tokio::test]
async fn uploads_are_single_posts() {
    for (media, name) in [
        ("multipart/form-data; boundary=edge", "multipart/form-data"),
        ("application/octet-stream", "application/octet-stream"),
    ] {
        let error = send(with(get("octets"), "content-type", media)).await.error();
        let message = format!("Only POST requests are supported for {name} requests");
        assert_eq!((&error["code"], &error["message"]), (&json!(-32005), &json!(message)));
        let error = send(with(post("form,octets?batch=1", ""), "content-type", media)).await.error();
        assert_eq!(error["message"], "No procedure found on path \"form,octets\"");
        let error = send(with(post("greeting", ""), "content-type", media)).await.error();
        assert_eq!(error["code"], -32005);
        let request = with(with(post("octets?batch=1", ""), "content-type", media), "trpc-accept", "application/jsonl");
        assert_eq!(
            send(request).await.error()["message"],
            "Streaming requests must be batched (you can do a batch of 1)"
        );
    }
}

#[tokio::test]
async fn what_is_refused_is_read_so_that_the_client_reads_the_answer() {
    for (path, media) in [
        ("count", "application/octet-stream"),
        ("absent", "multipart/form-data; boundary=edge"),
        ("octets", "text/plain"),
        ("octets,octets?batch=1", "application/octet-stream"),
    ] {
        let read = Arc::new(AtomicUsize::new(0));
        let count = read.clone();
        let chunks = stream::iter(0..3).map(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            Ok::<_, std::io::Error>("bytes")
        });
        let request = request(Method::POST, path, Body::from_stream(chunks));
        assert!(send(with(request, "content-type", media)).await.status.is_client_error());
        assert_eq!(read.load(Ordering::SeqCst), 3, "{path} {media}");
    }
    // But not without end.
    let endless = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[0; 1024])));
    assert_eq!(send(octets("count", Body::from_stream(endless))).await.error()["code"], -32015);
}

#[tokio::test]
async fn a_procedure_takes_its_own_media_type_only() {
    let changes = Changes::default();
    let service = || nested(procedures().into_axum(changes.clone()));
    for (request, takes) in [
        (form("post.add", FORM), "application/json"),
        // It reads no input; but a form may come from another site.
        (form("count", FORM), "application/json"),
        (octets("count", ""), "application/json"),
        (octets("form", ""), "multipart/form-data"),
        (post("form", "{}"), "multipart/form-data"),
        (post("octets", "{}"), "application/octet-stream"),
        (post("either", "{}"), "multipart/form-data or application/octet-stream"),
    ] {
        let error = send_to(service(), request).await.error();
        let message = format!("This procedure takes its input as {takes}.");
        assert_eq!((&error["code"], &error["message"]), (&json!(-32015), &json!(message)));
    }
    let reply = send_to(service(), post("count,octets?batch=1", "{}")).await;
    assert_eq!(reply.status, 207);
    assert_eq!(changes.count(), 1);
}
