//! Types that cannot hold a bad value.
mod details;
mod tags;
mod text;

use std::fmt;

use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_picture::Media;

use crate::error::UploadError;

pub use details::{Change, Details, Visibility};
pub use tags::Tags;
pub use text::{Description, Title};

/// A SHA-256 digest in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sha256Hex(String);

impl Sha256Hex {
    /// Checks 64 digits.
    ///
    /// # Errors
    /// [`UploadError::InvalidOutcome`].
    pub fn new(hex: &str) -> Result<Self, UploadError> {
        let digits = hex.len() == 64 && hex.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        let wrong = || UploadError::InvalidOutcome(format!("`{hex}` is no SHA-256 in lower-case hexadecimal"));
        digits.then(|| Self(hex.to_owned())).ok_or_else(wrong)
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The 32 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let value = |digit: u8| (digit as char).to_digit(16).unwrap_or(0) as u8;
        let (pairs, _) = self.0.as_bytes().as_chunks::<2>();
        pairs.iter().map(|&[high, low]| value(high) << 4 | value(low)).collect()
    }
}

/// Where a photo is on its way. It only moves forward: `uploading → received → processed | rejected`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhotoStatus {
    /// Its bytes are still coming. Nobody sees it.
    Uploading,
    /// Accepted: it will end processed or rejected.
    Received,
    /// It has renditions.
    Processed,
    /// It has none and will have none; `rejection` says why.
    Rejected,
}

impl PhotoStatus {
    /// The word for it, in JSON and in SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uploading => "uploading",
            Self::Received => "received",
            Self::Processed => "processed",
            Self::Rejected => "rejected",
        }
    }

    /// The status of that word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Uploading, Self::Received, Self::Processed, Self::Rejected].into_iter().find(|it| it.as_str() == word)
    }

    /// Whether nothing can change it any more.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Processed | Self::Rejected)
    }
}

/// Whose a photo is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The account that uploaded it.
    pub id: String,
    /// The public name of that account.
    pub handle: String,
}

/// One photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// UUIDv7: sorts by creation.
    pub id: Uuid,
    /// Whose it is.
    pub owner: Owner,
    /// What the owner says about it.
    pub details: Details,
    /// Where it is on its way.
    pub status: PhotoStatus,
    /// Why it was rejected, for a person to read.
    pub rejection: Option<String>,
    /// Width and height of the upright original in pixels, once processed.
    pub size: Option<(u32, u32)>,
    /// Smallest first; none until processed.
    pub renditions: Vec<Rendition>,
    /// When the upload began.
    pub created_at: Timestamp,
    /// When its owner deleted it, if it was.
    pub deleted_at: Option<Timestamp>,
}

impl Photo {
    /// Whether that account, or nobody in particular, may see it. What was deleted since `restorable_since` is seen by its owner.
    #[must_use]
    pub fn is_seen_by(&self, viewer: Option<&str>, restorable_since: Timestamp) -> bool {
        if viewer == Some(self.owner.id.as_str()) {
            return self.deleted_at.is_none_or(|deleted_at| deleted_at >= restorable_since);
        }
        self.deleted_at.is_none() && self.details.visibility != Visibility::Private
    }
}

/// One rendition, as the worker has stored it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// `thumb`, `small`, `medium`, `large`, `full`.
    pub name: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Its media type, one of those that the engine writes.
    pub media_type: String,
    /// Size of the file.
    pub bytes: u64,
    /// Digest of the file.
    pub sha256: Sha256Hex,
}

/// Where a rendition is written, below its photo: its name, a slash, and the digest of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenditionPath {
    name: String,
    sha256: Sha256Hex,
}

