//! The header.

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, HeaderName, request::Parts},
};
use vitrine_edge::Problem;

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");

/// The longest key, in characters.
pub const LONGEST_KEY: usize = 255;

/// The value of an `Idempotency-Key`: 1 to 255 printable ASCII characters.
///
/// The draft writes it as a string of RFC 9651, in quotes, in which `\` stands before `"` and `\`. Many clients leave the
/// quotes out, which is taken too: then it is the same key, of characters without blanks, quotes, commas and semicolons.
///
/// As an argument of a handler it refuses requests without a key with 400; `Option<IdempotencyKey>` lets those through,
/// but none with a header that is no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Reads a header's value. `None` if it is no key.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let value = value.trim_matches([' ', '\t']);
        let key = match value.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => value.bytes().all(is_bare).then(|| value.to_owned())?,
        };
        (1..=LONGEST_KEY).contains(&key.len()).then_some(Self(key))
    }

    /// The key, without quotes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let mut values = headers.get_all(HEADER).iter();
        let Some(value) = values.next() else { return Ok(None) };
        let key = if values.next().is_none() { value.to_str().ok().and_then(Self::parse) } else { None };
        key.map(Some).ok_or_else(|| refused("It is not one key of 1 to 255 printable ASCII characters in quotes."))
    }
}

fn refused(what: &str) -> Problem {
    let detail = "Send Idempotency-Key: \"<key>\", such as a new UUID for each new request.";
    Problem::bad_request(detail).with_field("Idempotency-Key", what)
}

fn is_bare(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b',' | b';')
}

/// What stands between an opening quote, which is gone already, and the closing one, which is the end.
fn unquote(text: &str) -> Option<String> {
    let (mut key, mut bytes) = (String::new(), text.bytes());
    loop {
        match bytes.next()? {
            b'"' => return bytes.next().is_none().then_some(key),
            b'\\' => match bytes.next()? {
                escaped @ (b'"' | b'\\') => key.push(escaped.into()),
                _ => return None,
            },
            byte @ b' '..=b'~' => key.push(byte.into()),
            _ => return None,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::of(&parts.headers)?.ok_or_else(|| refused("It is missing, and needed here."))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Problem> {
        Self::of(&parts.headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(value: &str) -> Option<String> {
        IdempotencyKey::parse(value).map(|key| key.0)
    }

    #[test]
    fn with_and_without_quotes_it_is_the_same_key() {
        assert_eq!(key("\"8e03978e-40d5\"").as_deref(), Some("8e03978e-40d5"));
        assert_eq!(key(" 8e03978e-40d5\t").as_deref(), Some("8e03978e-40d5"));
        assert_eq!(key(r#""a \"b\" \\ c;d,e""#).as_deref(), Some(r#"a "b" \ c;d,e"#));
        assert_eq!(key(&"k".repeat(255)), Some("k".repeat(255)));
    }

    #[test]
    fn anything_else_is_no_key() {
        let long = "k".repeat(256);
        let quoted = format!("\"{long}\"");
        for value in [
            "",
            "\"\"",
            "\"",
            "\"a",
            "a\"",
            "\"a\"b",
            "\"a\";v=1",
            "a b",
            "a,b",
            "\"a\\b\"",
            "ä",
            "\"ä\"",
            "\"a\tb\"",
            &long,
            &quoted,
        ] {
            assert_eq!(key(value), None, "{value}");
        }
    }
}
