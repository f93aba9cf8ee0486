//! Ringing from another process, in which the relay cannot be called by its name.

use bytes::Bytes;
use http::{Request, StatusCode, header};
use vitrine_http_out::{HttpOut, HttpOutError};
use vitrine_identity::ServiceToken;

/// The route that is rung.
const RING: &str = "/api/v1/ring";

/// Why a ring from outside did not wake anyone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutsideError {
    /// The address of the app is none.
    #[error("`public_url` is not an origin such as http://127.0.0.1:3000")]
    PublicUrl,
    /// The app answered, and not with success.
    #[error("the ring was answered with {0}; is `ring_token` the one of the app?")]
    Refused(StatusCode),
    /// The app could not be asked.
    #[error("the app cannot be rung: {0}")]
    Unreachable(#[from] HttpOutError),
}

/// Rings once at `public_url`, the origin that the app is reached at.
///
/// # Errors
/// See [`OutsideError`].
pub async fn ring_from_outside(out: &dyn HttpOut, public_url: &str, token: &ServiceToken) -> Result<(), OutsideError> {
    let request = Request::post(format!("{}{RING}", public_url.trim_end_matches('/')))
        .header(header::AUTHORIZATION, token.authorization())
        .body(Bytes::new())
        .map_err(|_| OutsideError::PublicUrl)?;
    let status = out.send(request).await?.status();
    if status.is_success() { Ok(()) } else { Err(OutsideError::Refused(status)) }
}
