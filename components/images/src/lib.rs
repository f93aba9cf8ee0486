//! The images component: wires `images-core` to Spin.

use images_core::Images;
use spin_sdk::http::{IntoResponse, Request};
use std::sync::Arc;
use vitrine_blob::Blobs;
use vitrine_guest::{KvKeys, Service, StartError};
use vitrine_random::{Ids, SystemRandom};

static SERVICE: Service = Service::new();

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl IntoResponse {
    SERVICE.serve(request, start).await
}

async fn start() -> Result<axum::Router, StartError> {
    let derivatives = Blobs::new(Arc::new(KvKeys::new("derivatives")), Arc::new(SystemRandom));
    Ok(images_core::router(Images::new(derivatives), Ids::system()))
}
