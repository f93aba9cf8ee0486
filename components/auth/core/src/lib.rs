//! Accounts, sessions, and the access tokens that every other service trusts.
//!
//! Auth owns who exists and how they prove it. It is the only holder of the key that signs access tokens. It never
//! decides what a caller may do with a photo or an order: each service decides about its own objects, from the token.
//!
//! What it does is in the use cases of [`Auth`]; the surfaces beside them (`http`, `trpc`) only translate.
#![forbid(unsafe_code)]

mod attempts;
mod common;
mod error;
mod events;
mod hashing;
mod http;
mod mail;
mod model;
mod passkeys;
mod secret;
mod service;
mod store;
mod totp;
mod trpc;
mod wire;

pub use error::{Error, Field, FieldError};
pub use events::ACCOUNT_DELETED;
pub use hashing::{Deployment, Hashing, InvalidCost, InvalidDeployment};
#[cfg(feature = "openapi")]
pub use http::document;
pub use http::{Doors, router};
pub use model::{
    Account, ApiKey, AuditEntry, AuditKind, Bio, DeviceName, DisplayName, Email, Handle, KeyName, Login, NewPassword,
    Passkey, Password, Role, Scope, Session, SignedIn, Tokens,
};
pub use passkeys::{InvalidPublicUrl, RelyingParty};
pub use service::{
    Actor, Auth, Client, Credentials, Export, Ports, ProfileChange, Registration, SESSION_IDLE, Settings,
};
pub use store::MIGRATIONS;
pub use totp::Setup;
#[cfg(feature = "openapi")]
pub use trpc::every_procedure;
