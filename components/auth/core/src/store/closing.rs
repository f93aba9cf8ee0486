//! What has ended, and may be live for the gateway yet.

use super::On;
use uuid::Uuid;
use vitrine_clock::Timestamp;
use vitrine_db::{Db, DbError, Transaction};

const ADD: &str = "INSERT INTO closing (id, account_id, ended_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const IS_LEFT: &str = "SELECT id FROM closing WHERE id = $1 AND account_id = $2";
const LEFT: &str = "SELECT id FROM closing WHERE ended_at <= $1 ORDER BY ended_at, id LIMIT 100";
const REMOVE: &str = "DELETE FROM closing WHERE id = $1";

/// Notes that these sessions or API keys of an account are to be closed.
pub(crate) async fn add(tx: &Transaction, account: Uuid, ids: &[Uuid], now: Timestamp) -> Result<(), DbError> {
    for id in ids {
        tx.execute(ADD, [(*id).into(), account.into(), now.as_millis().into()]).await?;
    }
    Ok(())
}

/// Whether one of that account is still to be closed.
pub(crate) async fn is_left(on: impl Into<On<'_>>, id: Uuid, account: Uuid) -> Result<bool, DbError> {
    let on = on.into();
    Ok(on.query_one(IS_LEFT, [id.into(), account.into()]).await?.is_some())
}

/// Some of those that have ended by `until` and are still to be closed.
pub(crate) async fn left(db: &Db, until: Timestamp) -> Result<Vec<Uuid>, DbError> {
    db.query(LEFT, [until.as_millis().into()]).await?.iter().map(|row| row.get("id")).collect()
}

/// Notes that these are closed.
pub(crate) async fn remove(db: &Db, ids: &[Uuid]) -> Result<(), DbError> {
    match ids {
        [] => Ok(()),
        [id] => db.execute(REMOVE, [(*id).into()]).await.map(drop),
        ids => {
            db.transaction(|tx| async move {
                for id in ids {
                    tx.execute(REMOVE, [(*id).into()]).await?;
                }
                Ok(())
            })
            .await
        }
    }
}
