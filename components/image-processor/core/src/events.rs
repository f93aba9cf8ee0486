//! What it consumes: CloudEvents 1.0 in JSON, one event in a request.
use serde::Deserialize;
use uuid::Uuid;
use vitrine_events::Event;

use crate::path::{RenditionPath, is_sha256};

/// A photo has come whole and waits to be processed.
pub const PHOTO_UPLOADED: &str = "vitrine.photo.uploaded.v1";

/// A photo was deleted, and nothing is at work on it any more.
pub const PHOTO_DELETED: &str = "vitrine.photo.deleted.v1";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Uploaded {
    photo_id: Uuid,
    bytes: u64,
    sha256: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Deleted {
    photo_id: Uuid,
    paths: Vec<String>,
}

/// What an event asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Renditions of a photo.
    Render(Job),
    /// That there are none of it any more.
    Remove(Removal),
}

/// What was written of a photo that is gone, or may have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The photo.
    pub photo: Uuid,
    /// Where, below the photo.
    pub paths: Vec<RenditionPath>,
}

/// A photo that is to be rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The event.
    pub event: Uuid,
    /// The photo.
    pub photo: Uuid,
    /// Size of the original.
    pub bytes: u64,
    /// Digest of the original, lower-case hexadecimal.
    pub sha256: String,
}

impl TryFrom<Event> for Order {
    /// What is wrong, for the sender.
    type Error = String;

    fn try_from(event: Event) -> Result<Self, String> {
        match event.r#type.as_str() {
            PHOTO_UPLOADED => Job::read(&event).map(Self::Render),
            PHOTO_DELETED => Removal::read(&event).map(Self::Remove),
            other => Err(format!("type is `{other}`; only {PHOTO_UPLOADED} and {PHOTO_DELETED} are understood")),
        }
    }
}

fn data<T: serde::de::DeserializeOwned>(event: &Event) -> Result<T, String> {
    event.data().map_err(|error| format!("data is not as it must be: {error}"))
}

impl Removal {
    fn read(event: &Event) -> Result<Self, String> {
        let Deleted { photo_id: photo, paths } = data(event)?;
        let paths = paths.iter().map(|path| {
            RenditionPath::parse(path).ok_or_else(|| "a path in data is no name, slash and SHA-256".to_owned())
        });
        Ok(Self { photo, paths: paths.collect::<Result<_, _>>()? })
    }
}

impl Job {
    fn read(event: &Event) -> Result<Self, String> {
        let data: Uploaded = data(event)?;
        let Uploaded { photo_id: photo, bytes, sha256 } = data;
        if !is_sha256(&sha256) {
            return Err("data.sha256 is no SHA-256 in lower-case hexadecimal".to_owned());
        }
        Ok(Self { event: event.id, photo, bytes, sha256 })
    }
}
