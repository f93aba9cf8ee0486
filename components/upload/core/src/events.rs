//! What `upload` emits: CloudEvents 1.0 in JSON.
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;
use vitrine_clock::Timestamp;

/// A photo has come whole and waits to be processed. Its data: `{photoId, bytes, sha256}`.
pub const PHOTO_UPLOADED: &str = "vitrine.photo.uploaded.v1";

/// The data of [`PHOTO_UPLOADED`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PhotoUploaded<'a> {
    pub(crate) photo_id: Uuid,
    pub(crate) bytes: u64,
    pub(crate) sha256: &'a str,
}

/// One event, as it is sent (CloudEvents 1.0, JSON format 1.0.2).
#[derive(Debug, Serialize)]
pub struct Event<'a> {
    specversion: &'static str,
    /// UUIDv7; the same each time that the event is delivered.
    pub id: Uuid,
    source: &'static str,
    /// Such as [`PHOTO_UPLOADED`].
    pub r#type: &'a str,
    /// When it happened.
    pub time: Timestamp,
    /// The photo.
    pub subject: &'a str,
    datacontenttype: &'static str,
    /// As it was when it happened.
    pub data: &'a RawValue,
}

impl<'a> Event<'a> {
    /// An event of this service.
    #[must_use]
    pub fn new(id: Uuid, r#type: &'a str, time: Timestamp, subject: &'a str, data: &'a RawValue) -> Self {
        Self {
            specversion: "1.0",
            id,
            source: "/upload",
            r#type,
            time,
            subject,
            datacontenttype: "application/json",
            data,
        }
    }
}
