//! The images component: wires `images-core` to Spin.

use images_core::Images;
use spin_sdk::http::{IntoResponse, Request};
use vitrine_guest::{Service, StartError};
use vitrine_random::Ids;

static SERVICE: Service = Service::new();

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl IntoResponse {
    SERVICE.serve(request, start).await
}

async fn start() -> Result<axum::Router, StartError> {
    let derivatives = vitrine_guest::blobs("images", "derivatives").await?;
    Ok(images_core::router(Images::new(derivatives), Ids::system()))
}
