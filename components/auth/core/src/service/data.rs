//! All that is held of an account: to be seen, and to be gone.

use super::{
    Actor, Auth,
    totp::{once_more, second_factor},
};
use crate::{
    Account, ApiKey, AuditEntry, AuditKind, Error, Passkey, Session,
    attempts::Target,
    events::{ACCOUNT_DELETED, AccountDeleted, SOURCE},
    store,
};
use std::sync::Arc;
use vitrine_clock::Timestamp;
use vitrine_db::DbError;
use vitrine_events::{Event, Outbox, committed};

/// Entries of the audit log in one export.
const MOST_ENTRIES: u32 = 10_000;

/// All that auth holds of an account, but for what it holds as a hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// The account.
    pub account: Account,
    /// Its sessions that are live.
    pub sessions: Vec<Session>,
    /// When each of its devices was last seen to log in.
    pub devices: Vec<Timestamp>,
    /// Its API keys.
    pub api_keys: Vec<ApiKey>,
    /// Its passkeys.
    pub passkeys: Vec<Passkey>,
    /// Recovery codes that are left.
    pub recovery_codes_left: u64,
    /// What has happened, the last one first.
    pub audit: Vec<AuditEntry>,
    /// When this was put together.
    pub exported_at: Timestamp,
}

impl Auth {
    /// All that is held of who is logged in, as it is at one moment.
    ///
    /// # Errors
    /// [`Error::SessionEnded`], or a failure below.
    pub async fn export(&self, actor: Actor) -> Result<Export, Error> {
        let (now, id) = (self.now(), actor.account);
        self.db()
            .transaction(|tx| async move {
                let account = store::accounts::find(&tx, id).await?.ok_or(Error::SessionEnded)?;
                self.note(&tx, id, AuditKind::DataExported, Some(actor.session), "").await?;
                Ok(Export {
                    account,
                    sessions: store::sessions::live(&tx, id, now).await?,
                    devices: store::devices::of_account(&tx, id).await?,
                    api_keys: store::api_keys::of_account(&tx, id).await?,
                    passkeys: store::passkeys::of_account(&tx, id).await?,
                    recovery_codes_left: store::totp::codes_left(&tx, id).await?,
                    audit: store::audit::list(&tx, Some(id), None, MOST_ENTRIES).await?,
                    exported_at: now,
                })
            })
            .await
    }

    /// Deletes the account of who is logged in, and tells all services to do the same. That it was deleted is all that is left.
    ///
    /// # Errors
    /// [`Error::WrongPassword`], [`Error::CodeRequired`] and [`Error::WrongCode`] if it has a second factor,
    /// [`Error::TooManyAttempts`], or a failure below. If the gateway could not be told of the end of its sessions, that is no
    /// error: it is told later.
    pub async fn delete_account(&self, actor: Actor, password: &str, code: Option<&str>) -> Result<(), Error> {
        let shown = &self.step_up(actor, password).await?;
        let account = &shown.account;
        let attempt = self.0.attempts.begin(Target::StepUp(&actor.account.to_string())).await?;
        let (now, id, subject) = (self.now(), account.id, account.id.to_string());
        let told = AccountDeleted { account_id: id };
        let clock = &*self.0.ports.clock;
        let event = &Event::new(&self.ids(), clock, SOURCE, ACCOUNT_DELETED, &subject, &told).map_err(DbError::from)?;
        let deleted = self
            .db()
            .transaction(|tx| async move {
                shown.holds(&tx).await?;
                second_factor(&tx, id, code, now).await?;
                let mut ended = store::sessions::end_all(&tx, id, now).await?;
                ended.extend(store::api_keys::of_account(&tx, id).await?.iter().map(|key| key.id));
                store::closing::add(&tx, id, &ended, now).await?;
                store::mails::forget(&tx, &account.email.key()).await?;
                store::audit::forget_all_of(&tx, id).await?;
                store::accounts::delete(&tx, id).await?;
                self.note(&tx, id, AuditKind::AccountDeleted, None, "").await?;
                Outbox::append(&tx, event).await?;
                Ok::<_, Error>(ended)
            })
            .await;
        // Only a code that is wrong was a guess.
        if deleted != Err(Error::WrongTotp) {
            attempt.was_right().await;
        }
        let ended = deleted.map_err(once_more)?;
        committed(&*self.0.ports.ring, [event]);
        self.close_or_later(&ended).await;
        Ok(())
    }

    /// The outbox of this service.
    pub(crate) fn outbox(&self) -> Outbox {
        let ports = &self.0.ports;
        Outbox::new(ports.db.clone(), Arc::clone(&ports.clock), Arc::clone(&ports.random))
    }
}
