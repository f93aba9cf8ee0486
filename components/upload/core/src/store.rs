//! Every SQL statement about photos.
pub(crate) mod gone;

use std::fmt;

use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::{Db, DbError, Migration, Row, Snapshot, Transaction, Value};
use vitrine_events::{INBOX_SQL, OUTBOX_SQL};
use vitrine_idempotency::IDEMPOTENCY_SQL;

use crate::model::{
    Description, Details, Outcome, Owner, Photo, PhotoStatus, Rendition, Sha256Hex, Tags, Title, Verdict, Visibility,
};

/// The schema.
pub const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "photos", sql: include_str!("../migrations/0001_photos.sql") },
    Migration { version: 2, name: "idempotency keys", sql: IDEMPOTENCY_SQL },
    Migration { version: 3, name: "outbox", sql: OUTBOX_SQL },
    Migration { version: 4, name: "discarded uploads", sql: include_str!("../migrations/0004_discarded.sql") },
    Migration { version: 5, name: "inbox", sql: INBOX_SQL },
    Migration { version: 6, name: "deletion", sql: include_str!("../migrations/0006_deletion.sql") },
    Migration { version: 7, name: "details", sql: include_str!("../migrations/0007_details.sql") },
    Migration { version: 8, name: "trash", sql: include_str!("../migrations/0008_trash.sql") },
    Migration { version: 9, name: "quotas", sql: include_str!("../migrations/0009_quotas.sql") },
];

const PHOTO: &str =
    "SELECT id, owner_id, owner_handle, title, description, tags, visibility, status, rejection, width, height,
    created_at, deleted_at FROM photos";
const RENDITION: &str = "SELECT photo_id, name, width, height, type, bytes, sha256 FROM renditions";
const THERE: &str =
    "owner_id = $1 AND status <> 'uploading' AND deleted_at IS NULL AND id < $2 ORDER BY id DESC LIMIT $3";
const DELETED: &str =
    "owner_id = $1 AND status <> 'uploading' AND deleted_at >= $4 AND id < $2 ORDER BY id DESC LIMIT $3";

/// Sorts after every id.
const AFTER_ALL: &str = "g";

/// Makes the row of a photo whose bytes are still coming.
pub(crate) async fn insert(db: &Db, id: Uuid, owner: &Owner, now: Timestamp) -> Result<(), DbError> {
    db.execute(
        "INSERT INTO photos (id, owner_id, owner_handle, title, status, created_at) VALUES ($1, $2, $3, '', 'uploading', $4)",
        [id.into(), (&owner.id).into(), (&owner.handle).into(), now.as_millis().into()],
    )
    .await?;
    Ok(())
}

/// Makes a photo whose bytes have all come visible. False if it is being cleared away, or was, or if its
/// owner is gone.
pub(crate) async fn receive(tx: &Transaction, photo: &Photo, bytes: u64, sha256: &str) -> Result<bool, DbError> {
    let [title, description, tags, visibility] = columns(&photo.details)?;
    let changed = tx
        .execute(
            "UPDATE photos SET status = 'received', bytes = $2, sha256 = $3, title = $4, description = $5, tags = $6,
             visibility = $7
             WHERE id = $1 AND status = 'uploading' AND discarded = 0
             AND NOT EXISTS (SELECT 1 FROM gone_owners WHERE gone_owners.owner_id = photos.owner_id)",
            [photo.id.into(), count(bytes), sha256.into(), title, description, tags, visibility],
        )
        .await?;
    Ok(changed == 1)
}

/// How many photos an account has, deleted ones among them, and how many bytes their originals have. Those that are still coming
/// do not count.
pub(crate) async fn usage(at: At<'_>, owner: &str) -> Result<(u64, u64), DbError> {
    let sql = "SELECT COUNT(bytes) AS photos, COALESCE(SUM(bytes), 0) AS bytes FROM photos WHERE owner_id = $1";
    let rows = at.rows(sql, [owner.into()]).await?;
    rows.first().map_or(Ok((0, 0)), |row| Ok((row.get("photos")?, row.get("bytes")?)))
}

/// Title, description, tags and visibility, as they are stored.
fn columns(details: &Details) -> Result<[Value; 4], DbError> {
    let Details { title, description, tags, visibility } = details;
    let tags = serde_json::to_string(tags.as_slice()).map_err(|error| column("tags", &error))?;
    Ok([title.as_str().into(), description.as_str().into(), tags.into(), visibility.as_str().into()])
}

/// Sees to it that a photo is never received. False if it was already.
pub(crate) async fn discard(db: &Db, id: Uuid) -> Result<bool, DbError> {
    let sql = "UPDATE photos SET discarded = 1 WHERE id = $1 AND status = 'uploading'";
    if db.execute(sql, [id.into()]).await? == 1 {
        return Ok(true);
    }
    // Its row may be gone; nobody makes it again.
    Ok(db.query_one("SELECT id FROM photos WHERE id = $1", [id.into()]).await?.is_none())
}

