//! What owners do with their photos.
use axum::extract::{Request, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use uuid::Uuid;
use vitrine_edge::{Cursor, Json, Limit, Path, Preconditions, Problem, Query};
use vitrine_idempotency::{Answer, Answered, Claim, IdempotencyKey, Slot, Target};

use super::State;
use super::callers::{Reader, Viewer, Writer};
use super::sent::{self, Said};
use super::wire::{Before, Page, Photo, PhotoBody};
use crate::model;
use crate::service::{Keyed, Listed};

/// Takes a photo in.
///
/// The body is the picture as it is, with what there is to say about it in the address; or a form with both. What the picture is,
/// is found out later. It is refused before a byte of it is read wherever that is possible. With an `Idempotency-Key` the same
/// request again gets the first answer.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/photos", operation_id = "createPhoto", tag = "photos", security(("accessToken" = [])),
    params(
        ("title" = Option<String>, Query, max_length = 200, description = "What the photo is called: no control characters."),
        ("description" = Option<String>, Query, max_length = 2000, description = "What there is to say about it, in lines."),
        ("tags" = Option<String>, Query, description = "At most 20 tags of at most 50 characters, with commas between them."),
        ("visibility" = Option<super::openapi::Visibility>, Query, description = "Who sees it: `public` unless it is said."),
        ("Idempotency-Key" = Option<String>, Header, nullable = false, max_length = 255,
            description = "A new key for each new request, such as a UUID in quotes; it is kept for 24 hours."),
    ),
    request_body(
        description = "The bytes of the picture, or a form with them.",
        content(("application/octet-stream"), ("image/*"), (super::openapi::NewPhoto = "multipart/form-data")),
    ),
    responses(
        (status = 202, description = "It will be processed or rejected.", body = PhotoBody, headers(
            ("Location" = String, description = "Where the photo is read."),
            ("Idempotent-Replayed" = String, description = "`true` if this is the first answer again."),
        )),
        super::openapi::Uploading,
    ),
))]
pub(super) async fn create(
    Shared(state): Shared<State>,
    writer: Writer,
    key: Option<IdempotencyKey>,
    target: Target,
    Query(said): Query<Said>,
    request: Request,
) -> Result<Answered, Problem> {
    let (parts, body) = request.into_parts();
    let sent = sent::read(&parts.headers, said, body).await?;
    let owner = writer.owner();
    let keyed = match key {
        None => None,
        Some(key) => match state.upload.keys().claim(Slot::new(&owner.id, &target, key), target).await? {
            Claim::Held(held) => Some(Keyed { held, answer: accepted }),
            Claim::Recorded(first) => {
                let answered = state.upload.again(first, sent).await?;
                // The first time may have ended before it rang.
                state.upload.ring.ring();
                return Ok(answered);
            }
        },
    };
    let photo = state.upload.receive(owner, sent, keyed).await?;
    tracing::info!(photo = %photo.id, account = photo.owner.id, "received");
    Ok(Answered::now(accepted(&photo)?))
}

fn accepted(photo: &model::Photo) -> Result<Answer, vitrine_idempotency::Error> {
    let body = PhotoBody::from(photo.clone());
    let answer = Answer::json(StatusCode::ACCEPTED, &body)?;
    Ok(answer.with_header(header::LOCATION, format!("/api/v1/photos/{}", photo.id)))
}

/// One photo.
///
/// Everybody sees those that are public or unlisted; private ones, and for 30 days those that are deleted, only their owner.
/// Whoever waits for one to be processed asks with `If-None-Match`.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/api/v1/photos/{id}", operation_id = "readPhoto", tag = "photos", security((), ("accessToken" = [])),
    params(
        ("id" = Uuid, Path, description = "The photo."),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "The entity tags that the client knows."),
        ("If-Match" = Option<String>, Header, nullable = false, description = "The entity tags that it must have."),
    ),
    responses(
        (status = 200, description = "The photo.", body = PhotoBody,
            headers(("ETag" = String, description = "The strong entity tag of this answer."))),
        (status = 304, description = "It is what `If-None-Match` names.",
            headers(("ETag" = String, description = "The strong entity tag."))),
        super::openapi::Reading,
    ),
))]
pub(super) async fn by_id(
    Shared(state): Shared<State>,
    Viewer(viewer): Viewer,
    Path(id): Path<Uuid>,
    preconditions: Preconditions,
) -> Result<Response, Problem> {
    let photo = state.upload.photo(viewer.as_deref(), id).await?;
    preconditions.json(&PhotoBody::from(photo))
}

#[derive(Debug, Deserialize)]
pub(crate) struct ListQuery {
    cursor: Option<Cursor<Before>>,
    /// Photos of a page.
    #[serde(default)]
    limit: Limit<20, 100>,
    /// Those that are deleted and can be restored, instead of those that are there.
    #[serde(default)]
    deleted: bool,
}

/// The caller's own photos, newest first.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/api/v1/photos", operation_id = "listPhotos", tag = "photos", security(("accessToken" = [])),
    params(
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Photos of the page: 20 unless asked otherwise."),
        ("deleted" = Option<bool>, Query,
            description = "`true` for those that are deleted and can be restored, instead of those that are there."),
    ),
    responses((status = 200, description = "A page.", body = Page), super::openapi::Listing),
))]
pub(super) async fn list(
    Shared(state): Shared<State>,
    reader: Reader,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page>, Problem> {
    Ok(Json(page(&state, &reader, query).await?))
}

/// A page of the caller's own photos.
///
/// # Errors
/// A failure below.
pub(crate) async fn page(state: &State, reader: &Reader, query: ListQuery) -> Result<Page, Problem> {
    let (limit, listed) = (query.limit.get(), if query.deleted { Listed::Deleted } else { Listed::There });
    let before = query.cursor.map(|Cursor(Before { photo })| photo);
    let (photos, more) = state.upload.photos(&reader.account(), listed, before, limit).await?;
    let next_cursor = photos.last().filter(|_| more).map(|photo| Cursor(Before { photo: photo.id }));
    Ok(Page { items: photos.into_iter().map(Photo::from).collect(), next_cursor })
}
