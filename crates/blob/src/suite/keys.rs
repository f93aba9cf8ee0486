//! The store below.

use super::{Outcome, check_eq};
use crate::Keys;
use bytes::Bytes;
use std::sync::Arc;

pub(super) async fn a_value_is_what_was_set_last(keys: Arc<dyn Keys>) -> Outcome {
    check_eq!(keys.get("a").await?, None);
    check_eq!(keys.exists("a").await?, false);
    for value in [&b"first"[..], &b"\x00\xff"[..], &b""[..]] {
        keys.set("a", Bytes::copy_from_slice(value)).await?;
        check_eq!(keys.get("a").await?.as_deref(), Some(value));
        check_eq!(keys.exists("a").await?, true);
    }
    Ok(())
}

pub(super) async fn keys_are_texts_of_any_kind(keys: Arc<dyn Keys>) -> Outcome {
    let names = ["a", "A", "a/b", "a/b/0", "ä 🦀", "a'; --", "%", "a_"];
    for name in names {
        keys.set(name, Bytes::from(name)).await?;
    }
    for name in names {
        check_eq!(keys.get(name).await?.as_deref(), Some(name.as_bytes()));
    }
    Ok(())
}

pub(super) async fn a_deleted_key_is_gone(keys: Arc<dyn Keys>) -> Outcome {
    keys.set("a", Bytes::from_static(b"1")).await?;
    keys.set("a/b", Bytes::from_static(b"2")).await?;
    keys.delete("a").await?;
    keys.delete("a").await?;
    check_eq!(keys.get("a").await?, None);
    check_eq!(keys.get("a/b").await?.as_deref(), Some(&b"2"[..]));
    Ok(())
}
