//! The JSON of requests and responses.

mod admin;
mod api_keys;
mod data;
mod passkeys;
mod recovery;
mod totp;

pub(crate) use admin::{MailBody, MailboxBody, RolesBody};
pub(crate) use api_keys::{ApiKeyBody, ApiKeysBody, ExchangeBody, ExchangedBody, NewKeyBody, WholeKeyBody};
pub(crate) use data::{AuditPage, Before, DeleteBody, EntryBody, ExportBody};
pub(crate) use passkeys::{
    BeginPasskeyBody, NewPasskeyBody, OptionsBody, PasskeyBody, PasskeyLoginBody, PasskeysBody, RemovePasskeyBody,
};
pub(crate) use recovery::{DeviceBody, EmailBody, ResetBody, TokenBody};
pub(crate) use totp::{CodeBody, CodesBody, DisableBody, SetupBody, StepUpBody};

use crate::{Account, Session, SignedIn, Tokens};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vitrine_clock::Timestamp;

/// Who someone wants to be.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Registration))]
pub(crate) struct RegisterBody {
    /// An address of at most 254 bytes. No two accounts have the same one, in whatever case or encoding of its letters.
    #[cfg_attr(feature = "openapi", schema(format = Email, example = "ada@example.org"))]
    pub(crate) email: String,
    /// 3 to 30 letters from a to z, digits and underscores. Capital letters are made small.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[A-Za-z0-9_]{3,30}$", example = "ada_l"))]
    pub(crate) handle: String,
    /// 8 to 128 characters, of any kind but NUL, and not among those that are guessed first.
    #[cfg_attr(feature = "openapi", schema(format = Password, min_length = 8, max_length = 128))]
    pub(crate) password: String,
    /// A public name of 1 to 50 characters; the handle, if it is absent.
    pub(crate) display_name: Option<String>,
    /// Whether the tokens are set as cookies rather than told.
    #[serde(default)]
    pub(crate) cookies: bool,
}

/// Who someone is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Login))]
pub(crate) struct LoginBody {
    /// The e-mail address or the handle, in any case.
    #[cfg_attr(feature = "openapi", schema(example = "ada_l"))]
    pub(crate) login: String,
    /// The password.
    #[cfg_attr(feature = "openapi", schema(format = Password))]
    pub(crate) password: String,
    /// A code of the second factor, or a recovery code, if the account has one.
    pub(crate) totp: Option<String>,
    /// What this device was given when it logged in before: strangers who try passwords then do not get in its way.
    pub(crate) device_token: Option<String>,
    /// Whether the tokens are set as cookies rather than told.
    #[serde(default)]
    pub(crate) cookies: bool,
}

/// A refresh token, unless it comes as a cookie.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Refresh))]
pub(crate) struct RefreshBody {
    /// The token; the cookie `__Host-vitrine_refresh`, if it is absent.
    pub(crate) refresh_token: Option<String>,
    /// Whether the next tokens are set as cookies rather than told.
    #[serde(default)]
    pub(crate) cookies: bool,
}

/// What is to be changed; what is absent stays.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ProfileChange))]
pub(crate) struct ProfileBody {
    /// A public name of 1 to 50 characters.
    pub(crate) display_name: Option<String>,
    /// At most 500 characters.
    pub(crate) bio: Option<String>,
}

/// A password in place of another.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PasswordChange))]
pub(crate) struct PasswordBody {
    /// The password as it is.
    #[cfg_attr(feature = "openapi", schema(format = Password))]
    pub(crate) current_password: String,
    /// The password as it is to be: as at the registration.
    #[cfg_attr(feature = "openapi", schema(format = Password, min_length = 8, max_length = 128))]
    pub(crate) new_password: String,
}

/// An account, as its owner sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Account))]
pub(crate) struct AccountBody {
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
pub(crate) struct PublicBody {
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
pub(crate) struct TokensBody {
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
    pub(crate) fn new(tokens: Tokens, told: bool) -> Self {
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
pub(crate) struct SignedInBody {
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
    pub(crate) fn new(signed_in: SignedIn, told: bool) -> Self {
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
pub(crate) struct RefreshedBody {
    pub(crate) tokens: TokensBody,
}

/// One session.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Session))]
pub(crate) struct SessionBody {
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
    pub(crate) fn new(session: &Session, current: Uuid) -> Self {
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
pub(crate) struct SessionsBody {
    pub(crate) items: Vec<SessionBody>,
}

/// Keys, as RFC 7517 writes them.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Jwks))]
pub(crate) struct JwksBody {
    /// Each an Ed25519 key (RFC 8037).
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub(crate) keys: Vec<serde_json::Value>,
}

/// Whose profile is asked for.
#[derive(Deserialize)]
pub(crate) struct HandleBody {
    pub(crate) handle: String,
}

/// Which session is meant.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionIdBody {
    pub(crate) session_id: Uuid,
}

/// Which API key is meant.
#[derive(Deserialize)]
pub(crate) struct IdBody {
    pub(crate) id: Uuid,
}
