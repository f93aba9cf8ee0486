//! Passwords, as they are typed and as they are chosen.

use super::{Email, Handle};
use crate::{Field, FieldError, common};
use std::fmt;
use unicode_normalization::UnicodeNormalization as _;

/// A password: 8 to 128 characters of any kind but NUL, in NFKC, so that every keyboard types the same one. It is never
/// shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Reads a password.
    ///
    /// # Errors
    /// If it is too short, too long or holds a NUL.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        // At most four bytes to a character, and few that one character becomes: what is longer need not be counted.
        let text: String = if text.len() <= 8 * 128 { text.nfkc().collect() } else { String::new() };
        if (8..=128).contains(&text.chars().count()) && !text.contains('\0') {
            return Ok(Self(text));
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

/// A password that someone chooses: one that is not among the first that are guessed (NIST SP 800-63B, section 3.1.1.2).
/// Nothing else is asked of it: rules about kinds of characters make passwords no better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPassword(Password);

impl NewPassword {
    /// Reads a password that is chosen by the account of this address and handle.
    ///
    /// # Errors
    /// If it is none, or is guessed soon.
    pub fn parse(text: &str, email: Option<&Email>, handle: Option<&Handle>) -> Result<Self, FieldError> {
        let password = Password::parse(text)?;
        let names = email.map(Email::as_str).into_iter().chain(handle.map(Handle::as_str));
        if common::is_common(&password.0, names) {
            let detail = "It is among those that are guessed first. Choose another, such as four words that do not belong together.";
            return Err(FieldError { field: Field::Password, detail });
        }
        Ok(Self(password))
    }

    /// The password.
    pub(crate) fn password(&self) -> &Password {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords() {
        assert!(Password::parse("eight ch").is_ok());
        assert!(Password::parse(&"🦀".repeat(128)).is_ok());
        for bad in ["seven c", &"a".repeat(129), "nul\0nul\0", &"🦀".repeat(129), "", &"a".repeat(100_000)] {
            assert!(Password::parse(bad).is_err());
        }
        assert_eq!(format!("{:?}", Password::parse("hunter22").unwrap()), "Password(secret)");
        assert_eq!(Password::parse("cafe\u{301} au lait"), Password::parse("caf\u{e9} au lait"));
    }

    #[test]
    fn what_is_guessed_first_is_not_chosen() {
        let (email, handle) = (Email::parse("ada.lovelace@example.org").unwrap(), Handle::parse("ada_l_1815").unwrap());
        let choose = |text: &str| NewPassword::parse(text, Some(&email), Some(&handle));
        for bad in ["password", "ada.lovelace", "Ada_L_1815!", "ada.lovelace@example.org", "short"] {
            assert!(choose(bad).is_err(), "{bad}");
        }
        assert!(choose("correct horse battery").is_ok());
        assert!(!format!("{:?}", choose("correct horse").unwrap()).contains("horse"));
    }
}
