//! Logging in.

use super::{Auth, Client, session::Beginning, totp::second_factor};
use crate::{
    Account, AuditKind, Error, Login, Password, SignedIn,
    attempts::Target,
    secret::digest,
    store::{self, On},
};
use std::{fmt, time::Duration};
use uuid::Uuid;

/// How long a device is known that does not log in.
const DEVICE_KNOWN: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What someone logs in with.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// The e-mail address or the handle.
    pub login: &'a str,
    /// The password.
    pub password: &'a str,
    /// A code of the second factor, or a recovery code.
    pub totp: Option<&'a str>,
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials")
    }
}

impl Auth {
    /// Starts a session with the address or the handle of an account, its password, and a code of its second factor if it
    /// has one. What is wrong cannot be told from the answer or from how long it takes, as long as the password is.
    ///
    /// # Errors
    /// [`Error::WrongCredentials`], [`Error::TotpRequired`], [`Error::WrongTotp`], [`Error::TooManyAttempts`], or a failure below.
    pub async fn login(&self, credentials: Credentials<'_>, client: &Client) -> Result<SignedIn, Error> {
        let login = Login::parse(credentials.login);
        let found = match &login {
            Some(login) => store::accounts::by_login(self.db(), login).await?,
            None => None,
        };
        let device = self.known_device(self.db(), found.as_ref().map(|(account, _)| account.id), client).await?;
        let key = login.as_ref().map_or_else(|| credentials.login.to_owned(), Login::key);
        let target = device.as_deref().map_or(Target::Login(&key), Target::Device);
        let attempt = self.0.attempts.begin(target).await?;
        let password = Password::parse(credentials.password).ok();
        let stored = found.as_ref().map(|(_, hash)| hash.as_str());
        let right = self.0.settings.hashing.verify(password.as_ref(), stored)?;
        let whose = found.as_ref().map(|(account, _)| account.id);
        let (Some((account, hash)), Some(password), true) = (found, password, right) else {
            self.note_failed(whose, client.name.as_str()).await?;
            return Err(Error::WrongCredentials);
        };
        let entrance = Entrance { account: account.id, hash, password, known_device: device.is_some() };
        let entered = self.enter(&entrance, credentials.totp, client).await;
        // Only a code that is wrong was a guess.
        match entered {
            Err(Error::WrongTotp) => self.note_failed(whose, client.name.as_str()).await?,
            _ => attempt.was_right().await,
        }
        let (account, beginning, ended) = entered?;
        self.begun(account, beginning, &ended).await
    }

    /// The hash of the client's device token, if it has logged in to that account before.
    pub(super) async fn known_device(
        &self,
        on: impl Into<On<'_>>,
        account: Option<Uuid>,
        client: &Client,
    ) -> Result<Option<String>, Error> {
        let Some(hash) = client.device_token.as_deref().map(digest) else { return Ok(None) };
        let owner = store::devices::owner(on, &hash, self.now() - DEVICE_KNOWN).await?;
        Ok(Some(hash).filter(|_| owner.is_some() && owner == account))
    }

    /// Writes the session of who knows the password, once the second factor is shown too. Gives back the account as it is then.
    async fn enter(
        &self,
        entrance: &Entrance,
        code: Option<&str>,
        client: &Client,
    ) -> Result<(Account, Beginning, Vec<Uuid>), Error> {
        let Entrance { account: id, hash, password, known_device } = entrance;
        let (hashing, now, id) = (&self.0.settings.hashing, self.now(), *id);
        let renewed = match hashing.is_outdated(hash) {
            true => Some(hashing.hash(password, self.random())?),
            false => None,
        };
        let renewed = renewed.as_deref();
        let beginning = &self.prepare(id, client, *known_device);
        let (account, ended) = self
            .db()
            .transaction(|tx| async move {
                // The account may have gone, or its password or its roles may have changed, while that was checked.
                let stored = store::accounts::with_hash(&tx, id).await?;
                let stored = stored.filter(|(_, stored)| stored == hash);
                let (account, _) = stored.ok_or(Error::WrongCredentials)?;
                second_factor(&tx, id, code, now).await?;
                if let Some(renewed) = renewed {
                    store::accounts::replace_hash(&tx, id, hash, renewed).await?;
                }
                self.note(&tx, id, AuditKind::LoggedIn, Some(beginning.id()), client.name.as_str()).await?;
                Ok::<_, Error>((account, Self::write(&tx, beginning).await?))
            })
            .await?;
        Ok((account, beginning.clone(), ended))
    }
}

/// Somebody whose password was right.
struct Entrance {
    account: Uuid,
    /// Of the password, as it is stored.
    hash: String,
    password: Password,
    known_device: bool,
}