/// Forgets a photo that was discarded.
pub(crate) async fn forget(db: &Db, id: Uuid) -> Result<(), DbError> {
    let sql = "DELETE FROM photos WHERE id = $1 AND status = 'uploading' AND discarded = 1";
    db.execute(sql, [id.into()]).await?;
    Ok(())
}

/// Photos whose upload began before `before` and never ended.
pub(crate) async fn unfinished(db: &Db, before: Timestamp, limit: u32) -> Result<Vec<Uuid>, DbError> {
    let rows = db
        .query(
            "SELECT id FROM photos WHERE status = 'uploading' AND created_at < $1 ORDER BY created_at LIMIT $2",
            [before.as_millis().into(), limit.into()],
        )
        .await?;
    rows.iter().map(|row| row.get("id")).collect()
}

/// One photo, if it has come whole.
pub(crate) async fn find(db: &Db, id: Uuid) -> Result<Option<Photo>, DbError> {
    db.read(|at| async move { one(At::Snapshot(&at), id).await }).await
}

/// The same, in a transaction.
pub(crate) async fn find_in(tx: &Transaction, id: Uuid) -> Result<Option<Photo>, DbError> {
    one(At::Transaction(tx), id).await
}

/// Where it is asked.
#[derive(Clone, Copy)]
pub(crate) enum At<'a> {
    Db(&'a Db),
    Snapshot(&'a Snapshot),
    Transaction(&'a Transaction),
}

impl At<'_> {
    async fn rows(self, sql: &str, params: [Value; 1]) -> Result<Vec<Row>, DbError> {
        match self {
            Self::Db(db) => db.query(sql, params).await,
            Self::Snapshot(at) => at.query(sql, params).await,
            Self::Transaction(tx) => tx.query(sql, params).await,
        }
    }
}

async fn one(at: At<'_>, id: Uuid) -> Result<Option<Photo>, DbError> {
    let rows = at.rows(&format!("{PHOTO} WHERE id = $1 AND status <> 'uploading'"), [id.into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let mut photo = photo(row)?;
    let renditions = at.rows(&format!("{RENDITION} WHERE photo_id = $1 ORDER BY position"), [id.into()]).await?;
    photo.renditions = renditions.iter().map(rendition).collect::<Result<_, _>>()?;
    Ok(Some(photo))
}

/// The photos of `owner`, newest first, that are older than `before`: those that are there, or those that were deleted since then.
pub(crate) async fn list(
    db: &Db,
    owner: &str,
    deleted_since: Option<Timestamp>,
    before: Option<Uuid>,
    limit: u32,
) -> Result<Vec<Photo>, DbError> {
    let before = before.map_or_else(|| AFTER_ALL.to_owned(), |id| id.to_string());
    let mut params = vec![Value::from(owner), before.into(), limit.into()];
    params.extend(deleted_since.map(|since| since.as_millis().into()));
    let (which, params) = (if deleted_since.is_some() { DELETED } else { THERE }, &params);
    db.read(|at| async move { page(&at, which, params).await }).await
}

async fn page(at: &Snapshot, which: &str, params: &[Value]) -> Result<Vec<Photo>, DbError> {
    let rows = at.query(&format!("{PHOTO} WHERE {which}"), params.to_vec()).await?;
    let mut photos = rows.iter().map(photo).collect::<Result<Vec<_>, _>>()?;
    let sql = format!("{RENDITION} WHERE photo_id IN (SELECT id FROM photos WHERE {which}) ORDER BY position");
    for row in at.query(&sql, params.to_vec()).await? {
        let owner: Uuid = row.get("photo_id")?;
        if let Some(photo) = photos.iter_mut().find(|photo| photo.id == owner) {
            photo.renditions.push(rendition(&row)?);
        }
    }
    Ok(photos)
}

/// Stores what the owner says about a photo.
pub(crate) async fn set_details(tx: &Transaction, photo: &Photo) -> Result<(), DbError> {
    let [title, description, tags, visibility] = columns(&photo.details)?;
    let sql = "UPDATE photos SET title = $2, description = $3, tags = $4, visibility = $5 WHERE id = $1";
    tx.execute(sql, [photo.id.into(), title, description, tags, visibility]).await?;
    Ok(())
}

/// Stores when a photo was deleted, or that it is there.
pub(crate) async fn set_deleted(tx: &Transaction, photo: &Photo) -> Result<(), DbError> {
    let at = photo.deleted_at.map(|at| at.as_millis());
    tx.execute("UPDATE photos SET deleted_at = $2 WHERE id = $1", [photo.id.into(), at.into()]).await?;
    Ok(())
}

/// Status and tries of a photo, locked until the transaction ends; `None` if it is unknown or still coming.
pub(crate) async fn progress(tx: &Transaction, id: Uuid) -> Result<Option<(PhotoStatus, u32)>, DbError> {
    let sql = "SELECT status, attempts FROM photos WHERE id = $1 AND status <> 'uploading'";
    let Some(row) = tx.query_one(sql, [id.into()]).await? else { return Ok(None) };
    Ok(Some((status(&row)?, row.get("attempts")?)))
}

/// Counts one more try. Only a photo that is `received` is counted.
pub(crate) async fn count_attempt(tx: &Transaction, id: Uuid) -> Result<(), DbError> {
    let sql = "UPDATE photos SET attempts = attempts + 1 WHERE id = $1 AND status = 'received'";
    tx.execute(sql, [id.into()]).await?;
    Ok(())
}

/// Counts try number `attempt` no more, if it is the last one: it did not die. The same call again changes nothing.
pub(crate) async fn end_attempt(db: &Db, id: Uuid, attempt: u32) -> Result<(), DbError> {
    let sql = "UPDATE photos SET attempts = attempts - 1 WHERE id = $1 AND attempts = $2 AND status = 'received'";
    db.execute(sql, [id.into(), attempt.into()]).await?;
    Ok(())
}

/// Ends a photo. One that has ended already stays as it is.
pub(crate) async fn finish(tx: &Transaction, id: Uuid, outcome: &Outcome) -> Result<(), DbError> {
    match outcome {
        Outcome::Rejected { reason } => {
            let sql = "UPDATE photos SET status = 'rejected', rejection = $2 WHERE id = $1 AND status = 'received'";
            tx.execute(sql, [id.into(), reason.into()]).await?;
        }
        Outcome::Processed { width, height, renditions } => {
            let sql = "UPDATE photos SET status = 'processed', width = $2, height = $3
                WHERE id = $1 AND status = 'received'";
            if tx.execute(sql, [id.into(), (*width).into(), (*height).into()]).await? == 1 {
                for (position, rendition) in renditions.iter().enumerate() {
                    insert_rendition(tx, id, position, rendition).await?;
                }
            }
        }
    }
    Ok(())
}

/// Has a photo that was rejected for this reason wait for the worker again, with all its tries.
pub(crate) async fn reopen(tx: &Transaction, id: Uuid, rejection: &str) -> Result<(), DbError> {
    let sql = "UPDATE photos SET status = 'received', rejection = NULL, attempts = 0
        WHERE id = $1 AND status = 'rejected' AND rejection = $2";
    tx.execute(sql, [id.into(), rejection.into()]).await?;
    Ok(())
}

async fn insert_rendition(tx: &Transaction, id: Uuid, position: usize, it: &Rendition) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO renditions (photo_id, position, name, width, height, type, bytes, sha256)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        [
            id.into(),
            count(position as u64),
            (&it.name).into(),
            it.width.into(),
            it.height.into(),
            (&it.media_type).into(),
            count(it.bytes),
            it.sha256.as_str().into(),
        ],
    )
    .await?;
    Ok(())
}

/// What a photo's tries so far mean for the next one.
pub(crate) fn verdict(status: PhotoStatus, attempts: u32, allowed: u32) -> Verdict {
    if status == PhotoStatus::Received && attempts < allowed { Verdict::Go } else { Verdict::Stop }
}

/// A count that SQL can hold; nothing counted here comes near the end of it.
fn count(value: u64) -> Value {
    Value::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}

fn status(row: &Row) -> Result<PhotoStatus, DbError> {
    let word: String = row.get("status")?;
    PhotoStatus::parse(&word).ok_or_else(|| column("status", &format_args!("`{word}` is no status")))
}

/// A column that does not hold what it should.
fn column(name: &str, reason: &dyn fmt::Display) -> DbError {
    DbError::Column { name: name.to_owned(), reason: reason.to_string() }
}

fn details(row: &Row) -> Result<Details, DbError> {
    let (tags, visibility): (String, String) = (row.get("tags")?, row.get("visibility")?);
    Ok(Details {
        title: Title::stored(row.get("title")?),
        description: Description::stored(row.get("description")?),
        tags: Tags::stored(serde_json::from_str(&tags).map_err(|error| column("tags", &error))?),
        visibility: Visibility::parse(&visibility).map_err(|error| column("visibility", &error))?,
    })
}

fn photo(row: &Row) -> Result<Photo, DbError> {
    let (width, height): (Option<u32>, Option<u32>) = (row.get("width")?, row.get("height")?);
    Ok(Photo {
        id: row.get("id")?,
        owner: Owner { id: row.get("owner_id")?, handle: row.get("owner_handle")? },
        details: details(row)?,
        status: status(row)?,
        rejection: row.get("rejection")?,
        size: width.zip(height),
        renditions: Vec::new(),
        created_at: Timestamp::from_millis(row.get("created_at")?),
        deleted_at: row.get::<Option<i64>>("deleted_at")?.map(Timestamp::from_millis),
    })
}

fn rendition(row: &Row) -> Result<Rendition, DbError> {
    let digest: String = row.get("sha256")?;
    Ok(Rendition {
        name: row.get("name")?,
        width: row.get("width")?,
        height: row.get("height")?,
        media_type: row.get("type")?,
        bytes: row.get("bytes")?,
        sha256: Sha256Hex::new(&digest).map_err(|error| column("sha256", &error))?,
    })
}
