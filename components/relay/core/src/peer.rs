//! The other side of a call: a source or a consumer.

use crate::Error;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;
use vitrine_http_out::HttpOut;
use vitrine_identity::ServiceToken;

/// Bytes of an answer that an error repeats.
const REPEATED: usize = 300;

/// A component, as the relay reaches it. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Peer {
    pub(crate) name: &'static str,
    url: String,
    token: ServiceToken,
    out: Arc<dyn HttpOut>,
}

impl Peer {
    /// `url` is its origin, such as `http://upload.spin.internal`; `token` is what it wants to see from its callers; `out`
    /// keeps to the time that its answers may take.
    pub fn new(name: &'static str, url: &str, token: ServiceToken, out: Arc<dyn HttpOut>) -> Self {
        Self { name, url: url.trim_end_matches('/').to_owned(), token, out }
    }

    /// Sends `body` and gives back a response that says it succeeded.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        media_type: &'static str,
        request_id: Option<String>,
        body: Bytes,
    ) -> Result<Response<Bytes>, Error> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header(header::AUTHORIZATION, self.token.authorization())
            .header(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        if let Some(id) = request_id {
            request = request.header("x-request-id", id);
        }
        let invalid = |error: http::Error| vitrine_http_out::HttpOutError::Invalid(error.to_string());
        let unreachable = |error| Error::Unreachable(self.name, error);
        let request = request.body(body).map_err(invalid).map_err(unreachable)?;
        let response = self.out.send(request).await.map_err(unreachable)?;
        if response.status().is_success() {
            return Ok(response);
        }
        let said = String::from_utf8_lossy(response.body().get(..REPEATED).unwrap_or(response.body())).into_owned();
        Err(Error::Refused(self.name, response.status(), said))
    }

    /// Asks with JSON and reads the answer.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, path: &str, question: &impl Serialize) -> Result<T, Error> {
        let body = serde_json::to_vec(question).map_err(|error| self.not_understood(&error))?;
        let response = self.send(Method::POST, path, "application/json", None, body.into()).await?;
        serde_json::from_slice(response.body()).map_err(|error| self.not_understood(&error))
    }

    /// Reads what is at `path`.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        let response = self.send(Method::GET, path, "application/json", None, Bytes::new()).await?;
        serde_json::from_slice(response.body()).map_err(|error| self.not_understood(&error))
    }

    fn not_understood(&self, error: &serde_json::Error) -> Error {
        Error::NotUnderstood(self.name, error.to_string())
    }
}
