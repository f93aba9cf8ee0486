//! Calls the next component of a chain, which is itself: `/3` makes three calls, one below the other, and passes on what
//! came back from below. Where the runtime stops a chain, its status comes up unchanged.

use spin_sdk::http::body::IncomingBodyExt as _;
use spin_sdk::http::{IntoResponse, Request, StatusCode, get};
use spin_sdk::http_service;
use spin_sdk::wasip3::http::types::ErrorCode;

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let left: u32 = request.uri().path().rsplit('/').next().and_then(|left| left.parse().ok()).unwrap_or(0);
    if left == 0 {
        return (StatusCode::OK, "the bottom".to_owned());
    }
    match call(left - 1).await {
        Ok(answer) => answer,
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()),
    }
}

async fn call(left: u32) -> Result<(StatusCode, String), ErrorCode> {
    let response = get(format!("http://chain.spin.internal/chain/{left}")).await?;
    let status = response.status();
    let body = response.into_body().bytes().await?;
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}
