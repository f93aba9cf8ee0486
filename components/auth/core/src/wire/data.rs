//! What has happened, and all that is held.

use super::{AccountBody, ApiKeyBody, PasskeyBody, SessionBody};
use crate::{AuditEntry, Export};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_edge::Cursor;

/// Where a page ends: at that entry.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Before {
    pub(crate) entry: Uuid,
}

/// Something that has happened.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = AuditEntry))]
pub(crate) struct EntryBody {
    id: Uuid,
    /// To whom; `null` if a login was tried that is nobody's.
    #[cfg_attr(feature = "openapi", schema(required))]
    account_id: Option<Uuid>,
    /// What, such as `logged-in` or `password-changed`.
    kind: &'static str,
    /// In which session, or to which.
    #[cfg_attr(feature = "openapi", schema(required))]
    session_id: Option<Uuid>,
    /// What is to be known beside that, such as the name of a device; may be empty.
    detail: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    happened_at: Timestamp,
}

impl From<AuditEntry> for EntryBody {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id,
            account_id: entry.account,
            kind: entry.kind.as_str(),
            session_id: entry.session,
            detail: entry.detail,
            happened_at: entry.happened_at,
        }
    }
}

/// Some entries of the log, the last one first.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = AuditPage))]
pub(crate) struct AuditPage {
    pub(crate) items: Vec<EntryBody>,
    /// Where the next page begins; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, nullable = false))]
    pub(crate) next_cursor: Option<Cursor<Before>>,
}

/// The password once more, and a code of the second factor if there is one.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = AccountDeletion))]
pub(crate) struct DeleteBody {
    #[cfg_attr(feature = "openapi", schema(format = Password))]
    pub(crate) password: String,
    /// A code of the authenticator, or a recovery code.
    pub(crate) totp: Option<String>,
}

/// All that auth holds of an account, but for what it holds as a hash.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Export))]
pub(crate) struct ExportBody {
    account: AccountBody,
    sessions: Vec<SessionBody>,
    /// When each device was last seen to log in.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    devices: Vec<Timestamp>,
    api_keys: Vec<ApiKeyBody>,
    passkeys: Vec<PasskeyBody>,
    recovery_codes_left: u64,
    audit: Vec<EntryBody>,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    exported_at: Timestamp,
}

impl ExportBody {
    pub(crate) fn new(export: Export, current: Uuid) -> Self {
        Self {
            account: export.account.into(),
            sessions: export.sessions.iter().map(|session| SessionBody::new(session, current)).collect(),
            devices: export.devices,
            api_keys: export.api_keys.into_iter().map(ApiKeyBody::from).collect(),
            passkeys: export.passkeys.into_iter().map(PasskeyBody::from).collect(),
            recovery_codes_left: export.recovery_codes_left,
            audit: export.audit.into_iter().map(EntryBody::from).collect(),
            exported_at: export.exported_at,
        }
    }
}
