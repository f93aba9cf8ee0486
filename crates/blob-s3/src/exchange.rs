//! Sending requests, and sending them again.

use crate::{Inner, answer::Answer};
use http::{Request, Response, StatusCode};
use std::{sync::atomic::Ordering, time::Duration};
use vitrine_blob::BlobError;
use vitrine_http_out::{Body, HttpOutError};
use vitrine_random::bytes as random_bytes;

/// How often a request is sent at most. Every one of them may be sent twice: what it does is the same then.
const TRIES: u32 = 4;

/// The first pause, in milliseconds; each is twice the one before, less up to a half at random.
const FIRST_PAUSE: u64 = 100;

/// The longest answer that is no blob, in bytes.
const LONGEST_ANSWER: usize = 1 << 20;

impl Inner {
    /// Sends what `request` makes until the server does not say any more that it is busy. An answer that is no success is
    /// given back whole, one that is a success as it comes.
    pub(crate) async fn stream(
        &self,
        request: impl Fn() -> Result<Request<Body>, BlobError> + Send,
    ) -> Result<Result<Response<Body>, Answer>, BlobError> {
        let response = self.tries(request, true).await?;
        match response.status().is_success() {
            true => Ok(Ok(response)),
            false => self.whole(response).await.map(Err),
        }
    }

    /// The same, and the answer is given back whole in any case.
    pub(crate) async fn send(
        &self,
        request: impl Fn() -> Result<Request<Body>, BlobError> + Send,
    ) -> Result<Answer, BlobError> {
        let response = self.tries(request, false).await?;
        self.whole(response).await
    }

    /// The first answer that may stay. Only the body of a success that may stream is not in memory yet.
    async fn tries(
        &self,
        request: impl Fn() -> Result<Request<Body>, BlobError> + Send,
        may_stream: bool,
    ) -> Result<Response<Body>, BlobError> {
        let mut tried = 0;
        loop {
            let reason = match self.one_try(request()?, may_stream).await {
                Ok(response) if !is_busy(response.status()) => return Ok(response),
                Ok(response) => format!("it answered {}", self.whole(response).await?.summary()),
                Err(HttpOutError::Failed(reason)) => reason,
                Err(error) => return Err(self.failed(error)),
            };
            tried += 1;
            if tried == TRIES {
                let endpoint = &self.signer.endpoint;
                let reason = format!("{endpoint} (`s3_endpoint`) failed {TRIES} times; see that it runs: {reason}");
                return Err(BlobError::Unavailable { reason });
            }
            self.ports.timer.sleep(self.pause(tried)).await;
        }
    }

    async fn one_try(&self, request: Request<Body>, may_stream: bool) -> Result<Response<Body>, HttpOutError> {
        let response = self.ports.out.stream(request).await?;
        if may_stream && response.status().is_success() {
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        Ok(Response::from_parts(parts, body.collect(LONGEST_ANSWER).await?.into()))
    }

    async fn whole(&self, response: Response<Body>) -> Result<Answer, BlobError> {
        let (parts, body) = response.into_parts();
        let text = body.collect(LONGEST_ANSWER).await.map_err(|error| self.failed(error))?;
        let text = String::from_utf8_lossy(&text).into_owned();
        Ok(Answer { status: parts.status, headers: parts.headers, text })
    }

    fn pause(&self, tried: u32) -> Duration {
        let full = FIRST_PAUSE << tried.saturating_sub(1).min(8);
        let spread = u64::from(u16::from_le_bytes(random_bytes(&*self.ports.random))) % (full / 2 + 1);
        Duration::from_millis(full - spread)
    }

    /// The error of a request that is not sent again.
    pub(crate) fn failed(&self, error: HttpOutError) -> BlobError {
        let (endpoint, origin, grant) = (&self.signer.endpoint, &self.signer.origin, &self.signer.grant);
        match error {
            HttpOutError::Denied => {
                BlobError::Denied { reason: format!("this component may not call {origin}; set `s3_host` to {grant}") }
            }
            HttpOutError::Timeout => {
                BlobError::Timeout { reason: format!("{endpoint} (`s3_endpoint`) stood still; see that it runs") }
            }
            HttpOutError::Failed(reason) => BlobError::Unavailable { reason: format!("{endpoint}: {reason}") },
            error => BlobError::Unexpected { reason: format!("{endpoint}: {error}") },
        }
    }

    /// The error that an answer is.
    pub(crate) fn error(&self, answer: &Answer) -> BlobError {
        answer.error(self.signer.bucket.name(), &self.signer.endpoint)
    }

    /// Nothing, or that the bucket is not there either: some servers do not tell, and none does to `HEAD`.
    pub(crate) async fn missing(&self) -> Result<(), BlobError> {
        if self.bucket_seen.load(Ordering::Relaxed) {
            return Ok(());
        }
        let bucket = &self.signer.bucket;
        let request = || {
            let action = bucket.head_bucket(Some(&self.signer.credentials));
            self.signer.request(self.ports.clock.now(), action, &[], Body::empty())
        };
        if self.send(request).await?.status == StatusCode::NOT_FOUND {
            return Err(BlobError::NoBucket { bucket: bucket.name().to_owned() });
        }
        self.bucket_seen.store(true, Ordering::Relaxed);
        Ok(())
    }
}

/// Whether the server says that it may do later what it does not do now.
fn is_busy(status: StatusCode) -> bool {
    status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED || status == StatusCode::TOO_MANY_REQUESTS
}
