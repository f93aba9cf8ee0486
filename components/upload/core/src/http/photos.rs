//! What owners do with their photos.
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use uuid::Uuid;
use vitrine_edge::{Cursor, Json, Limit, Path, Preconditions, Problem, Query};
use vitrine_idempotency::{Answer, Answered, Claim, IdempotencyKey, Slot, Target};
use vitrine_identity::Caller;

use super::State;
use super::wire::{Before, Page, Photo, PhotoBody};
use crate::error::UploadError;
use crate::model::{self, Title};
use crate::service::Keyed;

/// What an API key needs.
const READ: &str = "photos:read";
const WRITE: &str = "photos:write";

#[derive(Debug, Deserialize)]
pub(super) struct CreateQuery {
    #[serde(default)]
    title: String,
}

/// Takes a photo in.
///
/// The body is the picture as it is; what it is, is found out later. It is refused before a byte of it is read wherever
/// that is possible. With an `Idempotency-Key` the same request again gets the first answer.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/api/v1/photos", operation_id = "createPhoto", tag = "photos", security(("accessToken" = [])),
    params(
        ("title" = Option<String>, Query, max_length = 200, description = "What the photo is called: no control characters."),
        ("Idempotency-Key" = Option<String>, Header, nullable = false, max_length = 255,
            description = "A new key for each new request, such as a UUID in quotes; it is kept for 24 hours."),
    ),
    request_body(
        description = "The bytes of the picture.",
        content(("application/octet-stream"), ("image/*")),
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
    caller: Caller,
    key: Option<IdempotencyKey>,
    target: Target,
    Query(query): Query<CreateQuery>,
    request: Request,
) -> Result<Answered, Problem> {
    caller.require_scope(WRITE)?;
    let title = Title::new(&query.title)?;
    check_type(request.headers())?;
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let body = request.into_body().into_data_stream();
    let owner = caller.account_id.to_string();
    let keyed = match key {
        None => None,
        Some(key) => match state.upload.keys().claim(Slot::new(&owner, &target, key), target).await? {
            Claim::Held(held) => Some(Keyed { held, answer: accepted }),
            Claim::Recorded(first) => {
                let answered = state.upload.again(first, declared, body).await?;
                // The first time may have ended before it rang.
                state.upload.ring.ring();
                return Ok(answered);
            }
        },
    };
    let photo = state.upload.receive(&owner, title, declared, body, keyed).await?;
    tracing::info!(photo = %photo.id, account = %caller.account_id, "received");
    Ok(Answered::now(accepted(&photo)?))
}

fn accepted(photo: &model::Photo) -> Result<Answer, vitrine_idempotency::Error> {
    let body = PhotoBody { photo: photo.clone().into() };
    let answer = Answer::json(StatusCode::ACCEPTED, &body)?;
    Ok(answer.with_header(header::LOCATION, format!("/api/v1/photos/{}", photo.id)))
}

/// The declared type says only that the sender means to send a picture; what it is, the engine finds out.
fn check_type(headers: &HeaderMap) -> Result<(), UploadError> {
    let unsupported = |found: String| Err(UploadError::UnsupportedType(found));
    if let Some(coding) = headers.get(header::CONTENT_ENCODING).filter(|it| it.as_bytes() != b"identity") {
        return unsupported(format!("The body is coded ({})", String::from_utf8_lossy(coding.as_bytes())));
    }
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return unsupported("There is no Content-Type".to_owned());
    };
    let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
    let essence = value.split(';').next().unwrap_or_default().trim();
    if essence == "application/octet-stream" || essence.starts_with("image/") {
        return Ok(());
    }
    unsupported(format!("The Content-Type is {essence}"))
}

/// One photo of the caller's.
///
/// Whoever waits for it to be processed asks with `If-None-Match`.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/api/v1/photos/{id}", operation_id = "readPhoto", tag = "photos", security(("accessToken" = [])),
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
    caller: Caller,
    Path(id): Path<Uuid>,
    preconditions: Preconditions,
) -> Result<Response, Problem> {
    caller.require_scope(READ)?;
    let photo = state.upload.photo(&caller.account_id.to_string(), id).await?;
    preconditions.json(&PhotoBody { photo: photo.into() })
}

#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    cursor: Option<Cursor<Before>>,
    /// Photos of a page.
    #[serde(default)]
    limit: Limit<20, 100>,
}

/// The caller's own photos, newest first.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/api/v1/photos", operation_id = "listPhotos", tag = "photos", security(("accessToken" = [])),
    params(
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Photos of the page: 20 unless asked otherwise."),
    ),
    responses((status = 200, description = "A page.", body = Page), super::openapi::Listing),
))]
pub(super) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page>, Problem> {
    caller.require_scope(READ)?;
    let limit = query.limit.get();
    let before = query.cursor.map(|Cursor(Before { photo })| photo);
    let (photos, more) = state.upload.photos(&caller.account_id.to_string(), before, limit).await?;
    let next_cursor = photos.last().filter(|_| more).map(|photo| Cursor(Before { photo: photo.id }));
    Ok(Json(Page { items: photos.into_iter().map(Photo::from).collect(), next_cursor }))
}
