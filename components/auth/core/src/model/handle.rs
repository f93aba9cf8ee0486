//! Public names in addresses.

use crate::{Field, FieldError};

/// A public name: 3 to 30 of the characters `a-z 0-9 _`. Capital letters are made small, so no two differ only in case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle(String);

impl Handle {
    /// Reads a handle.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if (3..=30).contains(&text.len()) && text.bytes().all(allowed) {
            return Ok(Self(text.to_ascii_lowercase()));
        }
        let detail = "Choose 3 to 30 characters: letters from a to z, digits and underscores.";
        Err(FieldError { field: Field::Handle, detail })
    }

    /// A handle that was checked before it was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The handle as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles() {
        assert_eq!(Handle::parse("Ada_99").unwrap().as_str(), "ada_99");
        for bad in ["ab", &"a".repeat(31), "a b", "ada-l", "ädä", "ａｄａ", "", "ada\n", "a\u{0}b"] {
            assert!(Handle::parse(bad).is_err(), "{bad:?}");
        }
    }
}
