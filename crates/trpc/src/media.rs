//! The media types of inputs.

use crate::{Code, TrpcError};
use axum::http::{HeaderMap, Method, header};

/// How an input comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// As JSON: in the body, or in the parameter `input` of the query string.
    Json,
    /// As a form, `multipart/form-data` (RFC 7578).
    FormData,
    /// As bytes, `application/octet-stream`.
    Octets,
}

impl Media {
    /// The media type.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::FormData => "multipart/form-data",
            Self::Octets => "application/octet-stream",
        }
    }

    /// What a request brings. Where `strict`, a POST must say so; else what says nothing is JSON.
    pub(crate) fn of(method: &Method, headers: &HeaderMap, strict: bool) -> Result<Self, TrpcError> {
        let value = headers.get(header::CONTENT_TYPE);
        let text = value.map(|value| String::from_utf8_lossy(value.as_bytes()));
        let essence = text.as_deref().unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let known = [Self::Json, Self::FormData, Self::Octets];
        let found = known.into_iter().find(|media| essence.eq_ignore_ascii_case(media.name()));
        match found {
            Some(media) if media != Self::Json && method != Method::POST => {
                let message = format!("Only POST requests are supported for {} requests", media.name());
                Err(TrpcError::new(Code::MethodNotSupported, message))
            }
            Some(media) => Ok(media),
            None if method != Method::POST || !strict => Ok(Self::Json),
            None => {
                let message = match text {
                    Some(text) => format!("Unsupported content-type \"{text}\""),
                    None => "Missing content-type header".to_owned(),
                };
                Err(TrpcError::new(Code::UnsupportedMediaType, message))
            }
        }
    }
}
