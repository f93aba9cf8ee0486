//! The JSON of requests and responses.
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_edge::Cursor;

use crate::error::UploadError;
use crate::model::{self, Change, Details, Outcome, RenditionPath, Sha256Hex, Tags, Verdict};

/// One photo.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PhotoAnswer))]
pub(crate) struct PhotoBody {
    pub(crate) photo: Photo,
}

impl From<model::Photo> for PhotoBody {
    fn from(photo: model::Photo) -> Self {
        Self { photo: photo.into() }
    }
}

/// What is to be said about a photo from now on; what is absent stays.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PhotoChange))]
pub(crate) struct ChangeBody {
    /// What it is called: no control characters.
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub(crate) title: Option<String>,
    /// What there is to say about it, in lines.
    #[cfg_attr(feature = "openapi", schema(max_length = 2000))]
    pub(crate) description: Option<String>,
    /// In place of those that it has; none takes all of them away.
    #[cfg_attr(feature = "openapi", schema(max_items = 20))]
    pub(crate) tags: Option<Vec<String>>,
    /// Who sees it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<super::openapi::Visibility>))]
    pub(crate) visibility: Option<String>,
}

impl ChangeBody {
    /// What is to be changed, checked.
    pub(crate) fn into_change(self) -> Result<Change, UploadError> {
        let tags = self.tags.map(|tags| Tags::new(tags.iter().map(String::as_str))).transpose()?;
        Change::new(self.title.as_deref(), self.description.as_deref(), tags, self.visibility.as_deref())
    }
}

/// Where a page ends: at that photo.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Before {
    pub(crate) photo: Uuid,
}

/// Some photos of a list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PhotoPage))]
pub(crate) struct Page {
    pub(crate) items: Vec<Photo>,
    /// Where the next page begins; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, nullable = false))]
    pub(crate) next_cursor: Option<Cursor<Before>>,
}

/// A photo.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct Photo {
    id: Uuid,
    /// The account that uploaded it.
    #[cfg_attr(feature = "openapi", schema(format = Uuid))]
    owner_id: String,
    /// The public name of that account.
    owner_handle: String,
    title: String,
    description: String,
    /// In lower case, each once.
    tags: Vec<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = super::openapi::Visibility))]
    visibility: &'static str,
    #[cfg_attr(feature = "openapi", schema(value_type = super::openapi::Status))]
    status: &'static str,
    /// Why it was rejected, for a person to read; absent unless it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    rejection: Option<String>,
    /// Pixels of the upright original; unknown, and `null`, until the photo is processed.
    #[cfg_attr(feature = "openapi", schema(required))]
    width: Option<u32>,
    /// As `width`.
    #[cfg_attr(feature = "openapi", schema(required))]
    height: Option<u32>,
    /// Smallest first; none until the photo is processed.
    renditions: Vec<Rendition>,
    /// When the upload began.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    created_at: Timestamp,
    /// When its owner deleted it, who can restore it for 30 days; absent unless it is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, nullable = false))]
    deleted_at: Option<Timestamp>,
}

/// One size of a photo.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct Rendition {
    /// `thumb` is the square in the centre; `small`, `medium`, `large` and `full` show all of the photo.
    name: String,
    /// Pixels.
    width: u32,
    /// Pixels.
    height: u32,
    /// Its media type.
    r#type: String,
    /// Its address. It names the content, so the answer may be kept for ever.
    #[cfg_attr(feature = "openapi", schema(format = "uri-reference"))]
    url: String,
}

impl From<model::Photo> for Photo {
    fn from(photo: model::Photo) -> Self {
        let (id, Details { title, description, tags, visibility }) = (photo.id, photo.details);
        Self {
            id,
            owner_id: photo.owner.id,
            owner_handle: photo.owner.handle,
            title: title.as_str().to_owned(),
            description: description.as_str().to_owned(),
            tags: tags.as_slice().to_vec(),
            visibility: visibility.as_str(),
            status: photo.status.as_str(),
            rejection: photo.rejection,
            width: photo.size.map(|(width, _)| width),
            height: photo.size.map(|(_, height)| height),
            renditions: photo.renditions.into_iter().map(|it| rendition(id, it)).collect(),
            created_at: photo.created_at,
            deleted_at: photo.deleted_at,
        }
    }
}

/// The address holds a digest of the content, so that it can be kept for ever by whoever has seen it.
fn rendition(photo: Uuid, it: model::Rendition) -> Rendition {
    let hash = URL_SAFE_NO_PAD.encode(it.sha256.to_bytes());
    let url = format!("/static/image/{photo}/{}.{hash}", it.name);
    Rendition { name: it.name, width: it.width, height: it.height, r#type: it.media_type, url }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AttemptRequest {
    pub(super) event_id: Uuid,
}

#[derive(Debug, Serialize)]
pub(super) struct AttemptResponse {
    pub(super) attempt: u32,
    pub(super) verdict: &'static str,
}

/// The word for a verdict.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Go => "go",
        Verdict::Stop => "stop",
    }
}

/// The most paths of one announcement.
const PATHS: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WrittenRequest {
    pub(super) event_id: Uuid,
    paths: Vec<String>,
}

impl WrittenRequest {
    /// The paths, checked.
    pub(super) fn into_paths(self) -> Result<Vec<RenditionPath>, UploadError> {
        match self.paths.len() {
            1..=PATHS => self.paths.iter().map(|path| RenditionPath::new(path)).collect(),
            count => Err(UploadError::InvalidOutcome(format!("{count} paths; 1 to {PATHS} are written at once"))),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResultRequest {
    pub(super) event_id: Uuid,
    outcome: WireOutcome,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "status", rename_all = "lowercase", deny_unknown_fields)]
enum WireOutcome {
    Processed { width: u32, height: u32, renditions: Vec<WireRendition> },
    Rejected { reason: String },
}

#[derive(Debug, Deserialize)]
struct WireRendition {
    name: String,
    width: u32,
    height: u32,
    r#type: String,
    bytes: u64,
    sha256: String,
}

impl ResultRequest {
    /// The outcome, with its digests checked.
    pub(super) fn into_outcome(self) -> Result<Outcome, UploadError> {
        Ok(match self.outcome {
            WireOutcome::Rejected { reason } => Outcome::Rejected { reason },
            WireOutcome::Processed { width, height, renditions } => {
                let renditions = renditions.into_iter().map(|it| {
                    let sha256 = Sha256Hex::new(&it.sha256)?;
                    let (name, media_type) = (it.name, it.r#type);
                    Ok(model::Rendition {
                        name,
                        width: it.width,
                        height: it.height,
                        media_type,
                        bytes: it.bytes,
                        sha256,
                    })
                });
                Outcome::Processed { width, height, renditions: renditions.collect::<Result<_, UploadError>>()? }
            }
        })
    }
}
