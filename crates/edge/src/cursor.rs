//! Where the next page of a list begins.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use std::{fmt, marker::PhantomData};

/// The longest cursor that is read, in characters.
const MAX_CHARS: usize = 512;

/// A position in a list, of which the outside sees only characters that mean nothing to it: the JSON of `T`, as
/// base64url. It is no secret and gives no rights: the service applies the caller's rights to each page anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor<T>(pub T);

/// The text is no cursor of this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidCursor;

impl fmt::Display for InvalidCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the cursor is not one that this list gave out; start again without it")
    }
}

impl std::error::Error for InvalidCursor {}

impl<T: Serialize> Cursor<T> {
    /// The cursor as text.
    #[must_use]
    pub fn encode(&self) -> String {
        serde_json::to_vec(&self.0).map(|json| URL_SAFE_NO_PAD.encode(json)).unwrap_or_default()
    }
}

impl<T: DeserializeOwned> Cursor<T> {
    /// Reads what [`Cursor::encode`] wrote.
    ///
    /// # Errors
    /// [`InvalidCursor`] for any other text.
    pub fn decode(text: &str) -> Result<Self, InvalidCursor> {
        if text.len() > MAX_CHARS {
            return Err(InvalidCursor);
        }
        let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        serde_json::from_slice(&json).map(Self).map_err(|_| InvalidCursor)
    }
}

impl<T: Serialize> Serialize for Cursor<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.encode())
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Cursor<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<T>(PhantomData<T>);
        impl<T: DeserializeOwned> serde::de::Visitor<'_> for Text<T> {
            type Value = Cursor<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a cursor")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Cursor<T>, E> {
                Cursor::decode(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Position = Cursor<(i64, String)>;

    #[test]
    fn what_was_given_out_is_read_back() {
        let cursor: Position = Cursor((5, "a".to_owned()));
        assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor));
    }

    #[test]
    fn anything_else_is_refused() {
        let good = Cursor((5, "a".to_owned())).encode();
        let tampered = [good.get(1..).unwrap(), "!", "", "bnVsbA", &"A".repeat(513)].map(Position::decode);
        assert!(tampered.iter().all(|result| *result == Err(InvalidCursor)), "{tampered:?}");
    }
}
