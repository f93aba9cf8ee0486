//! Keys of programs, and what they may do.

use crate::{Field, FieldError};
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_edge::misleads;

/// What a key may be used for. Each service decides what a scope opens; a key never opens more than its account may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Reads the account.
    AccountRead,
    /// Reads its photos.
    PhotosRead,
    /// Uploads and changes them.
    PhotosWrite,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 3] = [Self::AccountRead, Self::PhotosRead, Self::PhotosWrite];

    /// The word for it in tokens, in JSON and in rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccountRead => "account:read",
            Self::PhotosRead => "photos:read",
            Self::PhotosWrite => "photos:write",
        }
    }

    /// The scope of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }

    /// Reads the scopes of a new key: at least one.
    ///
    /// # Errors
    /// If one is none, or there is none.
    pub fn parse_all(words: &[impl AsRef<str>]) -> Result<Vec<Self>, FieldError> {
        let wrong =
            FieldError { field: Field::Scopes, detail: "Give some of account:read, photos:read and photos:write." };
        let scopes: Option<Vec<Self>> = words.iter().map(|word| Self::parse(word.as_ref())).collect();
        let mut scopes = scopes.filter(|scopes| !scopes.is_empty()).ok_or(wrong)?;
        scopes.sort_unstable();
        scopes.dedup();
        Ok(scopes)
    }

    /// Scopes as words.
    #[must_use]
    pub fn words(scopes: &[Self]) -> Vec<&'static str> {
        scopes.iter().map(|scope| scope.as_str()).collect()
    }
}

/// What its owner calls a key: 1 to 50 characters, none of them a control or a mark of direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyName(String);

impl KeyName {
    /// Reads a name; white space around it is passed over.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let name = text.trim();
        if (1..=50).contains(&name.chars().count()) && !name.chars().any(|c| c.is_control() || misleads(c)) {
            return Ok(Self(name.to_owned()));
        }
        Err(FieldError {
            field: Field::Name,
            detail: "Give 1 to 50 characters, without controls and marks of direction.",
        })
    }

    /// A name that was checked before it was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A key, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id, a UUIDv7; the claim `sid` of its access tokens.
    pub id: Uuid,
    /// What its owner calls it.
    pub name: KeyName,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was used last, to the minute.
    pub used_at: Option<Timestamp>,
}

/// The id and the secret of a key `vk_<id>_<secret>`. `None` if it is none.
pub(crate) fn parts(key: &str) -> Option<(Uuid, &str)> {
    let (id, secret) = key.strip_prefix("vk_")?.split_once('_')?;
    let is_id = id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (is_id && secret.len() == 43).then(|| Uuid::try_parse(id).ok())?.map(|id| (id, secret))
}

/// A key as it is shown, once.
pub(crate) fn whole(id: Uuid, secret: &str) -> String {
    format!("vk_{}_{secret}", id.simple())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_back() {
        let (id, secret) = (Uuid::from_u128(7), "a_-".repeat(14) + "b");
        assert_eq!(parts(&whole(id, &secret)), Some((id, secret.as_str())));
        let upper = whole(Uuid::from_u128(10), &secret).to_uppercase();
        for bad in ["", "vk_", "vk__", "vk_x_y", &whole(id, "short"), &upper, &whole(id, &secret)[1..]] {
            assert_eq!(parts(bad), None, "{bad}");
        }
    }

    #[test]
    fn scopes_are_read_back() {
        assert_eq!(Scope::parse_all(&Scope::words(&Scope::ALL)), Ok(Scope::ALL.to_vec()));
        assert_eq!(Scope::parse_all(&["photos:read", "photos:read"]), Ok(vec![Scope::PhotosRead]));
        assert!(Scope::parse_all(&["admin"]).is_err() && Scope::parse_all(&[] as &[&str]).is_err());
    }

    #[test]
    fn names_of_keys() {
        assert_eq!(KeyName::parse(" my script ").unwrap().as_str(), "my script");
        for bad in ["", " ", "a\u{0}", "a\nb", &"x".repeat(51)] {
            assert!(KeyName::parse(bad).is_err(), "{bad:?}");
        }
    }
}
