//! Types that cannot hold a bad value.

use crate::{Field, FieldError};
use std::fmt;
use uuid::Uuid;
use vitrine_clock::Timestamp;

/// Someone who can log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// Its public name in addresses.
    pub handle: Handle,
    /// Where it can be reached.
    pub email: Email,
    /// Whether it was shown that the address is its own.
    pub email_verified: bool,
    /// Its public name in text.
    pub display_name: String,
    /// What it says about itself.
    pub bio: String,
    /// What it is, such as `user`.
    pub roles: Vec<String>,
    /// When it was registered.
    pub created_at: Timestamp,
}

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

    /// The handle as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An e-mail address, as it was typed. Whether it exists only a message to it can tell, so no more is checked than that
/// it has the form `local@domain`, at most 254 bytes (RFC 5321), and nothing in it that does not print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Reads an address; white space around it is passed over.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let text = text.trim();
        let prints = |c: char| !c.is_whitespace() && !c.is_control();
        let has_form = text.rsplit_once('@').is_some_and(|(local, domain)| {
            (1..=64).contains(&local.len())
                && !local.contains('@')
                && !domain.is_empty()
                && domain.split('.').all(|label| !label.is_empty() && !label.contains(['<', '>', ',', ';']))
        });
        if text.len() <= 254 && text.chars().all(prints) && has_form {
            return Ok(Self(text.to_owned()));
        }
        Err(FieldError { field: Field::Email, detail: "Give an e-mail address such as name@example.org." })
    }

    /// The address as it was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What tells two addresses apart: the address in lower case.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

/// A password: 8 to 128 characters of any kind but NUL, compared as they are. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Reads a password.
    ///
    /// # Errors
    /// If it is too short, too long or holds a NUL.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        // At most four bytes to a character: what is longer need not be counted.
        let fits = text.len() <= 4 * 128 && (8..=128).contains(&text.chars().count());
        if fits && !text.contains('\0') {
            return Ok(Self(text.to_owned()));
        }
        Err(FieldError { field: Field::Password, detail: "Choose 8 to 128 characters." })
    }

    /// What is hashed.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(secret)")
    }
}

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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles() {
        assert_eq!(Handle::parse("Ada_99").unwrap().as_str(), "ada_99");
        for bad in ["ab", &"a".repeat(31), "a b", "ada-l", "ädä", "", "ada\n", "a\u{0}b"] {
            assert!(Handle::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn addresses() {
        for good in ["a@b", " Ada.L+x@Example.ORG ", "ü@müller.example", "a@[127.0.0.1]"] {
            assert_eq!(Email::parse(good).unwrap().as_str(), good.trim());
        }
        assert_eq!(Email::parse("A@B.c").unwrap().key(), "a@b.c");
        let long = format!("{}@b", "a".repeat(65));
        for bad in ["", "@", "a@", "@b", "a b@c", "a@b@c", "a@b..c", "a@b\r\nc", "a@.b", &long, "a@b,c"] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn passwords() {
        assert!(Password::parse("eight ch").is_ok());
        assert!(Password::parse(&"🦀".repeat(128)).is_ok());
        for bad in ["seven c", &"a".repeat(129), "nul\0nul\0", &"🦀".repeat(129), ""] {
            assert!(Password::parse(bad).is_err());
        }
        assert_eq!(format!("{:?}", Password::parse("hunter22").unwrap()), "Password(secret)");
    }

    #[test]
    fn logins() {
        assert!(matches!(Login::parse("ada@example.org"), Some(Login::Email(_))));
        assert!(matches!(Login::parse("ADA"), Some(Login::Handle(_))));
        assert_eq!(Login::parse("no such thing"), None);
    }
}
