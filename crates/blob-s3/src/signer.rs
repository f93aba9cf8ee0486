//! Requests to the bucket, signed (AWS Signature Version 4, in the query, by rusty-s3).

use crate::{Addressing, Settings, SettingsError};
use http::Request;
use jiff::Timestamp as SignedAt;
use rusty_s3::{Bucket, Credentials, S3Action};
use std::{fmt, time::Duration};
use vitrine_blob::BlobError;
use vitrine_clock::Timestamp;
use vitrine_http_out::Body;

/// How long a request that is sent at once may be under way, or the clocks of both sides apart.
const AT_ONCE: Duration = Duration::from_secs(15 * 60);

/// The shortest and the longest that S3 lets a presigned URL be valid.
const VALID: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(7 * 24 * 60 * 60));

/// Knows the keys.
pub(crate) struct Signer {
    /// The bucket as this program reaches it.
    pub(crate) bucket: Bucket,
    /// The bucket as others reach it.
    pub(crate) public: Bucket,
    pub(crate) credentials: Credentials,
    /// For messages.
    pub(crate) endpoint: String,
    /// The origin that requests go to: where the bucket is named by the host, it is not the endpoint's.
    pub(crate) origin: String,
    /// The grant that allows it, for all buckets of the server.
    pub(crate) grant: String,
}

impl Signer {
    pub(crate) fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let (bucket, public) = settings.buckets()?;
        let credentials = Credentials::new(settings.access_key.clone(), settings.secret_key.clone());
        let origin = bucket.base_url().origin().ascii_serialization();
        let grant = match settings.addressing {
            Addressing::Path => origin.clone(),
            Addressing::VirtualHost => origin.replacen(&format!("://{}.", settings.bucket), "://*.", 1),
        };
        Ok(Self { bucket, public, credentials, endpoint: settings.endpoint.clone(), origin, grant })
    }

    /// The request of `action` with these headers, all of which are signed.
    pub(crate) fn request<'a, A: S3Action<'a>>(
        &self,
        now: Timestamp,
        mut action: A,
        headers: &[(&'static str, String)],
        body: Body,
    ) -> Result<Request<Body>, BlobError> {
        let mut request = Request::builder().method(A::METHOD.to_str());
        for (name, value) in headers {
            action.headers_mut().insert(*name, value.clone());
            request = request.header(*name, value);
        }
        let url = action.sign_with_time(AT_ONCE, &signed_at(now));
        request
            .uri(url.as_str())
            .body(body)
            .map_err(|error| BlobError::Unexpected { reason: format!("the request cannot be made: {error}") })
    }

    /// A URL with which whoever has it can do `action`, and no header but these.
    pub(crate) fn url<'a, A: S3Action<'a>>(
        now: Timestamp,
        mut action: A,
        headers: &[(&'static str, String)],
        valid: Duration,
    ) -> String {
        for (name, value) in headers {
            action.headers_mut().insert(*name, value.clone());
        }
        action.sign_with_time(valid.clamp(VALID.0, VALID.1), &signed_at(now)).into()
    }
}

/// S3 knows no fractions of a second.
fn signed_at(now: Timestamp) -> SignedAt {
    SignedAt::from_second(now.as_seconds()).unwrap_or_default()
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.bucket.base_url())
    }
}
