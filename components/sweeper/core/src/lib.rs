//! Wakes the delivery of events.
//!
//! The sweeper owns nothing and decides nothing: it rings, and whoever delivers events looks for what is due. Nothing
//! depends on it but latency, since every event rings for itself and anything else can ring the same route.
#![forbid(unsafe_code)]

mod error;

pub use error::Error;

use vitrine_events::ring_from_outside;
use vitrine_http_out::HttpOut;
use vitrine_identity::ServiceToken;

/// Rings once at `public_url`, the origin that the app is reached at.
///
/// # Errors
/// See [`Error`]; the next event of the clock rings again.
pub async fn sweep(out: &dyn HttpOut, public_url: &str, token: &ServiceToken) -> Result<(), Error> {
    ring_from_outside(out, public_url, token).await
}
