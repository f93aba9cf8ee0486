//! Who is calling: access tokens signed by auth, and the tokens between services.
//!
//! An access token is a JWT (RFC 7519) in the compact form of a JWS (RFC 7515), signed with Ed25519 (`EdDSA`, RFC 8037),
//! and nothing else: no other algorithm, no encryption, no key inside the token. That narrow part is written here, since
//! the general libraries bring every other algorithm, a clock of their own, or JavaScript bindings into the component.
#![forbid(unsafe_code)]

mod cache;
mod caller;
mod claims;
mod key;
mod service_token;
mod signer;
mod verifier;

pub use caller::{Caller, bearer, invalid_token};
pub use claims::{ACCESS_TOKEN_SECONDS, AUDIENCE, Claims};
pub use key::{InvalidKey, PublicKey};
pub use service_token::{InvalidSecret, ServiceToken};
pub use signer::Signer;
pub use verifier::{InvalidToken, Verifier};
