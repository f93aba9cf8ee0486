//! What auth does.

use crate::{Account, Email, Error, FieldError, Handle, Hashing, Login, Password, Store};
use std::{fmt, sync::Arc};
use uuid::Uuid;
use vitrine_clock::Clock;
use vitrine_identity::{ACCESS_TOKEN_SECONDS, AUDIENCE, Claims, Signer, Verifier};
use vitrine_random::{Ids, Random};

/// An account, and the access token that proves it.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// Whose session it is.
    pub account: Account,
    /// The token.
    pub access_token: String,
    /// How long it is valid, in seconds.
    pub expires_in: u32,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("account", &self.account.id).finish_non_exhaustive()
    }
}

/// The use cases. Clones are the same service.
#[derive(Debug, Clone)]
pub struct Auth(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    hashing: Hashing,
    signer: Signer,
    verifier: Verifier,
    issuer: String,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Auth {
    /// The service on its ports. `issuer` is what its tokens are known by.
    #[must_use]
    pub fn new(
        store: Store,
        hashing: Hashing,
        signer: Signer,
        issuer: &str,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        let verifier = Verifier::new(vec![signer.public_key().clone()], issuer, Arc::clone(&clock));
        Self(Arc::new(Inner { store, hashing, signer, verifier, issuer: issuer.to_owned(), clock, random }))
    }

    /// Makes an account and its first session.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field that is not acceptable, [`Error::Taken`], or a failure below.
    pub async fn register(&self, email: &str, handle: &str, password: &str) -> Result<Session, Error> {
        let (email, handle, password) = valid(Email::parse(email), Handle::parse(handle), Password::parse(password))?;
        // Hashing is dear, so what cannot succeed is refused before it.
        if let Some(field) = self.0.store.taken(&email, &handle).await? {
            return Err(Error::Taken(field));
        }
        let hash = self.0.hashing.hash(&password, &*self.0.random)?;
        let account = Account {
            id: self.ids().next(),
            display_name: handle.as_str().to_owned(),
            handle,
            email,
            email_verified: false,
            bio: String::new(),
            roles: vec!["user".to_owned()],
            created_at: self.0.clock.now(),
        };
        if !self.0.store.insert(&account, &hash).await? {
            // Someone was faster between the look and the insert.
            let field = self.0.store.taken(&account.email, &account.handle).await?;
            return Err(Error::Taken(field.unwrap_or(crate::Field::Handle)));
        }
        tracing::info!(account = %account.id, "account registered");
        Ok(self.session(account))
    }

    /// Starts a session with the address or the handle of an account, and its password. What is wrong cannot be told
    /// from the answer or from how long it takes.
    ///
    /// # Errors
    /// [`Error::WrongCredentials`], or a failure below.
    pub async fn login(&self, login: &str, password: &str) -> Result<Session, Error> {
        let found = match Login::parse(login) {
            Some(login) => self.0.store.find_login(&login).await?,
            None => None,
        };
        let password = Password::parse(password).ok();
        let stored = found.as_ref().map(|(_, hash)| hash.as_str());
        let right = self.0.hashing.verify(password.as_ref(), stored)?;
        match found {
            Some((account, _)) if right => Ok(self.session(account)),
            _ => Err(Error::WrongCredentials),
        }
    }

    /// The account of this id.
    ///
    /// # Errors
    /// [`Error::NoAccount`], or a failure below.
    pub async fn account(&self, id: Uuid) -> Result<Account, Error> {
        self.0.store.find(id).await?.ok_or(Error::NoAccount)
    }

    /// What checks the tokens that this service signs.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        self.0.verifier.clone()
    }

    /// Ids of this service's clock and random bytes.
    pub(crate) fn ids(&self) -> Ids {
        Ids::new(Arc::clone(&self.0.clock), Arc::clone(&self.0.random))
    }

    fn session(&self, account: Account) -> Session {
        let now = self.0.clock.now().as_seconds();
        let claims = Claims {
            iss: self.0.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: account.id,
            handle: account.handle.as_str().to_owned(),
            roles: account.roles.clone(),
            iat: now,
            nbf: now,
            exp: now.saturating_add(ACCESS_TOKEN_SECONDS.into()),
            jti: self.ids().next(),
            sid: self.ids().next(),
            scopes: None,
        };
        let access_token = self.0.signer.sign(&claims);
        Session { account, access_token, expires_in: ACCESS_TOKEN_SECONDS }
    }
}

type Checked<T> = Result<T, FieldError>;

/// All three values, or what is wrong with each that is wrong.
fn valid(
    email: Checked<Email>,
    handle: Checked<Handle>,
    password: Checked<Password>,
) -> Result<(Email, Handle, Password), Error> {
    match (email, handle, password) {
        (Ok(email), Ok(handle), Ok(password)) => Ok((email, handle, password)),
        (email, handle, password) => {
            let errors = [email.err(), handle.err(), password.err()];
            Err(Error::Invalid(errors.into_iter().flatten().collect()))
        }
    }
}
