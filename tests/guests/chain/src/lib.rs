//! Calls the next component of a chain, which is itself: `/3` makes three calls, one below the other, and passes on what
//! came back from below. Where the runtime stops a chain, its status comes up unchanged. It claims each time that the chain
//! begins here, which must not help.
//!
//! `/again/10/3` answers at once, and goes on afterwards as a relay does that has more to do than one request may take: it
//! calls `/again/9/3`, and so on; the last one calls `/3` and prints what came back.

use spin_sdk::http::body::IncomingBodyExt as _;
use spin_sdk::http::{EmptyBody, HeaderValue, IntoResponse, Request, StatusCode, send};
use spin_sdk::http_service;
use spin_sdk::wasip3::clocks::monotonic_clock::wait_for;
use spin_sdk::wasip3::http::types::ErrorCode;

/// How long the work after an answer takes, in nanoseconds: far longer than its answer is under way.
const WORK: u64 = 50_000_000;

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let parts: Vec<&str> = request.uri().path().split('/').skip(2).collect();
    match parts.as_slice() {
        ["again", times, left] => {
            spin_sdk::wasip3::spawn(again(number(times), number(left)));
            (StatusCode::ACCEPTED, String::new())
        }
        [left] if number(left) > 0 => call(&(number(left) - 1).to_string())
            .await
            .unwrap_or_else(|error| (StatusCode::BAD_GATEWAY, error.to_string())),
        _ => (StatusCode::OK, "the bottom".to_owned()),
    }
}

fn number(text: &str) -> u32 {
    text.parse().unwrap_or(0)
}

async fn again(times: u32, left: u32) {
    wait_for(WORK).await;
    let next = if times == 0 { left.to_string() } else { format!("again/{}/{left}", times - 1) };
    match call(&next).await {
        Ok((StatusCode::ACCEPTED, _)) => {}
        Ok((status, text)) => println!("{times} calls were left: {} {text}", status.as_u16()),
        Err(error) => println!("{times} calls were left: {error}"),
    }
}

async fn call(path: &str) -> Result<(StatusCode, String), ErrorCode> {
    let mut request = Request::new(EmptyBody::new());
    *request.uri_mut() =
        format!("http://chain.spin.internal/chain/{path}").parse().map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
    request.headers_mut().insert("x-vitrine-depth", HeaderValue::from_static("0"));
    let response = send(request).await?;
    let status = response.status();
    let body = response.into_body().bytes().await?;
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}
