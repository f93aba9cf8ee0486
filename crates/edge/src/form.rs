//! Forms, `multipart/form-data` (RFC 7578), whose parts are read one after another as they come.

mod paced;

use crate::{Problem, broken_body};
use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _};
use http_body_util::Limited;
use multer::{Field, Multipart};
use paced::{Budget, Excess, Paced};
use std::fmt;

/// The name of the media type.
const MEDIA_TYPE: &str = "multipart/form-data";

/// The most bytes of a form that streams, beside those that are passed on: names, short texts and what stands between the parts.
const BESIDE: usize = 128 * 1024;

/// A form. Its parts come one after another, so a file can be passed on without being held.
pub struct Form {
    parts: Multipart<'static>,
    limit: usize,
    budget: Budget,
}

impl Form {
    /// Whether these are the headers of a form.
    #[must_use]
    pub fn is_one(headers: &HeaderMap) -> bool {
        let value = headers.get(header::CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let essence = value.as_deref().unwrap_or_default().split(';').next().unwrap_or_default();
        essence.trim().eq_ignore_ascii_case(MEDIA_TYPE)
    }

    /// The form of a request with these headers, of at most `limit` bytes in all.
    ///
    /// # Errors
    /// A 400 problem if the headers name no boundary between the parts.
    pub fn new(headers: &HeaderMap, body: Body, limit: usize) -> Result<Self, Problem> {
        Self::paced(headers, Body::new(Limited::new(body, limit)), limit, Budget::unlimited())
    }

    /// The form of a request with these headers, for parts of any length that are passed on as they come, by
    /// [`Part::into_stream`]: all else has at most 128 KiB, and no more than that is held.
    ///
    /// # Errors
    /// As [`Form::new`].
    pub fn streaming(headers: &HeaderMap, body: Body) -> Result<Self, Problem> {
        Self::paced(headers, body, BESIDE, Budget::of(BESIDE))
    }

    fn paced(headers: &HeaderMap, body: Body, limit: usize, budget: Budget) -> Result<Self, Problem> {
        let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let boundary = multer::parse_boundary(said)
            .map_err(|_| Problem::bad_request("The Content-Type of the form names no boundary."))?;
        let body = Paced::new(body.into_data_stream(), budget.clone());
        Ok(Self { parts: Multipart::new(body, boundary), limit, budget })
    }

    /// The next part; the bytes of the one before that were not read are skipped.
    ///
    /// # Errors
    /// A 413 problem for more bytes than the form may have, 400 for what is no form or breaks off.
    pub async fn next(&mut self) -> Result<Option<Part>, Problem> {
        let limit = self.limit;
        let field = self.parts.next_field().await.map_err(|error| wrong(error, limit))?;
        Ok(field.map(|field| Part { field, limit, budget: self.budget.clone() }))
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Form").field("limit", &self.limit).finish_non_exhaustive()
    }
}

/// A part of a form.
pub struct Part {
    field: Field<'static>,
    limit: usize,
    budget: Budget,
}

impl Part {
    /// The name of the field; empty if it has none.
    #[must_use]
    pub fn name(&self) -> &str {
        self.field.name().unwrap_or_default()
    }

    /// The name of the file, if it is one, as the client gives it: it may be anything.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.field.file_name()
    }

    /// The media type, as the client gives it.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.field.content_type().map(AsRef::as_ref)
    }

    /// The next bytes, as they come.
    ///
    /// # Errors
    /// As [`Form::next`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Problem> {
        let limit = self.limit;
        self.field.chunk().await.map_err(|error| wrong(error, limit))
    }

    /// The bytes, as they come; an error is the last thing that comes.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, Problem>> + Send + 'static {
        let Self { field, limit, budget } = self;
        field.map(move |piece| {
            let piece = piece.map_err(|error| wrong(error, limit))?;
            budget.give_back(piece.len());
            Ok(piece)
        })
    }

    /// All bytes, of which there are at most `most`.
    ///
    /// # Errors
    /// As [`Form::next`], and a 400 problem, which names the field, for more bytes.
    pub async fn bytes(mut self, most: usize) -> Result<Bytes, Problem> {
        let mut all = BytesMut::new();
        while let Some(piece) = self.chunk().await? {
            if all.len() + piece.len() > most {
                return Err(self.refused(&format!("More than {most} bytes.")));
            }
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }

    /// All bytes as a text.
    ///
    /// # Errors
    /// As [`Part::bytes`], also for what is not UTF-8.
    pub async fn text(self, most: usize) -> Result<String, Problem> {
        let wrong = self.refused("It is not UTF-8.");
        let bytes = self.bytes(most).await?;
        String::from_utf8(bytes.to_vec()).map_err(|_| wrong)
    }

    /// The refusal of this part, which names its field.
    #[must_use]
    pub fn refused(&self, why: &str) -> Problem {
        let name = self.name();
        Problem::bad_request(&format!("The form is not what is expected here: {name}: {why}")).with_field(name, why)
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").field("name", &self.name()).finish_non_exhaustive()
    }
}

/// What the parser says; an error of the body below it is told as one of a body.
fn wrong(error: multer::Error, limit: usize) -> Problem {
    match error {
        multer::Error::StreamReadFailed(cause) if cause.is::<Excess>() => {
            Problem::too_large(&format!("Send at most {limit} bytes beside the file."))
        }
        multer::Error::StreamReadFailed(cause) => broken_body(&*cause, limit),
        error => Problem::bad_request(&format!("The form is not what is expected here: {error}.")),
    }
}
