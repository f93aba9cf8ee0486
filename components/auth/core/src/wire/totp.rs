//! The second factor.

use crate::Setup;
use serde::{Deserialize, Serialize};

/// The password, once more.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = StepUp))]
pub(crate) struct StepUpBody {
    #[cfg_attr(feature = "openapi", schema(format = Password))]
    pub(crate) password: String,
}

/// A code of an authenticator.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = TotpCode))]
pub(crate) struct CodeBody {
    #[cfg_attr(feature = "openapi", schema(example = "287082"))]
    pub(crate) code: String,
}

/// The password once more, and a code of the second factor.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = TotpDisable))]
pub(crate) struct DisableBody {
    #[cfg_attr(feature = "openapi", schema(format = Password))]
    pub(crate) password: String,
    /// A code of the authenticator, or a recovery code.
    pub(crate) totp: String,
}

/// What an authenticator is told.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = TotpSetup))]
pub(crate) struct SetupBody {
    /// In base32, to be typed.
    secret: String,
    /// `otpauth://…`, to be opened on the device itself.
    url: String,
    /// The same as a QR code: an SVG document.
    qr_svg: String,
}

impl From<Setup> for SetupBody {
    fn from(setup: Setup) -> Self {
        let Setup { secret, url, qr_svg } = setup;
        Self { secret, url, qr_svg }
    }
}

/// Codes for who has lost the authenticator.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = RecoveryCodes))]
pub(crate) struct CodesBody {
    /// Each is good once.
    pub(crate) recovery_codes: Vec<String>,
}
