//! Finding, reading and erasing objects.

use crate::{Inner, answer::Answer};
use bytes::Bytes;
use futures::{FutureExt, StreamExt, future::BoxFuture, stream};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use std::sync::{Arc, atomic::Ordering};
use vitrine_blob::{BlobError, BlobStream, Manifest};
use vitrine_http_out::{Body, HttpOutError};

/// The SHA-256 of the object, in hexadecimal.
pub(crate) const SHA256: &str = "x-amz-meta-sha256";
/// Tells which small object holds the SHA-256 instead.
pub(crate) const GENERATION: &str = "x-amz-meta-generation";

/// No object is longer (5 TiB, AWS; 50 TiB since 2025): a range that begins after it is empty.
const LONGEST_OBJECT: u64 = 1 << 50;

/// The key of the small object with the SHA-256 of a blob.
pub(crate) fn beside(key: &str, generation: &str) -> String {
    format!("{key}.{generation}.sha256")
}

/// What was found under a key.
pub(crate) enum Seen<T> {
    Whole(T),
    /// An object whose SHA-256 is missing: another one replaces it at this moment, or it is damaged.
    Half,
}

impl<T> Seen<T> {
    fn map<U>(self, whole: impl FnOnce(T) -> U) -> Seen<U> {
        match self {
            Self::Whole(seen) => Seen::Whole(whole(seen)),
            Self::Half => Seen::Half,
        }
    }
}

/// What `look` finds, the second time if it was half of something the first time.
async fn twice<T, F>(key: &str, look: impl Fn() -> F) -> Result<Option<T>, BlobError>
where
    F: Future<Output = Result<Option<Seen<T>>, BlobError>>,
{
    for _ in 0..2 {
        match look().await? {
            None => return Ok(None),
            Some(Seen::Whole(seen)) => return Ok(Some(seen)),
            Some(Seen::Half) => {}
        }
    }
    Err(damaged(key, "the object that says its SHA-256 is missing"))
}

impl Inner {
    pub(crate) async fn look(&self, key: &str) -> Result<Option<Manifest>, BlobError> {
        twice(key, || self.look_once(key)).await
    }

    async fn look_once(&self, key: &str) -> Result<Option<Seen<Manifest>>, BlobError> {
        let Some(answer) = self.stat(key).await? else { return Ok(None) };
        let bytes = answer.length().ok_or_else(|| damaged(key, "the server does not say how long it is"))?;
        let sha256 = self.sha256(key, &answer.headers).await?;
        Ok(Some(sha256.map(|sha256| Manifest { bytes, sha256 })))
    }

    /// The answer to `HEAD`, if there is such an object.
    pub(crate) async fn stat(&self, key: &str) -> Result<Option<Answer>, BlobError> {
        let answer = self
            .send(|| {
                let action = self.signer.bucket.head_object(Some(&self.signer.credentials), key);
                self.signer.request(self.ports.clock.now(), action, &[], Body::empty())
            })
            .await?;
        if answer.is_missing() {
            return self.missing().await.map(|()| None);
        }
        if answer.status.is_success() { Ok(Some(answer)) } else { Err(self.error(&answer)) }
    }

    /// The SHA-256 of the object with these headers, unless the small object that says it is not there.
    async fn sha256(&self, key: &str, headers: &HeaderMap) -> Result<Seen<String>, BlobError> {
        self.bucket_seen.store(true, Ordering::Relaxed);
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let sha256 = match (text(SHA256), text(GENERATION)) {
            (Some(sha256), _) => sha256.to_owned(),
            (None, Some(generation)) => match self.small(&beside(key, generation)).await? {
                Some(sha256) => sha256,
                None => return Ok(Seen::Half),
            },
            (None, None) => {
                return Err(damaged(key, "nothing says what its SHA-256 is: others than this store put it"));
            }
        };
        if is_sha256(&sha256) { Ok(Seen::Whole(sha256)) } else { Err(damaged(key, "what says its SHA-256 is none")) }
    }

    async fn small(&self, key: &str) -> Result<Option<String>, BlobError> {
        let answer = self.send(|| self.get_request(key, None)).await?;
        match answer.status.is_success() {
            true => Ok(Some(answer.text)),
            false if answer.is_missing() => Ok(None),
            false => Err(self.error(&answer)),
        }
    }

    fn get_request(&self, key: &str, range: Option<&str>) -> Result<http::Request<Body>, BlobError> {
        let action = self.signer.bucket.get_object(Some(&self.signer.credentials), key);
        let mut request = self.signer.request(self.ports.clock.now(), action, &[], Body::empty())?;
        if let Some(range) = range.and_then(|range| HeaderValue::from_str(range).ok()) {
            request.headers_mut().insert(header::RANGE, range);
        }
        Ok(request)
    }

    pub(crate) async fn read(self: &Arc<Self>, key: &str) -> Result<Option<(Manifest, BlobStream)>, BlobError> {
        twice(key, || self.read_once(key)).await
    }

    async fn read_once(self: &Arc<Self>, key: &str) -> Result<Option<Seen<(Manifest, BlobStream)>>, BlobError> {
        let response = match self.stream(|| self.get_request(key, None)).await? {
            Ok(response) => response,
            Err(answer) if answer.is_missing() => return self.missing().await.map(|()| None),
            Err(answer) => return Err(self.error(&answer)),
        };
        let (parts, body) = response.into_parts();
        let bytes = body.length().ok_or_else(|| damaged(key, "the server does not say how long it is"))?;
        let sha256 = self.sha256(key, &parts.headers).await?;
        Ok(Some(sha256.map(|sha256| (Manifest { bytes, sha256 }, self.counted(key, body, bytes)))))
    }

