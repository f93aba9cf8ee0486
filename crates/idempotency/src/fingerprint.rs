//! What tells one request from another.

use axum::http::{Method, Uri};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// The SHA-256 of a request's method, path, query and body, in hexadecimal. Headers are no part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of a request whose body has the digest `body_sha256`, in lower-case hexadecimal.
    #[must_use]
    pub fn new(method: &Method, uri: &Uri, body_sha256: &str) -> Self {
        let address = uri.path_and_query().map_or("", |address| address.as_str());
        // None of the three holds a line feed, so no two requests run together.
        Self(hex(&Sha256::digest(format!("{method}\n{address}\n{body_sha256}").as_bytes())))
    }

    /// As it was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_makes_a_difference() {
        let of = |method, uri: &'static str, body| Fingerprint::new(&method, &Uri::from_static(uri), body);
        let first = of(Method::POST, "/a?b=1", "00");
        assert_eq!(first, of(Method::POST, "http://host/a?b=1", "00"));
        for other in [
            of(Method::PUT, "/a?b=1", "00"),
            of(Method::POST, "/a?b=2", "00"),
            of(Method::POST, "/a", "00"),
            of(Method::POST, "/a?b=1", "01"),
        ] {
            assert_ne!(first, other);
        }
    }
}
