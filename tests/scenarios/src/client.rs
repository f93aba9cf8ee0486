//! An HTTP client whose answers check themselves.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

/// Sends requests to one base URL, keeping connections. Follows no redirects.
#[derive(Clone)]
pub struct Client {
    base: String,
    http: reqwest::Client,
}

impl Client {
    /// A client for `base`, such as `http://127.0.0.1:3000`.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(base: &str) -> Result<Self> {
        Self::with(base, reqwest::Client::builder())
    }

    /// A client that speaks HTTP/2 from the first byte, without asking (RFC 9113, section 3.3).
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn http2(base: &str) -> Result<Self> {
        Self::with(base, reqwest::Client::builder().http2_prior_knowledge())
    }

    fn with(base: &str, builder: reqwest::ClientBuilder) -> Result<Self> {
        let http =
            builder.no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(Duration::from_secs(60)).build()?;
        Ok(Self { base: base.trim_end_matches('/').to_owned(), http })
    }

    /// The base URL, without a slash at its end.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Begins a request; `path` starts with a slash and may hold a query.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    /// Begins a GET.
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    /// Begins a POST.
    pub fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The version that was spoken.
    pub version: reqwest::Version,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// Sends and reads the whole answer.
pub trait Fetch {
    /// Sends the request and reads the whole answer.
    ///
    /// # Errors
    /// When no whole answer comes back.
    fn fetch(self) -> impl Future<Output = Result<Answer>>;
}

impl Fetch for RequestBuilder {
    async fn fetch(self) -> Result<Answer> {
        let response = self.send().await?;
        let (status, version, headers) = (response.status(), response.version(), response.headers().clone());
        let body = response.bytes().await.context("the answer's body was cut short")?;
        Ok(Answer { status, version, headers, body })
    }
}

impl Answer {
    /// The body as text, shortened, for messages.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).chars().take(600).collect()
    }

    /// A header's value, empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// This answer, if it has that status.
    ///
    /// # Errors
    /// When the status is another one; the message holds the body.
    pub fn expect(self, status: u16) -> Result<Self> {
        ensure!(self.status.as_u16() == status, "expected {status}, got {}: {}", self.status, self.text());
        Ok(self)
    }

    /// The JSON of the body.
    ///
    /// # Errors
    /// When it is not JSON, or not said to be.
    pub fn json(&self) -> Result<Value> {
        ensure!(
            self.header("content-type").contains("json"),
            "not JSON: content-type {:?}",
            self.header("content-type")
        );
        serde_json::from_slice(&self.body).with_context(|| format!("not JSON: {}", self.text()))
    }

    /// The problem document (RFC 9457) of an answer with that status.
    ///
    /// # Errors
    /// When the status is another one, or the body is not a problem document that says what is wrong and repeats the status.
    pub fn problem(self, status: u16) -> Result<Value> {
        let answer = self.expect(status)?;
        let content_type = answer.header("content-type");
        ensure!(
            content_type.starts_with("application/problem+json"),
            "{status} with content-type {content_type:?}: {}",
            answer.text()
        );
        let problem: Value = serde_json::from_slice(&answer.body)?;
        for member in ["type", "title", "detail"] {
            let text = problem.get(member).and_then(Value::as_str).unwrap_or_default();
            ensure!(!text.is_empty(), "the problem has no {member}: {problem}");
        }
        ensure!(problem.get("status") == Some(&Value::from(status)), "the problem repeats another status: {problem}");
        Ok(problem)
    }
}

/// The text at a JSON pointer (RFC 6901).
///
/// # Errors
/// When there is no text there.
pub fn text_at<'a>(value: &'a Value, pointer: &str) -> Result<&'a str> {
    value.pointer(pointer).and_then(Value::as_str).with_context(|| format!("no text at {pointer} in {value}"))
}

/// The whole number at a JSON pointer (RFC 6901).
///
/// # Errors
/// When there is no whole number there.
pub fn number_at(value: &Value, pointer: &str) -> Result<u64> {
    value.pointer(pointer).and_then(Value::as_u64).with_context(|| format!("no number at {pointer} in {value}"))
}

/// The list at a JSON pointer (RFC 6901).
///
/// # Errors
/// When there is no list there.
pub fn list_at<'a>(value: &'a Value, pointer: &str) -> Result<&'a Vec<Value>> {
    value.pointer(pointer).and_then(Value::as_array).with_context(|| format!("no list at {pointer} in {value}"))
}
