//! Ringing the relay.

use crate::{SpinHttpOut, StartError, spawn, variable};
use std::sync::Arc;
use vitrine_events::{ChainedRing, Ring};
use vitrine_http_out::Limits;
use vitrine_identity::ServiceToken;

/// How the component tells the relay of its events, by its variables: `relay_url`, where the relay is, and
/// `relay_service_token`, what it wants to see.
///
/// # Errors
/// If a variable is missing or wrong; the message names it.
pub async fn ring() -> Result<Arc<dyn Ring>, StartError> {
    let relay = variable("relay_url").await?;
    let token = service_token("relay_service_token").await?;
    let out = Arc::new(SpinHttpOut::new(Limits::default()));
    Ok(Arc::new(ChainedRing::new(out, &relay, token, Arc::new(spawn))))
}

/// The token that is in the variable `name`.
///
/// # Errors
/// If it is not given or is no token. Its value is not repeated.
pub async fn service_token(name: &str) -> Result<ServiceToken, StartError> {
    let wrong = |error| StartError::new(format_args!("the variable `{name}` is not right: {error}"));
    ServiceToken::new(&variable(name).await?).map_err(wrong)
}
