//! Changing a password, and asking for it once more.

use super::{Actor, Auth};
use crate::{
    Account, AuditKind, Error, Field, FieldError, NewPassword, Password, attempts::Target, mail::MailKind, store,
};

impl Auth {
    /// Sees that who is logged in knows the password too: before what a stolen session must not do.
    ///
    /// # Errors
    /// [`Error::WrongPassword`], [`Error::TooManyAttempts`], [`Error::SessionEnded`], or a failure below.
    pub(super) async fn step_up(&self, actor: Actor, password: &str) -> Result<Account, Error> {
        let attempt = self.0.attempts.begin(Target::StepUp(&actor.account.to_string())).await?;
        let (account, hash) = store::accounts::with_hash(self.db(), actor.account).await?.ok_or(Error::SessionEnded)?;
        let password = Password::parse(password).ok();
        if !self.0.settings.hashing.verify(password.as_ref(), Some(&hash))? {
            return Err(Error::WrongPassword);
        }
        attempt.was_right().await;
        Ok(account)
    }

    /// Changes the password of who is logged in. All other sessions end, and no device is known any more.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the new one is not acceptable, [`Error::WrongPassword`] if the current one is not right,
    /// [`Error::TooManyAttempts`], or a failure below.
    pub async fn change_password(&self, actor: Actor, current: &str, new: &str) -> Result<(), Error> {
        let account = self.step_up(actor, current).await?;
        let new = NewPassword::parse(new, Some(&account.email), Some(&account.handle))
            .map_err(|error| FieldError { field: Field::NewPassword, ..error })?;
        let hash = &self.0.settings.hashing.hash(new.password(), self.random())?;
        let (now, key) = (self.now(), &account.email.key());
        let ended = self
            .db()
            .transaction(|tx| async move {
                store::accounts::set_password(&tx, actor.account, hash).await?;
                store::devices::forget(&tx, actor.account).await?;
                self.queue_mail(&tx, MailKind::PasswordChanged, key).await?;
                self.note(&tx, actor.account, AuditKind::PasswordChanged, Some(actor.session), "").await?;
                store::sessions::end_others(&tx, actor.account, actor.session, now).await
            })
            .await?;
        tracing::info!(account = %actor.account, ended = ended.len(), "password changed");
        self.close(&ended).await
    }
}
