//! A request that ends in one transaction.

use crate::{
    Answer, Answered, Attempt, Claim, Error, Fingerprint, Slot, Target, claim,
    store::{self, Found},
};
use std::{sync::Arc, time::Duration};
use vitrine_clock::{Clock, Timestamp};
use vitrine_db::{Db, DbError, Transaction};
use vitrine_random::Ids;

/// How long an answer is kept.
pub const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// How often a request looks for the answer of another one that was faster. Each time the other one was just forgotten
/// or undone, so more than two are not seen.
const LOOKS: u32 = 4;

/// One request in so many forgets what has expired.
const PRUNED_BY: u32 = 64;

/// The keys of a service, in its database. Clones are the same.
#[derive(Debug, Clone)]
pub struct Idempotency {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Ids,
}

/// Why a transaction was undone.
enum Undone<E> {
    /// The work failed.
    Work(E),
    /// Another request with the key has ended meanwhile.
    Overtaken,
}

impl<E: From<DbError>> From<DbError> for Undone<E> {
    fn from(error: DbError) -> Self {
        Self::Work(error.into())
    }
}

impl Idempotency {
    /// The keys in `db`, which has [`crate::IDEMPOTENCY_SQL`].
    pub fn new(db: Db, clock: Arc<dyn Clock>, ids: Ids) -> Self {
        Self { db, clock, ids }
    }

    /// Forgets the keys of a caller, and their answers, in the transaction that deletes all that is theirs.
    ///
    /// # Errors
    /// See [`DbError`].
    pub async fn forget(tx: &Transaction, caller: &str) -> Result<(), DbError> {
        store::forget(tx, caller).await
    }

    /// Runs `work` in one transaction and keeps its answer in the same one. If the slot has an answer by then, the work is
    /// undone, and that answer given. Without a slot it is an ordinary transaction. `work` may run again, as in
    /// [`vitrine_db::Db::transaction`], so it has no effect but on the database.
    ///
    /// # Errors
    /// What `work` returns, and then nothing is kept; [`Error::KeyReused`] for a key of another request,
    /// [`Error::InProgress`] for one that is at work; and a [`DbError`].
    pub async fn once<E, F, W>(&self, attempt: &Attempt, work: F) -> Result<Answered, E>
    where
        F: Fn(Transaction) -> W,
        W: Future<Output = Result<Answer, E>>,
        E: From<DbError> + From<Error>,
    {
        let Some(slot) = &attempt.slot else { return self.db.transaction(work).await.map(Answered::now) };
        self.prune_now_and_then().await;
        for _ in 0..LOOKS {
            // The work goes first: nearly every request is the first of its key, and pays for no look at the slot.
            let undone = match self.run(slot, &attempt.fingerprint, &work).await {
                Ok(answer) => return Ok(Answered::now(answer)),
                Err(undone) => undone,
            };
            match (self.answered(slot, &attempt.fingerprint).await, undone) {
                (Ok(Some(answered)), _) => return Ok(answered),
                // The work may have failed because it was done before; if not, its own error counts.
                (Ok(None) | Err(Error::Db(_)), Undone::Work(error)) => return Err(error),
                (Ok(None), Undone::Overtaken) => {}
                (Err(error), _) => return Err(error.into()),
            }
        }
        Err(Error::InProgress.into())
    }

    async fn run<E, F, W>(&self, slot: &Slot, fingerprint: &Fingerprint, work: &F) -> Result<Answer, Undone<E>>
    where
        F: Fn(Transaction) -> W,
        W: Future<Output = Result<Answer, E>>,
        E: From<DbError> + From<Error>,
    {
        let now = self.clock.now();
        self.db
            .transaction(|tx| {
                let work = work(tx.clone());
                async move {
                    let answer = work.await.map_err(Undone::Work)?;
                    let kept = store::record(&tx, slot, None, (fingerprint, &answer), now + KEPT, now).await;
                    match kept.map_err(|error| Undone::Work(error.into()))? {
                        true => Ok(answer),
                        false => Err(Undone::Overtaken),
                    }
                }
            })
            .await
    }

    /// The first answer, if there is one, to the same request.
    async fn answered(&self, slot: &Slot, fingerprint: &Fingerprint) -> Result<Option<Answered>, Error> {
        match store::find(&self.db, slot, self.clock.now()).await? {
            None => Ok(None),
            Some(Found::InProgress) => Err(Error::InProgress),
            Some(Found::Answer(first, answer)) => claim::same(&first, fingerprint, answer).map(Some),
        }
    }

    /// Takes a slot for a request to `target` that takes long, or gives the answer that it has.
    ///
    /// # Errors
    /// [`Error::InProgress`] while another request holds it, and a [`DbError`].
    pub async fn claim(&self, slot: Slot, target: Target) -> Result<Claim, Error> {
        self.prune_now_and_then().await;
        crate::claim::take(self, slot, target).await
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Outside any transaction of a service: what has expired can wait, and must not make a request fail.
    async fn prune_now_and_then(&self) {
        if !(self.ids.next().as_u128() as u32).is_multiple_of(PRUNED_BY) {
            return;
        }
        if let Err(error) = store::prune(&self.db, self.clock.now()).await {
            tracing::debug!(%error, "expired idempotency keys were not forgotten");
        }
    }
}
