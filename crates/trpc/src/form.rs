//! Inputs that are forms: what the client sends of a `FormData`.

use crate::{
    Call, Code, FromCall, Media, TrpcError,
    octets::{limited, too_large},
};
use axum::http::header;
use bytes::Bytes;
use multer::{Field, Multipart};
use std::fmt;

/// A form of at most `LIMIT` bytes in all, `multipart/form-data` (RFC 7578). Its parts are read one after another, as they
/// come, so a file can be passed on without being held.
pub struct FormData<const LIMIT: usize = { crate::UPLOAD_BYTES }>(Multipart<'static>);

impl<const LIMIT: usize> FormData<LIMIT> {
    /// The next part; the bytes of the one before that were not read are skipped.
    ///
    /// # Errors
    /// `PAYLOAD_TOO_LARGE` for more than `LIMIT` bytes, `BAD_REQUEST` for what is no form or breaks off.
    pub async fn next(&mut self) -> Result<Option<Part>, TrpcError> {
        let field = self.0.next_field().await.map_err(wrong)?;
        Ok(field.map(Part))
    }
}

impl<const LIMIT: usize> fmt::Debug for FormData<LIMIT> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FormData<{LIMIT}>")
    }
}

impl<S: Sync, const LIMIT: usize> FromCall<S> for FormData<LIMIT> {
    const MEDIA: Media = Media::FormData;

    async fn from_call(call: Call, _: &S) -> Result<Self, TrpcError> {
        let (parts, body) = call.into_body(Media::FormData)?;
        let said = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let boundary = multer::parse_boundary(said)
            .map_err(|_| TrpcError::new(Code::BadRequest, "The Content-Type of the form names no boundary."))?;
        let body = limited(&parts.headers, body, LIMIT).await?;
        Ok(Self(Multipart::new(body, boundary)))
    }
}

/// A part of a form.
pub struct Part(Field<'static>);

impl Part {
    /// The name of the field; empty if it has none.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name().unwrap_or_default()
    }

    /// The name of the file, if it is one, as the client gives it: it may be anything.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.0.file_name()
    }

    /// The media type, as the client gives it.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.0.content_type().map(AsRef::as_ref)
    }

    /// The next bytes, as they come.
    ///
    /// # Errors
    /// As [`FormData::next`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, TrpcError> {
        self.0.chunk().await.map_err(wrong)
    }

    /// All bytes.
    ///
    /// # Errors
    /// As [`FormData::next`].
    pub async fn bytes(self) -> Result<Bytes, TrpcError> {
        self.0.bytes().await.map_err(wrong)
    }

    /// All bytes as a text.
    ///
    /// # Errors
    /// As [`FormData::next`], and `BAD_REQUEST`, which names the field, for what is not UTF-8.
    pub async fn text(self) -> Result<String, TrpcError> {
        let name = self.name().to_owned();
        let bytes = self.bytes().await?;
        String::from_utf8(bytes.to_vec()).map_err(|_| {
            vitrine_edge::Problem::bad_request(&format!("The form is not what is expected here: {name}: not UTF-8."))
                .with_field(&name, "It is not UTF-8.")
                .into()
        })
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").field("name", &self.name()).finish_non_exhaustive()
    }
}

/// What the parser says; an error of the body below it is told as it is.
fn wrong(error: multer::Error) -> TrpcError {
    match error {
        multer::Error::StreamReadFailed(cause) => match cause.downcast::<TrpcError>() {
            Ok(error) => *error,
            Err(_) => TrpcError::new(Code::BadRequest, "The body ended before it was whole; send it again."),
        },
        multer::Error::StreamSizeExceeded { limit } | multer::Error::FieldSizeExceeded { limit, .. } => {
            too_large(usize::try_from(limit).unwrap_or(usize::MAX))
        }
        error => TrpcError::new(Code::BadRequest, format!("The form is not what is expected here: {error}.")),
    }
}
