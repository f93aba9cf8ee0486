//! What an account is.

/// What an account is, beyond being one. Each service decides what a role may do with its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Everybody.
    User,
    /// Sells goods.
    Seller,
    /// Takes away what breaks the rules.
    Moderator,
    /// Gives roles, and reads what operators need.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::User, Self::Seller, Self::Moderator, Self::Admin];

    /// The word for it in tokens, in JSON and in rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Seller => "seller",
            Self::Moderator => "moderator",
            Self::Admin => "admin",
        }
    }

    /// The role of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }

    /// Roles as a row keeps them: a JSON array of words.
    pub(crate) fn to_json(roles: &[Self]) -> String {
        serde_json::Value::from(roles.iter().map(|role| role.as_str()).collect::<Vec<_>>()).to_string()
    }

    /// What [`Self::to_json`] wrote; `None` if it did not.
    pub(crate) fn from_json(text: &str) -> Option<Vec<Self>> {
        let words: Vec<String> = serde_json::from_str(text).ok()?;
        words.iter().map(|word| Self::parse(word)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        assert_eq!(Role::from_json(&Role::to_json(&Role::ALL)), Some(Role::ALL.to_vec()));
        for bad in ["", "[", "[\"root\"]", "{}", "[1]"] {
            assert_eq!(Role::from_json(bad), None, "{bad}");
        }
    }
}