    pub(crate) async fn read_part(
        self: &Arc<Self>,
        key: &str,
        start: u64,
        length: u64,
    ) -> Result<Option<(Manifest, BlobStream)>, BlobError> {
        twice(key, || self.read_part_once(key, start, length)).await
    }

    async fn read_part_once(
        self: &Arc<Self>,
        key: &str,
        start: u64,
        length: u64,
    ) -> Result<Option<Seen<(Manifest, BlobStream)>>, BlobError> {
        let nothing = async || {
            let found = self.look_once(key).await?;
            Ok(found.map(|found| found.map(|manifest| (manifest, BlobStream::empty()))))
        };
        if length == 0 || start >= LONGEST_OBJECT {
            return nothing().await;
        }
        let last = start.saturating_add(length - 1).min(LONGEST_OBJECT);
        let range = format!("bytes={start}-{last}");
        let response = match self.stream(|| self.get_request(key, Some(&range))).await? {
            Ok(response) => response,
            Err(answer) if answer.is_missing() => return self.missing().await.map(|()| None),
            // The object ends before the range begins.
            Err(answer) if answer.status == StatusCode::RANGE_NOT_SATISFIABLE => return nothing().await,
            Err(answer) => return Err(self.error(&answer)),
        };
        let (parts, body) = response.into_parts();
        let given = parts.headers.get(header::CONTENT_RANGE).and_then(|value| content_range(value.to_str().ok()?));
        let (first, last, bytes) = match given {
            Some(given) if parts.status == StatusCode::PARTIAL_CONTENT && given.0 == start => given,
            _ => {
                let reason = format!("{} answered {} to `{range}`", self.signer.endpoint, parts.status);
                return Err(BlobError::Unexpected { reason });
            }
        };
        let (sha256, expected) =
            (self.sha256(key, &parts.headers).await?, last.saturating_sub(first).saturating_add(1));
        Ok(Some(sha256.map(|sha256| (Manifest { bytes, sha256 }, self.counted(key, body, expected)))))
    }

    /// `body`, which must have exactly `expected` bytes.
    fn counted(self: &Arc<Self>, key: &str, body: Body, expected: u64) -> BlobStream {
        let state = (body, 0_u64, key.to_owned(), Arc::clone(self));
        BlobStream::new(stream::try_unfold(state, move |(mut body, got, key, inner)| -> BoxFuture<'static, _> {
            async move {
                let truncated = |key| BlobError::Truncated { key, expected, got };
                let piece: Bytes = match body.next().await {
                    None if got == expected => return Ok(None),
                    None | Some(Err(HttpOutError::Failed(_))) => return Err(truncated(key)),
                    Some(Err(error)) => return Err(inner.failed(error)),
                    Some(Ok(piece)) => piece,
                };
                let got = got + piece.len() as u64;
                if got > expected {
                    let reason = format!("it sent more than the {expected} bytes of `{key}` that it announced");
                    return Err(BlobError::Unexpected { reason });
                }
                Ok(Some((piece, (body, got, key, inner))))
            }
            .boxed()
        }))
    }

    pub(crate) async fn erase(&self, key: &str) -> Result<(), BlobError> {
        let generation = match self.stat(key).await {
            Ok(Some(answer)) => answer.header(GENERATION).map(str::to_owned),
            // Who may not list a bucket is told that what is not there is forbidden; the next answer is the right one.
            Ok(None) | Err(BlobError::Denied { .. }) => None,
            Err(error) => return Err(error),
        };
        self.erase_object(key).await?;
        match generation {
            Some(generation) => self.erase_object(&beside(key, &generation)).await,
            None => Ok(()),
        }
    }

    pub(crate) async fn erase_object(&self, key: &str) -> Result<(), BlobError> {
        let answer = self
            .send(|| {
                let action = self.signer.bucket.delete_object(Some(&self.signer.credentials), key);
                self.signer.request(self.ports.clock.now(), action, &[], Body::empty())
            })
            .await?;
        if answer.status.is_success() || answer.is_missing() { Ok(()) } else { Err(self.error(&answer)) }
    }
}

pub(crate) fn damaged(key: &str, reason: &str) -> BlobError {
    BlobError::Damaged { key: key.to_owned(), reason: reason.to_owned() }
}

/// Whether it is a SHA-256 as [`Manifest`] has it.
pub(crate) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// First byte, last byte and whole size, of `bytes 0-9/100` (RFC 9110, 14.4).
fn content_range(text: &str) -> Option<(u64, u64, u64)> {
    let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()?, size.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_answers() {
        assert_eq!(content_range("bytes 0-9/100"), Some((0, 9, 100)));
        for text in ["bytes */100", "bytes 0-9/*", "0-9/100", ""] {
            assert_eq!(content_range(text), None);
        }
    }

    #[test]
    fn what_a_sha256_is() {
        assert!(is_sha256(&"0f".repeat(32)));
        for text in [String::new(), "0f".repeat(31), "0F".repeat(32), "\u{e9}".repeat(32)] {
            assert!(!is_sha256(&text));
        }
    }
}
