//! The id that follows a request through every component, log line and answer.

use http::{HeaderMap, HeaderName, HeaderValue};
use std::sync::Arc;
use uuid::Uuid;

/// The header that carries it.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Takes the request id that came with the request, if it is one that can be logged as it is (1 to 64 of
/// `A-Z a-z 0-9 . _ -`), else makes one. It is in `headers` afterwards.
pub fn request_id(headers: &mut HeaderMap) -> Arc<str> {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| valid(id));
    if let Some(id) = given {
        return id.into();
    }
    let mut buffer = Uuid::encode_buffer();
    let id: &str = Uuid::now_v7().hyphenated().encode_lower(&mut buffer);
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, value);
    }
    id.into()
}

fn valid(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_id_is_kept_and_a_bad_one_replaced() {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_static("abc-1"));
        assert_eq!(&*request_id(&mut headers), "abc-1");
        for bad in ["", "a b", &"x".repeat(65), "a\"b"] {
            headers.insert(REQUEST_ID, HeaderValue::from_str(bad).unwrap());
            let id = request_id(&mut headers);
            assert_eq!(id.len(), 36);
            assert_eq!(headers[REQUEST_ID], *id);
        }
    }
}