impl RenditionPath {
    /// Checks both parts.
    ///
    /// # Errors
    /// [`UploadError::InvalidOutcome`] if it is none.
    pub fn new(text: &str) -> Result<Self, UploadError> {
        let wrong =
            || UploadError::InvalidOutcome("a path is the name of a rendition, a slash and a digest".to_owned());
        let (name, sha256) = text.split_once('/').ok_or_else(wrong)?;
        if name.is_empty() || name.len() > 50 || !name.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Err(wrong());
        }
        Ok(Self { name: name.to_owned(), sha256: Sha256Hex::new(sha256)? })
    }
}

impl fmt::Display for RenditionPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.name, self.sha256.as_str())
    }
}

/// What came of a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It has renditions.
    Processed {
        /// Pixels of the upright original.
        width: u32,
        /// Pixels of the upright original.
        height: u32,
        /// Smallest first.
        renditions: Vec<Rendition>,
    },
    /// It has none, for this reason.
    Rejected {
        /// For a person to read.
        reason: String,
    },
}

impl Outcome {
    /// Checks what the types do not say.
    ///
    /// # Errors
    /// [`UploadError::InvalidOutcome`].
    pub fn check(&self) -> Result<(), UploadError> {
        let invalid = |reason: &str| Err(UploadError::InvalidOutcome(reason.to_owned()));
        match self {
            Self::Processed { width: 0, .. } | Self::Processed { height: 0, .. } => invalid("the size is zero"),
            Self::Processed { renditions, .. } if renditions.is_empty() => invalid("there is no rendition"),
            Self::Processed { renditions, .. } => {
                let mut names: Vec<_> = renditions.iter().map(|rendition| rendition.name.as_str()).collect();
                names.sort_unstable();
                names.dedup();
                let plain = |name: &&str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
                let sound = renditions.iter().all(|it| it.width > 0 && it.height > 0 && it.bytes > 0);
                let served = |it: &Rendition| Media::ALL.iter().any(|media| media.media_type() == it.media_type);
                if !renditions.iter().all(served) {
                    return invalid("a rendition is of a type that is not served");
                }
                if names.len() == renditions.len() && names.iter().all(plain) && sound {
                    Ok(())
                } else {
                    invalid("a rendition is named twice or strangely, or is empty")
                }
            }
            Self::Rejected { reason } if reason.trim().is_empty() || reason.len() > 1000 => {
                invalid("the reason is empty or longer than 1000 bytes")
            }
            Self::Rejected { .. } => Ok(()),
        }
    }
}

/// Whether the worker may try a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Yes; this try counts.
    Go,
    /// No: it has killed too many tries, or it is finished already.
    Stop,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_64_lower_case_digits() {
        let digest = Sha256Hex::new(&"0f".repeat(32)).unwrap();
        assert_eq!(digest.to_bytes(), [0x0f; 32]);
        for bad in ["", "0f", &"0F".repeat(32), &"0g".repeat(32), &"0f".repeat(33)] {
            assert!(Sha256Hex::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_outcome_names_each_rendition_once() {
        let rendition = |name: &str| Rendition {
            name: name.to_owned(),
            width: 1,
            height: 1,
            media_type: "image/jpeg".to_owned(),
            bytes: 1,
            sha256: Sha256Hex::new(&"00".repeat(32)).unwrap(),
        };
        let processed = |names: &[&str]| Outcome::Processed {
            width: 1,
            height: 1,
            renditions: names.iter().map(|name| rendition(name)).collect(),
        };
        assert!(processed(&["small", "large"]).check().is_ok());
        for names in [&[][..], &["small", "small"], &["../small"], &[""]] {
            assert!(processed(names).check().is_err(), "{names:?}");
        }
        let typed = |media_type: &str| Outcome::Processed {
            width: 1,
            height: 1,
            renditions: vec![Rendition { media_type: media_type.to_owned(), ..rendition("small") }],
        };
        assert!(typed("image/webp").check().is_ok());
        for media_type in ["", "text/html", "image/svg+xml", "image/png", "image/jpeg; q=1"] {
            assert!(typed(media_type).check().is_err(), "{media_type}");
        }
        assert!(Outcome::Rejected { reason: " ".to_owned() }.check().is_err());
    }
}
