//! Where renditions lie.
use std::fmt;

use uuid::Uuid;

/// A rendition below its photo: its name, a slash, and the digest of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenditionPath(String);

impl RenditionPath {
    /// Of a rendition of that name whose bytes have that digest, in lower-case hexadecimal.
    pub(crate) fn new(name: &str, sha256: &str) -> Self {
        Self(format!("{name}/{sha256}"))
    }

    /// Reads what somebody else has said, who names nothing but renditions by it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, sha256) = text.split_once('/')?;
        let named = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
        (named && is_sha256(sha256)).then(|| Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of its blob.
    pub(crate) fn key(&self, photo: Uuid) -> String {
        format!("{photo}/{self}")
    }
}

impl fmt::Display for RenditionPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Whether it is a SHA-256 in lower-case hexadecimal.
pub(crate) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}
