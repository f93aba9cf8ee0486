//! Runs the behaviour suites of the ports inside a component, on the adapters that its variables choose.
//!
//! `GET /suite/{port}/{backend}` lists the cases of a port, one a line; `POST /suite/{port}/{backend}/{case}` runs one on
//! an empty store: 204, or 422 with what it found wrong, or 500 where the store cannot be had. The caller runs one case of a port at
//! a time. `POST /suite/count/{backend}/{key}` counts once, and answers the count. Which component answers for which backend is the manifest's to say.

mod blob;
mod db;
mod kv;
mod runtime;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use spin_sdk::http::Request;
use vitrine_guest::{Service, StartError};
use vitrine_suite::{Case, Outcome};

static SERVICE: Service = Service::new();

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl spin_sdk::http::IntoResponse {
    SERVICE.serve(request, start).await
}

async fn start() -> Result<Router, StartError> {
    Ok(Router::new()
        .route("/suite/count/{backend}/{key}", post(count))
        .route("/suite/{port}/{backend}", get(list))
        .route("/suite/{port}/{backend}/{case}", post(run)))
}

async fn list(Path((port, _)): Path<(String, String)>) -> Response {
    let names = match port.as_str() {
        "blob" => names(vitrine_blob::suite::CASES),
        "clock" => names(vitrine_clock::suite::CASES),
        "db" => names(vitrine_db::suite::CASES),
        "http-out" => names(vitrine_http_out::suite::CASES),
        "keys" => names(vitrine_blob::suite::KEYS_CASES),
        "kv" => names(vitrine_kv::suite::CASES),
        "random" => names(vitrine_random::suite::CASES),
        "ring" => names(vitrine_events::suite::CASES),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    names.join("\n").into_response()
}

async fn count(Path((_, key)): Path<(String, String)>) -> Response {
    match kv::count(&key).await {
        Ok(count) => count.to_string().into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn run(Path((port, _, case)): Path<(String, String, String)>) -> Response {
    let outcome = match port.as_str() {
        "blob" => blob::blob(&case).await,
        "clock" => runtime::clock(&case).await,
        "db" => db::run(&case).await,
        "http-out" => runtime::http_out(&case).await,
        "keys" => blob::keys(&case).await,
        "kv" => kv::run(&case).await,
        "random" => runtime::random(&case).await,
        "ring" => runtime::ring(&case).await,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    match outcome {
        Ok(Ok(())) => StatusCode::NO_CONTENT.into_response(),
        Ok(Err(failure)) => (StatusCode::UNPROCESSABLE_ENTITY, failure.0).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// What a case came to, if the store could be had.
type Ran = Result<Outcome, StartError>;

fn names<S>(cases: &[Case<S>]) -> Vec<&'static str> {
    cases.iter().map(|case| case.name).collect()
}
