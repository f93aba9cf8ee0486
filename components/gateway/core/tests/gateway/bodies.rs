//! How large requests may be.

use crate::support::{Answer, Deployment, Gateway, UPLOAD_BYTES};
use axum::{body::Body, http::Method};
use bytes::Bytes;
use futures::stream;

/// The largest picture, and what a form may hold beside it.
const MOST: u64 = UPLOAD_BYTES + 128 * 1024;

async fn post(gateway: &Gateway, target: &str, headers: &[(&str, &str)], body: Body) -> Answer {
    gateway.ask_with(Method::POST, target, headers, body).await
}

/// A body of unknown length in pieces.
fn pieces(bytes: u64) -> Body {
    let piece = 1000;
    let last = (!bytes.is_multiple_of(piece)).then(|| Bytes::from(vec![7; usize::try_from(bytes % piece).unwrap()]));
    let whole = (0..bytes / piece).map(move |_| Bytes::from(vec![7; usize::try_from(piece).unwrap()]));
    Body::from_stream(stream::iter(whole.chain(last).map(Ok::<_, std::io::Error>)))
}

#[tokio::test]
async fn a_declared_length_beyond_the_limit_is_refused_before_the_service_sees_it() {
    let gateway = Deployment::new().await.gateway();
    let too_long = (MOST + 1).to_string();
    for (target, length) in
        [("/api/v1/photos", too_long.as_str()), ("/api/v1/auth/login", "262145"), ("/api/v1/ring", "262145")]
    {
        let answer = post(&gateway, target, &[("content-length", length)], pieces(10)).await;
        assert!(answer.is_problem(413), "{target}: {answer:?}");
    }
    let procedure = post(&gateway, "/api/upload/create", &[("content-length", &too_long)], pieces(10)).await;
    assert_eq!((procedure.status, &procedure.json()["error"]["data"]["code"]), (413, &"PAYLOAD_TOO_LARGE".into()));
    for wrong in ["-1", "many", "1e3", "+5", "99999999999999999999999"] {
        assert!(
            post(&gateway, "/api/v1/photos", &[("content-length", wrong)], pieces(10)).await.is_problem(400),
            "{wrong}"
        );
    }
    let two = [("content-length", "10"), ("content-length", "10")];
    assert!(post(&gateway, "/api/v1/photos", &two, pieces(10)).await.is_problem(400));
    assert!(gateway.came().is_empty());
}

#[tokio::test]
async fn a_body_that_turns_out_to_be_too_long_is_cut() {
    let gateway = Deployment::new().await.gateway();
    let just = post(&gateway, "/api/v1/photos", &[], pieces(MOST)).await;
    assert_eq!((just.status, just.json()["bytes"].as_u64()), (200, Some(MOST)));
    let answer = post(&gateway, "/api/v1/photos", &[], pieces(MOST + 1)).await;
    assert!(answer.is_problem(413), "{answer:?}");
    assert!(answer.json()["detail"].as_str().unwrap().contains(&MOST.to_string()));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_whole_one() {
    let gateway = Deployment::new().await.gateway();
    let broken = [Ok(Bytes::from_static(b"half")), Err(std::io::Error::other("the client has gone"))];
    let answer = post(&gateway, "/api/v1/photos", &[], Body::from_stream(stream::iter(broken))).await;
    assert!([400, 502].contains(&answer.status), "{answer:?}");
}

#[tokio::test]
async fn large_headers_are_refused() {
    let gateway = Deployment::new().await.gateway();
    let large = "x".repeat(9000);
    assert!(gateway.get("/api/v1/photos", &[("x-large", &large)]).await.is_problem(431));
    let many: Vec<_> =
        (0..400).map(|_| ("x-many", "0123456789012345678901234567890123456789012345678901234567890123")).collect();
    assert!(gateway.get("/api/v1/photos", &many).await.is_problem(431));
    assert!(gateway.came().is_empty());
}
