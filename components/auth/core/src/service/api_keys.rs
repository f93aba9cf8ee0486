//! Keys of programs, and the access tokens that are made from them.

use super::{Actor, Auth};
use crate::{
    Account, ApiKey, AuditKind, Error, KeyName, Role, Scope,
    error::Checks,
    model::{parts, whole},
    secret::{Secret, digest},
    store,
};
use std::time::Duration;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;
use vitrine_identity::{ACCESS_TOKEN_SECONDS, Caller};

/// The most keys of one account.
const MOST: u64 = 50;

/// How exactly it is noted when a key was used.
const USED: Duration = Duration::from_secs(60);

/// How long a key is live for the gateway after a token was made from it: as long as the token is good.
const LIVE: Duration = Duration::from_secs(ACCESS_TOKEN_SECONDS as u64);

impl Auth {
    /// Makes a key. Gives it back whole, once. It needs the password, since a key outlives the session that it was made in.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field that is not acceptable, [`Error::WrongPassword`], [`Error::TooManyAttempts`],
    /// [`Error::TooManyKeys`], or a failure below.
    pub async fn create_api_key(
        &self,
        actor: Actor,
        password: &str,
        name: &str,
        scopes: &[impl AsRef<str>],
    ) -> Result<(ApiKey, String), Error> {
        let mut checks = Checks::default();
        let (name, scopes) = (checks.note(KeyName::parse(name)), checks.note(Scope::parse_all(scopes)));
        let (Some(name), Some(scopes)) = (name, scopes) else { return Err(checks.into_error()) };
        let shown = &self.step_up(actor, password).await?;
        let key = &ApiKey { id: self.ids().next(), name, scopes, created_at: self.now(), used_at: None };
        let secret = Secret::generate(self.random());
        let hash = &secret.digest();
        self.db()
            .transaction(|tx| async move {
                shown.holds(&tx).await?;
                if store::api_keys::count(&tx, actor.account).await? >= MOST {
                    return Err(Error::TooManyKeys);
                }
                self.note(&tx, actor.account, AuditKind::ApiKeyCreated, Some(key.id), key.name.as_str()).await?;
                Ok(store::api_keys::insert(&tx, actor.account, key, hash).await?)
            })
            .await?;
        tracing::info!(account = %actor.account, key = %key.id, "API key made");
        Ok((key.clone(), whole(key.id, secret.as_str())))
    }

    /// The keys of who is logged in, the newest first.
    ///
    /// # Errors
    /// A failure below.
    pub async fn api_keys(&self, actor: Actor) -> Result<Vec<ApiKey>, Error> {
        Ok(store::api_keys::of_account(self.db(), actor.account).await?)
    }

    /// Ends a key of the caller's, and the tokens that were made from it. If the gateway could not be told of that, the next
    /// call tells it.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for a key of somebody else; or a failure below.
    pub async fn revoke_api_key(&self, actor: Actor, key: Uuid) -> Result<(), Error> {
        let now = self.now();
        self.db()
            .transaction(|tx| async move {
                if !store::api_keys::remove(&tx, key, actor.account).await? {
                    let left = store::closing::is_left(&tx, key, actor.account).await?;
                    return if left { Ok(()) } else { Err(Error::NotFound("API key")) };
                }
                store::closing::add(&tx, actor.account, &[key], now).await?;
                Ok(self.note(&tx, actor.account, AuditKind::ApiKeyRevoked, Some(key), "").await?)
            })
            .await?;
        tracing::info!(account = %actor.account, %key, "API key revoked");
        self.close(&[key]).await
    }

    /// An access token for a key, and how long it is valid, in seconds. It has the scopes of the key, and none of the roles by
    /// which its account has power over others.
    ///
    /// # Errors
    /// [`Error::InvalidApiKey`], whatever is wrong with it, or a failure below.
    pub async fn exchange(&self, api_key: &str) -> Result<(String, u32), Error> {
        let (id, secret) = parts(api_key).ok_or(Error::InvalidApiKey)?;
        let stored = store::api_keys::find(self.db(), id).await?.ok_or(Error::InvalidApiKey)?;
        if !bool::from(digest(secret).as_bytes().ct_eq(stored.secret_hash.as_bytes())) {
            return Err(Error::InvalidApiKey);
        }
        let now = self.now();
        store::api_keys::used(self.db(), id, now, now - USED).await?;
        self.0.live.open(id, stored.account, LIVE).await?;
        // Who revokes it or changes roles meanwhile closes it before this opens it, so the token says what holds after that.
        let left = store::api_keys::find(self.db(), id).await?;
        let account = store::accounts::find(self.db(), stored.account).await?;
        let (Some(stored), Some(account)) = (left, account) else {
            self.0.live.close(id).await?;
            return Err(Error::InvalidApiKey);
        };
        let roles = account.roles.iter().copied().filter(|role| matches!(role, Role::User | Role::Seller)).collect();
        let scopes = Scope::words(&stored.scopes).into_iter().map(str::to_owned).collect();
        let token = self.access_token(&Account { roles, ..account }, id, Some(scopes));
        Ok((token, ACCESS_TOKEN_SECONDS))
    }

    /// The account of the caller, who is logged in, or a program with a key that may read it.
    ///
    /// # Errors
    /// [`Error::SessionEnded`], [`Error::NotAllowed`], or a failure below.
    pub async fn account_of(&self, caller: &Caller) -> Result<Account, Error> {
        let Some(scopes) = &caller.scopes else { return self.account(self.actor(caller).await?).await };
        if !scopes.iter().any(|scope| scope == Scope::AccountRead.as_str()) {
            return Err(Error::NotAllowed("The API key does not have the scope account:read."));
        }
        let key = store::api_keys::find(self.db(), caller.session_id).await?.ok_or(Error::SessionEnded)?;
        store::accounts::find(self.db(), key.account).await?.ok_or(Error::SessionEnded)
    }
}
