//! The words by which owners file their photos.
use unicode_normalization::UnicodeNormalization as _;

use super::text::checked;
use crate::error::UploadError;

/// At most 20 tags, each once, in the order in which they were given. A tag has 1 to 50 characters in NFC, in lower case, with single
/// blanks between words and no comma; a `#` before it is dropped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags(Vec<String>);

impl Tags {
    /// The most tags of a photo.
    pub const MOST: usize = 20;
    /// The most characters (not bytes) of a tag.
    pub const LONGEST: usize = 50;

    /// Checks these tags.
    ///
    /// # Errors
    /// [`UploadError::Invalid`], which says what is wrong.
    pub fn new<'a>(tags: impl IntoIterator<Item = &'a str>) -> Result<Self, UploadError> {
        let mut all = Vec::new();
        for tag in tags {
            let tag = tag_of(tag)?;
            if !all.contains(&tag) {
                all.push(tag);
            }
            if all.len() > Self::MOST {
                return wrong(format!("there are more than {}; leave some out", Self::MOST));
            }
        }
        Ok(Self(all))
    }

    /// Checks the tags of a list with commas between them; an empty place in the list is none.
    ///
    /// # Errors
    /// As [`Tags::new`].
    pub fn listed(list: &str) -> Result<Self, UploadError> {
        Self::new(list.split(',').filter(|tag| !tag.trim().is_empty()))
    }

    /// The tags.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    /// Tags that were checked before they were stored.
    pub(crate) fn stored(tags: Vec<String>) -> Self {
        Self(tags)
    }
}

fn wrong<T>(why: String) -> Result<T, UploadError> {
    Err(UploadError::Invalid { field: "tags", why })
}

fn tag_of(text: &str) -> Result<String, UploadError> {
    let text = text.trim();
    let text = text.strip_prefix('#').unwrap_or(text);
    // Longer than this, it is too long in every form.
    if text.len() > 16 * Tags::LONGEST {
        return wrong(format!("one has {} bytes; a tag has {} characters at most", text.len(), Tags::LONGEST));
    }
    let words: Vec<_> = text.split_ascii_whitespace().collect();
    let tag: String = words.join(" ").to_lowercase().nfc().collect();
    if tag.is_empty() {
        return wrong("one is empty".to_owned());
    }
    if tag.contains(',') {
        return wrong("one holds a comma; make it two tags".to_owned());
    }
    checked("tags", &tag, Tags::LONGEST, |_| false)?;
    Ok(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tags: &[&str]) -> Vec<String> {
        Tags::new(tags.iter().copied()).unwrap().as_slice().to_vec()
    }

    #[test]
    fn tags_are_made_alike() {
        assert_eq!(
            of(&[" #Sea ", "SEA", "sea", "Old  Town", "e\u{301}te\u{301}", "\u{c9}T\u{c9}"]),
            ["sea", "old town", "\u{e9}t\u{e9}"]
        );
        assert_eq!(of(&["ü".repeat(50).as_str()]).len(), 1);
        assert_eq!(Tags::listed(" a, b ,,c,").unwrap().as_slice(), ["a", "b", "c"]);
        assert_eq!(Tags::listed("").unwrap(), Tags::default());
    }

    #[test]
    fn tags_are_bounded() {
        let many: Vec<_> = (0..21).map(|n| format!("tag {n}")).collect();
        assert_eq!(Tags::new(many.iter().take(20).map(String::as_str)).unwrap().as_slice().len(), 20);
        // The same one many times is one.
        assert_eq!(of(&["sea"; 100]), ["sea"]);
        assert!(Tags::new(many.iter().map(String::as_str)).is_err());
        for bad in ["", " ", "#", "a,b", "a\0b", "a\u{202E}b", "a\u{200b}", &"ü".repeat(51), &"a".repeat(10_000)] {
            assert!(matches!(Tags::new([bad]), Err(UploadError::Invalid { field: "tags", .. })), "{bad:?}");
        }
    }
}
