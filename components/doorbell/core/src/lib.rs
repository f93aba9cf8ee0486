//! Wakes the delivery of events when a service says over Redis that it has some.
//!
//! The doorbell owns nothing and decides nothing. A message carries nothing but itself: whoever delivers events looks for what is
//! due. A message that nobody heard costs time only, since the sweep rings too.
#![forbid(unsafe_code)]

mod error;

pub use error::Error;

use vitrine_events::ring_from_outside;
use vitrine_http_out::HttpOut;
use vitrine_identity::ServiceToken;

/// A message was heard: rings once at `public_url`, the origin that the app is reached at.
///
/// # Errors
/// See [`Error`]; the next message, or the sweep, rings again.
pub async fn heard(out: &dyn HttpOut, public_url: &str, token: &ServiceToken) -> Result<(), Error> {
    ring_from_outside(out, public_url, token).await
}
