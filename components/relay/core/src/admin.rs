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
use vitrine_edge::{Json, Path, Problem, Query};
use vitrine_events::wire::{DeadLetters, ReplayRequest, ReplayResponse, Stats};

/// The longest cursor that is passed on, in characters.
const LONGEST_CURSOR: usize = 512;

/// How one source's outbox is doing, if it says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Report {
    Up(Stats),
    Down {
        /// Why it is not known.
        error: String,
    },
}

#[derive(Debug, Serialize)]
pub(crate) struct Reports {
    sources: BTreeMap<&'static str, Report>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    cursor: Option<String>,
    limit: Option<u32>,
}

pub(crate) async fn stats(State(relay): State<Relay>) -> Json<Reports> {
    Json(Reports { sources: reports(&relay).await })
}

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

pub(crate) async fn dead(
    State(relay): State<Relay>,
    Path(source): Path<String>,
    Query(page): Query<Page>,
) -> Result<Json<DeadLetters>, Problem> {
    let source = find(&relay, &source)?;
    let mut path = format!("/_outbox/dead?limit={}", page.limit.unwrap_or(50));
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
