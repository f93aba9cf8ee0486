//! Uses the key-value store named by the query (`/use?things`): 200 with the value read back, 403 with the refusal's text.

use spin_sdk::http::{IntoResponse, Request, StatusCode};
use spin_sdk::http_service;
use spin_sdk::key_value::{Error, Store};

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let label = request.uri().query().unwrap_or("default");
    match write_and_read(label).await {
        Ok(value) => (StatusCode::OK, value),
        Err(error @ Error::AccessDenied) => (StatusCode::FORBIDDEN, error.to_string()),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()),
    }
}

async fn write_and_read(label: &str) -> Result<String, Error> {
    let store = Store::open(label).await?;
    store.set("greeting", "kept in the store").await?;
    let value = store.get("greeting").await?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&value).into_owned())
}
