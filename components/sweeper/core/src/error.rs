//! Why the bell was not heard.

use http::StatusCode;
use vitrine_http_out::HttpOutError;

/// Why a sweep did not wake anyone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
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
