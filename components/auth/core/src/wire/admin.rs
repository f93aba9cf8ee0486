//! What operators and admins see and say.

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_mailer::Received;

/// What an account is to be.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Roles))]
pub(crate) struct RolesBody {
    /// `user`, `seller`, `moderator`, `admin`.
    pub(crate) roles: Vec<String>,
}

/// A mail that was not sent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Mail))]
pub(crate) struct MailBody {
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
pub(crate) struct MailboxBody {
    pub(crate) items: Vec<MailBody>,
}
