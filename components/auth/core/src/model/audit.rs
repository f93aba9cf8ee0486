//! Events that somebody may have to know later.

use uuid::Uuid;
use vitrine_clock::Timestamp;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident: $word:literal,)*) => {
        /// What has happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum AuditKind {
            $($(#[$doc])* $name,)*
        }

        impl AuditKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word for it in JSON and in rows.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

kinds! {
    /// The account was deleted; all that is left of it.
    AccountDeleted: "account-deleted",
    /// An API key was made; the detail is its name.
    ApiKeyCreated: "api-key-created",
    /// An API key was revoked; the session is its id.
    ApiKeyRevoked: "api-key-revoked",
    /// All that is held was read.
    DataExported: "data-exported",
    /// The address was verified.
    EmailVerified: "email-verified",
    /// Somebody logged in; the detail is the device.
    LoggedIn: "logged-in",
    /// Somebody logged out.
    LoggedOut: "logged-out",
    /// A password or a code was wrong; the detail is the device.
    LoginFailed: "login-failed",
    /// A passkey was added; the detail is its name.
    PasskeyAdded: "passkey-added",
    /// An answer of a passkey was not believed; the detail says why.
    PasskeyRefused: "passkey-refused",
    /// A passkey was removed; the detail is its name.
    PasskeyRemoved: "passkey-removed",
    /// Somebody logged in with a passkey; the detail is the device.
    PasskeyUsed: "passkey-used",
    /// The password was changed by who knew it.
    PasswordChanged: "password-changed",
    /// The password was changed by who reads the mail.
    PasswordReset: "password-reset",
    /// A refresh token was used again, and its session has ended.
    RefreshReused: "refresh-reused",
    /// The account was made; the detail is the device.
    Registered: "registered",
    /// The roles were changed; the detail says to which, and by whom.
    RolesChanged: "roles-changed",
    /// A session was revoked.
    SessionRevoked: "session-revoked",
    /// The second factor was taken away.
    TotpDisabled: "totp-disabled",
    /// A second factor was set up.
    TotpEnabled: "totp-enabled",
}

impl AuditKind {
    /// The kind of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }
}

/// Something that has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// UUIDv7: sorts by time.
    pub id: Uuid,
    /// To whom; nobody, if it was a login of nobody.
    pub account: Option<Uuid>,
    /// What.
    pub kind: AuditKind,
    /// In which session, or to which.
    pub session: Option<Uuid>,
    /// What is to be known beside that; may be empty.
    pub detail: String,
    /// When.
    pub happened_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back_and_differ() {
        for kind in AuditKind::ALL {
            assert_eq!(AuditKind::parse(kind.as_str()), Some(*kind));
        }
        assert_eq!(AuditKind::parse("nothing"), None);
    }
}
