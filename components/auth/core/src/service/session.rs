//! Sessions: beginning, seeing and ending them, and what proves them.

use super::{Actor, Auth};
use crate::{
    Account, AuditKind, DeviceName, Error, Session, SignedIn, Tokens,
    secret::{Secret, digest},
    store::{self, sessions::NewSession},
};
use std::{fmt, time::Duration};
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::{DbError, Transaction};
use vitrine_identity::{ACCESS_TOKEN_SECONDS, AUDIENCE, Claims};

/// How long a session may go unseen before it ends.
pub const SESSION_IDLE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long a session may go on at all.
const SESSION_LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How long a session that has ended is remembered, so that its owner's devices are told so.
const REMEMBERED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long whoever ends a session has to tell the gateway, until others do.
const CLOSING: Duration = Duration::from_secs(5);

/// The program that somebody uses.
#[derive(Clone, Default)]
pub struct Client {
    /// What it calls itself.
    pub name: DeviceName,
    /// What it was given when it logged in before.
    pub device_token: Option<String>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A session that is about to begin, and the secrets of it that are not stored.
#[derive(Debug, Clone)]
pub(super) struct Beginning {
    session: NewSession,
    refresh: Secret,
    device: Secret,
}

impl Beginning {
    /// The id that the session has.
    pub(super) fn id(&self) -> Uuid {
        self.session.id
    }
}

impl Auth {
    /// Prepares a session. Its id and its secrets are new, whatever the client brings, so that nobody can be made to go on
    /// with a session that another one knows.
    pub(super) fn prepare(&self, account: Uuid, client: &Client, known_device: bool) -> Beginning {
        let (now, random) = (self.now(), self.random());
        let refresh = Secret::generate(random);
        let kept = client.device_token.as_deref().filter(|_| known_device).map(Secret::presented);
        let device = kept.unwrap_or_else(|| Secret::generate(random));
        let session = NewSession {
            id: self.ids().next(),
            account,
            device: client.name.clone(),
            now,
            expires_at: now + SESSION_IDLE,
            token: refresh.digest(),
        };
        Beginning { session, refresh, device }
    }

    /// Writes a session that was prepared. Gives back those that are ended for it.
    pub(super) async fn write(tx: &Transaction, it: &Beginning) -> Result<Vec<Uuid>, DbError> {
        let (session, now) = (&it.session, it.session.now);
        store::devices::seen(tx, &it.device.digest(), session.account, now).await?;
        let ended = store::sessions::insert(tx, session, now - REMEMBERED).await?;
        store::closing::add(tx, session.account, &ended, now).await?;
        Ok(ended)
    }

    /// Tells the gateway of a session that was written, and gives its owner what proves it.
    pub(super) async fn begun(&self, account: Account, it: Beginning, ended: &[Uuid]) -> Result<SignedIn, Error> {
        self.close_or_later(ended).await;
        self.open(it.session.id, account.id, SESSION_IDLE).await?;
        let tokens = self.tokens(&account, it.session.id, it.refresh.as_str(), SESSION_IDLE);
        Ok(SignedIn { account, tokens, device_token: it.device.as_str().to_owned() })
    }

    /// Makes a session live for the gateway. It looks again afterwards, since who ends a session meanwhile closes it before
    /// this opens it.
    pub(super) async fn open(&self, session: Uuid, account: Uuid, expiry: Duration) -> Result<(), Error> {
        self.0.live.open(session, account, expiry).await?;
        if !store::sessions::is_live(self.db(), session, account, self.now()).await? {
            self.0.live.close(session).await?;
            return Err(Error::SessionEnded);
        }
        Ok(())
    }

    /// Tells the gateway that sessions have ended. In the transaction in which they did, they were noted in `closing`: what
    /// fails here is done again by [`Self::close_left`].
    pub(super) async fn close(&self, sessions: &[Uuid]) -> Result<(), Error> {
        for session in sessions {
            self.0.live.close(*session).await?;
        }
        Ok(store::closing::remove(self.db(), sessions).await?)
    }

