//! What owners write about their photos.
use unicode_normalization::UnicodeNormalization as _;
use vitrine_edge::{climbs, misleads};

use crate::error::UploadError;

/// What the owner calls a photo: at most 200 characters, none of them a control character or one that is not seen, no blanks
/// around it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Title(String);

impl Title {
    /// The most characters (not bytes) of a title.
    pub const LONGEST: usize = 200;

    /// Checks a title.
    ///
    /// # Errors
    /// [`UploadError::Invalid`], which says what is wrong.
    pub fn new(text: &str) -> Result<Self, UploadError> {
        let text = text.trim();
        checked("title", text, Self::LONGEST, |_| false)?;
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A title that was checked before it was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }
}

/// What the owner says about a photo: at most 2000 characters in NFC, in lines, none of them another control character or one that
/// is not seen, no blanks around it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description(String);

impl Description {
    /// The most characters (not bytes) of a description.
    pub const LONGEST: usize = 2000;

    /// Checks a description.
    ///
    /// # Errors
    /// [`UploadError::Invalid`], which says what is wrong.
    pub fn new(text: &str) -> Result<Self, UploadError> {
        let text: String = text.trim().replace("\r\n", "\n").nfc().collect();
        checked("description", &text, Self::LONGEST, |c| c == '\n')?;
        Ok(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A description that was checked before it was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }
}

/// Checks how long a text is, and that it shows what it holds. A control character is let through if it `may` be there.
pub(super) fn checked(
    field: &'static str,
    text: &str,
    longest: usize,
    may: impl Fn(char) -> bool,
) -> Result<(), UploadError> {
    let wrong = |why: String| Err(UploadError::Invalid { field, why });
    let length = text.chars().count();
    if length > longest {
        return wrong(format!("it has {length} characters; shorten it to {longest} at most"));
    }
    if let Some(c) = text.chars().find(|c| (c.is_control() && !may(*c)) || misleads(*c)) {
        let code = u32::from(c);
        return wrong(format!("it holds U+{code:04X}, which is not seen or changes how the text is read; remove it"));
    }
    if climbs(text) {
        return wrong("a letter has so many marks that they cover other lines; remove some".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_counted_in_characters_and_hold_no_control_characters() {
        assert_eq!(Title::new("  Dünen bei Nacht ").unwrap().as_str(), "Dünen bei Nacht");
        assert!(Title::new(&"ü".repeat(200)).is_ok());
        assert!(Title::new(&"ü".repeat(201)).is_err());
        for bad in ["a\0b", "a\nb", "a\u{1b}[31m", "a\u{7f}", "a\u{85}b", "gpj\u{202E}exe", "a\u{2066}b", "a\u{200b}b"]
        {
            assert!(matches!(Title::new(bad), Err(UploadError::Invalid { field: "title", .. })), "{bad:?}");
        }
    }

    #[test]
    fn descriptions_have_lines_and_are_composed() {
        assert_eq!(Description::new(" two\r\nlines\n").unwrap().as_str(), "two\nlines");
        assert_eq!(Description::new("e\u{301}").unwrap().as_str(), "\u{e9}");
        assert!(Description::new(&"ü".repeat(2000)).is_ok());
        assert_eq!(Description::new("  ").unwrap(), Description::default());
        let climbing = format!("a{}", "\u{301}".repeat(5));
        for bad in ["a\0b", "a\tb", "a\rb", "\u{202E}a", &climbing, &"ü".repeat(2001)] {
            assert!(matches!(Description::new(bad), Err(UploadError::Invalid { field: "description", .. })), "{bad:?}");
        }
    }
}
