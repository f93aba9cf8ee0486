//! From a request to its response.

use crate::{
    Call, Code, Dialect, Kind, Media, Router, TrpcError,
    answer::{self, Outcome},
    batch::{self, Format},
    call::Raw,
    input::{Inputs, Json},
    octets::{discard, too_large},
    plan::{Plan, calls_in_an_object},
    procedure::{Action, Procedure},
    query::first,
    sse::{self, Events},
};
use axum::{
    body::Body,
    extract::Request,
    http::{Method, StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use futures::{
    FutureExt as _,
    future::{self, BoxFuture},
};
use std::sync::Arc;
use vitrine_edge::body_bytes;

/// Answers a request.
pub(crate) async fn serve<S: Clone + Send + Sync + 'static>(
    router: Arc<Router<S>>,
    state: S,
    request: Request,
) -> Response {
    if request.method() == Method::HEAD {
        return (StatusCode::NO_CONTENT, [(header::VARY, answer::VARY)]).into_response();
    }
    let calls = calls_in_an_object(request.headers(), request.uri().path());
    match answer(router, state, request).await {
        Ok(response) => response,
        Err(error) => answer::whole(&error, calls),
    }
}

/// Answers a request, or refuses it as a whole.
async fn answer<S: Clone + Send + Sync + 'static>(
    router: Arc<Router<S>>,
    state: S,
    request: Request,
) -> Result<Response, TrpcError> {
    let (mut parts, body) = request.into_parts();
    let plan = match Plan::of(&parts, &router) {
        Ok(plan) => plan,
        Err(error) => {
            discard(body).await;
            return Err(error);
        }
    };
    parts.extensions.insert(plan.params.clone());
    let Some(format) = plan.batch else {
        let path = plan.paths.first().map(String::as_str).unwrap_or_default();
        let input = match plan.media {
            Media::Json => Raw::Json(Json { inputs: inputs(&router, &parts, body, false).await?, index: 0 }),
            Media::FormData | Media::Octets => Raw::Body(body),
        };
        return Ok(single(&router, state, &plan, path, Call { parts, input }).await);
    };
    let inputs = inputs(&router, &parts, body, true).await?;
    let calls = plan.paths.iter().enumerate().map(|(index, path)| {
        let input = Raw::Json(Json { inputs: inputs.clone(), index });
        match admitted(&router, &plan, path, &parts.method) {
            Ok(procedure) => answering(procedure, Call { parts: parts.clone(), input }, state.clone()),
            Err(error) => future::ready(Err(error)).boxed(),
        }
    });
    let calls: Vec<BoxFuture<'static, Outcome>> = calls.collect();
    // What mutations set, such as cookies, must be in the head of the response, so they are waited for.
    if format == Format::Array || plan.kind == Some(Kind::Mutation) {
        let outcomes = future::join_all(calls).await;
        let body = batch::finished(format, &plan.paths, &outcomes);
        return Ok(match format {
            Format::Array => answer::batch(&outcomes, body),
            Format::Lines | Format::Object => answer::stream(&outcomes, body),
        });
    }
    let body = batch::body(format, plan.paths, calls, router.options.streams.as_ref());
    Ok(answer::stream(&[], body))
}

/// Answers a single call.
async fn single<S: Clone + Send + Sync + 'static>(
    router: &Router<S>,
    state: S,
    plan: &Plan,
    path: &str,
    call: Call,
) -> Response {
    let procedure = match admitted(router, plan, path, &call.parts.method) {
        Ok(procedure) => procedure,
        Err(error) if plan.kind == Some(Kind::Subscription) && plan.media == Media::Json => {
            return sse::response(path, Err(error), router.options.streams.as_ref());
        }
        Err(error) => {
            if let Raw::Body(body) = call.input {
                discard(body).await;
            }
            return answer::single(path, &Err(error));
        }
    };
    match &procedure.action {
        Action::Answer(run) => answer::single(path, &run(call, state).await),
        Action::Subscribe(run) => {
            let events: Result<Events, TrpcError> = run(resumed(call, plan), state).await;
            sse::response(path, events, router.options.streams.as_ref())
        }
    }
}

/// A call that goes on after the last event that the client has seen.
fn resumed(call: Call, plan: &Plan) -> Call {
    match call.input {
        Raw::Json(json) => Call { input: Raw::Json(json.resumed(plan.last_event.as_deref())), ..call },
        Raw::Body(_) => call,
    }
}

/// The procedure of that path, if it may be called so.
fn admitted<'r, S>(
    router: &'r Router<S>,
    plan: &Plan,
    path: &str,
    method: &Method,
) -> Result<&'r Procedure<S>, TrpcError> {
    let procedure = router
        .procedures
        .get(path)
        .ok_or_else(|| TrpcError::new(Code::NotFound, format!("No procedure found on path \"{path}\"")))?;
    let kind = procedure.kind;
    if !kind.takes(method, router.options.method_override) {
        let message = format!("Unsupported {method}-request to {kind} procedure at path \"{path}\"");
        return Err(TrpcError::new(Code::MethodNotSupported, message));
    }
    if kind == Kind::Subscription && plan.batch.is_some() {
        return Err(TrpcError::new(Code::BadRequest, "Cannot batch subscription calls"));
    }
    // A form needs no preflight from another site, so it is refused even where no input is read.
    if !procedure.media.contains(&plan.media) {
        return Err(Media::expected(procedure.media));
    }
    Ok(procedure)
}

fn answering<S>(procedure: &Procedure<S>, call: Call, state: S) -> BoxFuture<'static, Outcome> {
    match &procedure.action {
        Action::Answer(run) => run(call, state),
        Action::Subscribe(_) => {
            future::ready(Err(TrpcError::new(Code::BadRequest, "Cannot batch subscription calls"))).boxed()
        }
    }
}

/// The inputs of all calls: of the body of a POST, else of the query string.
async fn inputs<S>(router: &Router<S>, parts: &Parts, body: Body, batch: bool) -> Result<Arc<Inputs>, TrpcError> {
    let limit = router.options.input_bytes;
    let bytes = if parts.method == Method::POST {
        Some(body_bytes(body, limit).await?.to_vec())
    } else {
        first(parts.uri.query().unwrap_or_default(), "input")
    };
    if bytes.as_ref().is_some_and(|bytes| bytes.len() > limit) {
        return Err(too_large(limit));
    }
    let inputs = Inputs::new(bytes, batch);
    if router.options.dialect == Dialect::V10 {
        inputs.check()?;
    }
    Ok(Arc::new(inputs))
}
