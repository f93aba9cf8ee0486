//! Making accounts.

use super::{Auth, Client};
use crate::{
    Account, AuditKind, Bio, DisplayName, Email, Error, Field, Handle, NewPassword, Role, SignedIn, error::Checks,
    mail::MailKind, store,
};

/// Who someone wants to be.
#[derive(Clone, Copy)]
pub struct Registration<'a> {
    /// An e-mail address.
    pub email: &'a str,
    /// A handle.
    pub handle: &'a str,
    /// A password.
    pub password: &'a str,
    /// A public name; the handle, if there is none.
    pub display_name: Option<&'a str>,
}

impl std::fmt::Debug for Registration<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registration").field("handle", &self.handle).finish_non_exhaustive()
    }
}

impl Registration<'_> {
    /// All values, or what is wrong with each that is wrong.
    fn checked(&self) -> Result<(Email, Handle, NewPassword, Option<DisplayName>), Error> {
        let mut checks = Checks::default();
        let email = checks.note(Email::parse(self.email));
        let handle = checks.note(Handle::parse(self.handle));
        let password = checks.note(NewPassword::parse(self.password, email.as_ref(), handle.as_ref()));
        let name = checks.note(self.display_name.map(DisplayName::parse).transpose());
        match (email, handle, password, name) {
            (Some(email), Some(handle), Some(password), Some(name)) => Ok((email, handle, password, name)),
            _ => Err(checks.into_error()),
        }
    }
}

impl Auth {
    /// Makes an account and its first session.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field that is not acceptable, [`Error::Taken`], or a failure below.
    pub async fn register(&self, registration: Registration<'_>, client: &Client) -> Result<SignedIn, Error> {
        let (email, handle, password, name) = registration.checked()?;
        // Hashing is dear, so what cannot succeed is refused before it.
        if let Some(field) = store::accounts::taken(self.db(), &email, &handle).await? {
            return Err(Error::Taken(field));
        }
        let hash = &self.0.settings.hashing.hash(password.password(), self.random())?;
        let account = &Account {
            id: self.ids().next(),
            display_name: name.unwrap_or_else(|| DisplayName::of_handle(&handle)),
            handle,
            email,
            email_verified: false,
            bio: Bio::default(),
            roles: vec![Role::User],
            totp_enabled: false,
            created_at: self.now(),
        };
        let mailed = self.may_mail(&account.email).await?;
        // A new account has no device; what the client brings is another one's.
        let beginning = &self.prepare(account.id, client, false);
        self.db()
            .transaction(|tx| async move {
                if !store::accounts::insert(&tx, account, hash).await? {
                    // Someone was faster between the look and the insert.
                    let field = store::accounts::taken(&tx, &account.email, &account.handle).await?;
                    return Err(Error::Taken(field.unwrap_or(Field::Handle)));
                }
                if mailed {
                    self.queue_mail(&tx, MailKind::VerifyEmail, &account.email.key()).await?;
                }
                let session = Some(beginning.id());
                self.note(&tx, account.id, AuditKind::Registered, session, client.name.as_str()).await?;
                Ok(Self::write(&tx, beginning).await?)
            })
            .await?;
        tracing::info!(account = %account.id, "account registered");
        self.begun(account.clone(), beginning.clone(), &[]).await
    }
}
