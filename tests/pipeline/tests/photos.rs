//! The whole way: bytes in over HTTP, renditions out of the store.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use base64_url::decode;
use pipeline::{App, Deadly, Dying, Native, RING_TOKEN};
use serde_json::Value;
use support::{jpeg, request, send};
use tower::ServiceExt;

mod support;

/// Turns the hash of an address back into the digest of a key.
mod base64_url {
    pub(crate) fn decode(text: &str) -> String {
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let bits: String = text
            .bytes()
            .map(|digit| DIGITS.iter().position(|known| *known == digit).unwrap())
            .map(|value| format!("{value:06b}"))
            .collect();
        let nibbles = bits.as_bytes().chunks_exact(4).take(64);
        nibbles
            .map(|nibble| u8::from_str_radix(std::str::from_utf8(nibble).unwrap(), 2).unwrap())
            .map(|n| format!("{n:x}"))
            .collect()
    }
}

/// Uploads and gives the photo's path.
async fn upload(app: &App, body: Vec<u8>) -> String {
    let (status, answer) = send(&app.router, request("POST", "/api/v1/photos?title=x", &app.token()), body).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
    format!("/api/v1/photos/{}", answer["photo"]["id"].as_str().unwrap())
}

/// Waits until the photo has ended, ringing as the sweep would.
async fn ended(app: &App, path: &str) -> Value {
    for _ in 0..400 {
        let (_, body) = send(&app.router, request("GET", path, &app.token()), Vec::new()).await;
        if body["photo"]["status"] != "received" {
            return body["photo"].clone();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        send(&app.relay, request("POST", "/api/v1/ring", RING_TOKEN), Vec::new()).await;
    }
    panic!("{path} has not ended");
}

/// Waits until that many attempts at the only photo are recorded.
async fn tried(app: &App, tries: i64) {
    for _ in 0..1000 {
        let row = app.upload.db.query_one("SELECT attempts FROM photos", []).await.unwrap().unwrap();
        if row.get::<i64>("attempts").unwrap() == tries {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("there are not {tries} attempts");
}

/// A lost lease would be waited for; this takes it away instead.
async fn deliver_again(app: &App) {
    app.expire_leases().await.unwrap();
    send(&app.relay, request("POST", "/api/v1/ring", RING_TOKEN), Vec::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_goes_in_and_its_renditions_come_out() {
    let app = App::start(Native).await.unwrap();
    let path = upload(&app, jpeg(800, 600)).await;
    let photo = ended(&app, &path).await;
    assert_eq!((&photo["status"], &photo["width"], &photo["height"]), (&"processed".into(), &800.into(), &600.into()));
    let sizes =
        [("thumb", 256, 256), ("small", 320, 240), ("medium", 640, 480), ("large", 800, 600), ("full", 800, 600)];
    let renditions = photo["renditions"].as_array().unwrap();
    assert_eq!(renditions.len(), sizes.len());
    for (rendition, (name, width, height)) in renditions.iter().zip(sizes) {
        assert_eq!((&rendition["name"], &rendition["width"]), (&name.into(), &width.into()));
        assert_eq!(rendition["type"], "image/jpeg");
        let url = rendition["url"].as_str().unwrap();
        let hash = url.strip_prefix(&format!("/static/image/{}/{name}.", photo["id"].as_str().unwrap())).unwrap();
        let key = format!("{}/{name}/{}", photo["id"].as_str().unwrap(), decode(hash));
        let (_, stream) = app.derivatives.get(&key).await.unwrap().unwrap_or_else(|| panic!("{key}"));
        let info = libjpeg_turbo_rs::probe(&stream.collect().await.unwrap()).unwrap();
        assert_eq!((info.width, info.height), (width, height));
    }
}

/// Eight pixels square in two colours (GIF87a), one of them transparent where `clear` (GIF89a).
fn gif(clear: bool) -> Vec<u8> {
    let head = b"GIF89a\x08\0\x08\0\x80\0\0\xFF\0\0\0\0\xFF";
    let control: &[u8] = if clear { b"!\xF9\x04\x01\0\0\x01\0" } else { b"" };
    // 2-bit codes that are cleared before they grow: clear, two pixels, clear, …, end.
    let codes: Vec<u16> = (0..32).flat_map(|at| [4, u16::from(at >= 16), u16::from(at >= 16)]).chain([5]).collect();
    let bits: Vec<bool> = codes.iter().flat_map(|code| (0..3).map(move |bit| code >> bit & 1 == 1)).collect();
    let packed: Vec<u8> =
        bits.chunks(8).map(|byte| byte.iter().enumerate().map(|(at, bit)| u8::from(*bit) << at).sum()).collect();
    let data = [&[2, packed.len() as u8][..], &packed, b"\0;"].concat();
    [head, control, b",\0\0\0\0\x08\0\x08\0\0", &data].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_type_of_a_rendition_is_that_of_its_bytes_all_the_way() {
    let app = App::start(Native).await.unwrap();
    for (picture, media) in [(gif(true), "image/webp"), (gif(false), "image/webp"), (jpeg(64, 64), "image/jpeg")] {
        let path = upload(&app, picture).await;
        let photo = ended(&app, &path).await;
        assert_eq!(photo["status"], "processed", "{photo}");
        for rendition in photo["renditions"].as_array().unwrap() {
            assert_eq!(rendition["type"], media);
            let request = Request::get(rendition["url"].as_str().unwrap()).body(Body::empty()).unwrap();
            let response = app.images.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.headers()["content-type"], media);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_picture_or_a_broken_one_is_rejected_with_a_reason() {
    let app = App::start(Native).await.unwrap();
    let whole = jpeg(200, 200);
    for (body, words) in [
        (b"hello".to_vec(), "no picture that we know"),
        (b"%PDF-1.7".to_vec(), "a PDF"),
        (whole[..whole.len() / 2].to_vec(), "incomplete"),
    ] {
        let path = upload(&app, body).await;
        let photo = ended(&app, &path).await;
        assert_eq!(photo["status"], "rejected");
        assert!(photo["rejection"].as_str().unwrap().contains(words), "{photo}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_at_once_all_end() {
    let app = App::start(Native).await.unwrap();
    let mut paths = Vec::new();
    for _ in 0..20 {
        paths.push(upload(&app, jpeg(64, 64)).await);
    }
    for path in paths {
        assert_eq!(ended(&app, &path).await["status"], "processed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_that_kills_the_engine_is_rejected_after_two_attempts() {
    let app = App::start(Deadly).await.unwrap();
    let path = upload(&app, jpeg(64, 64)).await;
    for tries in 1..=2 {
        tried(&app, tries).await;
        deliver_again(&app).await;
    }
    let photo = ended(&app, &path).await;
    assert_eq!(photo["status"], "rejected");
    assert!(photo["rejection"].as_str().unwrap().contains("stopped the decoder twice"), "{photo}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_dies_three_times_while_it_stores_does_not_reject_the_photo() {
    let store = Dying::times(3);
    let app = App::storing_in(Native, store.clone()).await.unwrap();
    let path = upload(&app, jpeg(64, 64)).await;
    for _ in 0..400 {
        if store.left() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        deliver_again(&app).await;
    }
    assert_eq!(store.left(), 0);
    deliver_again(&app).await;
    let photo = ended(&app, &path).await;
    assert_eq!(photo["status"], "processed", "{photo}");
}
