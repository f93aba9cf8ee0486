//! Fresh secrets, as `cargo xtask up` would write them.

use anyhow::Result;
use ed25519_dalek::SigningKey;

use crate::token::base64url;

/// The app's secrets.
#[derive(Clone)]
pub struct Secrets {
    /// Signs access tokens.
    pub signing_key: SigningKey,
    /// What may ring.
    pub ring_token: String,
    /// What may ring from inside.
    pub relay_service_token: String,
    /// What may see and replay dead letters.
    pub admin_token: String,
    /// What may ask for the token of an API key.
    pub auth_exchange_token: String,
    /// What may claim the events of auth.
    pub auth_service_token: String,
    /// What may report what came of photos.
    pub upload_report_token: String,
    /// What may claim the events of upload, and deliver to it.
    pub upload_service_token: String,
    /// What may call the private routes of image-processor.
    pub image_processor_service_token: String,
}

impl Secrets {
    /// Secrets that nobody else has.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn fresh() -> Result<Self> {
        Ok(Self {
            signing_key: SigningKey::from_bytes(&random()?),
            ring_token: base64url(&random()?),
            relay_service_token: base64url(&random()?),
            admin_token: base64url(&random()?),
            auth_exchange_token: base64url(&random()?),
            auth_service_token: base64url(&random()?),
            upload_report_token: base64url(&random()?),
            upload_service_token: base64url(&random()?),
            image_processor_service_token: base64url(&random()?),
        })
    }

    /// The application variables that carry them.
    #[must_use]
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("auth_signing_key", base64url(self.signing_key.as_bytes())),
            ("auth_public_keys", base64url(self.signing_key.verifying_key().as_bytes())),
            ("ring_token", self.ring_token.clone()),
            ("relay_service_token", self.relay_service_token.clone()),
            ("admin_token", self.admin_token.clone()),
            ("auth_exchange_token", self.auth_exchange_token.clone()),
            ("auth_service_token", self.auth_service_token.clone()),
            ("upload_report_token", self.upload_report_token.clone()),
            ("upload_service_token", self.upload_service_token.clone()),
            ("image_processor_service_token", self.image_processor_service_token.clone()),
        ]
    }
}

fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
