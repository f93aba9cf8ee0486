//! The second factor.

use super::{Actor, Auth};
use crate::{
    AuditKind, Error,
    attempts::Target,
    mail::MailKind,
    secret::digest,
    store,
    totp::{Authenticator, Setup, recovery_code, recovery_codes},
};
use std::time::Duration;
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::Transaction;

/// How long setting up may take.
const SETUP: Duration = Duration::from_secs(15 * 60);

impl Auth {
    /// Begins to set up an authenticator. Nothing is asked of a login before it is confirmed.
    ///
    /// # Errors
    /// [`Error::WrongPassword`], [`Error::TooManyAttempts`], [`Error::TotpEnabled`] if there is one, or a failure below.
    pub async fn begin_totp(&self, actor: Actor, password: &str) -> Result<Setup, Error> {
        let shown = &self.step_up(actor, password).await?;
        let (authenticator, now) = (&Authenticator::generate(self.random()), self.now());
        let setup = authenticator.setup(shown.account.handle.as_str())?;
        let begun = self
            .db()
            .transaction(|tx| async move {
                shown.holds(&tx).await?;
                Ok::<_, Error>(store::totp::begin(&tx, actor.account, actor.session, authenticator, now).await?)
            })
            .await?;
        if begun { Ok(setup) } else { Err(Error::TotpEnabled) }
    }

    /// Confirms an authenticator by a code of it, from the session that has begun to set it up: that one has shown the password.
    /// Gives back the recovery codes, once. All other sessions end, since they have shown no second factor.
    ///
    /// # Errors
    /// [`Error::NotFound`] if this session has begun nothing lately, [`Error::WrongTotp`], [`Error::TooManyAttempts`], or a
    /// failure below.
    pub async fn confirm_totp(&self, actor: Actor, code: &str) -> Result<Vec<String>, Error> {
        let attempt = self.0.attempts.begin(Target::StepUp(&actor.account.to_string())).await?;
        let (codes, now) = (recovery_codes(self.random()), self.now());
        let hashes: &Vec<String> =
            &codes.iter().filter_map(|code| recovery_code(code)).map(|code| digest(&code)).collect();
        let ended = self
            .db()
            .transaction(|tx| async move {
                let begun = store::totp::begun(&tx, actor.account, actor.session, now - SETUP).await?;
                let authenticator = begun.ok_or(Error::NotFound("authenticator that was begun to be set up"))?;
                let step = authenticator.step_of(code, now)?.ok_or(Error::WrongTotp)?;
                store::totp::confirm(&tx, actor.account, now).await?;
                store::totp::use_step(&tx, actor.account, step).await?;
                store::totp::set_codes(&tx, actor.account, hashes).await?;
                self.note(&tx, actor.account, AuditKind::TotpEnabled, Some(actor.session), "").await?;
                let ended = store::sessions::end_others(&tx, actor.account, actor.session, now).await?;
                store::closing::add(&tx, actor.account, &ended, now).await?;
                Ok::<_, Error>(ended)
            })
            .await?;
        attempt.was_right().await;
        tracing::info!(account = %actor.account, "second factor set up");
        self.close_or_later(&ended).await;
        Ok(codes)
    }

    /// Takes the authenticator and the recovery codes away.
    ///
    /// # Errors
    /// [`Error::WrongPassword`], [`Error::WrongTotp`], [`Error::TooManyAttempts`], or a failure below.
    pub async fn disable_totp(&self, actor: Actor, password: &str, code: &str) -> Result<(), Error> {
        let shown = &self.step_up(actor, password).await?;
        let attempt = self.0.attempts.begin(Target::StepUp(&actor.account.to_string())).await?;
        let now = self.now();
        self.db()
            .transaction(|tx| async move {
                shown.holds(&tx).await?;
                second_factor(&tx, actor.account, Some(code), now).await?;
                self.queue_mail(&tx, MailKind::SecondFactorRemoved, &shown.account.email.key()).await?;
                self.note(&tx, actor.account, AuditKind::TotpDisabled, Some(actor.session), "").await?;
                Ok::<_, Error>(store::totp::remove(&tx, actor.account).await?)
            })
            .await?;
        attempt.was_right().await;
        tracing::warn!(account = %actor.account, "second factor taken away");
        Ok(())
    }
}

/// How a code is refused that is asked of who is logged in. The session is good all the same: a client that read 401 would
/// refresh it.
pub(super) fn once_more(error: Error) -> Error {
    match error {
        Error::WrongTotp => Error::WrongCode,
        Error::TotpRequired => Error::CodeRequired,
        error => error,
    }
}

/// Sees that who knows the password has the second factor too, if the account has one. A code counts once.
pub(super) async fn second_factor(
    tx: &Transaction,
    account: Uuid,
    code: Option<&str>,
    now: Timestamp,
) -> Result<(), Error> {
    let Some(authenticator) = store::totp::confirmed(tx, account).await? else { return Ok(()) };
    let code = code.ok_or(Error::TotpRequired)?;
    if let Some(step) = authenticator.step_of(code, now)? {
        return if store::totp::use_step(tx, account, step).await? { Ok(()) } else { Err(Error::WrongTotp) };
    }
    let used = match recovery_code(code) {
        Some(code) => store::totp::use_code(tx, account, &digest(&code)).await?,
        None => false,
    };
    if used { Ok(()) } else { Err(Error::WrongTotp) }
}
