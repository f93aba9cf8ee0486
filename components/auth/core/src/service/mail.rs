//! Mail that waits to be sent.
//!
//! Whoever asks for mail gets a row in a table, in the transaction of what the mail is about; it is sent afterwards, and tried
//! again until it is taken. So a mail server that is away loses nothing, and nobody waits for it.

use super::Auth;
use crate::{
    Account, Error,
    mail::MailKind,
    secret::Secret,
    store::{
        self,
        mails::{Addressee, Due},
    },
};
use std::{sync::atomic::Ordering, time::Duration};
use vitrine_clock::Timestamp;
use vitrine_db::{DbError, Transaction};
use vitrine_mailer::MailError;

/// Longer than one try may take.
const LEASE: Duration = Duration::from_secs(60);

/// Tries until a mail is given up: a day and a half.
const TRIES: u32 = 40;

/// How long it is until the second try; later ones are twice as long each.
const FIRST_PAUSE: Duration = Duration::from_secs(10);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);

/// Mails of one run. What is left is sent by the next one.
const AT_ONCE: usize = 20;

/// How often an instance looks for mail that others have left.
const LOOK_EVERY: Duration = Duration::from_secs(10);

impl Auth {
    /// Notes, in the transaction of what it is about, that mail is to be sent.
    pub(super) async fn queue_mail(&self, tx: &Transaction, kind: MailKind, email_key: &str) -> Result<(), DbError> {
        store::mails::queue(tx, self.ids().next(), kind, email_key, self.now()).await?;
        self.0.mail_at.store(i64::MIN, Ordering::Relaxed);
        Ok(())
    }

    /// Whether it is time to look for mail: some was noted here, or nobody has looked for a while.
    pub(crate) fn mail_may_wait(&self) -> bool {
        let now = self.now();
        let due = now.as_millis() >= self.0.mail_at.load(Ordering::Relaxed);
        if due {
            self.0.mail_at.store((now + LOOK_EVERY).as_millis(), Ordering::Relaxed);
        }
        due
    }

    /// Sends mail that is due, and says how much was looked at. What cannot be sent now is due again later.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn deliver_mail(&self) -> Result<usize, Error> {
        for done in 0..AT_ONCE {
            if !self.deliver_one().await? {
                return Ok(done);
            }
        }
        self.0.mail_at.store(i64::MIN, Ordering::Relaxed);
        Ok(AT_ONCE)
    }

    async fn deliver_one(&self) -> Result<bool, Error> {
        let (secret, now) = (Secret::generate(self.random()), self.now());
        let hash = &secret.digest();
        let found = self.db().transaction(|tx| async move { prepare(&tx, hash, now).await }).await?;
        let Some((due, account)) = found else { return Ok(false) };
        // Nobody has that address, or not any more: that is told to no one.
        let Some(account) = account else { return Ok(true) };
        let mail = due.kind.compose(due.id, &account, &self.0.settings.public_url, secret.as_str());
        match self.0.ports.mailer.send(&mail).await {
            Ok(()) => store::mails::sent(self.db(), &due).await?,
            Err(error) => {
                let again = matches!(error, MailError::Later(_)) && due.attempt < TRIES;
                let next = again.then(|| self.now() + pause(due.attempt));
                tracing::warn!(mail = %due.id, attempt = due.attempt, again, %error, "mail was not sent");
                store::mails::failed(self.db(), &due, next, &error.to_string()).await?;
            }
        }
        Ok(true)
    }
}

/// Leases the next mail and keeps the hash of the secret in it. Without an account there is nobody to send it to.
async fn prepare(tx: &Transaction, hash: &str, now: Timestamp) -> Result<Option<(Due, Option<Account>)>, DbError> {
    let Some(due) = store::mails::lease(tx, now, now + LEASE).await? else { return Ok(None) };
    let account = match store::accounts::by_email_key(tx, &due.email_key).await {
        // It cannot be read tomorrow either, and the mail behind it waits.
        Err(error @ DbError::Column { .. }) => {
            tracing::error!(mail = %due.id, %error, "the account of a mail cannot be read; it is given up");
            store::mails::give_up(tx, due.id, &error.to_string()).await?;
            return Ok(Some((due, None)));
        }
        found => found?,
    };
    let wanted = |account: &Account| !(due.kind == MailKind::VerifyEmail && account.email_verified);
    let Some(account) = account.filter(wanted) else {
        store::mails::remove(tx, due.id).await?;
        return Ok(Some((due, None)));
    };
    if let Some(good_for) = due.kind.secret_for() {
        let to = Addressee { account: account.id, email_key: due.email_key.clone() };
        store::mails::add_token(tx, hash, due.kind, &to, now + good_for).await?;
    }
    Ok(Some((due, Some(account))))
}

fn pause(attempt: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1))).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_an_hour() {
        assert_eq!([1, 2, 3].map(pause).map(|it| it.as_secs()), [10, 20, 40]);
        assert_eq!(pause(40), LONGEST_PAUSE);
        assert!((1..TRIES).map(pause).sum::<Duration>() > Duration::from_secs(24 * 60 * 60));
    }
}
