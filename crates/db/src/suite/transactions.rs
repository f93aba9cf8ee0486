//! Transactions.

use super::{Failure, Outcome, Subject, check_eq, check_is};
use crate::{Db, DbError};
use futures::future;

async fn table(db: &Db) -> Result<(), DbError> {
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)", []).await?;
    db.execute("INSERT INTO t VALUES (1, 0)", []).await.map(drop)
}

async fn count(db: &Db) -> Result<usize, DbError> {
    Ok(db.query("SELECT id FROM t", []).await?.len())
}

pub(super) async fn a_commit_is_seen(Subject { db, .. }: Subject) -> Outcome {
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

pub(super) async fn a_failure_undoes(Subject { db, .. }: Subject) -> Outcome {
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

pub(super) async fn a_dropped_transaction_undoes(Subject { db, .. }: Subject) -> Outcome {
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

pub(super) async fn a_statement_may_fail_inside(Subject { db, .. }: Subject) -> Outcome {
    table(&db).await?;
    let result = db
        .transaction(|tx| async move {
            let refused = tx.execute("INSERT INTO t VALUES (1, 0)", []).await;
            check_is!(refused, Err(DbError::Constraint(_)));
            Err::<(), _>(Failure("seen".to_owned()))
        })
        .await;
    check_eq!(result, Err(Failure("seen".to_owned())));
    db.transaction(|tx| async move { tx.execute("UPDATE t SET n = 5", []).await }).await?;
    check_eq!(db.query("SELECT id FROM t WHERE n = 5", []).await?.len(), 1);
    Ok(())
}

pub(super) async fn a_failed_statement_is_not_outlived(Subject { db, .. }: Subject) -> Outcome {
    table(&db).await?;
    let result = db
        .transaction(|tx| async move {
            tx.execute("INSERT INTO t VALUES (2, 0)", []).await?;
            drop(tx.execute("INSERT INTO t VALUES (1, 0)", []).await);
            check_is!(tx.execute("INSERT INTO t VALUES (3, 0)", []).await, Err(DbError::Constraint(_)));
            Ok::<(), Failure>(())
        })
        .await;
    check_is!(result, Err(Failure(_)));
    check_eq!(count(&db).await?, 1);
    Ok(())
}

pub(super) async fn others_see_nothing_before_the_commit(Subject { db, .. }: Subject) -> Outcome {
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

pub(super) async fn writers_take_turns(Subject { db, .. }: Subject) -> Outcome {
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

pub(super) async fn a_transaction_reads_its_own_writes(Subject { db, .. }: Subject) -> Outcome {
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

/// Of eight, each goes off duty if it sees another on duty; so one must stay.
pub(super) async fn what_was_read_is_still_true_at_the_commit(Subject { db, .. }: Subject) -> Outcome {
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)", []).await?;
    db.execute("INSERT INTO t VALUES (1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1), (7, 1), (8, 1)", []).await?;
    async fn leave(db: &Db, id: i64) -> Result<(), DbError> {
        db.transaction(|tx| async move {
            let on_duty = tx.query("SELECT id FROM t WHERE n = 1", []).await?.len();
            if on_duty > 1 {
                tx.execute("UPDATE t SET n = 0 WHERE id = $1", [id.into()]).await?;
            }
            Ok(())
        })
        .await
    }
    let results = future::join_all((1..=8).map(|id| leave(&db, id))).await;
    results.into_iter().collect::<Result<Vec<_>, DbError>>()?;
    check_eq!(db.query("SELECT id FROM t WHERE n = 1", []).await?.len(), 1);
    Ok(())
}
