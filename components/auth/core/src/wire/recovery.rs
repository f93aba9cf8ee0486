//! What is proved by reading mail.

use serde::{Deserialize, Serialize};

/// A secret that was sent by mail.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = MailToken))]
pub(crate) struct TokenBody {
    pub(crate) token: String,
}

/// Where mail is to go.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = MailAddress))]
pub(crate) struct EmailBody {
    #[cfg_attr(feature = "openapi", schema(format = Email, example = "ada@example.org"))]
    pub(crate) email: String,
}

/// A secret that was sent by mail, and the password that it is for.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PasswordReset))]
pub(crate) struct ResetBody {
    pub(crate) token: String,
    /// The password as it is to be: as at the registration.
    #[cfg_attr(feature = "openapi", schema(format = Password, min_length = 8, max_length = 128))]
    pub(crate) password: String,
}

/// What makes a device known.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Device))]
pub(crate) struct DeviceBody {
    /// To be sent along with the login. It lets nobody in.
    pub(crate) device_token: String,
}
