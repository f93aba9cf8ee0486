//! The blobs of `hello-core` in a component: what `vitrine-bench` compares with the same code run natively.

use spin_sdk::http::{IntoResponse, Request};
use vitrine_guest::{Service, StartError, blobs};

static SERVICE: Service = Service::new();

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl IntoResponse {
    SERVICE.serve(request, start).await
}

async fn start() -> Result<axum::Router, StartError> {
    Ok(hello_core::blobs::router(blobs("blobs", "blobs").await?))
}