    /// The same for what is not to be done again by the caller because of that: it is done, or its answer is told once.
    pub(super) async fn close_or_later(&self, sessions: &[Uuid]) {
        if let Err(error) = self.close(sessions).await {
            tracing::warn!(%error, "the gateway could not be told that sessions have ended; it is tried again");
        }
    }

    /// Tells the gateway of sessions and API keys that have ended when it could not be told.
    ///
    /// # Errors
    /// A failure below, after which it is to be tried again.
    pub async fn close_left(&self) -> Result<(), Error> {
        self.close(&store::closing::left(self.db(), self.now() - CLOSING).await?).await
    }

    /// How long a session that began then may go unseen from now on.
    pub(super) fn idle(began_at: Timestamp, now: Timestamp) -> Duration {
        SESSION_IDLE.min((began_at + SESSION_LONGEST).since(now))
    }

    /// What proves `account` in that session.
    pub(super) fn tokens(&self, account: &Account, session: Uuid, refresh: &str, idle: Duration) -> Tokens {
        Tokens {
            access_token: self.access_token(account, session, None),
            refresh_token: refresh.to_owned(),
            expires_in: ACCESS_TOKEN_SECONDS,
            refresh_expires_in: idle.as_secs().try_into().unwrap_or(u32::MAX),
        }
    }

    /// A JWT for `account`, of a session or of an API key.
    pub(super) fn access_token(&self, account: &Account, session: Uuid, scopes: Option<Vec<String>>) -> String {
        let now = self.now().as_seconds();
        self.0.settings.signer.sign(&Claims {
            iss: self.0.settings.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: account.id,
            handle: account.handle.as_str().to_owned(),
            roles: account.roles.iter().map(|role| role.as_str().to_owned()).collect(),
            iat: now,
            nbf: now,
            exp: now.saturating_add(ACCESS_TOKEN_SECONDS.into()),
            jti: self.ids().next(),
            sid: session,
            scopes,
        })
    }

    /// The live sessions of an account, the last seen first.
    ///
    /// # Errors
    /// A failure below.
    pub async fn sessions(&self, actor: Actor) -> Result<Vec<Session>, Error> {
        Ok(store::sessions::live(self.db(), actor.account, self.now()).await?)
    }

    /// Ends a session of the caller's, which may be its own. One that has ended already is ended again, so that nothing is
    /// left half done.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for a session of somebody else; or a failure below, after which it is to be tried again.
    pub async fn revoke_session(&self, actor: Actor, session: Uuid) -> Result<(), Error> {
        let now = self.now();
        let known = self
            .db()
            .transaction(|tx| async move {
                if store::sessions::end(&tx, session, actor.account, now).await? {
                    self.note(&tx, actor.account, AuditKind::SessionRevoked, Some(session), "").await?;
                    store::closing::add(&tx, actor.account, &[session], now).await?;
                }
                store::sessions::exists(&tx, session, actor.account).await
            })
            .await?;
        if !known {
            return Err(Error::NotFound("session"));
        }
        self.close(&[session]).await
    }

    /// Ends the session that a refresh token belongs to. A token that is not valid is nobody's session: that is no error.
    ///
    /// # Errors
    /// A failure below, after which it is to be tried again.
    pub async fn logout(&self, refresh_token: &str) -> Result<(), Error> {
        let (now, hash) = (self.now(), &digest(refresh_token));
        let ended = self
            .db()
            .transaction(|tx| async move {
                let Some(session) = store::sessions::session_of(&tx, hash).await? else { return Ok(None) };
                let (id, account) = session;
                if store::sessions::end(&tx, id, account, now).await? {
                    self.note(&tx, account, AuditKind::LoggedOut, Some(id), "").await?;
                    store::closing::add(&tx, account, &[id], now).await?;
                }
                Ok::<_, Error>(Some(id))
            })
            .await?;
        self.close(ended.as_slice()).await
    }
}
