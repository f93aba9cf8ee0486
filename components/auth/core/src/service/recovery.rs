//! What is proved by reading mail: that an address is one's own, and that an account is.

use super::{Actor, Auth};
use crate::{
    AuditKind, Email, Error, NewPassword, Role,
    attempts::Target,
    mail::MailKind,
    secret::{Secret, digest},
    store,
};
use vitrine_db::{DbError, Transaction};

impl Auth {
    /// Has the mail sent once more that shows whose address it is. Nothing is sent for one that is verified.
    ///
    /// # Errors
    /// A failure below.
    pub async fn request_verification(&self, actor: Actor) -> Result<(), Error> {
        let account = self.account(actor).await?;
        self.send_mail(MailKind::VerifyEmail, &account.email).await
    }

    /// Has a mail sent by which the password can be changed, if an account has that address. Nothing tells whether one has:
    /// neither the answer nor how long it takes, since who it is looked up only when the mail is sent.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what is no address, or a failure below.
    pub async fn request_password_reset(&self, email: &str) -> Result<(), Error> {
        self.send_mail(MailKind::ResetPassword, &Email::parse(email)?).await
    }

    /// Notes mail to an address, unless it gets too much of it: then there is some on its way.
    async fn send_mail(&self, kind: MailKind, email: &Email) -> Result<(), Error> {
        let key = &email.key();
        if self.may_mail(email).await? {
            self.db().transaction(|tx| async move { self.queue_mail(&tx, kind, key).await }).await?;
        }
        Ok(())
    }

    /// Counts one more mail to an address that anybody may name. False if there is enough on its way.
    pub(super) async fn may_mail(&self, email: &Email) -> Result<bool, Error> {
        match self.0.attempts.begin(Target::Mail(&email.key())).await {
            Err(Error::TooManyAttempts { .. }) => Ok(false),
            counted => counted.map(|_| true),
        }
    }

    /// Notes that the address is the account's own, by the secret that was sent to it. `by` is who is logged in and brings it.
    ///
    /// # Errors
    /// [`Error::InvalidToken`], or a failure below.
    pub async fn verify_email(&self, token: &str, by: Option<Actor>) -> Result<(), Error> {
        let (hash, now) = (&digest(token), self.now());
        let account = self
            .db()
            .transaction(|tx| async move {
                let to = store::mails::use_token(&tx, hash, MailKind::VerifyEmail, now).await?;
                let to = to.ok_or(Error::InvalidToken)?;
                let account = store::accounts::find(&tx, to.account).await?.ok_or(Error::InvalidToken)?;
                if account.email.key() != to.email_key {
                    return Err(Error::InvalidToken);
                }
                store::accounts::set_verified(&tx, account.id).await?;
                if by.is_some_and(|by| by.account == account.id) {
                    self.make_first_admin(&tx, account.id, &account.email).await?;
                }
                self.note(&tx, account.id, AuditKind::EmailVerified, None, "").await?;
                Ok(account.id)
            })
            .await?;
        tracing::info!(%account, "e-mail address verified");
        Ok(())
    }

    /// Makes who has verified the address of the first admin one, unless there is an admin. Anybody may have registered with that
    /// address, so reading its mail is not enough: who does that must have the account too, by a session of it, or by
    /// choosing its password. And the address is the one that the deployment names, not one that is only alike.
    async fn make_first_admin(&self, tx: &Transaction, id: uuid::Uuid, email: &Email) -> Result<(), DbError> {
        let named = self.0.settings.first_admin.as_ref();
        let named = named.is_some_and(|first| first.as_str().eq_ignore_ascii_case(email.as_str()));
        if !named || store::accounts::any_admin(tx).await? {
            return Ok(());
        }
        tracing::warn!(account = %id, "the first admin");
        store::accounts::set_roles(tx, id, &[Role::User, Role::Admin]).await?;
        self.note(tx, id, AuditKind::RolesChanged, None, "user, admin: the first admin").await
    }

    /// Changes the password of the account that a secret was sent to. All its sessions, API keys and passkeys end: whoever knew the
    /// password before may have made some. Reading the mail shows whose the address is, too; whoever had the account before that
    /// was shown may have been somebody else, so that one's second factor goes. Gives back what makes the device known from which
    /// that was done, so that guesses of others do not keep it from logging in.
    ///
    /// # Errors
    /// [`Error::InvalidToken`], [`Error::Invalid`] if the password is not acceptable, after which the secret is still good,
    /// or a failure below.
    pub async fn reset_password(&self, token: &str, password: &str) -> Result<String, Error> {
        let (hash, now, kind) = (&digest(token), self.now(), MailKind::ResetPassword);
        // Hashing is dear: it is done for those only who bring a secret.
        let to = store::mails::token(self.db(), hash, kind, now).await?.ok_or(Error::InvalidToken)?;
        let account = &store::accounts::find(self.db(), to.account).await?.ok_or(Error::InvalidToken)?;
        let new = NewPassword::parse(password, Some(&account.email), Some(&account.handle))?;
        let password_hash = &self.0.settings.hashing.hash(new.password(), self.random())?;
        let device = Secret::generate(self.random());
        let device_hash = &device.digest();
        let ended = self
            .db()
            .transaction(|tx| async move {
                let to = store::mails::use_token(&tx, hash, kind, now).await?;
                if to.is_none_or(|to| to.account != account.id) {
                    return Err(Error::InvalidToken);
                }
                let verified = store::accounts::find(&tx, account.id).await?.ok_or(Error::InvalidToken)?.email_verified;
                if !verified {
                    store::totp::remove(&tx, account.id).await?;
                    store::accounts::set_verified(&tx, account.id).await?;
                    self.note(&tx, account.id, AuditKind::EmailVerified, None, "").await?;
                }
                store::accounts::set_password(&tx, account.id, password_hash).await?;
                self.make_first_admin(&tx, account.id, &account.email).await?;
                store::devices::forget(&tx, account.id).await?;
                store::devices::seen(&tx, device_hash, account.id, now).await?;
                self.queue_mail(&tx, MailKind::PasswordChanged, &account.email.key()).await?;
                self.note(&tx, account.id, AuditKind::PasswordReset, None, "").await?;
                let mut ended = store::sessions::end_all(&tx, account.id, now).await?;
                for key in store::api_keys::remove_all(&tx, account.id).await? {
                    self.note(&tx, account.id, AuditKind::ApiKeyRevoked, Some(key), "the password was reset").await?;
                    ended.push(key);
                }
                for name in store::passkeys::remove_all(&tx, account.id).await? {
                    self.note(&tx, account.id, AuditKind::PasskeyRemoved, None, &name).await?;
                }
                store::closing::add(&tx, account.id, &ended, now).await?;
                Ok(ended)
            })
            .await?;
        tracing::info!(account = %account.id, ended = ended.len(), "password reset");
        self.close_or_later(&ended).await;
        Ok(device.as_str().to_owned())
    }
}
