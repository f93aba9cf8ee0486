//! Wakes the delivery of events.
//!
//! The sweeper owns nothing and decides nothing: it rings, and whoever delivers events looks for what is due. Nothing
//! depends on it but latency, since every event rings for itself and anything else can ring the same route.
#![forbid(unsafe_code)]

mod error;

pub use error::Error;

use bytes::Bytes;
use http::{Request, header};
use vitrine_http_out::HttpOut;
use vitrine_identity::ServiceToken;

/// The route that is rung.
const RING: &str = "/api/v1/ring";

/// Rings once at `public_url`, the origin that the app is reached at.
///
/// # Errors
/// See [`Error`]; the next event of the clock rings again.
pub async fn sweep(out: &dyn HttpOut, public_url: &str, token: &ServiceToken) -> Result<(), Error> {
    let request = Request::post(format!("{}{RING}", public_url.trim_end_matches('/')))
        .header(header::AUTHORIZATION, token.authorization())
        .body(Bytes::new())
        .map_err(|_| Error::PublicUrl)?;
    let status = out.send(request).await?.status();
    if status.is_success() { Ok(()) } else { Err(Error::Refused(status)) }
}
