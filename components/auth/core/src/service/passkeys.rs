//! Passkeys: adding, seeing and removing them, and logging in with one.

use super::{
    Actor, Auth, Client,
    session::Beginning,
    totp::{once_more, second_factor},
};
use crate::{
    Account, AuditKind, Error, KeyName, Passkey, SignedIn,
    attempts::Target,
    mail::MailKind,
    passkeys::{Doubt, Question, RelyingParty, authentication, registration},
    store::{self, passkeys::Asked},
};
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;
use vitrine_db::Transaction;

/// The most passkeys of one account.
const MOST: u64 = 20;

/// How long a challenge waits for its answer. The library knows the same bound.
const ASKED: Duration = Duration::from_secs(5 * 60);

/// What a passkey is called whose owner calls it nothing.
const UNNAMED: &str = "passkey";

impl Auth {
    /// Begins to add a passkey. It needs the password, and a code of the second factor if the account has one, since who has a
    /// passkey needs neither.
    /// Gives back what the browser is told (`PublicKeyCredentialCreationOptionsJSON`).
    ///
    /// # Errors
    /// [`Error::WrongPassword`], [`Error::CodeRequired`] and [`Error::WrongCode`] if it has a second factor,
    /// [`Error::TooManyAttempts`], [`Error::TooManyPasskeys`], [`Error::NotAllowed`] where there can be no passkeys, or a failure
    /// below.
    pub async fn begin_passkey(&self, actor: Actor, password: &str, code: Option<&str>) -> Result<Value, Error> {
        let party = self.relying_party()?;
        let shown = &self.step_up(actor, password).await?;
        let attempt = self.0.attempts.begin(Target::StepUp(&actor.account.to_string())).await?;
        let now = self.now();
        store::passkeys::forget_expired(self.db(), now).await?;
        let begun = self
            .db()
            .transaction(|tx| async move {
                shown.holds(&tx).await?;
                second_factor(&tx, actor.account, code, now).await?;
                let known = store::passkeys::credentials(&tx, actor.account).await?;
                has_room(&tx, actor.account).await?;
                let Question { challenge, state, options } = party.ask_for_new(&shown.account, known)?;
                let asked = Asked { by: Some((actor.account, actor.session)), state, expires_at: now + ASKED };
                store::passkeys::ask(&tx, &challenge, &asked).await?;
                Ok::<_, Error>(options)
            })
            .await;
        // Only a code that is wrong was a guess.
        if !matches!(begun, Err(Error::WrongTotp)) {
            attempt.was_right().await;
        }
        begun.map_err(once_more)
    }

    /// Adds the passkey that a browser has made (`RegistrationResponseJSON`), in the session that has begun that.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad name, [`Error::WrongPasskey`] if it is not what was asked for, [`Error::NotFound`] if this
    /// session has not asked for it lately, [`Error::PasskeyTaken`], [`Error::TooManyPasskeys`], [`Error::NotAllowed`] where
    /// there can be no passkeys, or a failure below. In whatever way it is refused, it is to be begun again.
    pub async fn finish_passkey(&self, actor: Actor, name: Option<&str>, credential: &Value) -> Result<Passkey, Error> {
        let party = self.relying_party()?;
        let name = KeyName::parse(name.unwrap_or(UNNAMED))?;
        let (answer, challenge) = &registration(credential)?;
        let now = self.now();
        let passkey = &Passkey { id: self.ids().next(), name, created_at: now, used_at: None };
        // A refusal is committed too: whatever the answer is, the challenge has had it.
        self.db()
            .transaction(|tx| async move {
                let asked = store::passkeys::take(&tx, challenge).await?;
                let asked = asked.filter(|it| it.by == Some((actor.account, actor.session)) && it.expires_at > now);
                let Some(asked) = asked else { return Ok(Err(Error::NotFound("passkey that was begun to be added"))) };
                let credential = match party.new_passkey(&asked.state, answer) {
                    Err(error @ Error::WrongPasskey(_)) => return Ok(Err(error)),
                    made => made?,
                };
                // The session may have ended since it was let in, by a reset that has taken all passkeys away.
                if !store::sessions::is_live(&tx, actor.session, actor.account, now).await? {
                    return Ok(Err(Error::SessionEnded));
                }
                match has_room(&tx, actor.account).await {
                    Err(error @ Error::TooManyPasskeys) => return Ok(Err(error)),
                    room => room?,
                }
                if !store::passkeys::insert(&tx, actor.account, passkey, &credential).await? {
                    return Ok(Err(Error::PasskeyTaken));
                }
                if let Some(account) = store::accounts::find(&tx, actor.account).await? {
                    self.queue_mail(&tx, MailKind::PasskeyAdded, &account.email.key()).await?;
                }
                let (name, session) = (passkey.name.as_str(), Some(actor.session));
                self.note(&tx, actor.account, AuditKind::PasskeyAdded, session, name).await?;
                Ok::<_, Error>(Ok(()))
            })
            .await??;
        tracing::info!(account = %actor.account, passkey = %passkey.id, "passkey added");
        Ok(passkey.clone())
    }

