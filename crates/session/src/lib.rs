//! Which sessions are live.
//!
//! An access token is good until it expires, whatever has happened since it was signed. What ends a session sooner (a
//! logout, a new password) is known here: auth opens and closes sessions, and the gateway refuses the tokens of those that
//! are not live. The truth stays in the tables of auth; a store that lost all of this costs each user one refresh.
#![forbid(unsafe_code)]

use serde_json::json;
use std::time::Duration;
use uuid::Uuid;
use vitrine_kv::{Kv, KvError};

/// The purpose of the keyspace, by which both components ask for it.
pub const PURPOSE: &str = "sessions";

/// The live sessions of one keyspace: `session/<id>` holds `{"account": "<id>"}`. Clones are the same.
#[derive(Debug, Clone)]
pub struct LiveSessions {
    kv: Kv,
}

impl LiveSessions {
    /// The sessions in `kv`.
    #[must_use]
    pub fn new(kv: Kv) -> Self {
        Self { kv }
    }

    /// Makes `session` live until `expiry` from now, also if it is live already.
    ///
    /// # Errors
    /// See [`KvError`].
    pub async fn open(&self, session: Uuid, account: Uuid, expiry: Duration) -> Result<(), KvError> {
        let value = json!({ "account": account }).to_string();
        self.kv.set(&key(session), value, Some(expiry)).await
    }

    /// Whether `session` is live.
    ///
    /// # Errors
    /// See [`KvError`]; a store that does not answer says nothing about a session.
    pub async fn is_live(&self, session: Uuid) -> Result<bool, KvError> {
        Ok(self.kv.get(&key(session)).await?.is_some())
    }

    /// Ends `session`; that it is not live is no error.
    ///
    /// # Errors
    /// See [`KvError`].
    pub async fn close(&self, session: Uuid) -> Result<(), KvError> {
        self.kv.delete(&key(session)).await
    }
}

fn key(session: Uuid) -> String {
    format!("session/{session}")
}
