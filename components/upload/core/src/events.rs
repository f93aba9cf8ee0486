//! What `upload` emits, and what becomes of a photo whose event cannot be delivered.
use futures::future::{BoxFuture, FutureExt};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vitrine_db::{DbError, Transaction};
use vitrine_events::{Event, Handler, Hooks, Outbox, Refusal, TRIES};

use crate::model::{Outcome, PhotoStatus};
use crate::store;

/// A photo has come whole and waits to be processed. Its data: `{photoId, bytes, sha256}`.
pub const PHOTO_UPLOADED: &str = "vitrine.photo.uploaded.v1";

/// An account was deleted. Its data: `{accountId}`.
pub const ACCOUNT_DELETED: &str = "vitrine.account.deleted.v1";

/// The source of its events.
pub(crate) const SOURCE: &str = "/upload";

/// The data of [`PHOTO_UPLOADED`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PhotoUploaded<'a> {
    pub(crate) photo_id: Uuid,
    pub(crate) bytes: u64,
    pub(crate) sha256: &'a str,
}

/// The data of [`ACCOUNT_DELETED`].
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccountDeleted {
    account_id: Uuid,
}

/// Deletes what accounts had that are deleted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Accounts;

impl Handler for Accounts {
    fn handle<'a>(&'a self, tx: &'a Transaction, events: &'a [Event]) -> BoxFuture<'a, Result<(), Refusal>> {
        async move {
            for event in events {
                if event.r#type != ACCOUNT_DELETED {
                    return Err(Refusal::NotUnderstood(format!("{} is no event that is obeyed here", event.r#type)));
                }
                let deleted: AccountDeleted =
                    event.data().map_err(|error| Refusal::NotUnderstood(error.to_string()))?;
                let photos = store::withdraw_all(tx, &deleted.account_id.to_string()).await?;
                tracing::info!(account = %deleted.account_id, photos, "the account's photos are deleted");
            }
            Ok(())
        }
        .boxed()
    }
}

/// Sees to it that every photo that was accepted ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EveryPhotoEnds;

impl Hooks for EveryPhotoEnds {
    /// The worker acknowledges an event only after it has reported the photo's end, so a photo that is still `received`
    /// means that it did not do its work; recorded as delivered, it would wait for ever.
    fn delivered<'a>(
        &'a self,
        tx: &'a Transaction,
        event: Uuid,
        _: &'a str,
    ) -> BoxFuture<'a, Result<Result<(), String>, DbError>> {
        async move {
            let Some(photo) = photo_of(tx, event).await? else { return Ok(Ok(())) };
            Ok(match store::progress(tx, photo).await? {
                Some((PhotoStatus::Received, _)) => Err("it was acknowledged, but the photo has no result".to_owned()),
                _ => Ok(()),
            })
        }
        .boxed()
    }

    fn dead<'a>(&'a self, tx: &'a Transaction, event: Uuid, _: &'a str) -> BoxFuture<'a, Result<(), DbError>> {
        async move {
            let Some(photo) = photo_of(tx, event).await? else { return Ok(()) };
            store::finish(tx, photo, &Outcome::Rejected { reason: given_up() }).await
        }
        .boxed()
    }

    /// The photo is as good as new, if it ended because its event was given up and for no other reason: else the worker would
    /// be told to leave it alone, and the replay would change nothing.
    fn replayed<'a>(&'a self, tx: &'a Transaction, event: Uuid, _: &'a str) -> BoxFuture<'a, Result<(), DbError>> {
        async move {
            let Some(photo) = photo_of(tx, event).await? else { return Ok(()) };
            store::reopen(tx, photo, &given_up()).await
        }
        .boxed()
    }
}

/// Why a photo is rejected whose event is given up. It also tells such photos from others.
fn given_up() -> String {
    format!("The picture could not be processed in {TRIES} tries. Upload it again.")
}

/// The photo that an event is about.
pub(crate) async fn photo_of(tx: &Transaction, event: Uuid) -> Result<Option<Uuid>, DbError> {
    let subject = Outbox::subject_of(tx, event).await?;
    Ok(subject.and_then(|subject| Uuid::try_parse(&subject).ok()))
}
