//! The worker that turns originals into renditions, with the imaging engine composed into it.
//!
//! Wiring only: variables in, adapters picked, the router of `image-processor-core` served.
mod engine;

use std::sync::Arc;

use image_processor_core::{Owner, Processor};
use spin_sdk::http::{IntoResponse, Request};
use vitrine_guest::{Service, SpinHttpOut, StartError, blobs, service_token, variable};
use vitrine_random::Ids;

/// Whose variables these are.
const NAME: &str = "image-processor";

/// One picture is in memory at a time, however many requests an instance gets at once.
static SERVICE: Service = Service::exclusive();

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl IntoResponse {
    SERVICE.serve(request, start).await
}

async fn start() -> Result<axum::Router, StartError> {
    let out = Arc::new(SpinHttpOut::default());
    let owner = Owner::new(out, variable("upload_url").await?, service_token("upload_report_token").await?);
    let (originals, derivatives) = (blobs(NAME, "originals").await?, blobs(NAME, "derivatives").await?);
    let processor = Processor::new(originals, derivatives, Arc::new(engine::Imaging), owner);
    let token = service_token("image_processor_service_token").await?;
    Ok(image_processor_core::router(processor, &token, Ids::system()))
}