    /// Begins to log in with a passkey of whoever is there. Gives back what the browser is told
    /// (`PublicKeyCredentialRequestOptionsJSON`): the same for all, so that it tells nothing of any account.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] where there can be no passkeys, or a failure below.
    pub async fn begin_passkey_login(&self) -> Result<Value, Error> {
        let Question { challenge, state, options } = self.relying_party()?.ask_for_any()?;
        let now = self.now();
        // Two statements and no transaction: what reads the challenges of others would get in the way of their logins.
        store::passkeys::forget_expired(self.db(), now).await?;
        let asked = Asked { by: None, state, expires_at: now + ASKED };
        store::passkeys::ask_anybody(self.db(), &challenge, &asked).await?;
        Ok(options)
    }

    /// Starts a session for who has a passkey (`AuthenticationResponseJSON`). The authenticator has seen its owner, so it
    /// counts as two factors: no code is asked for.
    ///
    /// # Errors
    /// [`Error::PasskeyRefused`] whatever is wrong with the answer, [`Error::WrongPasskey`] if it is none,
    /// [`Error::NotAllowed`] where there can be no passkeys, or a failure below.
    pub async fn finish_passkey_login(&self, credential: &Value, client: &Client) -> Result<SignedIn, Error> {
        let party = self.relying_party()?;
        let (answer, challenge) = &authentication(credential)?;
        let now = self.now();
        // Answer and counter are seen and noted in one transaction, so that of two with the same counter one is refused.
        // A refusal is committed too: the challenge has had its answer, and the owner reads of it.
        let entered = self
            .db()
            .transaction(|tx| async move {
                let asked = store::passkeys::take(&tx, challenge).await?;
                let asked = asked.filter(|asked| asked.by.is_none() && asked.expires_at > now);
                let found = store::passkeys::find(&tx, answer.raw_id().as_ref()).await?;
                let (Some(asked), Some((passkey, account, credential))) = (asked, found) else { return Ok(None) };
                let dynamic_state = match party.check(&asked.state, answer, account, &credential)? {
                    Ok(dynamic_state) => dynamic_state,
                    Err(doubt) => {
                        self.note_doubt(&tx, account, passkey, &doubt).await?;
                        return Ok(None);
                    }
                };
                let Some(account) = store::accounts::find(&tx, account).await? else { return Ok(None) };
                store::passkeys::used(&tx, passkey, &dynamic_state, now).await?;
                let known = self.known_device(&tx, Some(account.id), client).await?;
                let beginning = self.prepare(account.id, client, known.is_some());
                let (session, device) = (Some(beginning.id()), client.name.as_str());
                self.note(&tx, account.id, AuditKind::PasskeyUsed, session, device).await?;
                let ended = Self::write(&tx, &beginning).await?;
                Ok::<_, Error>(Some((account, beginning, ended)))
            })
            .await?;
        let (account, beginning, ended): (Account, Beginning, Vec<Uuid>) = entered.ok_or(Error::PasskeyRefused)?;
        self.begun(account, beginning, &ended).await
    }

    async fn note_doubt(&self, tx: &Transaction, account: Uuid, passkey: Uuid, doubt: &Doubt) -> Result<(), Error> {
        tracing::warn!(%account, %passkey, %doubt, "passkey refused");
        Ok(self.note(tx, account, AuditKind::PasskeyRefused, None, &doubt.to_string()).await?)
    }

    /// The passkeys of who is logged in, the newest first.
    ///
    /// # Errors
    /// A failure below.
    pub async fn passkeys(&self, actor: Actor) -> Result<Vec<Passkey>, Error> {
        Ok(store::passkeys::of_account(self.db(), actor.account).await?)
    }

    /// Removes a passkey of the caller's. It needs the password, since it may be what the owner gets in by.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for a passkey of somebody else, [`Error::WrongPassword`], [`Error::TooManyAttempts`], or a
    /// failure below.
    pub async fn remove_passkey(&self, actor: Actor, passkey: Uuid, password: &str) -> Result<(), Error> {
        let shown = &self.step_up(actor, password).await?;
        self.db()
            .transaction(|tx| async move {
                shown.holds(&tx).await?;
                let name = store::passkeys::remove(&tx, passkey, actor.account).await?;
                let name = name.ok_or(Error::NotFound("passkey"))?;
                Ok::<_, Error>(
                    self.note(&tx, actor.account, AuditKind::PasskeyRemoved, Some(actor.session), &name).await?,
                )
            })
            .await?;
        tracing::info!(account = %actor.account, %passkey, "passkey removed");
        Ok(())
    }

    fn relying_party(&self) -> Result<&RelyingParty, Error> {
        let party = self.0.settings.relying_party.as_ref();
        party.ok_or(Error::NotAllowed(
            "There are no passkeys here: this app is reached without encryption, or at an address without a name.",
        ))
    }
}

/// Sees that an account may have one passkey more.
async fn has_room(tx: &Transaction, account: Uuid) -> Result<(), Error> {
    if store::passkeys::count(tx, account).await? < MOST { Ok(()) } else { Err(Error::TooManyPasskeys) }
}
