//! Who is calling auth itself.

use super::Auth;
use crate::{Account, Error, store};
use uuid::Uuid;
use vitrine_identity::Caller;

/// An account that is logged in: by a session that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub account: Uuid,
    /// The session.
    pub session: Uuid,
}

impl Auth {
    /// Lets through the caller whose session is live. What others learn from the store of live sessions is asked of the
    /// truth here.
    ///
    /// # Errors
    /// [`Error::SessionEnded`]; [`Error::NotAllowed`] for the token of an API key, which changes nothing of its account.
    pub async fn actor(&self, caller: &Caller) -> Result<Actor, Error> {
        if caller.scopes.is_some() {
            return Err(Error::NotAllowed("An API key cannot do this: log in."));
        }
        let actor = Actor { account: caller.account_id, session: caller.session_id };
        match store::sessions::is_live(self.db(), actor.session, actor.account, self.now()).await? {
            true => Ok(actor),
            false => Err(Error::SessionEnded),
        }
    }

    /// The account of who is logged in.
    ///
    /// # Errors
    /// [`Error::SessionEnded`], or a failure below.
    pub async fn account(&self, actor: Actor) -> Result<Account, Error> {
        store::accounts::find(self.db(), actor.account).await?.ok_or(Error::SessionEnded)
    }
}
