//! What an account says about itself.

use crate::{Field, FieldError};
use unicode_normalization::UnicodeNormalization as _;
use vitrine_edge::{climbs, misleads};

/// A public name in text: 1 to 50 characters in NFC, without controls, marks of direction or line breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// Reads a name; white space around it is passed over, and within it is made single spaces.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let wrong = |detail| Err(FieldError { field: Field::DisplayName, detail });
        if text.len() > 4 * 200 || text.chars().any(|c| c.is_control() || misleads(c)) {
            return wrong("Leave out control characters and marks of direction, and give at most 50 characters.");
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let name: String = words.join(" ").nfc().collect();
        if !(1..=50).contains(&name.chars().count()) || climbs(&name) || !name.chars().any(char::is_alphanumeric) {
            return wrong("Give 1 to 50 characters, with a letter or a digit among them.");
        }
        Ok(Self(name))
    }

    /// The name that an account has until it chooses one.
    #[must_use]
    pub fn of_handle(handle: &super::Handle) -> Self {
        Self(handle.as_str().to_owned())
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

/// What an account says about itself: at most 500 characters in NFC; lines are allowed, other controls are not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bio(String);

impl Bio {
    /// Reads a text; white space around it is passed over.
    ///
    /// # Errors
    /// If it is too long or holds what it must not.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let text = text.trim().replace("\r\n", "\n");
        let bad = |c: char| (c.is_control() && c != '\n') || misleads(c);
        if text.len() > 4 * 1000 || text.chars().any(bad) || climbs(&text) {
            let detail = "Leave out control characters and marks of direction, and give at most 500 characters.";
            return Err(FieldError { field: Field::Bio, detail });
        }
        let bio: String = text.nfc().collect();
        if bio.chars().count() > 500 {
            return Err(FieldError { field: Field::Bio, detail: "Give at most 500 characters." });
        }
        Ok(Self(bio))
    }

    /// A text that was checked before it was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (given, name) in [
            (" Ada  Lovelace ", "Ada Lovelace"),
            ("e\u{301}va", "\u{e9}va"),
            ("李 小龍", "李 小龍"),
            ("Nguyễn", "Nguyễn"),
        ] {
            assert_eq!(DisplayName::parse(given).unwrap().as_str(), name);
        }
        let climbing = format!("a{}", "\u{301}".repeat(5));
        for bad in
            ["", "   ", "a\nb", "a\u{0}", "\u{202e}ada", "a\u{2066}b", "\u{200b}", "...", &"x".repeat(51), &climbing]
        {
            assert!(DisplayName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn bios() {
        assert_eq!(Bio::parse(" two\r\nlines ").unwrap().as_str(), "two\nlines");
        assert_eq!(Bio::parse("").unwrap(), Bio::default());
        assert!(Bio::parse(&"ä".repeat(500)).is_ok());
        for bad in ["a\u{0}", "a\u{7}b", "\u{202e}", &"x".repeat(501)] {
            assert!(Bio::parse(bad).is_err(), "{bad:?}");
        }
    }
}
