//! Holds a store and a host itself, and calls the nosy engine: `/behave`, `/key-value?LABEL`, `/http?URL`; `/own?LABEL` uses
//! its own grant. 200 with what was got, 403 with the refusal's text.

use spin_sdk::http::{IntoResponse, Request, StatusCode};
use spin_sdk::http_service;
use spin_sdk::key_value::Store;

mod bindings {
    #![allow(missing_docs, unreachable_pub)]
    spin_sdk::wit_bindgen::generate!({
        path: "../nosy-engine/wit",
        world: "caller",
        runtime_path: "::spin_sdk::wit_bindgen::rt",
    });
}

use bindings::vitrine::nosy::probe::{self, Outcome};

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let argument = request.uri().query().unwrap_or_default().to_owned();
    let outcome = match request.uri().path().rsplit('/').next() {
        Some("behave") => Outcome::Allowed(probe::behave()),
        Some("key-value") => probe::try_key_value(argument).await,
        Some("http") => probe::try_http(argument).await,
        Some("own") => match Store::open(argument).await {
            Ok(_) => Outcome::Allowed("its own store".to_owned()),
            Err(error) => Outcome::Refused(error.to_string()),
        },
        _ => return (StatusCode::NOT_FOUND, "no such attempt".to_owned()),
    };
    match outcome {
        Outcome::Allowed(got) => (StatusCode::OK, got),
        Outcome::Refused(why) => (StatusCode::FORBIDDEN, why),
    }
}
