//! One call, as a handler gets it.

use crate::{Code, Media, TrpcError, error::refusal, input::Json};
use axum::{body::Body, extract::FromRequestParts, http::request::Parts};
use std::fmt;

/// One call: the head of the request that brought it, and its input, which is not read yet.
pub struct Call {
    /// The head of the request; calls of a batch share it.
    pub parts: Parts,
    pub(crate) input: Raw,
}

/// An input as it came.
pub(crate) enum Raw {
    /// JSON, of the query string or of the body.
    Json(Json),
    /// A body of another kind, which only a single call has.
    Body(Body),
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Tokens stand in the head and in the query string, passwords in the input.
        f.debug_struct("Call").field("path", &self.parts.uri.path()).finish_non_exhaustive()
    }
}

impl Call {
    /// The input as JSON.
    pub(crate) fn json(&self) -> Result<Option<&str>, TrpcError> {
        match &self.input {
            Raw::Json(json) => json.text(),
            Raw::Body(_) => Err(Media::expected(&[Media::Json])),
        }
    }

    /// The head and the body of a call whose input is no JSON.
    pub(crate) fn into_body(self, media: &[Media]) -> Result<(Parts, Body), TrpcError> {
        match self.input {
            Raw::Body(body) => Ok((self.parts, body)),
            Raw::Json(_) => Err(Media::expected(media)),
        }
    }
}

impl Media {
    /// The refusal of an input of another media type than these.
    pub(crate) fn expected(these: &[Self]) -> TrpcError {
        let names: Vec<_> = these.iter().map(|media| media.name()).collect();
        let message = format!("This procedure takes its input as {}.", names.join(" or "));
        TrpcError::new(Code::UnsupportedMediaType, message)
    }
}

/// What a handler takes as its last argument: [`Input`](crate::Input), [`FormData`](crate::FormData),
/// [`Octets`](crate::Octets), [`Unread`](crate::Unread), or like all others whatever axum extracts from the head of a request. `M` only tells these apart.
#[diagnostic::on_unimplemented(
    note = "the last argument of a handler is an input (Input, FormData, Octets, Unread), or implements FromRequestParts"
)]
pub trait FromCall<S, M = via::Input>: Sized {
    /// The media types of the input; a call with another one is refused.
    const MEDIA: &'static [Media] = &[Media::Json];

    /// Takes it from a call.
    fn from_call(call: Call, state: &S) -> impl Future<Output = Result<Self, TrpcError>> + Send;
}

/// Marks by which way an argument is taken, so that one type can have one way.
pub mod via {
    /// From the head of the request.
    #[derive(Debug, Clone, Copy)]
    pub enum Parts {}
    /// From the input.
    #[derive(Debug, Clone, Copy)]
    pub enum Input {}
}

impl<S: Send + Sync, T: FromRequestParts<S>> FromCall<S, via::Parts> for T {
    async fn from_call(mut call: Call, state: &S) -> Result<Self, TrpcError> {
        T::from_request_parts(&mut call.parts, state).await.map_err(refusal)
    }
}
