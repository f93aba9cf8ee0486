//! What auth emits.

use serde::Serialize;
use uuid::Uuid;

/// An account was deleted, and whoever holds something of it deletes that too. Its data: `{accountId}`.
pub const ACCOUNT_DELETED: &str = "vitrine.account.deleted.v1";

/// The source of its events.
pub(crate) const SOURCE: &str = "/auth";

/// The data of [`ACCOUNT_DELETED`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountDeleted {
    pub(crate) account_id: Uuid,
}
