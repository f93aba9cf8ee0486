//! Expiring.

use super::{Outcome, Subject, check_eq};
use std::time::Duration;

/// Long enough for a statement in between, also on a busy machine.
const SOON: Duration = Duration::from_millis(800);
const LATER: Duration = Duration::from_secs(3_600);

pub(super) async fn a_value_expires(it: Subject) -> Outcome {
    let kv = &it.kv;
    kv.set("a", "one", Some(SOON)).await?;
    kv.set("b", "other", Some(LATER)).await?;
    check_eq!(kv.get("a").await?.as_deref(), Some(&b"one"[..]));
    it.pause(SOON * 2).await;
    check_eq!(kv.get("a").await?, None);
    check_eq!(kv.get("b").await?.as_deref(), Some(&b"other"[..]));
    Ok(())
}

pub(super) async fn setting_again_sets_the_expiry_again(it: Subject) -> Outcome {
    let kv = &it.kv;
    kv.set("a", "one", Some(SOON)).await?;
    kv.set("a", "two", Some(LATER)).await?;
    kv.set("b", "one", Some(SOON)).await?;
    kv.set("b", "two", None).await?;
    kv.set("c", "one", None).await?;
    kv.set("c", "two", Some(SOON)).await?;
    it.pause(SOON * 2).await;
    check_eq!(kv.get("a").await?.as_deref(), Some(&b"two"[..]));
    check_eq!(kv.get("b").await?.as_deref(), Some(&b"two"[..]));
    check_eq!(kv.get("c").await?, None);
    Ok(())
}

pub(super) async fn a_counter_expires_when_it_was_told_first(it: Subject) -> Outcome {
    let kv = &it.kv;
    kv.increment("a", 1, Some(SOON * 2)).await?;
    it.pause(SOON).await;
    check_eq!(kv.increment("a", 1, Some(LATER)).await?, 2);
    it.pause(SOON * 2).await;
    check_eq!(kv.get("a").await?, None);
    Ok(())
}

pub(super) async fn an_expired_counter_begins_again(it: Subject) -> Outcome {
    let kv = &it.kv;
    kv.increment("a", 5, Some(SOON)).await?;
    kv.set("b", "no number", Some(SOON)).await?;
    it.pause(SOON * 2).await;
    check_eq!(kv.increment("a", 1, Some(SOON)).await?, 1);
    check_eq!(kv.increment("b", 1, None).await?, 1);
    it.pause(SOON * 2).await;
    check_eq!(kv.get("a").await?, None);
    check_eq!(kv.get("b").await?.as_deref(), Some(&b"1"[..]));
    Ok(())
}

pub(super) async fn what_has_no_expiry_stays(it: Subject) -> Outcome {
    let kv = &it.kv;
    kv.set("a", "one", None).await?;
    kv.increment("b", 1, None).await?;
    kv.increment("b", 1, Some(SOON)).await?;
    it.pause(SOON * 2).await;
    check_eq!(kv.get("a").await?.as_deref(), Some(&b"one"[..]));
    check_eq!(kv.get("b").await?.as_deref(), Some(&b"2"[..]));
    Ok(())
}
