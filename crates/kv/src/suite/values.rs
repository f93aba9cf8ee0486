//! Keys and values.

use super::{Outcome, Subject, check_eq, check_is};
use crate::{KvError, MAX_KEY, MAX_VALUE};
use bytes::Bytes;

pub(super) async fn a_value_is_what_was_set_last(Subject { kv, .. }: Subject) -> Outcome {
    check_eq!(kv.get("a").await?, None);
    kv.set("a", "one", None).await?;
    kv.set("b", "other", None).await?;
    kv.set("a", "two", None).await?;
    check_eq!(kv.get("a").await?.as_deref(), Some(&b"two"[..]));
    check_eq!(kv.get("b").await?.as_deref(), Some(&b"other"[..]));
    Ok(())
}

pub(super) async fn values_are_bytes_of_any_kind(Subject { kv, .. }: Subject) -> Outcome {
    let all: Vec<u8> = (0..=255).collect();
    let large = vec![7; MAX_VALUE];
    let values =
        ["", "0", "-0", "007", "12", "9223372036854775808", "\0", "naïve"].map(|text| text.as_bytes().to_vec());
    for value in values.into_iter().chain([all, large]) {
        kv.set("a", value.clone(), None).await?;
        check_eq!(kv.get("a").await?, Some(Bytes::from(value)));
    }
    Ok(())
}

pub(super) async fn keys_are_texts_of_any_kind(Subject { kv, .. }: Subject) -> Outcome {
    let longest = "k".repeat(MAX_KEY);
    let keys = ["a", "A", " a", "a:b", "naïve 🦀", "{a}*?[b]", "'; --", "%", "a\nb", longest.as_str()];
    for key in keys {
        kv.set(key, key.to_owned(), None).await?;
    }
    for key in keys {
        check_eq!(kv.get(key).await?.as_deref(), Some(key.as_bytes()));
    }
    Ok(())
}

pub(super) async fn a_deleted_key_is_gone(Subject { kv, .. }: Subject) -> Outcome {
    kv.set("a", "one", None).await?;
    kv.set("b", "other", None).await?;
    kv.delete("a").await?;
    kv.delete("a").await?;
    check_eq!(kv.get("a").await?, None);
    check_eq!(kv.get("b").await?.as_deref(), Some(&b"other"[..]));
    Ok(())
}

pub(super) async fn what_no_adapter_can_keep_is_refused(Subject { kv, .. }: Subject) -> Outcome {
    let too_long = "k".repeat(MAX_KEY + 1);
    for key in ["", "a\0b", &too_long] {
        check_is!(kv.get(key).await, Err(KvError::Invalid(_)));
        check_is!(kv.set(key, "one", None).await, Err(KvError::Invalid(_)));
        check_is!(kv.increment(key, 1, None).await, Err(KvError::Invalid(_)));
        check_is!(kv.delete(key).await, Err(KvError::Invalid(_)));
    }
    check_is!(kv.set("a", vec![0; MAX_VALUE + 1], None).await, Err(KvError::Invalid(_)));
    check_eq!(kv.get("a").await?, None);
    Ok(())
}
