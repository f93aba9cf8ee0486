//! Every SQL statement about what was deleted, and what is left to remove of it.
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::{Db, DbError, Row, Transaction, Value};

use super::status;
use crate::model::PhotoStatus;

/// Takes all photos of `owner` away, and everything that still comes from there.
pub(crate) async fn withdraw_all(
    tx: &Transaction,
    owner: &str,
    now: Timestamp,
) -> Result<Vec<(Uuid, PhotoStatus)>, DbError> {
    let known = "INSERT INTO gone_owners (owner_id, gone_at) VALUES ($1, $2) ON CONFLICT (owner_id) DO NOTHING";
    tx.execute(known, [owner.into(), now.as_millis().into()]).await?;
    take_away(tx, "owner_id = $1", &owner.into()).await
}

/// Takes one photo away.
pub(crate) async fn withdraw(tx: &Transaction, id: Uuid) -> Result<Vec<(Uuid, PhotoStatus)>, DbError> {
    take_away(tx, "id = $1", &id.into()).await
}

/// Takes away the photos of which `condition` is true, and gives back which they were and where each was on its way. What is left
/// of each is the row of an upload that never ended, by which the sweep finds its bytes: nobody sees it, and nothing makes it
/// visible again, nor the end of an upload that goes on meanwhile.
async fn take_away(tx: &Transaction, condition: &str, of: &Value) -> Result<Vec<(Uuid, PhotoStatus)>, DbError> {
    let of = || [of.clone()];
    let photos = tx.query(&format!("SELECT id, status FROM photos WHERE {condition}"), of()).await?;
    // Of renditions that nobody announced there is no other trace.
    let written = format!(
        "INSERT INTO written (photo_id, path) SELECT photo_id, name || '/' || sha256 FROM renditions
        WHERE photo_id IN (SELECT id FROM photos WHERE {condition}) ON CONFLICT (photo_id, path) DO NOTHING"
    );
    tx.execute(&written, of()).await?;
    let renditions = format!("DELETE FROM renditions WHERE photo_id IN (SELECT id FROM photos WHERE {condition})");
    tx.execute(&renditions, of()).await?;
    let forgotten = format!(
        "UPDATE photos SET status = 'uploading', title = '', description = '', tags = '[]', rejection = NULL, bytes = NULL,
        sha256 = NULL, width = NULL, height = NULL, owner_id = '', owner_handle = '', created_at = 0, deleted_at = NULL,
        discarded = 1 WHERE {condition}"
    );
    tx.execute(&forgotten, of()).await?;
    photos.iter().map(|row: &Row| Ok((row.get("id")?, status(row)?))).collect()
}

/// Some of the photos that were deleted before `before`.
pub(crate) async fn expired(tx: &Transaction, before: Timestamp, limit: u32) -> Result<Vec<Uuid>, DbError> {
    let sql = "SELECT id FROM photos WHERE deleted_at < $1 ORDER BY deleted_at LIMIT $2";
    tx.query(sql, [before.as_millis().into(), limit.into()]).await?.iter().map(|row| row.get("id")).collect()
}

/// Notes what the worker is about to write. Noting it again changes nothing.
pub(crate) async fn note_written(tx: &Transaction, photo: Uuid, paths: &[String]) -> Result<(), DbError> {
    for path in paths {
        let sql = "INSERT INTO written (photo_id, path) VALUES ($1, $2) ON CONFLICT (photo_id, path) DO NOTHING";
        tx.execute(sql, [photo.into(), path.into()]).await?;
    }
    Ok(())
}

/// What was written of a photo, or may have been; it is forgotten.
pub(crate) async fn take_written(tx: &Transaction, photo: Uuid) -> Result<Vec<String>, DbError> {
    let rows = tx.query("DELETE FROM written WHERE photo_id = $1 RETURNING path", [photo.into()]).await?;
    rows.iter().map(|row| row.get("path")).collect()
}

/// Forgets the accounts that were deleted before `before`.
pub(crate) async fn forget_owners(db: &Db, before: Timestamp) -> Result<(), DbError> {
    db.execute("DELETE FROM gone_owners WHERE gone_at < $1", [before.as_millis().into()]).await?;
    Ok(())
}
