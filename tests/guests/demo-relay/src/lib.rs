//! The relay, with the topology of the demo pair: from `demo-orders` to `demo-ledger`.

use relay_core::{Consumer, Ports, Source, Topology};
use spin_sdk::http::{IntoResponse, Request};
use std::sync::Arc;
use std::time::Duration;
use vitrine_clock::SystemClock;
use vitrine_guest::{Service, SpinHttpOut, SpinTimer, StartError, variables};
use vitrine_random::Ids;

const PLACED: &str = "demo.order.placed.v1";

const TOPOLOGY: Topology = Topology {
    sources: &[Source { name: "demo-orders", emits: &[PLACED] }],
    consumers: &[Consumer {
        name: "demo-ledger",
        consumes: &[PLACED],
        parallel: 2,
        batch: 100,
        timeout: Duration::from_secs(4),
    }],
};

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
