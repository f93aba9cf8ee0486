//! What someone logs in with.

use super::{Email, Handle};

/// What someone logs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// Their address.
    Email(Email),
    /// Their handle.
    Handle(Handle),
}

impl Login {
    /// Reads a login: with an `@` it is an address, without it a handle. `None` if it is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.contains('@') {
            Email::parse(text).ok().map(Self::Email)
        } else {
            Handle::parse(text.trim()).ok().map(Self::Handle)
        }
    }

    /// What tells two logins apart. A handle and an address of one account are two, so that nobody learns from one of them
    /// whose the other is.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Email(email) => email.key(),
            Self::Handle(handle) => handle.as_str().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins() {
        assert!(matches!(Login::parse("ada@example.org"), Some(Login::Email(_))));
        assert!(matches!(Login::parse("ADA"), Some(Login::Handle(_))));
        assert_eq!(Login::parse("no such thing"), None);
    }
}
