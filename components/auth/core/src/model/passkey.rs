//! Passkeys, as their owners see them.

use super::KeyName;
use uuid::Uuid;
use vitrine_clock::Timestamp;

/// A passkey of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// What its owner calls it.
    pub name: KeyName,
    /// When it was added.
    pub created_at: Timestamp,
    /// When somebody last logged in with it.
    pub used_at: Option<Timestamp>,
}
