//! A hostile guest: executes an illegal instruction on `/trap`, and on `/trap-in-body` only after the response's head has
//! gone out; counts its instance's requests on every other path, so that a test sees that a trap costs the instance.

use std::sync::atomic::{AtomicU32, Ordering};

use futures::SinkExt as _;
use spin_sdk::http::{BoxBody, FullBody, IntoResponse, Request, Response, body, box_body};
use spin_sdk::http_service;
use spin_sdk::wasip3;

static REQUESTS: AtomicU32 = AtomicU32::new(0);

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let path = request.uri().path();
    if path.ends_with("/trap") {
        std::process::abort();
    }
    if path.ends_with("/trap-in-body") {
        return trap_in_body();
    }
    let nth = REQUESTS.fetch_add(1, Ordering::Relaxed) + 1;
    Response::new(box_body(FullBody::new(bytes::Bytes::from(nth.to_string()))))
}

fn trap_in_body() -> Response<BoxBody> {
    let (mut sender, body) = body::stream::<&'static str>();
    wasip3::spawn(async move {
        // A refused send means that the reader is gone: then there is nobody to trap on.
        if sender.send("the beginning").await.is_ok() {
            spin_sdk::time::sleep(std::time::Duration::from_millis(200)).await;
            std::process::abort();
        }
    });
    Response::new(box_body(body))
}
