//! Refresh tokens: each is used once, and one that is used again ends its family.

use super::{Auth, SESSION_IDLE};
use crate::{
    Account, AuditKind, Error, Tokens,
    secret::{Secret, digest},
    store::{
        self,
        sessions::{StoredToken, children, insert_token, seen, token, use_token},
    },
};
use std::time::Duration;
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::Transaction;

/// How long the answer to a refresh may have been lost on the way, so that it is asked for again.
const RETRY: Duration = Duration::from_secs(10);

/// How long a token that was used is remembered, to see that it is used again.
const REMEMBERED: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What is done about a token that is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It is new: its successor is given for it.
    Successor,
    /// Its successor was given a moment ago and nobody has used it: the answer may have been lost, so there is another one.
    Sibling,
    /// It was used a moment ago, and no further one is given. Many tabs of one browser look like this.
    Refused,
    /// It was used long ago: somebody has a token that another one has used. Nobody knows who is the thief.
    Stolen,
}

fn judge(used_at: Option<Timestamp>, children: &[Option<Timestamp>], now: Timestamp) -> Verdict {
    match (used_at, children) {
        (None, _) => Verdict::Successor,
        (Some(used_at), _) if now.since(used_at) > RETRY => Verdict::Stolen,
        (Some(_), [None]) => Verdict::Sibling,
        (Some(_), _) => Verdict::Refused,
    }
}

/// What came of a refresh.
#[derive(Debug, Clone)]
enum Outcome {
    Given { account: Account, session: Uuid, idle: Duration },
    Refused,
    Ended { session: Uuid, account: Uuid },
}

impl Auth {
    /// Gives the next tokens for a refresh token, with the account as it is now.
    ///
    /// # Errors
    /// [`Error::InvalidRefresh`], whatever is wrong with it, or a failure below.
    pub async fn refresh(&self, refresh_token: &str) -> Result<(Account, Tokens), Error> {
        let (old, next, now) = (&digest(refresh_token), Secret::generate(self.random()), self.now());
        let hash = &next.digest();
        let outcome = self
            .db()
            .transaction(|tx| async move {
                let outcome = rotate(&tx, old, hash, now).await?;
                if let Outcome::Ended { session, account } = outcome {
                    self.note(&tx, account, AuditKind::RefreshReused, Some(session), "").await?;
                    store::closing::add(&tx, account, &[session], now).await?;
                }
                Ok::<_, Error>(outcome)
            })
            .await?;
        match outcome {
            Outcome::Given { account, session, idle } => {
                self.open(session, account.id, idle).await.map_err(|error| match error {
                    Error::SessionEnded => Error::InvalidRefresh,
                    error => error,
                })?;
                let tokens = self.tokens(&account, session, next.as_str(), idle);
                Ok((account, tokens))
            }
            Outcome::Refused => Err(Error::InvalidRefresh),
            Outcome::Ended { session, .. } => {
                tracing::warn!(%session, "a refresh token was used again; its session has ended");
                self.close_or_later(&[session]).await;
                Err(Error::InvalidRefresh)
            }
        }
    }
}

/// Uses the token of the hash `old`, and keeps the hash of the next one if there is to be one. All in one transaction, so that
/// of many who present it at once each sees what the ones before it did.
async fn rotate(tx: &Transaction, old: &str, next: &str, now: Timestamp) -> Result<Outcome, Error> {
    let Some(stored) = token(tx, old, now).await? else { return Ok(Outcome::Refused) };
    let StoredToken { session, account, parent, used_at, session_began_at } = stored;
    match judge(used_at, &children(tx, old).await?, now) {
        Verdict::Successor => use_token(tx, old, parent.as_deref(), now).await?,
        Verdict::Sibling => {}
        Verdict::Refused => return Ok(Outcome::Refused),
        Verdict::Stolen => {
            store::sessions::end(tx, session, account, now).await?;
            return Ok(Outcome::Ended { session, account });
        }
    }
    insert_token(tx, session, Some(old), next, now).await?;
    let idle = Auth::idle(session_began_at, now).min(SESSION_IDLE);
    seen(tx, session, now, now + idle, now - REMEMBERED).await?;
    let account = store::accounts::find(tx, account).await?.ok_or(Error::InvalidRefresh)?;
    Ok(Outcome::Given { account, session, idle })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_used_once_but_for_an_honest_retry() {
        let now = Timestamp::from_seconds(1000);
        let ago = |seconds: i64| Some(Timestamp::from_seconds(1000 - seconds));
        assert_eq!(judge(None, &[], now), Verdict::Successor);
        assert_eq!(judge(ago(0), &[None], now), Verdict::Sibling);
        assert_eq!(judge(ago(10), &[None], now), Verdict::Sibling);
        assert_eq!(judge(ago(11), &[None], now), Verdict::Stolen);
        // The successor was used, or there is a sibling already, or it was its sibling that was used.
        assert_eq!(judge(ago(5), &[ago(1)], now), Verdict::Refused);
        assert_eq!(judge(ago(5), &[None, None], now), Verdict::Refused);
        assert_eq!(judge(ago(5), &[], now), Verdict::Refused);
        assert_eq!(judge(ago(11), &[], now), Verdict::Stolen);
    }
}
