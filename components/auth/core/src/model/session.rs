//! Sessions, and what a client is given of them.

use super::Account;
use std::fmt;
use uuid::Uuid;
use vitrine_clock::Timestamp;

/// One session of an account, as its owner sees it: all tokens that came of one login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id, a UUIDv7; the claim `sid` of its access tokens.
    pub id: Uuid,
    /// What the client called itself.
    pub device: DeviceName,
    /// When it began.
    pub created_at: Timestamp,
    /// When its tokens were last refreshed.
    pub seen_at: Timestamp,
}

/// What a client calls itself (`User-Agent`), cut to 200 characters; what does not print is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceName(String);

impl DeviceName {
    /// Makes a name of any text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(text.chars().filter(|c| !c.is_control()).take(200).collect::<String>().trim().to_owned())
    }

    /// The name as text; empty if the client has none.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What proves an account.
#[derive(Clone, PartialEq, Eq)]
pub struct Tokens {
    /// A JWT for every service.
    pub access_token: String,
    /// What the next tokens are given for, once.
    pub refresh_token: String,
    /// How long the access token is valid, in seconds.
    pub expires_in: u32,
    /// How long the refresh token is valid, in seconds.
    pub refresh_expires_in: u32,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// An account that has just logged in.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Whose session it is.
    pub account: Account,
    /// What proves it.
    pub tokens: Tokens,
    /// What shows at the next login that this device has logged in before.
    pub device_token: String,
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").field("account", &self.account.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_may_call_itself_anything() {
        assert_eq!(DeviceName::of(" curl/8\r\n\u{0} ").as_str(), "curl/8");
        assert_eq!(DeviceName::of(&"ä".repeat(1000)).as_str().chars().count(), 200);
        assert_eq!(DeviceName::of(""), DeviceName::default());
    }
}
