//! Leave for somebody else to put one blob.

/// One `PUT` that whoever has it may send until it expires, and nothing else: the number of bytes and their SHA-256 are
/// signed, so that other bytes are refused by the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresignedPut {
    /// Where to send it.
    pub url: String,
    /// The headers that must be sent with it, as they are.
    pub headers: Vec<(String, String)>,
}
