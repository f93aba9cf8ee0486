//! The doorbell component: wires `doorbell-core` to Spin's Redis trigger.

use spin_sdk::redis::Error;
use spin_sdk::redis_subscriber;
use vitrine_guest::{SpinHttpOut, StartError, service_token, variable};
use vitrine_http_out::Limits;

#[redis_subscriber]
async fn handle(_: Vec<u8>) -> Result<(), Error> {
    heard().await.map_err(|error| Error::Other(error.to_string()))
}

async fn heard() -> Result<(), StartError> {
    let (public_url, token) = (variable("public_url").await?, service_token("ring_token").await?);
    Ok(doorbell_core::heard(&SpinHttpOut::new(Limits::default()), &public_url, &token).await?)
}
