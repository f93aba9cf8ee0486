//! Writing an object in parts.

use crate::{
    Inner,
    answer::Answer,
    buffer::{Buffer, Content},
    read::{GENERATION, beside},
    write::{CHECKSUM, PART_BYTES, checksum},
};
use bytes::Bytes;
use futures::StreamExt;
use rusty_s3::actions::CreateMultipartUpload;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use vitrine_blob::{BlobError, Manifest, PutFailure, Source, hex};
use vitrine_http_out::Body;
use vitrine_random::bytes as random_bytes;

/// The most parts that S3 takes.
const MOST_PARTS: u16 = 10_000;

/// An upload that has begun.
struct Upload<'a> {
    key: &'a str,
    id: String,
    /// Tells which small object says its SHA-256.
    generation: String,
    /// Tag and checksum of each part.
    parts: Vec<(String, String)>,
}

impl Inner {
    /// Stores `buffer` and what is left of `source`; `hash` is that of `buffer`. If it fails, the upload is aborted.
    pub(crate) async fn write_parts(
        &self,
        key: &str,
        source: Source<'_>,
        buffer: Buffer,
        hash: Sha256,
    ) -> Result<Manifest, PutFailure> {
        let before = match self.stat(key).await {
            Ok(found) => found.and_then(|answer| answer.header(GENERATION).map(str::to_owned)),
            // Who may not list a bucket is told that what is not there is forbidden; who may not put is told next.
            Err(BlobError::Denied { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let mut upload = self.begin(key).await?;
        let manifest = match self.fill(&mut upload, source, buffer, hash).await {
            Ok(manifest) => manifest,
            Err(error) => {
                // The first error is the one to report. What cannot be erased now, the bucket's lifecycle rule erases.
                self.abort(&upload).await;
                drop(self.erase_object(&beside(key, &upload.generation)).await);
                return Err(error);
            }
        };
        if let Err(error) = self.complete(&upload).await
            && !self.was_completed(&upload).await
        {
            return Err(error.into());
        }
        if let Some(before) = before {
            // The blob is stored, whether this can be erased or not.
            drop(self.erase_object(&beside(key, &before)).await);
        }
        Ok(manifest)
    }

    /// Whether an upload whose completion failed is an object all the same: its answer may be what was lost. If it surely
    /// is none and never will be, what belongs to it is erased. Otherwise that stays: an object without it is damaged.
    async fn was_completed(&self, upload: &Upload<'_>) -> bool {
        if self.is_object(upload).await == Some(true) {
            return true;
        }
        let aborted = self.abort(upload).await;
        match self.is_object(upload).await {
            Some(false) if aborted => {
                drop(self.erase_object(&beside(upload.key, &upload.generation)).await);
                false
            }
            found => found == Some(true),
        }
    }

    /// Whether the object of the key is the one that was uploaded; `None` if that cannot be known now.
    async fn is_object(&self, upload: &Upload<'_>) -> Option<bool> {
        let found = self.stat(upload.key).await.ok()?;
        Some(found.is_some_and(|found| found.header(GENERATION) == Some(&upload.generation)))
    }

    async fn begin<'a>(&self, key: &'a str) -> Result<Upload<'a>, BlobError> {
        let generation = hex(&random_bytes::<8>(&*self.ports.random));
        let headers = [("x-amz-checksum-algorithm", "SHA256".to_owned()), (GENERATION, generation.clone())];
        let answer = self
            .send(|| {
                let action = self.signer.bucket.create_multipart_upload(Some(&self.signer.credentials), key);
                self.signer.request(self.ports.clock.now(), action, &headers, Body::empty())
            })
            .await?;
        if !answer.status.is_success() {
            return Err(self.error(&answer));
        }
        let answer = CreateMultipartUpload::parse_response(&answer.text).map_err(|_| self.unexpected(&answer))?;
        Ok(Upload { key, id: answer.upload_id().to_owned(), generation, parts: Vec::new() })
    }

    async fn fill(
        &self,
        upload: &mut Upload<'_>,
        mut source: Source<'_>,
        mut buffer: Buffer,
        mut hash: Sha256,
    ) -> Result<Manifest, PutFailure> {
        let mut bytes = buffer.bytes() as u64;
        loop {
            // The last part is not empty, so a part goes out only when there is more than that.
            while buffer.bytes() as u64 > PART_BYTES {
                self.part(upload, &buffer.take(PART_BYTES as usize)).await?;
            }
            let Some(piece) = source.next().await else { break };
            let piece = piece?;
            hash.update(&piece);
            bytes = bytes.saturating_add(piece.len() as u64);
            buffer.push(piece);
        }
        self.part(upload, &buffer.take(usize::MAX)).await?;
        let manifest = Manifest { bytes, sha256: hex(&hash.finalize()) };
        let beside = beside(upload.key, &upload.generation);
        let text = Content::from(manifest.sha256.clone());
        self.write_object(&beside, &text, &text.sha256(), &[]).await?;
        Ok(manifest)
    }

    async fn part(&self, upload: &mut Upload<'_>, content: &Content) -> Result<(), BlobError> {
        let number = u16::try_from(upload.parts.len() + 1).unwrap_or(u16::MAX);
        if number > MOST_PARTS {
            let reason = format!("a blob has {MOST_PARTS} parts at most");
            return Err(BlobError::Unexpected { reason });
        }
        let headers = [(CHECKSUM, checksum(&content.sha256()))];
        let answer = self
            .send(|| {
                let credentials = Some(&self.signer.credentials);
                let action = self.signer.bucket.upload_part(credentials, upload.key, number, &upload.id);
                self.signer.request(self.ports.clock.now(), action, &headers, content.body())
            })
            .await?;
        if !answer.status.is_success() {
            return Err(self.error(&answer));
        }
        let tag = answer.header("etag").ok_or_else(|| self.unexpected(&answer))?.to_owned();
        let [(_, checksum)] = headers;
        upload.parts.push((tag, checksum));
        Ok(())
    }

    async fn complete(&self, upload: &Upload<'_>) -> Result<(), BlobError> {
        let list = Bytes::from(list(&upload.parts));
        let answer = self
            .send(|| {
                let credentials = Some(&self.signer.credentials);
                let tags = std::iter::empty::<&str>();
                let action = self.signer.bucket.complete_multipart_upload(credentials, upload.key, &upload.id, tags);
                self.signer.request(self.ports.clock.now(), action, &[], Body::from(list.clone()))
            })
            .await?;
        if answer.status.is_success() && answer.code().is_none() {
            return Ok(());
        }
        // After a request whose answer was lost, some servers say that there is no such upload, others that it may not be
        // used.
        if answer.status.is_success() {
            // A server that takes long answers 200 before it knows, and says in the text that it failed.
            let reason = format!("{} answered {}", self.signer.endpoint, answer.summary());
            return Err(BlobError::Unavailable { reason });
        }
        Err(self.error(&answer))
    }

    /// Whether the server says that the upload is aborted.
    async fn abort(&self, upload: &Upload<'_>) -> bool {
        let request = || {
            let credentials = Some(&self.signer.credentials);
            let action = self.signer.bucket.abort_multipart_upload(credentials, upload.key, &upload.id);
            self.signer.request(self.ports.clock.now(), action, &[], Body::empty())
        };
        self.send(request).await.is_ok_and(|answer| answer.status.is_success())
    }

    fn unexpected(&self, answer: &Answer) -> BlobError {
        let reason = format!("{} answered {} and not what S3 says", self.signer.endpoint, answer.summary());
        BlobError::Unexpected { reason }
    }
}

/// The body of `CompleteMultipartUpload`. rusty-s3 writes it without checksums, which AWS asks for where parts had them.
fn list(parts: &[(String, String)]) -> String {
    let mut xml = String::from("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (number, (tag, checksum)) in (1..).zip(parts) {
        let tag = tag.replace('&', "&amp;").replace('<', "&lt;");
        // Writing to a `String` cannot fail.
        let _ = write!(
            xml,
            "<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag><ChecksumSHA256>{checksum}</ChecksumSHA256></Part>"
        );
    }
    xml.push_str("</CompleteMultipartUpload>");
    xml
}
