//! A request that takes long: it holds its slot while it is at work.

use crate::{
    Answer, Answered, Error, Fingerprint, Idempotency, KEPT, Slot, Target,
    store::{self, Found},
};
use std::time::Duration;
use vitrine_db::Transaction;

/// How long a slot is held without an answer before another request may take it. A holder that is slower keeps the slot
/// as long as nobody asks for it; the answer of one that has lost it is refused, with its effect.
const HELD: Duration = Duration::from_secs(60);

/// How often a slot is looked at that is neither free nor taken, since it was just given back.
const LOOKS: u32 = 4;

/// What a slot is.
#[derive(Debug)]
pub enum Claim {
    /// This request is the first.
    Held(Held),
    /// The first one has ended.
    Recorded(Recorded),
}

/// A slot that this request holds.
#[derive(Debug, Clone)]
pub struct Held {
    keys: Idempotency,
    slot: Slot,
    target: Target,
    claim: String,
}

/// The first answer, which is given only to the same request.
#[derive(Debug, Clone)]
pub struct Recorded {
    target: Target,
    fingerprint: Fingerprint,
    answer: Answer,
}

pub(crate) async fn take(keys: &Idempotency, slot: Slot, target: Target) -> Result<Claim, Error> {
    let claim = keys.ids.next().to_string();
    for _ in 0..LOOKS {
        let now = keys.now();
        if store::claim(&keys.db, &slot, &claim, now + HELD, now).await? {
            return Ok(Claim::Held(Held { keys: keys.clone(), slot, target, claim }));
        }
        match store::find(&keys.db, &slot, now).await? {
            Some(Found::Answer(fingerprint, answer)) => {
                return Ok(Claim::Recorded(Recorded { target, fingerprint, answer }));
            }
            Some(Found::InProgress) => return Err(Error::InProgress),
            None => {}
        }
    }
    Err(Error::InProgress)
}

impl Held {
    /// Keeps the answer to the request, whose body has that digest, in the transaction of the effect.
    ///
    /// # Errors
    /// [`Error::InProgress`] if another request has taken the slot, and a [`vitrine_db::DbError`]. The transaction must
    /// fail with it.
    pub async fn complete(&self, tx: &Transaction, body_sha256: &str, answer: &Answer) -> Result<(), Error> {
        let now = self.keys.now();
        let kept = (&self.target.fingerprint(body_sha256), answer);
        match store::record(tx, &self.slot, Some(&self.claim), kept, now + KEPT, now).await? {
            true => Ok(()),
            false => Err(Error::InProgress),
        }
    }

    /// Gives the slot back after a request that had no effect, so that it can be sent again at once. After
    /// [`Held::complete`] it changes nothing.
    pub async fn release(self) {
        if let Err(error) = store::release(&self.keys.db, &self.slot, &self.claim).await {
            tracing::warn!(%error, "an idempotency key is held until its time is over");
        }
    }
}

impl Recorded {
    /// The first answer again, if the body has that digest, in lower-case hexadecimal.
    ///
    /// # Errors
    /// [`Error::KeyReused`] if it is another request.
    pub fn replay(self, body_sha256: &str) -> Result<Answered, Error> {
        same(&self.fingerprint, &self.target.fingerprint(body_sha256), self.answer)
    }
}

/// The first answer again, if it was given to the same request.
pub(crate) fn same(first: &Fingerprint, now: &Fingerprint, answer: Answer) -> Result<Answered, Error> {
    if first == now { Ok(Answered::again(answer)) } else { Err(Error::KeyReused) }
}
