//! What is asked of authenticators (WebAuthn Level 3), and whether they have answered it. The library decides; this says what
//! it is to ask for: passkeys that tell whose they are, and an authenticator that has seen its owner.

use crate::{Account, Error};
use std::borrow::Borrow;
use url::{Host, Url};
use uuid::Uuid;
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication16, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration, RegistrationServerState,
    bin::{Decode, Encode},
    request::{
        AsciiDomain, ExtensionInfo, PublicKeyCredentialDescriptor, RpId,
        auth::{AuthenticationVerificationOptions, SignatureCounterEnforcement},
        register::{
            CredProtect, Nickname, PublicKeyCredentialUserEntity, RegistrationVerificationOptions, UserHandle16,
            Username,
        },
    },
    response::{
        AuthTransports, CredentialId, SentChallenge,
        auth::error::AuthCeremonyErr,
        register::{DynamicState, StaticState},
    },
};

/// Who passkeys are made for (WebAuthn: the relying party): a domain name, and the origin at which people use them.
#[derive(Debug)]
pub struct RelyingParty {
    id: RpId,
    origin: String,
}

/// The text is no origin such as `https://example.org`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`public_url` is `{0}`, which is no origin such as https://example.org: passkeys are made for its host. Give a scheme \
     (http or https), a host, perhaps a port, and nothing else"
)]
pub struct InvalidPublicUrl(String);

impl RelyingParty {
    /// That of the app that people reach at `public_url`: its host, and its origin. An address of this machine stands for
    /// `localhost`, since browsers make no passkeys for addresses. `None` where they make none: for other addresses, and
    /// without encryption.
    ///
    /// # Errors
    /// If it is no origin.
    pub fn of(public_url: &str) -> Result<Option<Self>, InvalidPublicUrl> {
        let refused = || InvalidPublicUrl(public_url.to_owned());
        let mut url = Url::parse(public_url.trim()).map_err(|_| refused())?;
        let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        let nobody = url.username().is_empty() && url.password().is_none();
        if !(matches!(url.scheme(), "http" | "https") && bare && nobody) {
            return Err(refused());
        }
        let of_this_machine = match url.host().ok_or_else(refused)? {
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
            Host::Domain(_) => false,
        };
        if of_this_machine {
            url.set_host(Some("localhost")).map_err(|_| refused())?;
        }
        let Some(Host::Domain(domain)) = url.host() else { return Ok(None) };
        let is_local = domain == "localhost" || domain.ends_with(".localhost");
        if url.scheme() != "https" && !is_local {
            return Ok(None);
        }
        let id = RpId::Domain(AsciiDomain::try_from(domain.to_owned()).map_err(|_| refused())?);
        Ok(Some(Self { id, origin: url.origin().ascii_serialization() }))
    }

    /// Asks for a new passkey of `account`, in an authenticator that has none of these.
    pub(crate) fn ask_for_new(&self, account: &Account, known: Vec<Credential>) -> Result<Question, Error> {
        let Ok(id) = UserHandle16::decode(account.id.into_bytes());
        let user = PublicKeyCredentialUserEntity {
            name: Username::try_from(account.handle.as_str()).map_err(failed)?,
            id: &id,
            // A name that the library does not take as one is shown by few; the handle is shown by all.
            display_name: Nickname::try_from(account.display_name.as_str()).ok(),
        };
        let known = known.into_iter().map(Credential::descriptor).collect::<Result<_, _>>()?;
        let mut options = PublicKeyCredentialCreationOptions::passkey(&self.id, user, known);
        // Where an authenticator protects its credentials, it is to do so. Browsers refuse the others if that is enforced.
        options.extensions.cred_protect = CredProtect::UserVerificationRequired(ExtensionInfo::AllowDontEnforceValue);
        let (state, options) = options.start_ceremony().map_err(failed)?;
        Question::new(&state, &options)
    }

    /// The passkey of an answer, which is in `state` what was asked for.
    pub(crate) fn new_passkey(&self, state: &[u8], answer: &Registration) -> Result<Credential, Error> {
        let state = RegistrationServerState::<16>::decode(state).map_err(failed)?;
        let options = RegistrationVerificationOptions::<&str, &str> {
            allowed_origins: &[&self.origin],
            allowed_top_origins: None,
            // Some browsers and authenticators ask for extensions and answer them by themselves.
            error_on_unsolicited_extensions: false,
            ..Default::default()
        };
        let made = state.verify(&self.id, answer, &options).map_err(|error| Error::WrongPasskey(error.to_string()))?;
        let (Ok(transports), Ok(static_state), Ok(dynamic_state)) =
            (made.transports().encode(), made.static_state().encode(), made.dynamic_state().encode());
        Ok(Credential {
            id: made.id().as_ref().to_vec(),
            transports,
            static_state,
            dynamic_state: dynamic_state.into(),
        })
    }

