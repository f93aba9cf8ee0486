//! Tokens that were verified, so that each signature is checked once.

use crate::Caller;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use vitrine_clock::Timestamp;

/// How many tokens are remembered. One takes about 300 bytes.
const CAPACITY: usize = 1024;

/// Callers by the SHA-256 of their token, until it expires. The token itself is not kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cache(Arc<Mutex<HashMap<[u8; 32], Caller>>>);

impl Cache {
    fn map(&self) -> MutexGuard<'_, HashMap<[u8; 32], Caller>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, hash: &[u8; 32], now: Timestamp) -> Option<Caller> {
        self.map().get(hash).filter(|caller| now < caller.expires_at).cloned()
    }

    pub(crate) fn insert(&self, hash: [u8; 32], caller: Caller, now: Timestamp) {
        let mut map = self.map();
        if map.len() >= CAPACITY {
            map.retain(|_, caller| now < caller.expires_at);
        }
        if map.len() >= CAPACITY {
            // Only valid tokens get here, so nobody can flush the cache with garbage; starting over is good enough.
            map.clear();
        }
        map.insert(hash, caller);
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.map().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn it_stays_within_its_bounds() {
        let (cache, now) = (Cache::default(), Timestamp::EPOCH);
        for n in 0..5000_u32 {
            let mut hash = [0; 32];
            hash[..4].copy_from_slice(&n.to_le_bytes());
            let expires_at = Timestamp::from_seconds(1 + i64::from(n % 2));
            let caller = Caller {
                account_id: Uuid::nil(),
                handle: String::new(),
                roles: vec![],
                session_id: Uuid::nil(),
                scopes: None,
                expires_at,
            };
            cache.insert(hash, caller, now);
            assert!(cache.len() <= CAPACITY);
            assert!(cache.get(&hash, now).is_some());
            assert!(cache.get(&hash, Timestamp::from_seconds(2)).is_none());
        }
    }
}
