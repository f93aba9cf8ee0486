//! Connection parameters: what a client says that cannot set headers.

use crate::{Code, TrpcError};
use axum::{extract::FromRequestParts, http::request::Parts};
use std::{collections::BTreeMap, convert::Infallible, fmt};

/// The connection parameters of a client (`connectionParams`), as an argument of a handler; empty if it sent none. The
/// `EventSource` of browsers cannot set headers, so a token may come here. They stand in the address, which others log, so
/// cookies are better where the client is a browser.
#[derive(Clone, Default)]
pub struct ConnectionParams(BTreeMap<String, String>);

impl ConnectionParams {
    /// The parameter of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Reads them: an object of texts, or `null`.
    pub(crate) fn parse(text: Option<&str>) -> Result<Self, TrpcError> {
        let wrong = |message: &str| TrpcError::new(Code::ParseError, message);
        let parsed = text.map(serde_json::from_str::<Option<BTreeMap<String, String>>>).transpose();
        match parsed {
            Ok(params) => Ok(Self(params.flatten().unwrap_or_default())),
            Err(error) if error.is_data() => Err(wrong("Invalid connection params shape")),
            Err(_) => Err(wrong("Not JSON-parsable query params")),
        }
    }
}

impl fmt::Debug for ConnectionParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The values are secrets.
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ConnectionParams {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or_default())
    }
}
