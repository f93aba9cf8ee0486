//! The JSON of requests and responses.

mod admin;
mod api_keys;
mod data;
mod recovery;
mod totp;

pub(super) use admin::{MailBody, MailboxBody, RolesBody};
pub(super) use api_keys::{ApiKeyBody, ApiKeysBody, ExchangeBody, ExchangedBody, NewKeyBody, WholeKeyBody};
pub(super) use data::{AuditPage, Before, DeleteBody, EntryBody, ExportBody};
pub(super) use recovery::{DeviceBody, EmailBody, ResetBody, TokenBody};
pub(super) use totp::{CodeBody, CodesBody, DisableBody, SetupBody, StepUpBody};

use crate::{Account, Session, SignedIn, Tokens};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vitrine_clock::Timestamp;

/// Who someone wants to be.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Registration))]
pub(super) struct RegisterBody {
    /// An address of at most 254 bytes. No two accounts have the same one, in whatever case or encoding of its letters.
    #[cfg_attr(feature = "openapi", schema(format = Email, example = "ada@example.org"))]
    pub(super) email: String,
    /// 3 to 30 letters from a to z, digits and underscores. Capital letters are made small.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[A-Za-z0-9_]{3,30}$", example = "ada_l"))]
    pub(super) handle: String,
    /// 8 to 128 characters, of any kind but NUL, and not among those that are guessed first.
    #[cfg_attr(feature = "openapi", schema(format = Password, min_length = 8, max_length = 128))]
    pub(super) password: String,
    /// A public name of 1 to 50 characters; the handle, if it is absent.
    pub(super) display_name: Option<String>,
    /// Whether the tokens are set as cookies rather than told.
    #[serde(default)]
    pub(super) cookies: bool,
}

/// Who someone is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Login))]
pub(super) struct LoginBody {
    /// The e-mail address or the handle, in any case.
    #[cfg_attr(feature = "openapi", schema(example = "ada_l"))]
    pub(super) login: String,
    /// The password.
    #[cfg_attr(feature = "openapi", schema(format = Password))]
    pub(super) password: String,
    /// A code of the second factor, or a recovery code, if the account has one.
    pub(super) totp: Option<String>,
    /// What this device was given when it logged in before: strangers who try passwords then do not get in its way.
    pub(super) device_token: Option<String>,
    /// Whether the tokens are set as cookies rather than told.
    #[serde(default)]
    pub(super) cookies: bool,
}

/// A refresh token, unless it comes as a cookie.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Refresh))]
pub(super) struct RefreshBody {
    /// The token; the cookie `__Host-vitrine_refresh`, if it is absent.
    pub(super) refresh_token: Option<String>,
    /// Whether the next tokens are set as cookies rather than told.
    #[serde(default)]
    pub(super) cookies: bool,
}

/// What is to be changed; what is absent stays.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ProfileChange))]
pub(super) struct ProfileBody {
    /// A public name of 1 to 50 characters.
    pub(super) display_name: Option<String>,
    /// At most 500 characters.
    pub(super) bio: Option<String>,
}

/// A password in place of another.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PasswordChange))]
pub(super) struct PasswordBody {
    /// The password as it is.
    #[cfg_attr(feature = "openapi", schema(format = Password))]
    pub(super) current_password: String,
    /// The password as it is to be: as at the registration.
    #[cfg_attr(feature = "openapi", schema(format = Password, min_length = 8, max_length = 128))]
    pub(super) new_password: String,
}

/// An account, as its owner sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Account))]
pub(super) struct AccountBody {
    id: Uuid,
    /// Its public name in addresses.
    handle: String,
    /// Its address, as it was typed.
    email: String,
    /// Whether it was shown that the address is its own.
    email_verified: bool,
    /// Its public name in text.
    display_name: String,
    /// What it says about itself.
    bio: String,
    /// What it is: `user`, `seller`, `moderator`, `admin`.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    roles: Vec<&'static str>,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    created_at: Timestamp,
    /// Whether a second factor is needed to log in.
    totp_enabled: bool,
}

impl From<Account> for AccountBody {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            handle: account.handle.as_str().to_owned(),
            email: account.email.as_str().to_owned(),
            email_verified: account.email_verified,
            display_name: account.display_name.as_str().to_owned(),
            bio: account.bio.as_str().to_owned(),
            roles: account.roles.iter().map(|role| role.as_str()).collect(),
            created_at: account.created_at,
            totp_enabled: account.totp_enabled,
        }
    }
}

/// An account, as everybody sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Profile))]
pub(super) struct PublicBody {
    id: Uuid,
    /// Its public name in addresses.
    handle: String,
    /// Its public name in text.
    display_name: String,
    /// What it says about itself.
    bio: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    created_at: Timestamp,
}

impl From<Account> for PublicBody {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            handle: account.handle.as_str().to_owned(),
            display_name: account.display_name.as_str().to_owned(),
            bio: account.bio.as_str().to_owned(),
            created_at: account.created_at,
        }
    }
}

/// What proves the account to every service. The tokens are absent where they are set as cookies.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Tokens))]
pub(super) struct TokensBody {
    /// A JWT, to be sent as `Authorization: Bearer <token>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    access_token: Option<String>,
    /// What the next tokens are given for, once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    refresh_token: Option<String>,
    /// How long the access token is valid, in seconds.
    expires_in: u32,
}

impl TokensBody {
    /// `told` says whether the tokens are in the body.
    pub(super) fn new(tokens: Tokens, told: bool) -> Self {
        Self {
            access_token: Some(tokens.access_token).filter(|_| told),
            refresh_token: Some(tokens.refresh_token).filter(|_| told),
            expires_in: tokens.expires_in,
        }
    }
}

/// An account, and what proves it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = SignedIn))]
pub(super) struct SignedInBody {
    account: AccountBody,
    tokens: TokensBody,
    /// What shows at the next login that this device has logged in before. It lets nobody in. Absent where it is set as a
    /// cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    device_token: Option<String>,
}

impl SignedInBody {
    /// `told` says whether the tokens are in the body.
    pub(super) fn new(signed_in: SignedIn, told: bool) -> Self {
        Self {
            account: signed_in.account.into(),
            tokens: TokensBody::new(signed_in.tokens, told),
            device_token: Some(signed_in.device_token).filter(|_| told),
        }
    }
}

/// The next tokens.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Refreshed))]
pub(super) struct RefreshedBody {
    pub(super) tokens: TokensBody,
}

/// One session.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Session))]
pub(super) struct SessionBody {
    id: Uuid,
    /// What its program called itself.
    device: String,
    /// When it began.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    first_seen_at: Timestamp,
    /// When its tokens were last refreshed.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    last_seen_at: Timestamp,
    /// Whether it is the one of this request.
    current: bool,
}

impl SessionBody {
    pub(super) fn new(session: &Session, current: Uuid) -> Self {
        Self {
            id: session.id,
            device: session.device.as_str().to_owned(),
            first_seen_at: session.created_at,
            last_seen_at: session.seen_at,
            current: session.id == current,
        }
    }
}

/// The sessions that are live, the last seen first.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Sessions))]
pub(super) struct SessionsBody {
    pub(super) items: Vec<SessionBody>,
}

/// Keys, as RFC 7517 writes them.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Jwks))]
pub(super) struct JwksBody {
    /// Each an Ed25519 key (RFC 8037).
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub(super) keys: Vec<serde_json::Value>,
}
