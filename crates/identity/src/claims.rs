//! What a token says.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How long an access token is valid, in seconds.
pub const ACCESS_TOKEN_SECONDS: u32 = 900;

/// Whom access tokens are for: every service of this app.
pub const AUDIENCE: &str = "vitrine";

/// The claims of an access token (RFC 7519, section 4). Times are in whole seconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who signed it.
    pub iss: String,
    /// Whom it is for; always [`AUDIENCE`].
    pub aud: String,
    /// The account.
    pub sub: Uuid,
    /// The handle of the account when the token was signed.
    pub handle: String,
    /// The roles of the account when the token was signed.
    pub roles: Vec<String>,
    /// When it was signed.
    pub iat: i64,
    /// From when on it is valid.
    pub nbf: i64,
    /// From when on it is not valid any more.
    pub exp: i64,
    /// The id of this token (UUIDv7).
    pub jti: Uuid,
    /// The session that it belongs to, or the API key that it was made from. It is worth nothing once that has ended.
    pub sid: Uuid,
    /// What it may be used for, if it was made from an API key. Absent: all that the roles allow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
}

/// The header of the JWS. `crit` must be understood or refused (RFC 7515, section 4.1.11); nothing critical is known here.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) alg: String,
    pub(crate) kid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) typ: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) crit: Option<serde_json::Value>,
}

/// The one algorithm.
pub(crate) const ALGORITHM: &str = "EdDSA";
