//! What operators and admins see and say.

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_mailer::Received;

/// What an account is to be.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Roles))]
pub(in crate::http) struct RolesBody {
    /// `user`, `seller`, `moderator`, `admin`.
    pub(in crate::http) roles: Vec<String>,
}

/// A mail that was not sent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Mail))]
pub(in crate::http) struct MailBody {
    id: Uuid,
    /// The address of the recipient.
    to: String,
    subject: String,
    text: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    received_at: Timestamp,
}

impl From<Received> for MailBody {
    fn from(mail: Received) -> Self {
        let Received { id, to, subject, text, received_at } = mail;
        Self { id, to, subject, text, received_at }
    }
}

/// Mails, the last one first.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Mailbox))]
pub(in crate::http) struct MailboxBody {
    pub(in crate::http) items: Vec<MailBody>,
}
