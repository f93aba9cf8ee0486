//! What it consumes: CloudEvents 1.0 in JSON, one event in a request.
use serde::Deserialize;
use uuid::Uuid;
use vitrine_events::Event;

/// A photo has come whole and waits to be processed.
pub const PHOTO_UPLOADED: &str = "vitrine.photo.uploaded.v1";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Uploaded {
    photo_id: Uuid,
    bytes: u64,
    sha256: String,
}

/// The work that an event asks for.
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

impl TryFrom<Event> for Job {
    /// What is wrong, for the sender.
    type Error = String;

    fn try_from(event: Event) -> Result<Self, String> {
        if event.r#type != PHOTO_UPLOADED {
            return Err(format!("type is `{}`; only {PHOTO_UPLOADED} is understood", event.r#type));
        }
        let data: Uploaded = event.data().map_err(|error| format!("data is not as it must be: {error}"))?;
        let Uploaded { photo_id: photo, bytes, sha256 } = data;
        if sha256.len() != 64 || !sha256.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
            return Err("data.sha256 is no SHA-256 in lower-case hexadecimal".to_owned());
        }
        Ok(Self { event: event.id, photo, bytes, sha256 })
    }
}
