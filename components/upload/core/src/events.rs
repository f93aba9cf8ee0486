//! What `upload` emits, and what becomes of a photo whose event cannot be delivered.
use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vitrine_clock::Clock;
use vitrine_db::{DbError, Transaction};
use vitrine_events::{Event, Handler, Hooks, Outbox, Refusal, TRIES};
use vitrine_idempotency::Idempotency;
use vitrine_random::Ids;

use crate::model::{Outcome, PhotoStatus};
use crate::store;

/// A photo has come whole and waits to be processed. Its data: `{photoId, bytes, sha256}`.
pub const PHOTO_UPLOADED: &str = "vitrine.photo.uploaded.v1";

/// A photo was deleted, and nothing is at work on it any more. Its data: `{photoId, paths}`: where below the photo something
/// was written of it, or may have been.
pub const PHOTO_DELETED: &str = "vitrine.photo.deleted.v1";

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

/// The data of [`PHOTO_DELETED`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PhotoDeleted<'a> {
    photo_id: Uuid,
    paths: &'a [String],
}

/// Paths that one event names; far from the most bytes that its data may have.
const PATHS: usize = 100;

/// The data of [`ACCOUNT_DELETED`].
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccountDeleted {
    account_id: Uuid,
}

/// Tells of photos that are gone.
#[derive(Debug, Clone)]
pub(crate) struct Herald {
    pub(crate) ids: Ids,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Herald {
    /// Tells of photos that were withdrawn, each with where it was on its way. What the worker is at work on may be written yet, so
    /// that is told of when its event ends; and nobody has heard of what is still coming.
    pub(crate) async fn withdrawn(&self, tx: &Transaction, photos: &[(Uuid, PhotoStatus)]) -> Result<(), DbError> {
        for (photo, _) in photos.iter().filter(|(_, status)| status.is_final()) {
            let paths = store::gone::take_written(tx, *photo).await?;
            self.tell(tx, *photo, &paths).await?;
        }
        Ok(())
    }

    /// Appends that a photo is deleted, with these paths.
    async fn tell(&self, tx: &Transaction, photo: Uuid, paths: &[String]) -> Result<(), DbError> {
        let subject = photo.to_string();
        // One event at least: what nobody wrote anything of is gone too.
        let mut parts = paths.chunks(PATHS).collect::<Vec<_>>();
        if parts.is_empty() {
            parts.push(&[]);
        }
        for paths in parts {
            let data = PhotoDeleted { photo_id: photo, paths };
            let event = Event::new(&self.ids, &*self.clock, SOURCE, PHOTO_DELETED, &subject, &data)?;
            Outbox::append(tx, &event).await?;
        }
        Ok(())
    }
}

/// Deletes what accounts had that are deleted.
#[derive(Debug, Clone)]
pub(crate) struct Accounts(pub(crate) Herald);

impl Handler for Accounts {
    fn handle<'a>(&'a self, tx: &'a Transaction, events: &'a [Event]) -> BoxFuture<'a, Result<(), Refusal>> {
        async move {
            for event in events {
                if event.r#type != ACCOUNT_DELETED {
                    return Err(Refusal::NotUnderstood(format!("{} is no event that is obeyed here", event.r#type)));
                }
                let deleted: AccountDeleted =
                    event.data().map_err(|error| Refusal::NotUnderstood(error.to_string()))?;
                let owner = deleted.account_id.to_string();
                let photos = store::gone::withdraw_all(tx, &owner, self.0.clock.now()).await?;
                Idempotency::forget(tx, &owner).await?;
                self.0.withdrawn(tx, &photos).await?;
                tracing::info!(account = %deleted.account_id, photos = photos.len(), "the account's photos are deleted");
            }
            Ok(())
        }
        .boxed()
    }
}

/// Sees to it that every photo that was accepted ends.
#[derive(Debug, Clone)]
pub(crate) struct EveryPhotoEnds(pub(crate) Herald);

impl EveryPhotoEnds {
    /// Nothing is at work on a photo any more. If it was deleted meanwhile, what was written of it is told of now.
    async fn let_go(&self, tx: &Transaction, photo: Uuid) -> Result<(), DbError> {
        let paths = store::gone::take_written(tx, photo).await?;
        if paths.is_empty() { Ok(()) } else { self.0.tell(tx, photo, &paths).await }
    }
}

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
                Some(_) => Ok(()),
                None => Ok(self.let_go(tx, photo).await?),
            })
        }
        .boxed()
    }

    fn dead<'a>(&'a self, tx: &'a Transaction, event: Uuid, _: &'a str) -> BoxFuture<'a, Result<(), DbError>> {
        async move {
            let Some(photo) = photo_of(tx, event).await? else { return Ok(()) };
            match store::progress(tx, photo).await? {
                Some(_) => store::finish(tx, photo, &Outcome::Rejected { reason: given_up() }).await,
                None => self.let_go(tx, photo).await,
            }
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
