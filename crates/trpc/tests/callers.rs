//! What handlers take of who is calling.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod support;

use axum::{
    extract::{FromRef, FromRequestParts, OptionalFromRequestParts},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::json;
use std::sync::Arc;
use support::{get, nested, post, send_to, with};
use vitrine_clock::{FixedClock, Timestamp};
use vitrine_edge::Problem;
use vitrine_identity::{Caller, Verifier};
use vitrine_trpc::{Code, Input, Router, TrpcError};

#[derive(Clone)]
struct State(Verifier);

impl FromRef<State> for Verifier {
    fn from_ref(state: &State) -> Self {
        state.0.clone()
    }
}

/// A caller by a header, in the three ways in which an extractor can refuse.
struct Who(String);

enum Refused {
    Problem,
    Trpc,
    Other(StatusCode),
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Problem => Problem::forbidden("Not you.").with_member("reason", "banned").into_response(),
            Self::Trpc => TrpcError::new(Code::PaymentRequired, "Pay.").into_response(),
            Self::Other(status) => (status, "a text of its own").into_response(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Who {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        match parts.headers.get("who").and_then(|who| who.to_str().ok()) {
            Some("banned") => Err(Refused::Problem),
            Some("poor") => Err(Refused::Trpc),
            Some("odd") => Err(Refused::Other(StatusCode::IM_A_TEAPOT)),
            Some("gone") => Err(Refused::Other(StatusCode::HTTP_VERSION_NOT_SUPPORTED)),
            who => Ok(Self(who.unwrap_or("nobody").to_owned())),
        }
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Who {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Refused> {
        match parts.headers.contains_key("who") {
            true => <Self as FromRequestParts<S>>::from_request_parts(parts, state).await.map(Some),
            false => Ok(None),
        }
    }
}

fn service() -> axum::Router {
    let clock = FixedClock::at(Timestamp::EPOCH);
    let router = Router::new()
        .query("mine", async |caller: Caller| Ok::<_, TrpcError>(caller.handle))
        .query("anyones", async |caller: Option<Caller>| Ok::<_, TrpcError>(caller.map(|caller| caller.handle)))
        .query("who", async |who: Who| Ok::<_, TrpcError>(who.0))
        .query("perhaps", async |who: Option<Who>| Ok::<_, TrpcError>(who.map(|who| who.0)))
        .mutation("say", async |who: Who, _: Option<Caller>, Input(text): Input<String>| {
            Ok::<_, TrpcError>(format!("{}: {text}", who.0))
        });
    nested(router.into_axum(State(Verifier::new(vec![], "vitrine", Arc::new(clock)))))
}

#[tokio::test]
async fn who_brings_no_token_is_unauthorized() {
    let reply = send_to(service(), get("mine")).await;
    assert_eq!((reply.status.as_u16(), reply.header("www-authenticate")), (401, "Bearer"));
    assert_eq!(reply.error()["code"], -32001);
    assert_eq!(send_to(service(), get("anyones")).await.json(), json!({ "result": { "data": null } }));
}

#[tokio::test]
async fn who_brings_a_bad_token_is_unauthorized() {
    for path in ["mine", "anyones"] {
        let reply = send_to(service(), with(get(path), "authorization", "Bearer x")).await;
        assert_eq!(reply.header("www-authenticate"), "Bearer error=\"invalid_token\"");
        assert_eq!((reply.status.as_u16(), &reply.error()["data"]["path"]), (401, &json!(path)));
    }
}

#[tokio::test]
async fn a_batch_of_refused_calls_has_their_status_and_challenge() {
    let reply = send_to(service(), get("mine,mine?batch=1")).await;
    assert_eq!((reply.status.as_u16(), reply.header("www-authenticate")), (401, "Bearer"));
    let reply = send_to(service(), get("mine,anyones?batch=1")).await;
    assert_eq!((reply.status.as_u16(), reply.header("www-authenticate")), (207, ""));
}

#[tokio::test]
async fn extractors_and_an_input_go_together() {
    let request = with(post("say", r#""hi""#), "who", "ada");
    assert_eq!(send_to(service(), request).await.json(), json!({ "result": { "data": "ada: hi" } }));
    assert_eq!(send_to(service(), get("perhaps")).await.json(), json!({ "result": { "data": null } }));
}

#[tokio::test]
async fn what_an_extractor_refuses_with_is_told() {
    for (who, key, message) in [
        ("banned", "FORBIDDEN", "Not you."),
        ("poor", "PAYMENT_REQUIRED", "Pay."),
        ("odd", "BAD_REQUEST", "I'm a teapot"),
        ("gone", "INTERNAL_SERVER_ERROR", "HTTP Version Not Supported"),
    ] {
        for path in ["who", "perhaps"] {
            let error = send_to(service(), with(get(path), "who", who)).await.error();
            assert_eq!((&error["data"]["code"], &error["message"]), (&json!(key), &json!(message)));
            assert_eq!(error["data"]["path"], path);
        }
    }
    let error = send_to(service(), with(get("who"), "who", "banned")).await.error();
    assert_eq!(error["data"]["reason"], "banned");
}
