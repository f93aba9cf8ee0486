//! Why a request does not get through.

use crate::limits::Refusal;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use std::time::Duration;
use vitrine_edge::{Kind, Problem};
use vitrine_http_out::HttpOutError;
use vitrine_identity::invalid_token;
use vitrine_kv::KvError;

/// How long someone is asked to wait when what is needed is away.
const AWAY: Duration = Duration::from_secs(1);

/// Why a request does not get through.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing is there for the outside: an unknown path, a private one, or one that is written to look like another.
    #[error("there is nothing for the outside at that path")]
    NotFound,
    /// The request is not well-formed; what is wrong with it.
    #[error("{0}")]
    BadRequest(&'static str),
    /// The method is none that is passed on.
    #[error("the method is none that is passed on")]
    Method,
    /// One header, or all together, are too large.
    #[error("the headers are too large")]
    HeadersTooLarge,
    /// The token or API key is not valid, or its session has ended.
    #[error("the token is not valid")]
    InvalidToken,
    /// The token is valid, and its roles or scopes do not reach here.
    #[error("the token does not reach here")]
    Forbidden(&'static str),
    /// The browser says that another site made it send this.
    #[error("another site is behind this request")]
    CrossSite,
    /// The body has more bytes than this.
    #[error("the body is larger than {0} bytes")]
    TooLarge(u64),
    /// Too many requests.
    #[error("too many requests")]
    TooMany(Refusal),
    /// Which sessions are live cannot be read.
    #[error("which sessions are live cannot be read: {0}")]
    Sessions(#[from] KvError),
    /// The service gave no usable answer.
    #[error("the service gave no answer: {0}")]
    Service(#[from] HttpOutError),
    /// The service gave an answer that is not passed on.
    #[error("the service gave an answer that is not passed on: {0}")]
    Answer(&'static str),
}

impl Error {
    /// As the client is told. What it says about the inside goes to the log only.
    pub(crate) fn problem(&self) -> Problem {
        match self {
            Self::NotFound => Problem::not_found("There is nothing at this address."),
            Self::BadRequest(detail) => Problem::bad_request(detail),
            Self::Method => {
                let known = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
                Problem::method_not_allowed().with_header(header::ALLOW, known)
            }
            Self::HeadersTooLarge => {
                Problem::new(Kind::HeadersTooLarge, "The headers are larger than 24 KiB, or one of them than 8 KiB.")
            }
            Self::InvalidToken => invalid_token("The token is not valid, or not any more; log in again."),
            Self::Forbidden(detail) => Problem::forbidden(detail),
            Self::CrossSite => Problem::forbidden(
                "A browser may send this only from this site or from one that the deployment allows (header Origin).",
            ),
            Self::TooLarge(limit) => Problem::too_large(&format!("The body may have {limit} bytes at most.")),
            Self::TooMany(refusal) => Problem::new(Kind::RateLimited, refusal.detail()).with_retry_after(refusal.after),
            Self::Sessions(_) => Problem::unavailable(AWAY, self),
            Self::Service(HttpOutError::Timeout) => {
                tracing::warn!(error = %self, "no answer in time");
                Problem::new(Kind::Timeout, "The service did not answer in time. Try again later.")
            }
            Self::Service(HttpOutError::Invalid(_)) | Self::Answer(_) | Self::Service(_) => {
                tracing::error!(error = %self, "no usable answer");
                Problem::bad_gateway("The service did not answer as it should. Try again later.")
            }
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.problem().into_response()
    }
}
