//! All that owners say about their photos.
use serde_json::json;

use super::{Description, Tags, Title};
use crate::error::UploadError;

/// Who sees a photo.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Visibility {
    /// Everybody; it may be listed anywhere.
    #[default]
    Public,
    /// Everybody who knows its id; it is listed nowhere.
    Unlisted,
    /// Its owner.
    Private,
}

impl Visibility {
    /// The word for it, in JSON and in SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Unlisted => "unlisted",
            Self::Private => "private",
        }
    }

    /// The visibility of that word.
    ///
    /// # Errors
    /// [`UploadError::Invalid`] if it is none.
    pub fn parse(word: &str) -> Result<Self, UploadError> {
        let found = [Self::Public, Self::Unlisted, Self::Private].into_iter().find(|it| it.as_str() == word);
        let why = "it is public, unlisted or private".to_owned();
        found.ok_or(UploadError::Invalid { field: "visibility", why })
    }
}

/// What the owner says about a photo.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// What it is called; may be empty.
    pub title: Title,
    /// What there is to say; may be empty.
    pub description: Description,
    /// How it is filed.
    pub tags: Tags,
    /// Who sees it.
    pub visibility: Visibility,
}

impl Details {
    /// A text that is the same for the same details only.
    pub(crate) fn canonical(&self) -> String {
        let Self { title, description, tags, visibility } = self;
        json!([title.as_str(), description.as_str(), tags.as_slice(), visibility.as_str()]).to_string()
    }
}

/// What is to be changed of the details; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// What it is called.
    pub title: Option<Title>,
    /// What there is to say.
    pub description: Option<Description>,
    /// How it is filed.
    pub tags: Option<Tags>,
    /// Who sees it.
    pub visibility: Option<Visibility>,
}

impl Change {
    /// Checks what is to be changed; `tags` is a list with commas.
    ///
    /// # Errors
    /// [`UploadError::Invalid`] for the first field that is not acceptable.
    pub fn new(
        title: Option<&str>,
        description: Option<&str>,
        tags: Option<Tags>,
        visibility: Option<&str>,
    ) -> Result<Self, UploadError> {
        Ok(Self {
            title: title.map(Title::new).transpose()?,
            description: description.map(Description::new).transpose()?,
            tags,
            visibility: visibility.map(Visibility::parse).transpose()?,
        })
    }

    /// The details after it.
    #[must_use]
    pub fn of(self, before: Details) -> Details {
        Details {
            title: self.title.unwrap_or(before.title),
            description: self.description.unwrap_or(before.description),
            tags: self.tags.unwrap_or(before.tags),
            visibility: self.visibility.unwrap_or(before.visibility),
        }
    }
}
