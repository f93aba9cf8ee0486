//! The router of `hello-core` in a component: what `vitrine-bench` compares with the same router run natively.

use spin_sdk::http::{IntoResponse, Request};
use vitrine_guest::{Service, StartError, database};

static SERVICE: Service = Service::new();

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl IntoResponse {
    SERVICE.serve(request, start).await
}

async fn start() -> Result<axum::Router, StartError> {
    let db = database("hello").await?;
    db.migrate(hello_core::MIGRATIONS).await?;
    Ok(hello_core::router(db))
}
