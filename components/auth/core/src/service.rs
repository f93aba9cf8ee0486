//! What auth does: the use cases behind every surface.

mod actor;
mod api_keys;
mod audit;
mod data;
mod login;
mod mail;
mod passkeys;
mod password;
mod profile;
mod recovery;
mod refresh;
mod register;
mod roles;
mod session;
mod totp;

pub use actor::Actor;
pub use data::Export;
pub use login::Credentials;
pub use profile::ProfileChange;
pub use register::Registration;
pub use session::{Client, SESSION_IDLE};

use crate::{Email, Hashing, RelyingParty, attempts::Attempts};
use std::sync::{Arc, atomic::AtomicI64};
use vitrine_clock::{Clock, Timestamp};
use vitrine_db::Db;
use vitrine_events::Ring;
use vitrine_identity::{PublicKey, Signer, Verifier};
use vitrine_kv::Kv;
use vitrine_mailer::Mailer;
use vitrine_random::{Ids, Random};
use vitrine_session::LiveSessions;

/// What auth needs of the world.
#[derive(Debug, Clone)]
pub struct Ports {
    /// Accounts and all that belongs to them; migrated.
    pub db: Db,
    /// Which sessions are live, and how often what was tried. The gateway has it too.
    pub sessions: Kv,
    /// Tells the relay of events.
    pub ring: Arc<dyn Ring>,
    /// Mail to people.
    pub mailer: Arc<dyn Mailer>,
    /// Of everything that is stored or signed.
    pub clock: Arc<dyn Clock>,
    /// Of ids, salts and secrets.
    pub random: Arc<dyn Random>,
}

/// What the deployment decides.
#[derive(Debug)]
pub struct Settings {
    /// How passwords are hashed.
    pub hashing: Hashing,
    /// Signs access tokens.
    pub signer: Signer,
    /// Keys whose tokens count beside those of the signer: the one before it, and the one after it.
    pub public_keys: Vec<PublicKey>,
    /// The name by which others know who signed.
    pub issuer: String,
    /// Where people reach the app, such as `https://example.org`: links in mail lead there.
    pub public_url: String,
    /// Who passkeys are made for; nobody where browsers make none.
    pub relying_party: Option<RelyingParty>,
    /// Who becomes the first admin once this address is verified.
    pub first_admin: Option<Email>,
}

/// The use cases. Clones are the same service.
#[derive(Debug, Clone)]
pub struct Auth(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ports: Ports,
    settings: Settings,
    verifier: Verifier,
    live: LiveSessions,
    attempts: Attempts,
    /// When this instance looks for mail next, in milliseconds.
    mail_at: AtomicI64,
}

impl Auth {
    /// The service on its ports.
    #[must_use]
    pub fn new(ports: Ports, settings: Settings) -> Self {
        let mut keys = vec![settings.signer.public_key().clone()];
        keys.extend(settings.public_keys.iter().filter(|key| *key != settings.signer.public_key()).cloned());
        let verifier = Verifier::new(keys, &settings.issuer, Arc::clone(&ports.clock));
        let live = LiveSessions::new(ports.sessions.clone());
        let attempts = Attempts::new(ports.sessions.clone(), Arc::clone(&ports.clock));
        Self(Arc::new(Inner { ports, settings, verifier, live, attempts, mail_at: AtomicI64::new(i64::MIN) }))
    }

    /// What checks the tokens that this service signs.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        self.0.verifier.clone()
    }

    /// Ids of this service's clock and random bytes.
    pub(crate) fn ids(&self) -> Ids {
        Ids::new(Arc::clone(&self.0.ports.clock), Arc::clone(&self.0.ports.random))
    }

    fn now(&self) -> Timestamp {
        self.0.ports.clock.now()
    }

    fn db(&self) -> &Db {
        &self.0.ports.db
    }

    fn random(&self) -> &dyn Random {
        &*self.0.ports.random
    }
}
