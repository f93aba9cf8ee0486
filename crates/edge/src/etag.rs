//! Entity tags (RFC 9110, section 8.8.3).

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::fmt;

/// A strong entity tag: the same only as long as every byte of the representation is. It is made of letters, digits, `-`
/// and `_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ETag(String);

impl ETag {
    /// The tag of what changes its version number with every change.
    #[must_use]
    pub fn of_version(version: u64) -> Self {
        Self(format!("v{version}"))
    }

    /// The tag of these bytes: their SHA-256 as base64url.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self::of_sha256(&Sha256::digest(bytes).into())
    }

    /// The tag of bytes that have this SHA-256.
    #[must_use]
    pub fn of_sha256(digest: &[u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(digest))
    }

    /// As a header's value.
    #[must_use]
    pub fn to_header(&self) -> HeaderValue {
        // Only characters that a header value may hold are in it.
        HeaderValue::from_str(&self.to_string()).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
    }
}

impl fmt::Display for ETag {
    /// With the quotes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

/// What `If-Match` or `If-None-Match` lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tags {
    /// `*`: whatever there is.
    Any,
    /// Those, each with whether it is weak.
    Of(Vec<(bool, Vec<u8>)>),
}

/// The value is no list of entity tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

impl Tags {
    /// What the header lists, in one line or in several. `None` if there is none.
    pub(crate) fn of(headers: &HeaderMap, name: HeaderName) -> Result<Option<Self>, Malformed> {
        let lines: Vec<&[u8]> = headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
        if lines.is_empty() { Ok(None) } else { Self::parse(&lines.join(&b","[..])).map(Some) }
    }

    fn parse(text: &[u8]) -> Result<Self, Malformed> {
        if text.trim_ascii() == b"*" {
            return Ok(Self::Any);
        }
        let (mut tags, mut rest) = (Vec::new(), text);
        loop {
            rest = rest.trim_ascii_start();
            // An empty element of a list means nothing (RFC 9110, section 5.6.1).
            if let Some(after) = rest.strip_prefix(b",") {
                rest = after;
                continue;
            }
            if rest.is_empty() {
                return if tags.is_empty() { Err(Malformed) } else { Ok(Self::Of(tags)) };
            }
            let (weak, quoted) = rest.strip_prefix(b"W/").map_or((false, rest), |quoted| (true, quoted));
            let opaque = quoted.strip_prefix(b"\"").ok_or(Malformed)?;
            let end = opaque.iter().position(|byte| *byte == b'"').ok_or(Malformed)?;
            let (tag, after) = opaque.split_at_checked(end).ok_or(Malformed)?;
            if !tag.iter().all(|byte| matches!(byte, 0x21 | 0x23..=0x7e | 0x80..)) {
                return Err(Malformed);
            }
            tags.push((weak, tag.to_vec()));
            rest = after.get(1..).unwrap_or_default().trim_ascii_start();
            if !rest.is_empty() && !rest.starts_with(b",") {
                return Err(Malformed);
            }
        }
    }

    /// Whether `tag` is listed; by the strong comparison a weak tag is the same as none.
    pub(crate) fn lists(&self, tag: &ETag, strong: bool) -> bool {
        match self {
            Self::Any => true,
            Self::Of(tags) => tags.iter().any(|(weak, text)| !(strong && *weak) && text == tag.0.as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(text: &str, strong: bool) -> Result<bool, Malformed> {
        Tags::parse(text.as_bytes()).map(|tags| tags.lists(&ETag("abc".to_owned()), strong))
    }

    #[test]
    fn lists_weak_tags_and_the_star_are_read() {
        for text in ["\"abc\"", "\"x\", \"abc\"", "*", " * ", ",,\"x\" ,\t\"abc\",", "\"a,b\",\"abc\"", "\"\",\"abc\""]
        {
            assert_eq!((lists(text, false), lists(text, true)), (Ok(true), Ok(true)), "{text}");
        }
        assert_eq!((lists("W/\"abc\"", false), lists("W/\"abc\"", true)), (Ok(true), Ok(false)));
        for text in ["\"x\"", "\"ABC\"", "\"abc \u{e9}\"".replace(' ', "").as_str(), "\"\"", "\"ab\",\"c\""] {
            assert_eq!(lists(text, false), Ok(false), "{text}");
        }
    }

    #[test]
    fn anything_else_is_malformed() {
        for text in [
            "",
            ",",
            "abc",
            "\"abc",
            "abc\"",
            "w/\"abc\"",
            "W/abc",
            "\"a\" \"b\"",
            "*,\"a\"",
            "\"a\",*",
            "\"a b\"",
            "'abc'",
        ] {
            assert_eq!(lists(text, false), Err(Malformed), "{text}");
        }
    }

    #[test]
    fn tags_are_of_versions_and_of_bytes() {
        assert_eq!(ETag::of_version(7).to_header(), "\"v7\"");
        assert_eq!(ETag::of_bytes(b"").to_string(), "\"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU\"");
    }
}
