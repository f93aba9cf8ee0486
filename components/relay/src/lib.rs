//! The relay component: wires `relay-core` to Spin, with the app's own topology.

use relay_core::{Ports, TOPOLOGY};
use spin_sdk::http::{IntoResponse, Request};
use std::sync::Arc;
use vitrine_clock::SystemClock;
use vitrine_guest::{Service, SpinHttpOut, SpinTimer, StartError, variables};
use vitrine_random::Ids;

static SERVICE: Service = Service::new();

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl IntoResponse {
    SERVICE.serve(request, start).await
}

async fn start() -> Result<axum::Router, StartError> {
    let values = variables(relay_core::variables(&TOPOLOGY)).await?;
    let ports = Ports {
        out: Box::new(|limits| Arc::new(SpinHttpOut::new(limits))),
        clock: Arc::new(SystemClock),
        ids: Ids::system(),
        spawn: Arc::new(vitrine_guest::spawn),
        timer: Arc::new(SpinTimer),
    };
    Ok(relay_core::assemble(TOPOLOGY, &values, ports)?)
}
