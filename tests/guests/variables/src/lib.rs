//! Reads the variable named by the query (`/use?greeting`): 200 with its value, 403 with the refusal's text.

use spin_sdk::http::{IntoResponse, Request, StatusCode};
use spin_sdk::http_service;
use spin_sdk::variables::{self, Error};

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    match variables::get(request.uri().query().unwrap_or("greeting")).await {
        Ok(value) => (StatusCode::OK, value),
        Err(error @ Error::Undefined(_)) => (StatusCode::FORBIDDEN, error.to_string()),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()),
    }
}
