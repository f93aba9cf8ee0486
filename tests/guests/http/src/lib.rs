//! Calls the URL in the query (`/use?http://hello.spin.internal/`), be it another component or the network: 200 with the
//! callee's status and body, 403 with the refusal's text.

use spin_sdk::http::body::IncomingBodyExt as _;
use spin_sdk::http::{IntoResponse, Request, StatusCode, get};
use spin_sdk::http_service;
use spin_sdk::wasip3::http::types::ErrorCode;

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    match call(request.uri().query().unwrap_or_default()).await {
        Ok(answer) => (StatusCode::OK, answer),
        Err(error @ ErrorCode::HttpRequestDenied) => (StatusCode::FORBIDDEN, error.to_string()),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()),
    }
}

async fn call(url: &str) -> Result<String, ErrorCode> {
    let response = get(url).await?;
    let status = response.status().as_u16();
    let body = response.into_body().bytes().await?;
    Ok(format!("{status} {}", String::from_utf8_lossy(&body)))
}
