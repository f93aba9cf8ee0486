//! Answers on their way out: made here, or another's that is passed on.

use axum::response::Response;
use spin_sdk::{
    http::IntoResponse,
    wasip3::{
        http::types::{self, ErrorCode},
        http_compat::IncomingResponseBody,
        wit_future,
    },
};
use std::sync::{Mutex, PoisonError};
use vitrine_http_out::Unread;

/// The body of another's answer, for the first who wants it.
pub(crate) struct Theirs(Mutex<Option<IncomingResponseBody>>);

impl Theirs {
    pub(crate) fn new(body: IncomingResponseBody) -> Self {
        Self(Mutex::new(Some(body)))
    }

    /// To be read.
    pub(crate) fn read(&self) -> Option<IncomingResponseBody> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// To be passed on.
    fn unread(&self) -> Option<types::Response> {
        self.read()?.take_unstarted()
    }
}

/// The answer as the runtime takes it. A body that nobody has read goes to it as it came: its bytes never come here.
pub(crate) fn finished(mut response: Response) -> Result<types::Response, ErrorCode> {
    let unread = response.extensions_mut().remove::<Unread>();
    match unread.and_then(|unread| unread.get::<Theirs>()?.unread()) {
        Some(theirs) => passed_on(response, theirs),
        None => response.into_response(),
    }
}

fn passed_on(response: Response, theirs: types::Response) -> Result<types::Response, ErrorCode> {
    let (parts, _) = response.into_parts();
    let headers = parts.headers.try_into().map_err(|error| internal(&error))?;
    let (_, well) = wit_future::new(|| Ok(()));
    let (body, trailers) = types::Response::consume_body(theirs, well);
    let (answer, _) = types::Response::new(headers, Some(body), trailers);
    answer.set_status_code(parts.status.as_u16()).map_err(|()| internal(&"a status that is none"))?;
    Ok(answer)
}

fn internal(error: &dyn std::fmt::Display) -> ErrorCode {
    ErrorCode::InternalError(Some(error.to_string()))
}