    /// Asks for a passkey of whoever is there.
    pub(crate) fn ask_for_any(&self) -> Result<Question, Error> {
        let options = DiscoverableCredentialRequestOptions::passkey(&self.id);
        let (state, options) = options.start_ceremony().map_err(failed)?;
        Question::new(&state, &options)
    }

    /// What the passkey of an account becomes by this answer, or why the answer is not to be believed.
    pub(crate) fn check(
        &self,
        state: &[u8],
        answer: &DiscoverableAuthentication16,
        account: Uuid,
        credential: &Credential,
    ) -> Result<Result<Vec<u8>, Doubt>, Error> {
        let state = DiscoverableAuthenticationServerState::decode(state).map_err(failed)?;
        let Ok(user) = UserHandle16::decode(account.into_bytes());
        let dynamic_state = credential.dynamic_state.as_slice().try_into().map_err(failed)?;
        let mut passkey = AuthenticatedCredential::new(
            CredentialId::decode(credential.id.as_slice()).map_err(failed)?,
            &user,
            StaticState::decode(credential.static_state.as_slice()).map_err(failed)?,
            DynamicState::decode(dynamic_state).map_err(failed)?,
        )
        .map_err(failed)?;
        let options = AuthenticationVerificationOptions::<&str, &str> {
            allowed_origins: &[&self.origin],
            allowed_top_origins: None,
            // Some browsers and authenticators ask for extensions and answer them by themselves.
            error_on_unsolicited_extensions: false,
            update_uv: true,
            sig_counter_enforcement: SignatureCounterEnforcement::Fail,
            ..Default::default()
        };
        Ok(match state.verify(&self.id, answer, &mut passkey, &options) {
            Ok(_) => {
                let Ok(dynamic_state) = passkey.dynamic_state().encode();
                Ok(dynamic_state.into())
            }
            Err(AuthCeremonyErr::SignatureCounter) => Err(Doubt::Copied),
            Err(error) => Err(Doubt::Wrong(error.to_string())),
        })
    }
}

/// Why the answer of a passkey is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Doubt {
    /// It is right, and its counter is not above the last one: there is a copy of the passkey, which was used meanwhile.
    #[error("its counter went back: there may be a copy of it")]
    Copied,
    /// It is not right.
    #[error("{0}")]
    Wrong(String),
}

/// What is asked of an authenticator.
#[derive(Debug)]
pub(crate) struct Question {
    /// By which its answer is known.
    pub(crate) challenge: String,
    /// What is kept until then.
    pub(crate) state: Vec<u8>,
    /// What the browser is told.
    pub(crate) options: serde_json::Value,
}

impl Question {
    fn new<S, O>(state: &S, options: &O) -> Result<Self, Error>
    where
        S: Borrow<SentChallenge> + for<'a> Encode<Output<'a> = Vec<u8>, Err: std::fmt::Display>,
        O: serde::Serialize,
    {
        Ok(Self {
            challenge: key(state.borrow()),
            state: state.encode().map_err(failed)?,
            options: serde_json::to_value(options).map_err(failed)?,
        })
    }
}

/// A challenge as it is kept.
fn key(challenge: &SentChallenge) -> String {
    format!("{:032x}", challenge.0)
}

/// The passkey that a browser says was made, and the challenge that it names.
pub(crate) fn registration(credential: &serde_json::Value) -> Result<(Registration, String), Error> {
    let read = |json: &[u8]| {
        let answer = Registration::from_json_relaxed(json)?;
        let challenge = key(&answer.challenge_relaxed()?);
        Ok::<_, serde_json::Error>((answer, challenge))
    };
    read(credential.to_string().as_bytes()).map_err(|error| Error::WrongPasskey(error.to_string()))
}

/// The answer of a passkey, and the challenge that it names.
pub(crate) fn authentication(credential: &serde_json::Value) -> Result<(DiscoverableAuthentication16, String), Error> {
    let read = |json: &[u8]| {
        let answer = DiscoverableAuthentication16::from_json_relaxed(json)?;
        let challenge = key(&answer.challenge_relaxed()?);
        Ok::<_, serde_json::Error>((answer, challenge))
    };
    read(credential.to_string().as_bytes()).map_err(|error| Error::WrongPasskey(error.to_string()))
}

/// A passkey as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credential {
    /// What the authenticator calls it.
    pub(crate) id: Vec<u8>,
    /// How the authenticator is reached.
    pub(crate) transports: u8,
    /// Its public key, and what else stays.
    pub(crate) static_state: Vec<u8>,
    /// Its counter, and what else changes.
    pub(crate) dynamic_state: Vec<u8>,
}

impl Credential {
    fn descriptor(self) -> Result<PublicKeyCredentialDescriptor<Vec<u8>>, Error> {
        let transports = AuthTransports::decode(self.transports).map_err(failed)?;
        Ok(PublicKeyCredentialDescriptor { id: CredentialId::decode(self.id).map_err(failed)?, transports })
    }
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Failed(error.to_string())
}
