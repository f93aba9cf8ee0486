//! The address of a rendition.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use std::fmt::Write as _;
use uuid::Uuid;
use vitrine_edge::ETag;

/// One rendition of one photo with one content. Each has exactly one spelling, so that caches keep it once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    photo: Uuid,
    rendition: String,
    digest: [u8; 32],
    sha256: String,
}

impl Address {
    /// Reads the last two parts of a path, `{photo}` and `{rendition}.{hash}`: a UUID in lower case with hyphens, 1 to 16
    /// letters from a to z, and the 43 characters of a SHA-256 as base64url without padding.
    #[must_use]
    pub fn parse(photo: &str, file: &str) -> Option<Self> {
        let id = Uuid::try_parse(photo).ok().filter(|id| id.to_string() == photo)?;
        let (rendition, hash) = file.split_once('.')?;
        let is_name = (1..=16).contains(&rendition.len()) && rendition.bytes().all(|byte| byte.is_ascii_lowercase());
        let digest: [u8; 32] = URL_SAFE_NO_PAD.decode(hash).ok()?.try_into().ok()?;
        let sha256 = digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a `String` cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        is_name.then(|| Self { photo: id, rendition: rendition.to_owned(), digest, sha256 })
    }

    /// Where the worker stored it: `{photo}/{rendition}/{sha256 in hexadecimal}`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}/{}/{}", self.photo, self.rendition, self.sha256)
    }

    /// The SHA-256 of its bytes in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Its strong entity tag.
    #[must_use]
    pub fn etag(&self) -> ETag {
        ETag::of_sha256(&self.digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHOTO: &str = "0198c0de-0000-7000-8000-000000000001";
    const HASH: &str = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

    #[test]
    fn an_address_leads_to_its_key() {
        let address = Address::parse(PHOTO, &format!("small.{HASH}")).unwrap();
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(address.key(), format!("{PHOTO}/small/{empty}"));
        assert_eq!(address.etag().to_string(), format!("\"{HASH}\""));
    }

    #[test]
    fn anything_else_is_no_address() {
        let file = format!("small.{HASH}");
        for photo in ["", "x", &PHOTO.to_uppercase(), &PHOTO.replace('-', ""), &format!("{{{PHOTO}}}"), ".."] {
            assert_eq!(Address::parse(photo, &file), None, "{photo}");
        }
        let long = "a".repeat(17);
        for name in ["", "Small", "a/b", "..", "small1", &long] {
            assert_eq!(Address::parse(PHOTO, &format!("{name}.{HASH}")), None, "{name}");
        }
        for hash in ["", "short", &HASH[1..], &format!("{HASH}="), &format!("{HASH}.jpg"), &HASH.replace('U', "V")] {
            assert_eq!(Address::parse(PHOTO, &format!("small.{hash}")), None, "{hash}");
        }
        assert_eq!(Address::parse(PHOTO, HASH), None);
    }
}
