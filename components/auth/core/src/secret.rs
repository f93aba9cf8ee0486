//! Secrets that are shown once and kept as a hash.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::fmt;
use vitrine_random::{Random, bytes};

/// A secret of 256 random bits, as 43 characters of base64url. A fast hash is enough to keep it by, since nobody can try
/// all of them; and since a table is searched for the hash, how long that takes says nothing about the secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// A secret that nobody else has.
    pub(crate) fn generate(random: &dyn Random) -> Self {
        Self(URL_SAFE_NO_PAD.encode(bytes::<32>(random)))
    }

    /// A secret that somebody has shown to have.
    pub(crate) fn presented(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The secret itself, for who is to have it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What is stored.
    pub(crate) fn digest(&self) -> String {
        digest(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// The SHA-256 of a text that somebody presents, as base64url.
pub(crate) fn digest(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_random::SeededRandom;

    #[test]
    fn a_secret_is_long_and_known_by_its_hash() {
        let random = SeededRandom::new(1);
        let (one, other) = (Secret::generate(&random), Secret::generate(&random));
        assert_eq!(one.as_str().len(), 43);
        assert_ne!(one, other);
        assert_eq!(one.digest(), digest(one.as_str()));
        assert!(!format!("{one:?}").contains(one.as_str()) && one.digest() != one.as_str());
    }
}
