//! Inputs that are forms: what the client sends of a `FormData`.

use crate::{Call, FromCall, Media, TrpcError, octets::announced};
use std::fmt;
use vitrine_edge::{Form, Part};

/// A form of at most `LIMIT` bytes in all, `multipart/form-data` (RFC 7578). Its parts are read one after another, as they
/// come, so a file can be passed on without being held.
pub struct FormData<const LIMIT: usize = { crate::UPLOAD_BYTES }>(Form);

impl<const LIMIT: usize> FormData<LIMIT> {
    /// The next part; the bytes of the one before that were not read are skipped.
    ///
    /// # Errors
    /// `PAYLOAD_TOO_LARGE` for more than `LIMIT` bytes, `BAD_REQUEST` for what is no form or breaks off.
    pub async fn next(&mut self) -> Result<Option<Part>, TrpcError> {
        Ok(self.0.next().await?)
    }
}

impl<const LIMIT: usize> fmt::Debug for FormData<LIMIT> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FormData<{LIMIT}>")
    }
}

impl<S: Sync, const LIMIT: usize> FromCall<S> for FormData<LIMIT> {
    const MEDIA: &'static [Media] = &[Media::FormData];

    async fn from_call(call: Call, _: &S) -> Result<Self, TrpcError> {
        let (parts, body) = call.into_body(<Self as FromCall<S>>::MEDIA)?;
        let body = announced(&parts.headers, body, LIMIT).await?;
        Ok(Self(Form::new(&parts.headers, body, LIMIT)?))
    }
}
