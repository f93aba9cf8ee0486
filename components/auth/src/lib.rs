//! The auth component: wires `auth-core` to Spin.

use auth_core::{Auth, Hashing, MIGRATIONS, Store};
use spin_sdk::http::{IntoResponse, Request};
use std::sync::Arc;
use vitrine_clock::SystemClock;
use vitrine_guest::{Service, StartError, database, parsed_variable, variable};
use vitrine_identity::Signer;
use vitrine_random::SystemRandom;

static SERVICE: Service = Service::new();

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl IntoResponse {
    SERVICE.serve(request, start).await
}

async fn start() -> Result<axum::Router, StartError> {
    let hashing = Hashing::new(
        parsed_variable("argon2_memory_kib").await?,
        parsed_variable("argon2_iterations").await?,
        parsed_variable("argon2_parallelism").await?,
        &SystemRandom,
    )?;
    let signer = Signer::from_seed(&variable("auth_signing_key").await?)?;
    let issuer = variable("token_issuer").await?;
    let db = database("auth").await?;
    db.migrate(MIGRATIONS).await?;
    let auth = Auth::new(Store::new(db), hashing, signer, &issuer, Arc::new(SystemClock), Arc::new(SystemRandom));
    Ok(auth_core::router(auth))
}
