//! What auth writes to people.

use crate::Account;
use std::time::Duration;
use uuid::Uuid;
use vitrine_mailer::Mail;

/// What a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MailKind {
    /// Shows that the address is the account's own.
    VerifyEmail,
    /// Lets who reads it choose another password.
    ResetPassword,
    /// Tells that the password was changed.
    PasswordChanged,
    /// Tells that there is another way in.
    PasskeyAdded,
    /// Tells that the password alone lets in.
    SecondFactorRemoved,
}

impl MailKind {
    const ALL: [Self; 5] =
        [Self::VerifyEmail, Self::ResetPassword, Self::PasswordChanged, Self::PasskeyAdded, Self::SecondFactorRemoved];

    /// The word for it in rows.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify-email",
            Self::ResetPassword => "reset-password",
            Self::PasswordChanged => "password-changed",
            Self::PasskeyAdded => "passkey-added",
            Self::SecondFactorRemoved => "second-factor-removed",
        }
    }

    /// The kind of that word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// How long the secret in it is good, if it has one.
    pub(crate) const fn secret_for(self) -> Option<Duration> {
        match self {
            Self::VerifyEmail => Some(Duration::from_secs(48 * 60 * 60)),
            Self::ResetPassword => Some(Duration::from_secs(60 * 60)),
            Self::PasswordChanged | Self::PasskeyAdded | Self::SecondFactorRemoved => None,
        }
    }

    /// The mail itself. The link leads to this deployment, whatever was asked.
    pub(crate) fn compose(self, id: Uuid, to: &Account, public_url: &str, secret: &str) -> Mail {
        let public_url = public_url.trim_end_matches('/');
        // Not the name in text, which may be any words, and links: the address may be another one's.
        let name = to.handle.as_str();
        let (subject, text) = match self {
            Self::VerifyEmail => (
                "Confirm your e-mail address",
                format!(
                    "Hello {name},\n\nplease confirm that this address is yours:\n\n{public_url}/verify-email?token={secret}\n\n\
                     The link is good for 48 hours. If you have not registered, do nothing.\n"
                ),
            ),
            Self::ResetPassword => (
                "Choose another password",
                format!(
                    "Hello {name},\n\nwhoever opens this link chooses another password for your account:\n\n\
                     {public_url}/reset-password?token={secret}\n\n\
                     The link is good for one hour, and once. If you have not asked for it, do nothing: your password \
                     stays as it is.\n"
                ),
            ),
            Self::PasswordChanged => (
                "Your password was changed",
                format!(
                    "Hello {name},\n\nthe password of your account was changed, and all other sessions have ended.\n\n\
                     If that was not you, have it reset at once: {public_url}/reset-password\n"
                ),
            ),
            Self::PasskeyAdded => (
                "A passkey was added",
                format!(
                    "Hello {name},\n\na passkey was added to your account. Whoever has it logs in without your password.\n\n\
                     If that was not you, choose another password at once, which takes all passkeys away: \
                     {public_url}/reset-password\n"
                ),
            ),
            Self::SecondFactorRemoved => (
                "Your second factor was taken away",
                format!(
                    "Hello {name},\n\nfrom now on your password alone logs in to your account.\n\n\
                     If that was not you, choose another password at once: {public_url}/reset-password\n"
                ),
            ),
        };
        Mail { id, to: to.email.as_str().to_owned(), subject: subject.to_owned(), text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for kind in MailKind::ALL {
            assert_eq!(MailKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(MailKind::parse("spam"), None);
    }
}
