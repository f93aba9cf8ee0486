//! What the server said.

use http::{HeaderMap, StatusCode, header::CONTENT_LENGTH};
use vitrine_blob::BlobError;

/// The whole answer to a request that gives no blob.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// XML, or nothing.
    pub(crate) text: String,
}

impl Answer {
    /// The code of the error that it is, such as `NoSuchKey`. An answer to `HEAD` has none.
    pub(crate) fn code(&self) -> Option<&str> {
        self.element("Error").and_then(|error| element(error, "Code"))
    }

    /// Whether it says that there is no such object.
    pub(crate) fn is_missing(&self) -> bool {
        self.status == StatusCode::NOT_FOUND && matches!(self.code(), None | Some("NoSuchKey" | "NotFound"))
    }

    pub(crate) fn element(&self, name: &str) -> Option<&str> {
        element(&self.text, name)
    }

    /// What it is for a person: status, code and message.
    pub(crate) fn summary(&self) -> String {
        let message = self.element("Message").unwrap_or_default();
        [self.status.as_str(), self.code().unwrap_or_default(), message].join(" ").trim_end().to_owned()
    }

    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// How many bytes the object has.
    pub(crate) fn length(&self) -> Option<u64> {
        self.header(CONTENT_LENGTH.as_str())?.parse().ok()
    }

    /// The error that it is, if no caller knows what to make of it. `bucket` and `endpoint` are for the message.
    pub(crate) fn error(&self, bucket: &str, endpoint: &str) -> BlobError {
        let said = format!("{endpoint} answered {}", self.summary());
        match (self.status, self.code()) {
            (_, Some("NoSuchBucket")) => BlobError::NoBucket { bucket: bucket.to_owned() },
            (_, Some("RequestTimeTooSkewed" | "RequestExpired")) => {
                BlobError::Denied { reason: format!("{said}; set the clock of this machine") }
            }
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => BlobError::Denied {
                reason: format!(
                    "{said}; check `s3_access_key` and `s3_secret_key`, and that they have on the bucket `{bucket}` the \
                     rights that they need: s3:ListBucket (without it, what is absent is forbidden), and of \
                     s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload those for what they do"
                ),
            },
            _ => BlobError::Unexpected {
                reason: format!("{said}; check that `s3_endpoint` is an S3 server, `s3_region` and `s3_addressing`"),
            },
        }
    }
}

/// The content of the first element of that name. The messages of S3 are flat and hold no markup, so nothing more of
/// XML is needed to read them.
fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}"))?;
    let (_, rest) = rest.split_once('>')?;
    Some(rest.split_once(&format!("</{name}>"))?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, text: &str) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, headers: HeaderMap::new(), text: text.to_owned() }
    }

    fn error(status: u16, code: &str) -> BlobError {
        let text = format!("<?xml?><Error xmlns=\"x\"><Code>{code}</Code><Message>Why.</Message></Error>");
        answer(status, &text).error("photos", "http://s3.test")
    }

    #[test]
    fn errors_are_told_apart() {
        assert_eq!(error(404, "NoSuchBucket"), BlobError::NoBucket { bucket: "photos".to_owned() });
        for code in ["AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"] {
            let text = error(403, code).to_string();
            assert!(text.contains(code) && text.contains("Why.") && text.contains("`s3_secret_key`"), "{text}");
            for right in ["ListBucket", "GetObject", "PutObject", "DeleteObject", "AbortMultipartUpload"] {
                assert!(text.contains(&format!("s3:{right}")), "{text}");
            }
            assert!(matches!(error(403, code), BlobError::Denied { .. }));
        }
        assert!(error(403, "RequestTimeTooSkewed").to_string().contains("clock"));
        assert!(matches!(error(400, "InvalidRequest"), BlobError::Unexpected { .. }));
        assert!(matches!(error(301, "PermanentRedirect"), BlobError::Unexpected { .. }));
    }

    #[test]
    fn what_is_missing() {
        assert!(answer(404, "").is_missing());
        assert!(answer(404, "<Error><Code>NoSuchKey</Code></Error>").is_missing());
        assert!(!answer(404, "<Error><Code>NoSuchUpload</Code></Error>").is_missing());
        assert!(!answer(403, "").is_missing());
    }

    #[test]
    fn what_is_no_xml_has_no_code() {
        for text in ["", "<", "<Error", "<Error><Code>", "</Code><Code>", "bad gateway"] {
            assert_eq!(answer(502, text).code(), None);
        }
    }
}
