//! What has happened, for who has to know.

use super::{Actor, Auth};
use crate::{AuditEntry, AuditKind, Error, store};
use std::time::Duration;
use uuid::Uuid;
use vitrine_db::{DbError, Transaction};

/// How long an entry is kept.
const KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// How long it is known that somebody tried a login of nobody.
const NOBODYS_KEPT: Duration = Duration::from_secs(24 * 60 * 60);

impl Auth {
    /// Notes what has happened to an account, in the transaction of it.
    pub(super) async fn note(
        &self,
        tx: &Transaction,
        account: Uuid,
        kind: AuditKind,
        session: Option<Uuid>,
        detail: &str,
    ) -> Result<(), DbError> {
        self.append(tx, Some(account), kind, session, detail).await
    }

    /// Notes a login that has failed, of an account or of nobody: both cost the same.
    pub(super) async fn note_failed(&self, account: Option<Uuid>, device: &str) -> Result<(), Error> {
        let forget = self.now() - NOBODYS_KEPT;
        self.db()
            .transaction(|tx| async move {
                store::audit::forget_nobodys(&tx, forget).await?;
                self.append(&tx, account, AuditKind::LoginFailed, None, device).await
            })
            .await?;
        Ok(())
    }

    async fn append(
        &self,
        tx: &Transaction,
        account: Option<Uuid>,
        kind: AuditKind,
        session: Option<Uuid>,
        detail: &str,
    ) -> Result<(), DbError> {
        let (id, happened_at) = (self.ids().next(), self.now());
        let entry = AuditEntry { id, account, kind, session, detail: detail.to_owned(), happened_at };
        store::audit::append(tx, &entry, happened_at - KEPT).await
    }

    /// At most `limit` entries about the caller before the entry `before`, the last one first, and whether there are more.
    ///
    /// # Errors
    /// A failure below.
    pub async fn audit(
        &self,
        actor: Actor,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<(Vec<AuditEntry>, bool), Error> {
        self.entries(Some(actor.account), before, limit).await
    }

    /// The same about any account, or about all, for admins.
    ///
    /// # Errors
    /// [`Error::NotAllowed`], or a failure below.
    pub async fn audit_of(
        &self,
        actor: Actor,
        account: Option<Uuid>,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<(Vec<AuditEntry>, bool), Error> {
        self.admin(actor).await?;
        self.entries(account, before, limit).await
    }

    async fn entries(
        &self,
        account: Option<Uuid>,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<(Vec<AuditEntry>, bool), Error> {
        let mut entries = store::audit::list(self.db(), account, before, limit.saturating_add(1)).await?;
        let more = entries.len() > limit as usize;
        entries.truncate(limit as usize);
        Ok((entries, more))
    }
}
