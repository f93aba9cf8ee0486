//! Giving and taking roles.

use super::{Actor, Auth};
use crate::{Account, AuditKind, Error, Role, store};
use uuid::Uuid;

impl Auth {
    /// Lets through who is an admin, by the account as it is and not by what the token says.
    ///
    /// # Errors
    /// [`Error::NotAllowed`], or a failure below.
    pub(crate) async fn admin(&self, actor: Actor) -> Result<Account, Error> {
        let account = self.account(actor).await?;
        match account.has_role(Role::Admin) {
            true => Ok(account),
            false => Err(Error::NotAllowed("Only admins may do this.")),
        }
    }

    /// Gives an account these roles, and `user`, in place of those that it has. Its access tokens are worth nothing from
    /// then on. Its sessions go on under other ids, and get tokens with the new roles: under the old ones the next refresh
    /// would open them again for the old tokens too.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] for who is no admin, and for an admin who would cease to be one, so that one is left;
    /// [`Error::NotFound`]; or a failure below.
    pub async fn set_roles(&self, actor: Actor, account: Uuid, roles: &[Role]) -> Result<Account, Error> {
        self.admin(actor).await?;
        if account == actor.account && !roles.contains(&Role::Admin) {
            return Err(Error::NotAllowed("An admin cannot cease to be one: another admin has to see to that."));
        }
        let mut roles: Vec<Role> = roles.iter().copied().chain([Role::User]).collect();
        roles.sort_unstable();
        roles.dedup();
        let (roles, now) = (&roles, self.now());
        let (changed, ended) = self
            .db()
            .transaction(|tx| async move {
                store::accounts::set_roles(&tx, account, roles).await?;
                let detail = format!("{}: by {}", Role::to_json(roles), actor.account);
                self.note(&tx, account, AuditKind::RolesChanged, None, &detail).await?;
                let changed = store::accounts::find(&tx, account).await?.ok_or(Error::NotFound("account"))?;
                let mut ended = Vec::new();
                for session in store::sessions::live(&tx, account, now).await? {
                    store::sessions::renew(&tx, session.id, self.ids().next(), account, now).await?;
                    ended.push(session.id);
                }
                ended.extend(store::api_keys::of_account(&tx, account).await?.iter().map(|key| key.id));
                store::closing::add(&tx, account, &ended, now).await?;
                Ok::<_, Error>((changed, ended))
            })
            .await?;
        tracing::warn!(%account, admin = %actor.account, roles = Role::to_json(roles), "roles were changed");
        self.close_or_later(&ended).await;
        Ok(changed)
    }
}
