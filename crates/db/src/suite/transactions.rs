//! Transactions.

use super::{Failure, Outcome, check_eq};
use crate::{Db, DbError};
use futures::future;

async fn table(db: &Db) -> Result<(), DbError> {
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)", []).await?;
    db.execute("INSERT INTO t VALUES (1, 0)", []).await.map(drop)
}

async fn count(db: &Db) -> Result<usize, DbError> {
    Ok(db.query("SELECT id FROM t", []).await?.len())
}

pub(super) async fn a_commit_is_seen(db: Db) -> Outcome {
    table(&db).await?;
    let changed = db
        .transaction(|tx| async move {
            tx.execute("INSERT INTO t VALUES (2, 0)", []).await?;
            tx.execute("INSERT INTO t VALUES (3, 0), (4, 0)", []).await
        })
        .await;
    check_eq!(changed, Ok::<_, DbError>(2));
    check_eq!(count(&db).await?, 4);
    Ok(())
}

pub(super) async fn a_failure_undoes(db: Db) -> Outcome {
    table(&db).await?;
    let failed = db
        .transaction(|tx| async move {
            tx.execute("INSERT INTO t VALUES (2, 0)", []).await?;
            Err::<(), _>(Failure("on purpose".to_owned()))
        })
        .await;
    check_eq!(failed, Err(Failure("on purpose".to_owned())));
    check_eq!(count(&db).await?, 1);
    check_eq!(db.execute("INSERT INTO t VALUES (2, 0)", []).await?, 1);
    Ok(())
}

pub(super) async fn a_dropped_transaction_undoes(db: Db) -> Outcome {
    table(&db).await?;
    for _ in 0..3 {
        let half_way = db.transaction(|tx| async move {
            tx.execute("INSERT INTO t VALUES (2, 0)", []).await?;
            future::pending::<Result<(), DbError>>().await
        });
        // Wins once the first future has got as far as it ever will.
        let patience = async {
            for id in 10..14 {
                drop(db.query("SELECT n FROM t WHERE id = $1", [id.into()]).await);
            }
        };
        future::select(Box::pin(half_way), Box::pin(patience)).await;
    }
    check_eq!(count(&db).await?, 1);
    check_eq!(db.execute("INSERT INTO t VALUES (2, 0)", []).await?, 1);
    Ok(())
}

pub(super) async fn a_statement_may_fail_inside(db: Db) -> Outcome {
    table(&db).await?;
    let result = db
        .transaction(|tx| async move {
            let refused = tx.execute("INSERT INTO t VALUES (1, 0)", []).await;
            check_eq!(matches!(refused, Err(DbError::Constraint(_))), true);
            Err::<(), _>(Failure("seen".to_owned()))
        })
        .await;
    check_eq!(result, Err(Failure("seen".to_owned())));
    db.transaction(|tx| async move { tx.execute("UPDATE t SET n = 5", []).await }).await?;
    check_eq!(db.query("SELECT id FROM t WHERE n = 5", []).await?.len(), 1);
    Ok(())
}

pub(super) async fn others_see_nothing_before_the_commit(db: Db) -> Outcome {
    table(&db).await?;
    let other = &db;
    let seen = db
        .transaction(|tx| async move {
            tx.execute("INSERT INTO t VALUES (2, 0)", []).await?;
            count(other).await
        })
        .await;
    check_eq!(seen, Ok::<_, DbError>(1));
    check_eq!(count(&db).await?, 2);
    Ok(())
}

pub(super) async fn writers_take_turns(db: Db) -> Outcome {
    table(&db).await?;
    async fn increment(db: &Db) -> Result<u64, DbError> {
        db.transaction(|tx| async move {
            let row = tx.query_one("SELECT n FROM t WHERE id = 1", []).await?;
            let n: i64 = row.map_or(Ok(0), |row| row.get("n"))?;
            tx.execute("UPDATE t SET n = $1 WHERE id = 1", [(n + 1).into()]).await
        })
        .await
    }
    let results = future::join_all((0..20).map(|_| increment(&db))).await;
    results.into_iter().collect::<Result<Vec<_>, DbError>>()?;
    check_eq!(db.query("SELECT id FROM t WHERE n = 20", []).await?.len(), 1);
    Ok(())
}

pub(super) async fn a_transaction_reads_its_own_writes(db: Db) -> Outcome {
    table(&db).await?;
    let seen = db
        .transaction(|tx| async move {
            tx.execute("INSERT INTO t VALUES (2, 7)", []).await?;
            tx.query("SELECT n FROM t WHERE id = 2", []).await
        })
        .await;
    check_eq!(seen.map(|rows: Vec<_>| rows.len()), Ok::<_, DbError>(1));
    Ok(())
}
