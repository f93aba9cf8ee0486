//! The upload service: photos, their originals, and the events about them.
//!
//! Wiring only: variables in, adapters picked, the router of `upload-core` served.
use std::sync::Arc;

use spin_sdk::http::{IntoResponse, Request};
use upload_core::{MIGRATIONS, Settings, State, Tokens, Upload};
use vitrine_clock::{Clock, SystemClock};
use vitrine_guest::{Service, StartError, parsed_variable, service_token, variable};
use vitrine_identity::{PublicKey, Verifier};
use vitrine_random::{Ids, Random, SystemRandom};

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
        quota_bytes: parsed_variable("upload_quota_bytes").await?,
        quota_photos: parsed_variable("upload_quota_photos").await?,
    };
    let upload = Upload {
        db,
        originals: vitrine_guest::blobs("upload", "originals").await?,
        ring: vitrine_guest::ring().await?,
        ids: Ids::new(Arc::clone(&clock), Arc::clone(&random)),
        clock: Arc::clone(&clock),
        random,
        settings: Arc::new(settings),
    };
    let keys = PublicKey::parse_list(&variable("auth_public_keys").await?)?;
    let verifier = Verifier::new(keys, &variable("token_issuer").await?, clock);
    let tokens = Tokens {
        report: service_token("upload_report_token").await?,
        service: service_token("upload_service_token").await?,
    };
    Ok(upload_core::router(State::new(upload, verifier, tokens, Arc::new(vitrine_guest::spawn))))
}
