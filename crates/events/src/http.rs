//! The private routes of an outbox, for the relay.

use crate::{
    Outbox,
    wire::{AckRequest, AckResponse, ClaimRequest, ClaimResponse, DeadLetters, ReplayRequest, ReplayResponse, Stats},
};
use axum::{
    Router,
    extract::State,
    routing::{get, post},
};
use serde::Deserialize;
use std::time::Duration;
use uuid::Uuid;
use vitrine_db::DbError;
use vitrine_edge::{Cursor, Json, Problem, Query};
use vitrine_identity::ServiceToken;

/// The longest body, in bytes: an acknowledgement of the largest claim, with an error for each delivery.
const LONGEST_BODY: usize = 2 << 20;

/// Names and consumers that a request may have.
const LONGEST_TABLE: usize = 1000;

/// The longest name of a type or consumer, in bytes.
const LONGEST_NAME: usize = 200;

/// Dead letters of one page, when nothing else is asked for, and at most.
const PAGE: (u32, u32) = (50, 200);

/// When a database that is busy or away is worth another try.
const RETRY: Duration = Duration::from_secs(1);

/// The routes under `/_outbox`, behind the service token of the outbox's owner.
///
/// | route | what |
/// |---|---|
/// | `POST /_outbox/claim` | [`ClaimRequest`] → [`ClaimResponse`] |
/// | `POST /_outbox/ack` | [`AckRequest`] → [`AckResponse`] |
/// | `GET /_outbox/dead?cursor=&limit=` | [`DeadLetters`] |
/// | `POST /_outbox/replay` | [`ReplayRequest`] → [`ReplayResponse`] |
/// | `GET /_outbox/stats` | [`Stats`] |
pub fn outbox_router(outbox: Outbox, token: &ServiceToken) -> Router {
    let router = Router::new()
        .route("/_outbox/claim", post(claim))
        .route("/_outbox/ack", post(acknowledge))
        .route("/_outbox/dead", get(dead))
        .route("/_outbox/replay", post(replay))
        .route("/_outbox/stats", get(stats));
    token.guard(router).with_state(outbox)
}

async fn claim(
    State(outbox): State<Outbox>,
    Json(request): Json<ClaimRequest, LONGEST_BODY>,
) -> Result<Json<ClaimResponse>, Problem> {
    check(&request).map_err(|why| Problem::unprocessable(&why))?;
    outbox.claim(&request).await.map(Json).map_err(problem)
}

fn check(request: &ClaimRequest) -> Result<(), String> {
    let consumers = request.consumers.values().flatten().chain(request.per_consumer.keys());
    let names: Vec<_> = request.consumers.keys().chain(consumers).collect();
    if names.len() > LONGEST_TABLE {
        return Err(format!("The table names {} types and consumers; at most {LONGEST_TABLE} fit.", names.len()));
    }
    match names.iter().find(|name| name.is_empty() || name.len() > LONGEST_NAME || name.contains('\0')) {
        Some(name) => Err(format!("`{name}` is no name: it has 1 to {LONGEST_NAME} bytes, none of them zero.")),
        None => Ok(()),
    }
}

async fn acknowledge(
    State(outbox): State<Outbox>,
    Json(request): Json<AckRequest, LONGEST_BODY>,
) -> Result<Json<AckResponse>, Problem> {
    let settled = outbox.acknowledge(request).await.map_err(problem)?;
    Ok(Json(AckResponse { settled }))
}

#[derive(Deserialize)]
struct Page {
    cursor: Option<Cursor<(Uuid, String)>>,
    limit: Option<u32>,
}

async fn dead(State(outbox): State<Outbox>, Query(page): Query<Page>) -> Result<Json<DeadLetters>, Problem> {
    let (usual, most) = PAGE;
    let limit = page.limit.unwrap_or(usual).clamp(1, most);
    let after = page.cursor.map(|Cursor(after)| after);
    let mut items = outbox.dead_letters(after.as_ref(), limit + 1).await.map_err(problem)?;
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next_cursor = items.last().filter(|_| more).map(|it| Cursor((it.event.id, it.consumer.clone())).encode());
    Ok(Json(DeadLetters { items, next_cursor }))
}

async fn replay(
    State(outbox): State<Outbox>,
    Json(which): Json<ReplayRequest>,
) -> Result<Json<ReplayResponse>, Problem> {
    outbox.replay(&which).await.map(Json).map_err(problem)
}

async fn stats(State(outbox): State<Outbox>) -> Result<Json<Stats>, Problem> {
    outbox.stats().await.map(Json).map_err(problem)
}

fn problem(error: DbError) -> Problem {
    Problem::unavailable(RETRY, &error)
}
