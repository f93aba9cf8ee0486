//! Passkeys.

use crate::Passkey;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;
use vitrine_clock::Timestamp;

/// What the browser is told.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PasskeyOptions))]
pub(crate) struct OptionsBody {
    /// What `PublicKeyCredential.parseCreationOptionsFromJSON` and `parseRequestOptionsFromJSON` read.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub(crate) public_key: Value,
}

/// The password once more, and a code of the second factor if there is one.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PasskeyStart))]
pub(crate) struct BeginPasskeyBody {
    #[cfg_attr(feature = "openapi", schema(format = Password))]
    pub(crate) password: String,
    /// A code of the authenticator, or a recovery code.
    pub(crate) totp: Option<String>,
}

/// A passkey that a browser has made.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = NewPasskey))]
pub(crate) struct NewPasskeyBody {
    /// 1 to 50 characters, for its owner.
    pub(crate) name: Option<String>,
    /// What `toJSON` of the `PublicKeyCredential` has made of it (`RegistrationResponseJSON`).
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub(crate) credential: Value,
}

/// The answer of a passkey.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PasskeyLogin))]
pub(crate) struct PasskeyLoginBody {
    /// What `toJSON` of the `PublicKeyCredential` has made of it (`AuthenticationResponseJSON`).
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub(crate) credential: Value,
    /// Whether the tokens are set as cookies rather than told.
    #[serde(default)]
    pub(crate) cookies: bool,
}

/// Which passkey goes, and the password once more.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PasskeyRemoval))]
pub(crate) struct RemovePasskeyBody {
    pub(crate) id: Uuid,
    #[cfg_attr(feature = "openapi", schema(format = Password))]
    pub(crate) password: String,
}

/// A passkey.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Passkey))]
pub(crate) struct PasskeyBody {
    id: Uuid,
    name: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    created_at: Timestamp,
    /// When somebody last logged in with it; `null` if nobody has.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    last_used_at: Option<Timestamp>,
}

impl From<Passkey> for PasskeyBody {
    fn from(passkey: Passkey) -> Self {
        Self {
            id: passkey.id,
            name: passkey.name.as_str().to_owned(),
            created_at: passkey.created_at,
            last_used_at: passkey.used_at,
        }
    }
}

/// Passkeys, the newest first.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Passkeys))]
pub(crate) struct PasskeysBody {
    pub(crate) items: Vec<PasskeyBody>,
}
