//! Conditional requests (RFC 9110, section 13).

use crate::{ETag, Problem, etag::Tags, json::json_response};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// `If-Match` and `If-None-Match` of a request. As an argument of a handler it refuses, with 400, a header that is no
/// list of entity tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preconditions {
    if_match: Option<Tags>,
    if_none_match: Option<Tags>,
    /// GET or HEAD.
    reads: bool,
}

/// What the conditions say of a request that they do not refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Do what was asked.
    Proceed,
    /// The client has it already: answer 304.
    NotModified,
}

impl Preconditions {
    /// Weighs the conditions against what is there now, `None` if nothing is. Asked before a change, the tag is read in
    /// the transaction that makes it.
    ///
    /// # Errors
    /// A 412 problem: the client knows another state, or means to make what is there already.
    pub fn check(&self, current: Option<&ETag>) -> Result<Check, Problem> {
        if let Some(tags) = &self.if_match
            && !current.is_some_and(|tag| tags.lists(tag, true))
        {
            let detail = "It is not, or not any more, what If-Match names. Read it again, and use its new ETag.";
            return Err(Problem::precondition_failed(detail));
        }
        match &self.if_none_match {
            Some(tags) if current.is_some_and(|tag| tags.lists(tag, false)) => {
                if self.reads {
                    return Ok(Check::NotModified);
                }
                Err(Problem::precondition_failed("There is already what If-None-Match rules out."))
            }
            _ => Ok(Check::Proceed),
        }
    }

    /// Answers a read with the JSON of `value` and the tag of its bytes, or with 304. A cache may keep it for its own
    /// user, and asks each time whether it is still right.
    ///
    /// # Errors
    /// A 412 problem, or 500 if `value` has no JSON form.
    pub fn json<T: Serialize>(&self, value: &T) -> Result<Response, Problem> {
        let body = serde_json::to_vec(value).map_err(|error| Problem::internal(&error))?;
        let tag = ETag::of_bytes(&body);
        let mut response = match self.check(Some(&tag))? {
            Check::NotModified => StatusCode::NOT_MODIFIED.into_response(),
            Check::Proceed => json_response(body),
        };
        response.headers_mut().insert(header::ETAG, tag.to_header());
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        Ok(response)
    }
}

fn tags(headers: &HeaderMap, name: HeaderName) -> Result<Option<Tags>, Problem> {
    Tags::of(headers, name.clone()).map_err(|_| {
        let detail = format!("The header {name} is no list of entity tags, such as \"v7\" in quotes, and not *.");
        Problem::bad_request(&detail).with_field(name.as_str(), "Send the ETag as it was given, with its quotes.")
    })
}

impl<S: Send + Sync> FromRequestParts<S> for Preconditions {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self {
            if_match: tags(&parts.headers, header::IF_MATCH)?,
            if_none_match: tags(&parts.headers, header::IF_NONE_MATCH)?,
            reads: parts.method.is_safe(),
        })
    }
}

/// The preconditions of a change that must say which state it is meant for: without `If-Match` it is refused with 428
/// (RFC 6585, section 3), so that nobody undoes unseen what another one has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfMatch(Preconditions);

impl IfMatch {
    /// See [`Preconditions::check`].
    ///
    /// # Errors
    /// A 412 problem.
    pub fn check(&self, current: Option<&ETag>) -> Result<(), Problem> {
        self.0.check(current).map(drop)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let preconditions = Preconditions::from_request_parts(parts, state).await?;
        if preconditions.if_match.is_none() {
            let detail = "Send the header If-Match with the ETag of the state that you mean to change.";
            return Err(Problem::precondition_required(detail).with_field("if-match", "It is missing."));
        }
        Ok(Self(preconditions))
    }
}
