//! Errors as tRPC tells them.

use crate::{Code, answer, plan::calls_in_an_object};
use axum::{
    http::{HeaderMap, HeaderName, HeaderValue},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use std::fmt;
use vitrine_edge::Problem;

/// Why a call did not succeed: a code, what was wrong with this call and what to do about it, and what a program can tell
/// apart in `data`. None of it says anything about the inside of the service.
///
/// A [`Problem`] becomes one by `?`, so that the use cases of a service have one way to refuse over REST and tRPC: its status
/// gives the code, its detail the message; its fields stand in `data.errors`, its type in `data.type`, and its own members
/// (such as `reason`) in `data`. Its headers (such as `Retry-After`) are those of the answer.
#[derive(Debug, Clone)]
pub struct TrpcError {
    code: Code,
    message: String,
    data: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// What tRPC says in `data` by itself; `stack` is what its own servers add while somebody develops.
const OWN_DATA: [&str; 4] = ["code", "httpStatus", "path", "stack"];

impl TrpcError {
    /// An error of that code. `message` says what was wrong with this call, and what to do about it.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: Map::new(), headers: Vec::new() }
    }

    /// 500: something is wrong inside. `cause` goes to the log and not into the answer.
    #[must_use]
    pub fn internal(cause: &dyn fmt::Display) -> Self {
        Problem::internal(cause).into()
    }

    /// Adds to `data` what a program can tell apart, such as `reason`. What tRPC itself says there is not changed.
    #[must_use]
    pub fn with_data(mut self, name: &str, value: impl Into<Value>) -> Self {
        if !OWN_DATA.contains(&name) {
            self.data.insert(name.to_owned(), value.into());
        }
        self
    }

    /// Sets a header of the answer, if all calls of the request end alike.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.retain(|(present, _)| *present != name);
        self.headers.push((name, value));
        self
    }

    /// The same with another code.
    #[must_use]
    pub(crate) fn with_code(self, code: Code) -> Self {
        Self { code, ..self }
    }

    /// What kind of error it is.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// What was wrong with this call.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What stands in `data` beside what tRPC itself says there.
    #[must_use]
    pub fn data(&self) -> &Map<String, Value> {
        &self.data
    }

    pub(crate) fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    /// What a client reads: `{"message", "code", "data": {"code", "httpStatus", "path", …}}`. There is no `path` where the
    /// whole request is refused, and not a call.
    pub(crate) fn shape(&self, path: Option<&str>) -> Value {
        let mut data = self.data.clone();
        data.insert("code".to_owned(), self.code.key().into());
        data.insert("httpStatus".to_owned(), self.code.http_status().into());
        if let Some(path) = path {
            data.insert("path".to_owned(), path.into());
        }
        json!({ "message": self.message, "code": self.code.number(), "data": data })
    }
}

impl fmt::Display for TrpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.key(), self.message)
    }
}

impl std::error::Error for TrpcError {}

impl From<Problem> for TrpcError {
    fn from(problem: Problem) -> Self {
        let error = Self::new(Code::from_status(problem.status()), problem.detail());
        let error = error.with_data("type", problem.kind().uri());
        let fields: Vec<Value> =
            problem.fields().map(|(field, detail)| json!({ "field": field, "detail": detail })).collect();
        let error = if fields.is_empty() { error } else { error.with_data("errors", fields) };
        let error = problem.members().iter().fold(error, |error, (name, value)| error.with_data(name, value.clone()));
        Self { headers: problem.headers().to_vec(), ..error }
    }
}

impl TrpcError {
    /// Refuses the whole request with these headers to `path`, in the form that its client reads: one object, which it takes as
    /// the answer to each of its calls, or for the streaming link of the client 10, which takes no such object, one for each
    /// call. For layers before the procedures.
    #[must_use]
    pub fn refuse(self, headers: &HeaderMap, path: &str) -> Response {
        self.whole(calls_in_an_object(headers, path))
    }

    fn whole(self, calls: Option<usize>) -> Response {
        let mut response = answer::whole(&self, calls);
        // An extractor that refuses says so by a response; the error is found in it again.
        response.extensions_mut().insert(self);
        response
    }
}

/// Refuses the whole request as [`TrpcError::refuse`] does, where nothing is known of its client: by one object.
impl IntoResponse for TrpcError {
    fn into_response(self) -> Response {
        self.whole(None)
    }
}

/// What an extractor of axum refuses with. A problem and an error of tRPC are told as they are, another response by its
/// status only.
pub(crate) fn refusal(rejection: impl IntoResponse) -> TrpcError {
    let mut response = rejection.into_response();
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        return problem.into();
    }
    if let Some(error) = response.extensions_mut().remove::<TrpcError>() {
        return error;
    }
    let status = response.status();
    TrpcError::new(Code::from_status(status), status.canonical_reason().unwrap_or("The call was refused"))
}
