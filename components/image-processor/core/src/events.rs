//! What it consumes: CloudEvents 1.0 in JSON, one event in a request.
use serde::Deserialize;
use uuid::Uuid;

/// A photo has come whole and waits to be processed.
pub const PHOTO_UPLOADED: &str = "vitrine.photo.uploaded.v1";

/// The envelope. What it has beside these fields is left alone, as CloudEvents asks of consumers.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope {
    specversion: String,
    id: Uuid,
    source: String,
    r#type: String,
    data: Uploaded,
}

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

impl TryFrom<Envelope> for Job {
    /// What is wrong, for the sender.
    type Error = String;

    fn try_from(envelope: Envelope) -> Result<Self, String> {
        let Envelope { specversion, id, source, r#type, data } = envelope;
        if specversion != "1.0" {
            return Err(format!("specversion is `{specversion}`; only 1.0 is understood"));
        }
        if source.is_empty() {
            return Err("source is empty".to_owned());
        }
        if r#type != PHOTO_UPLOADED {
            return Err(format!("type is `{}`; only {PHOTO_UPLOADED} is understood", r#type));
        }
        let Uploaded { photo_id: photo, bytes, sha256 } = data;
        if sha256.len() != 64 || !sha256.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
            return Err("data.sha256 is no SHA-256 in lower-case hexadecimal".to_owned());
        }
        Ok(Self { event: id, photo, bytes, sha256 })
    }
}
