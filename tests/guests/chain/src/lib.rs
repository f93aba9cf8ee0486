//! Calls the next component of a chain, which is itself: `/3` makes three calls, one below the other, and passes on what
//! came back from below. Where the runtime stops a chain, its status comes up unchanged. It claims each time that the chain
//! begins here, which must not help.

use spin_sdk::http::body::IncomingBodyExt as _;
use spin_sdk::http::{EmptyBody, HeaderValue, IntoResponse, Request, StatusCode, send};
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
    let mut request = Request::new(EmptyBody::new());
    *request.uri_mut() =
        format!("http://chain.spin.internal/chain/{left}").parse().map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
    request.headers_mut().insert("x-vitrine-depth", HeaderValue::from_static("0"));
    let response = send(request).await?;
    let status = response.status();
    let body = response.into_body().bytes().await?;
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}
