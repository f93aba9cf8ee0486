//! What accounts say about themselves.

use super::{Actor, Auth};
use crate::{Account, Bio, DisplayName, Error, Handle, error::Checks, store};

/// What is to be changed of a profile; what is absent stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProfileChange<'a> {
    /// The public name in text.
    pub display_name: Option<&'a str>,
    /// What the account says about itself.
    pub bio: Option<&'a str>,
}

impl Auth {
    /// The account of a handle, for everybody to see. Only its profile is for everybody.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a failure below.
    pub async fn profile(&self, handle: &str) -> Result<Account, Error> {
        let handle = Handle::parse(handle).map_err(|_| Error::NotFound("profile"))?;
        store::accounts::by_handle(self.db(), &handle).await?.ok_or(Error::NotFound("profile"))
    }

    /// Changes the profile of who is logged in, if `expected` is true of the account as it is: the state that the caller
    /// knows.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field that is not acceptable, [`Error::Changed`], or a failure below.
    pub async fn update_profile(
        &self,
        actor: Actor,
        change: ProfileChange<'_>,
        expected: impl Fn(&Account) -> bool + Send + Sync,
    ) -> Result<Account, Error> {
        let mut checks = Checks::default();
        let name = checks.note(change.display_name.map(DisplayName::parse).transpose());
        let bio = checks.note(change.bio.map(Bio::parse).transpose());
        let (Some(name), Some(bio)) = (name, bio) else { return Err(checks.into_error()) };
        let (name, bio, expected) = (&name, &bio, &expected);
        self.db()
            .transaction(|tx| async move {
                let mut account = store::accounts::find(&tx, actor.account).await?.ok_or(Error::SessionEnded)?;
                if !expected(&account) {
                    return Err(Error::Changed);
                }
                account.display_name = name.clone().unwrap_or(account.display_name);
                account.bio = bio.clone().unwrap_or(account.bio);
                store::accounts::set_profile(&tx, &account).await?;
                Ok(account)
            })
            .await
    }
}
