//! What the worker tells. Every call may come twice.
use axum::extract::State as Shared;
use axum::http::StatusCode;
use uuid::Uuid;
use vitrine_edge::{Json, Path, Problem};

use super::State;
use super::wire::{self, AttemptRequest, AttemptResponse, ResultRequest, WrittenRequest};

/// `POST /_photos/{id}/attempts`: a try begins, if the verdict is `go`.
pub(super) async fn begin_attempt(
    Shared(state): Shared<State>,
    Path(id): Path<Uuid>,
    Json(request): Json<AttemptRequest>,
) -> Result<Json<AttemptResponse>, Problem> {
    let (attempt, verdict) = state.upload.begin_attempt(id, request.event_id).await?;
    Ok(Json(AttemptResponse { attempt, verdict: wire::verdict(verdict) }))
}

/// `DELETE /_photos/{id}/attempts/{attempt}`: the decoder has come back from a try.
pub(super) async fn end_attempt(
    Shared(state): Shared<State>,
    Path((id, attempt)): Path<(Uuid, u32)>,
) -> Result<StatusCode, Problem> {
    state.upload.end_attempt(id, attempt).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /_photos/{id}/written`: what the worker is about to write.
pub(super) async fn will_write(
    Shared(state): Shared<State>,
    Path(id): Path<Uuid>,
    Json(request): Json<WrittenRequest>,
) -> Result<StatusCode, Problem> {
    let event = request.event_id;
    state.upload.will_write(id, event, &request.into_paths()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /_photos/{id}/result`: what came of it.
pub(super) async fn finish(
    Shared(state): Shared<State>,
    Path(id): Path<Uuid>,
    Json(request): Json<ResultRequest>,
) -> Result<StatusCode, Problem> {
    let event = request.event_id;
    state.upload.finish(id, event, request.into_outcome()?).await?;
    Ok(StatusCode::NO_CONTENT)
}
