//! The upload service: photos, their originals, and the events about them.
//!
//! Wiring only: variables in, adapters picked, the router of `upload-core` served.
use std::sync::Arc;
use std::time::Duration;

use spin_sdk::http::{IntoResponse, Request};
use upload_core::{MIGRATIONS, Settings, Spawn, State, Upload};
use vitrine_blob::Blobs;
use vitrine_clock::{Clock, SystemClock};
use vitrine_guest::{KvKeys, Service, SpinHttpOut, StartError, parsed_variable, variable};
use vitrine_http_out::Limits;
use vitrine_identity::{PublicKey, ServiceToken, Verifier};
use vitrine_random::{Ids, Random, SystemRandom};

/// A delivery is answered once the photo is finished: longer than the worker may take, shorter than a lease.
const DELIVERY: Limits = Limits { timeout: Duration::from_secs(45), response_bytes: 64 << 10 };

static SERVICE: Service = Service::new();

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl IntoResponse {
    SERVICE.serve(request, start).await
}

async fn start() -> Result<axum::Router, StartError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let db = vitrine_guest::database("upload").await?;
    db.migrate(MIGRATIONS).await?;
    let settings = Settings {
        max_bytes: parsed_variable("upload_max_bytes").await?,
        processor_url: variable("image_processor_url").await?,
        processor_token: service_token("image_processor_service_token").await?,
    };
    let upload = Upload {
        db,
        originals: Blobs::new(Arc::new(KvKeys::new("originals")), Arc::clone(&random)),
        out: Arc::new(SpinHttpOut::new(DELIVERY)),
        ids: Ids::new(Arc::clone(&clock), Arc::clone(&random)),
        clock: Arc::clone(&clock),
        random,
        settings: Arc::new(settings),
    };
    let keys = PublicKey::parse_list(&variable("auth_public_keys").await?)?;
    let verifier = Verifier::new(keys, &variable("token_issuer").await?, clock);
    let spawn: Spawn = Arc::new(vitrine_guest::spawn);
    let (service, ring) = (service_token("upload_service_token").await?, service_token("ring_token").await?);
    Ok(upload_core::router(State::new(upload, verifier, service, ring, spawn)))
}

async fn service_token(name: &str) -> Result<ServiceToken, StartError> {
    ServiceToken::new(&variable(name).await?).map_err(|error| StartError::new(format_args!("`{name}`: {error}")))
}
