//! How much of a list is asked for.

use serde::{Deserialize, Deserializer, de::Error as _};

/// How many items of a list a client asks for in its query: `USUAL` unless it says so, 1 to `MOST`. Anything else is a 400 problem
/// that names the parameter. It stands in a query with `#[serde(default)]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit<const USUAL: u32, const MOST: u32>(u32);

impl<const USUAL: u32, const MOST: u32> Limit<USUAL, MOST> {
    /// How many.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl<const USUAL: u32, const MOST: u32> Default for Limit<USUAL, MOST> {
    fn default() -> Self {
        Self(USUAL)
    }
}

impl<'de, const USUAL: u32, const MOST: u32> Deserialize<'de> for Limit<USUAL, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            limit if (1..=MOST).contains(&limit) => Ok(Self(limit)),
            limit => Err(D::Error::custom(format!("{limit} is out of bounds; ask for 1 to {MOST}"))),
        }
    }
}
