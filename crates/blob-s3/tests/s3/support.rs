//! A bucket on a real server, natively.

use anyhow::Result;
use std::sync::Arc;
use std::time::Duration;
use vitrine_blob::Blobs;
use vitrine_blob_s3::{Addressing, Ports, S3, Settings};
use vitrine_clock::{SystemClock, TokioTimer};
use vitrine_http_out::{HttpOut, Limits, NativeHttpOut, StreamLimits};
use vitrine_random::SystemRandom;
use vitrine_servers::Url;

/// Short, so that tests need not wait.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// The settings for `bucket` of the server at `http://access-key:secret-key@host:port`.
pub(crate) fn settings(url: &str, bucket: &str) -> Result<Settings> {
    let url = Url::parse(url)?;
    Ok(Settings {
        endpoint: format!("http://{}:{}", url.host, url.port),
        public_url: String::new(),
        region: "us-east-1".to_owned(),
        access_key: url.user,
        secret_key: url.password,
        addressing: Addressing::Path,
        bucket: bucket.to_owned(),
    })
}

/// What a native program has.
pub(crate) fn out() -> Result<Arc<dyn HttpOut>> {
    out_with(PATIENCE)
}

/// The same, with another patience.
pub(crate) fn out_with(patience: Duration) -> Result<Arc<dyn HttpOut>> {
    let limits = StreamLimits { head: patience, idle: patience };
    Ok(Arc::new(NativeHttpOut::new(Limits::default(), limits)?))
}

/// The bucket of `settings`.
pub(crate) fn blobs(settings: &Settings) -> Result<Blobs> {
    blobs_over(settings, out()?)
}

/// The bucket of `settings`, reached by `out`.
pub(crate) fn blobs_over(settings: &Settings, out: Arc<dyn HttpOut>) -> Result<Blobs> {
    let (clock, timer, random) = (Arc::new(SystemClock), Arc::new(TokioTimer), Arc::new(SystemRandom));
    Ok(Blobs::on(S3::new(settings, Ports { out, clock, timer, random })?))
}
