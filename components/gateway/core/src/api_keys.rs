//! From an API key to an access token.

use crate::{Error, recent::Recent};
use bytes::Bytes;
use http::{
    HeaderValue, Request, StatusCode, Uri,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::{sync::Arc, time::Duration};
use vitrine_clock::Clock;
use vitrine_http_out::HttpOut;
use vitrine_identity::ServiceToken;

/// The route of auth that gives a token for a key.
pub(crate) const PATH: &str = "/_token";
/// No token is kept for longer: a key that was revoked would go on getting in with it.
const REMEMBERED: Duration = Duration::from_secs(60);
/// How many are remembered; each takes about 700 bytes.
const CAPACITY: usize = 1024;
/// Auth makes keys of fewer characters; what is longer is none.
const LONGEST: usize = 256;

/// Turns API keys into access tokens by asking auth, and remembers the answers by the hash of the key.
#[derive(Debug)]
pub(crate) struct ApiKeys {
    out: Arc<dyn HttpOut>,
    uri: Uri,
    token: ServiceToken,
    clock: Arc<dyn Clock>,
    recent: Recent<[u8; 32], Arc<str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    access_token: String,
    expires_in: u64,
}

impl ApiKeys {
    /// Asks auth at `uri`, showing `token`.
    pub(crate) fn new(out: Arc<dyn HttpOut>, uri: Uri, token: ServiceToken, clock: Arc<dyn Clock>) -> Self {
        Self { out, uri, token, clock, recent: Recent::new(CAPACITY) }
    }

    /// The token that was given for `key` a moment ago.
    pub(crate) fn remembered(&self, key: &str) -> Option<Arc<str>> {
        self.recent.get(&Sha256::digest(key.as_bytes()).into(), self.clock.now())
    }

    /// Asks for the token of `key`. The key and the token go nowhere else, and into no log.
    pub(crate) async fn exchange(&self, key: &str, request_id: HeaderValue) -> Result<Arc<str>, Error> {
        if key.len() > LONGEST {
            return Err(Error::InvalidToken);
        }
        let now = self.clock.now();
        let body = serde_json::json!({ "apiKey": key }).to_string();
        let mut request = Request::new(Bytes::from(body));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = self.uri.clone();
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, self.token.authorization());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert("x-request-id", request_id);
        let response = self.out.send(request).await?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED => return Err(Error::InvalidToken),
            _ => return Err(Error::Answer("auth refuses to give a token for a key")),
        }
        let answer: Answer = serde_json::from_slice(response.body())
            .map_err(|_| Error::Answer("what auth gives for a key is no token"))?;
        let token: Arc<str> = answer.access_token.into();
        let lasts = REMEMBERED.min(Duration::from_secs(answer.expires_in));
        self.recent.insert(Sha256::digest(key.as_bytes()).into(), Arc::clone(&token), now, now + lasts);
        Ok(token)
    }
}
