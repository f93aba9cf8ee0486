//! The sweeper component: wires `sweeper-core` to Spin's cron trigger.

use vitrine_guest::{SpinHttpOut, StartError, variable};
use vitrine_http_out::Limits;
use vitrine_identity::ServiceToken;

mod bindings {
    #![allow(missing_docs, unsafe_code, clippy::all, reason = "generated from wit/")]
    wit_bindgen::generate!({
        path: "../../wit/cron/2.0.0",
        world: "spin-cron",
        generate_all,
    });
}

struct Sweeper;

impl bindings::Guest for Sweeper {
    async fn handle_cron_event(_: bindings::Metadata) -> Result<(), bindings::Error> {
        sweep().await.map_err(|error| bindings::Error::Other(error.to_string()))
    }
}

bindings::export!(Sweeper with_types_in bindings);

async fn sweep() -> Result<(), StartError> {
    let token = ServiceToken::new(&variable("ring_token").await?)?;
    let public_url = variable("public_url").await?;
    Ok(sweeper_core::sweep(&SpinHttpOut::new(Limits::default()), &public_url, &token).await?)
}
