//! The behaviour suite of the outbound HTTP port on the network of the machine.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use vitrine_http_out::{
    NativeHttpOut, echo,
    suite::{LIMITS, STREAM_LIMITS, Subject},
};

async fn subject() -> Subject {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, echo()).await });
    let out = Arc::new(NativeHttpOut::new(LIMITS, STREAM_LIMITS).unwrap());
    Subject { out, origin, denied: None, network: true }
}

vitrine_http_out::http_out_suite!(subject().await);
