//! Telling the owner of the photo: each attempt before it is made, and what came of it.
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use serde::{Deserialize, Serialize};
use vitrine_http_out::HttpOut;
use vitrine_identity::ServiceToken;

use crate::error::ProcessError;
use crate::events::Job;
use crate::path::RenditionPath;

/// Whether a photo may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Yes, and the try is recorded.
    Go,
    /// No: it is finished, or it has killed too many tries.
    Stop,
}

/// The answer to the announcement of an attempt.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) attempt: u32,
    pub(crate) verdict: Verdict,
}

/// What came of a photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub(crate) enum Outcome {
    Processed { width: u32, height: u32, renditions: Vec<Stored> },
    Rejected { reason: String },
}

/// A rendition that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Stored {
    pub(crate) name: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
    #[serde(rename = "type")]
    pub(crate) media_type: &'static str,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

impl Stored {
    /// Where it is written.
    pub(crate) fn path(&self) -> RenditionPath {
        RenditionPath::new(&self.name, &self.sha256)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Announcement {
    event_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Writing<'a> {
    event_id: String,
    paths: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    event_id: String,
    outcome: &'a Outcome,
}

/// The service that owns the photos, reached over HTTP.
#[derive(Debug, Clone)]
pub struct Owner {
    out: Arc<dyn HttpOut>,
    url: String,
    token: ServiceToken,
}

impl Owner {
    /// `url` is an origin such as `http://upload.spin.internal`; `token` is what it wants to see from its callers.
    pub fn new(out: Arc<dyn HttpOut>, url: String, token: ServiceToken) -> Self {
        Self { out, url, token }
    }

    /// Announces an attempt. `None` if there is no such photo any more.
    pub(crate) async fn begin_attempt(&self, job: &Job) -> Result<Option<Attempt>, ProcessError> {
        let body = json(&Announcement { event_id: job.event.to_string() })?;
        let response = self.call(job, Method::POST, "attempts", body).await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let attempt = serde_json::from_slice(expect_success(&response)?.body());
        attempt.map(Some).map_err(|error| ProcessError::Refused(error.to_string()))
    }

    /// Says that an attempt has ended without killing anybody. Saying it again changes nothing.
    pub(crate) async fn end_attempt(&self, job: &Job, attempt: u32) -> Result<(), ProcessError> {
        let response = self.call(job, Method::DELETE, &format!("attempts/{attempt}"), Bytes::new()).await?;
        expect_success(&response).map(|_| ())
    }

    /// Announces what is about to be written. False if there is no such photo any more: then nothing must be.
    pub(crate) async fn will_write(&self, job: &Job, paths: &[RenditionPath]) -> Result<bool, ProcessError> {
        let paths = paths.iter().map(RenditionPath::as_str).collect();
        let body = json(&Writing { event_id: job.event.to_string(), paths })?;
        let response = self.call(job, Method::PUT, "written", body).await?;
        still_there(&response)
    }

    /// Reports the end of a photo. False if there is no such photo any more.
    pub(crate) async fn finish(&self, job: &Job, outcome: &Outcome) -> Result<bool, ProcessError> {
        let body = json(&Report { event_id: job.event.to_string(), outcome })?;
        let response = self.call(job, Method::PUT, "result", body).await?;
        still_there(&response)
    }

    async fn call(&self, job: &Job, method: Method, path: &str, body: Bytes) -> Result<Response<Bytes>, ProcessError> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}/_photos/{}/{path}", self.url, job.photo))
            .header(header::AUTHORIZATION, self.token.authorization())
            .header(header::CONTENT_TYPE, "application/json")
            // One id through all logs that an event passes.
            .header("x-request-id", job.event.to_string())
            .body(body)
            .map_err(|error| ProcessError::Refused(error.to_string()))?;
        Ok(self.out.send(request).await?)
    }
}

fn json(value: &impl Serialize) -> Result<Bytes, ProcessError> {
    serde_json::to_vec(value).map(Bytes::from).map_err(|error| ProcessError::Refused(error.to_string()))
}

/// Whether the owner still has the photo.
fn still_there(response: &Response<Bytes>) -> Result<bool, ProcessError> {
    match response.status() {
        StatusCode::NOT_FOUND => Ok(false),
        _ => expect_success(response).map(|_| true),
    }
}

fn expect_success(response: &Response<Bytes>) -> Result<&Response<Bytes>, ProcessError> {
    if response.status().is_success() {
        return Ok(response);
    }
    let body: String = String::from_utf8_lossy(response.body()).chars().take(500).collect();
    Err(ProcessError::Refused(format!("{}: {body}", response.status())))
}
