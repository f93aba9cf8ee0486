//! Changing a password, and asking for it once more.

use super::{Actor, Auth};
use crate::{
    Account, AuditKind, Error, Field, FieldError, NewPassword, Password, attempts::Target, mail::MailKind, store,
};
use std::fmt;
use vitrine_db::Transaction;

/// An account whose password was shown once more.
pub(super) struct SteppedUp {
    pub(super) account: Account,
    /// Of the password that was shown, as it was stored.
    hash: String,
}

impl fmt::Debug for SteppedUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SteppedUp").field("account", &self.account.id).finish_non_exhaustive()
    }
}

impl SteppedUp {
    /// Sees, in the transaction of what it was shown for, that the password is still that one: it may have been changed since
    /// it was checked.
    ///
    /// # Errors
    /// [`Error::WrongPassword`], [`Error::SessionEnded`] if the account is gone, or a failure below.
    pub(super) async fn holds(&self, tx: &Transaction) -> Result<(), Error> {
        let stored = store::accounts::with_hash(tx, self.account.id).await?;
        let (_, hash) = stored.ok_or(Error::SessionEnded)?;
        if hash == self.hash { Ok(()) } else { Err(Error::WrongPassword) }
    }
}

impl Auth {
    /// Sees that who is logged in knows the password too: before what a stolen session must not do. What is then done is done
    /// in a transaction that sees that it still [`holds`](SteppedUp::holds).
    ///
    /// # Errors
    /// [`Error::WrongPassword`], [`Error::TooManyAttempts`], [`Error::SessionEnded`], or a failure below.
    pub(super) async fn step_up(&self, actor: Actor, password: &str) -> Result<SteppedUp, Error> {
        let attempt = self.0.attempts.begin(Target::StepUp(&actor.account.to_string())).await?;
        let (account, hash) = store::accounts::with_hash(self.db(), actor.account).await?.ok_or(Error::SessionEnded)?;
        let password = Password::parse(password).ok();
        if !self.0.settings.hashing.verify(password.as_ref(), Some(&hash))? {
            return Err(Error::WrongPassword);
        }
        attempt.was_right().await;
        Ok(SteppedUp { account, hash })
    }

    /// Changes the password of who is logged in. All other sessions end, and no device is known any more.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the new one is not acceptable, [`Error::WrongPassword`] if the current one is not right,
    /// [`Error::TooManyAttempts`], or a failure below.
    pub async fn change_password(&self, actor: Actor, current: &str, new: &str) -> Result<(), Error> {
        let shown = &self.step_up(actor, current).await?;
        let account = &shown.account;
        let new = NewPassword::parse(new, Some(&account.email), Some(&account.handle))
            .map_err(|error| FieldError { field: Field::NewPassword, ..error })?;
        let hash = &self.0.settings.hashing.hash(new.password(), self.random())?;
        let (now, key) = (self.now(), &account.email.key());
        let ended = self
            .db()
            .transaction(|tx| async move {
                shown.holds(&tx).await?;
                store::accounts::set_password(&tx, actor.account, hash).await?;
                store::devices::forget(&tx, actor.account).await?;
                self.queue_mail(&tx, MailKind::PasswordChanged, key).await?;
                self.note(&tx, actor.account, AuditKind::PasswordChanged, Some(actor.session), "").await?;
                let ended = store::sessions::end_others(&tx, actor.account, actor.session, now).await?;
                store::closing::add(&tx, actor.account, &ended, now).await?;
                Ok::<_, Error>(ended)
            })
            .await?;
        tracing::info!(account = %actor.account, ended = ended.len(), "password changed");
        self.close_or_later(&ended).await;
        Ok(())
    }
}
