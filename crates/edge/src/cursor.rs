//! Where the next page of a list begins.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use std::{fmt, marker::PhantomData};

/// The longest cursor that is read, in characters.
const MAX_CHARS: usize = 512;

/// How many bytes of the digest a cursor carries: enough to tell what was cut off or changed from what was given out.
const CHECK_BYTES: usize = 6;

/// A position in a list, of which the outside sees only characters that mean nothing to it: the JSON of `T` and a part of
/// its SHA-256, as base64url.
///
/// It is no secret and gives no rights: the service applies the caller's rights to each page anew. So it is checked, not
/// signed; whoever makes one up sees no more than by asking for page after page. A `T` that is a struct with a field of
/// its own name is not read from the cursor of another list.
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
        let Ok(mut bytes) = serde_json::to_vec(&self.0) else { return String::new() };
        bytes.extend(check(&bytes));
        URL_SAFE_NO_PAD.encode(bytes)
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
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let (json, found) = bytes.split_last_chunk::<CHECK_BYTES>().ok_or(InvalidCursor)?;
        if check(json) != *found {
            return Err(InvalidCursor);
        }
        serde_json::from_slice(json).map(Self).map_err(|_| InvalidCursor)
    }
}

fn check(json: &[u8]) -> [u8; CHECK_BYTES] {
    let digest: [u8; 32] = Sha256::digest(json).into();
    digest.first_chunk().copied().unwrap_or_default()
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

    #[test]
    fn one_changed_character_anywhere_is_seen() {
        let good = Cursor((500, "abc".to_owned())).encode();
        for at in 0..good.len() {
            for other in ["A", "b", "7", "_", "="] {
                let mut changed = good.clone();
                changed.replace_range(at..=at, other);
                assert_eq!(Position::decode(&changed).is_ok(), changed == good, "{changed}");
            }
        }
    }

    #[test]
    fn the_cursor_of_another_list_is_refused() {
        #[derive(Serialize, Deserialize, PartialEq, Debug)]
        struct Photos {
            photo: u32,
        }
        #[derive(Serialize, Deserialize, PartialEq, Debug)]
        struct Orders {
            order: u32,
        }
        let photos = Cursor(Photos { photo: 1 }).encode();
        assert_eq!(Cursor::<Orders>::decode(&photos), Err(InvalidCursor));
        assert_eq!(Cursor::decode(&photos), Ok(Cursor(Photos { photo: 1 })));
    }
}
