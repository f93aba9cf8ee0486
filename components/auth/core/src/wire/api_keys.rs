//! Keys of programs.

use crate::{ApiKey, Scope};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vitrine_clock::Timestamp;

/// What a new key is to be.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = NewApiKey))]
pub(crate) struct NewKeyBody {
    /// 1 to 50 characters, for its owner.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 50))]
    pub(crate) name: String,
    /// Some of `account:read`, `photos:read`, `photos:write`.
    #[cfg_attr(feature = "openapi", schema(min_items = 1))]
    pub(crate) scopes: Vec<String>,
    /// That of the account, once more.
    #[cfg_attr(feature = "openapi", schema(format = Password))]
    pub(crate) password: String,
}

/// A key, without its secret.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ApiKey))]
pub(crate) struct ApiKeyBody {
    id: Uuid,
    name: String,
    /// What it may be used for.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    scopes: Vec<&'static str>,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    created_at: Timestamp,
    /// To the minute; `null` if it was never used.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    last_used_at: Option<Timestamp>,
}

impl From<ApiKey> for ApiKeyBody {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name.as_str().to_owned(),
            scopes: Scope::words(&key.scopes),
            created_at: key.created_at,
            last_used_at: key.used_at,
        }
    }
}

/// A new key.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = WholeApiKey))]
pub(crate) struct WholeKeyBody {
    pub(crate) api_key: ApiKeyBody,
    /// The key itself, `vk_<id>_<secret>`, to be sent as `Authorization: Bearer <key>`. It is not shown again.
    pub(crate) key: String,
}

/// Keys, the newest first.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ApiKeys))]
pub(crate) struct ApiKeysBody {
    pub(crate) items: Vec<ApiKeyBody>,
}

/// A key that somebody has presented to the gateway.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExchangeBody {
    pub(crate) api_key: String,
}

/// What is passed on in its place.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExchangedBody {
    pub(crate) access_token: String,
    pub(crate) expires_in: u32,
}
