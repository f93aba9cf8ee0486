//! What an operator asks. The relay knows nothing of it by itself: it asks the sources.

use crate::{Error, Peer, Relay, metrics};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use vitrine_edge::{Json, Limit, Path, Problem, Query};
use vitrine_events::wire::{DeadLetters, ReplayRequest, ReplayResponse, Stats};

/// The longest cursor that is passed on, in characters.
const LONGEST_CURSOR: usize = 512;

/// How one source's outbox is doing, if it says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) enum Report {
    /// It says so.
    Up(Stats),
    /// It does not.
    Down {
        /// Why it is not known.
        error: String,
    },
}

/// How all sources are doing.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct Reports {
    /// By name.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, Report>))]
    sources: BTreeMap<&'static str, Report>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    cursor: Option<String>,
    #[serde(default)]
    limit: Limit<50, 200>,
}

/// How each outbox is doing.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/api/v1/admin/events/stats", operation_id = "readEventStats", tag = "operation", security(("adminToken" = [])),
    responses((status = 200, description = "By source.", body = Reports), crate::openapi::WithToken),
))]
pub(crate) async fn stats(State(relay): State<Relay>) -> Json<Reports> {
    Json(Reports { sources: reports(&relay).await })
}

/// The same for Prometheus.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/api/v1/admin/events/metrics", operation_id = "readEventMetrics", tag = "operation", security(("adminToken" = [])),
    responses(
        (status = 200, description = "The text format 0.0.4.", body = String, content_type = "text/plain"),
        crate::openapi::WithToken,
    ),
))]
pub(crate) async fn metrics(State(relay): State<Relay>) -> impl IntoResponse {
    let text = metrics::text(&reports(&relay).await);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}

async fn reports(relay: &Relay) -> BTreeMap<&'static str, Report> {
    let ask = |source: Peer| async move {
        let report = match source.get("/_outbox/stats").await {
            Ok(stats) => Report::Up(stats),
            Err(error) => {
                tracing::warn!(%error, "a source does not say how it is doing");
                Report::Down { error: error.to_string() }
            }
        };
        (source.name, report)
    };
    join_all(relay.sources().cloned().map(ask)).await.into_iter().collect()
}

/// Dead letters of a source, the oldest event first.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/api/v1/admin/events/{source}/dead", operation_id = "listDeadLetters", tag = "operation", security(("adminToken" = [])),
    params(
        ("source" = String, Path, pattern = "^[a-z-]{1,64}$", description = "As the stats name it."),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "50 unless asked otherwise."),
    ),
    responses((status = 200, description = "A page.", body = DeadLetters), crate::openapi::Listing),
))]
pub(crate) async fn dead(
    State(relay): State<Relay>,
    Path(source): Path<String>,
    Query(page): Query<Page>,
) -> Result<Json<DeadLetters>, Problem> {
    let source = find(&relay, &source)?;
    let mut path = format!("/_outbox/dead?limit={}", page.limit.get());
    if let Some(cursor) = page.cursor {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if cursor.len() > LONGEST_CURSOR || !cursor.chars().all(plain) {
            return Err(Problem::bad_request(
                "That cursor is not one that this list gave out; start again without it.",
            ));
        }
        path.push_str("&cursor=");
        path.push_str(&cursor);
    }
    source.get(&path).await.map(Json).map_err(|error| problem(&error))
}

/// Has dead letters of a source delivered after all.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/admin/events/{source}/replay", operation_id = "replayDeadLetters", tag = "operation", security(("adminToken" = [])),
    params(("source" = String, Path, pattern = "^[a-z-]{1,64}$", description = "As the stats name it.")),
    request_body = ReplayRequest,
    responses((status = 200, description = "They are due at once.", body = ReplayResponse), crate::openapi::Replaying),
))]
pub(crate) async fn replay(
    State(relay): State<Relay>,
    Path(source): Path<String>,
    Json(which): Json<ReplayRequest>,
) -> Result<Json<ReplayResponse>, Problem> {
    let replayed = find(&relay, &source)?.ask("/_outbox/replay", &which).await.map_err(|error| problem(&error))?;
    relay.ring();
    Ok(Json(replayed))
}

fn find<'a>(relay: &'a Relay, name: &str) -> Result<&'a Peer, Problem> {
    let found = relay.sources().find(|source| source.name == name);
    found.ok_or_else(|| Problem::not_found("There is no source of that name; the stats list those there are."))
}

fn problem(error: &Error) -> Problem {
    match error {
        Error::Refused(_, StatusCode::BAD_REQUEST, _) => {
            Problem::bad_request("The source does not understand that; start again without a cursor.")
        }
        error => {
            tracing::warn!(%error, "a source does not answer");
            Problem::bad_gateway("The source of the events does not answer as it should; see the log of the relay.")
        }
    }
}
