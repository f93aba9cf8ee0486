//! The gateway component: wires `gateway-core` to Spin.

use gateway_core::{LIMITS, Ports, Settings, VARIABLES};
use spin_sdk::http::{IntoResponse, Request};
use std::sync::Arc;
use vitrine_clock::SystemClock;
use vitrine_guest::{Service, SpinHttpOut, SpinTimer, StartError, lazy_kv, service_token, variables};
use vitrine_http_out::Limits;
use vitrine_random::Ids;
use vitrine_session::{LiveSessions, PURPOSE as SESSIONS};

static SERVICE: Service = Service::new();

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl IntoResponse {
    SERVICE.serve(request, start).await
}

async fn start() -> Result<axum::Router, StartError> {
    let settings = Settings::parse(&variables(VARIABLES.map(str::to_owned)).await?)?;
    let ports = Ports {
        out: Box::new(|limits| Arc::new(SpinHttpOut::new(Limits::default()).streaming(limits))),
        sessions: LiveSessions::new(lazy_kv("gateway", SESSIONS).await?),
        limits: lazy_kv("gateway", LIMITS).await?,
        auth_token: service_token("auth_exchange_token").await?,
        clock: Arc::new(SystemClock),
        timer: Arc::new(SpinTimer),
        ids: Ids::system(),
    };
    Ok(gateway_core::router(settings, ports)?)
}
