//! The procedures of tRPC, `/api/upload/<procedure>`: the use cases once more, in other words. Nothing is decided here.
use axum::extract::State as Shared;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vitrine_edge::{Problem, Query};
use vitrine_trpc::{Input, Router, TrpcError, Unread};

use crate::error::UploadError;
use crate::http::State;
use crate::http::callers::{Reader, Viewer, Writer};
use crate::http::photos::{self, ListQuery};
use crate::http::sent::{self, Said};
use crate::http::wire::{ChangeBody, Page, PhotoBody};

impl From<UploadError> for TrpcError {
    fn from(error: UploadError) -> Self {
        Problem::from(error).into()
    }
}

/// Names a photo.
#[derive(Debug, Deserialize)]
struct IdBody {
    id: Uuid,
}

/// A photo that is deleted.
#[derive(Debug, Deserialize)]
struct DeleteBody {
    id: Uuid,
    #[serde(default)]
    permanently: bool,
}

/// What is to be said about a photo.
#[derive(Debug, Deserialize)]
struct UpdateBody {
    id: Uuid,
    title: Option<String>,
    description: Option<String>,
    tags: Option<Vec<String>>,
    visibility: Option<String>,
}

/// Where the original is, which is no JSON: it is read there with the same credentials.
#[derive(Debug, Serialize)]
struct OriginalBody {
    url: String,
    bytes: u64,
    sha256: String,
}

/// What a procedure answers that has nothing to say: `{}`.
#[derive(Debug, Serialize)]
struct Nothing {}

/// The procedures.
pub(crate) fn procedures() -> Router<State> {
    Router::new()
        .mutation("create", create)
        .query("byId", by_id)
        .query("mine", mine)
        .mutation("update", update)
        .mutation("delete", delete)
        .mutation("restore", restore)
        .query("original", original)
}

/// Every procedure and the method by which it is called, for tests that must miss none.
#[cfg(feature = "openapi")]
#[must_use]
pub fn every_procedure() -> std::collections::BTreeSet<(&'static str, String)> {
    let method = |kind| if kind == vitrine_trpc::Kind::Mutation { "POST" } else { "GET" };
    procedures().procedures().map(|(path, kind)| (method(kind), path.to_owned())).collect()
}

/// What is said about bytes stands in the address.
async fn create(
    Shared(state): Shared<State>,
    writer: Writer,
    Query(said): Query<Said>,
    Unread { headers, body }: Unread,
) -> Result<PhotoBody, TrpcError> {
    let sent = sent::read(&headers, said, body).await?;
    Ok(state.upload.receive(writer.owner(), sent, None).await?.into())
}

async fn by_id(
    Shared(state): Shared<State>,
    Viewer(viewer): Viewer,
    Input(input): Input<IdBody>,
) -> Result<PhotoBody, TrpcError> {
    Ok(state.upload.photo(viewer.as_deref(), input.id).await?.into())
}

async fn mine(Shared(state): Shared<State>, reader: Reader, Input(query): Input<ListQuery>) -> Result<Page, TrpcError> {
    Ok(photos::page(&state, &reader, query).await?)
}

async fn update(
    Shared(state): Shared<State>,
    writer: Writer,
    Input(UpdateBody { id, title, description, tags, visibility }): Input<UpdateBody>,
) -> Result<PhotoBody, TrpcError> {
    let change = ChangeBody { title, description, tags, visibility }.into_change()?;
    Ok(state.upload.update(&writer.account(), id, change, |_| true).await?.into())
}

async fn delete(
    Shared(state): Shared<State>,
    writer: Writer,
    Input(input): Input<DeleteBody>,
) -> Result<Nothing, TrpcError> {
    let owner = writer.account();
    if input.permanently {
        state.upload.delete_for_good(&owner, input.id, |_| true).await?;
    } else {
        state.upload.delete(&owner, input.id, |_| true).await?;
    }
    Ok(Nothing {})
}

async fn restore(
    Shared(state): Shared<State>,
    writer: Writer,
    Input(input): Input<IdBody>,
) -> Result<PhotoBody, TrpcError> {
    Ok(state.upload.restore(&writer.account(), input.id, |_| true).await?.into())
}

async fn original(
    Shared(state): Shared<State>,
    reader: Reader,
    Input(input): Input<IdBody>,
) -> Result<OriginalBody, TrpcError> {
    let manifest = state.upload.original_head(&reader.account(), input.id).await?;
    let url = format!("/api/v1/photos/{}/original", input.id);
    Ok(OriginalBody { url, bytes: manifest.bytes, sha256: manifest.sha256 })
}
