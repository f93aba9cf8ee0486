//! Reads of several statements.

use super::{Failure, Outcome, Subject, check_eq, check_is};
use crate::{Db, DbError, Snapshot};
use futures::future;

async fn table(db: &Db) -> Result<(), DbError> {
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)", []).await?;
    db.execute("INSERT INTO t VALUES (1, 0)", []).await.map(drop)
}

async fn count(at: &Snapshot) -> Result<usize, DbError> {
    Ok(at.query("SELECT id FROM t", []).await?.len())
}

pub(super) async fn a_read_sees_one_snapshot(Subject { db, others }: Subject) -> Outcome {
    table(&db).await?;
    for (before, writer) in (1..).zip(others.iter().chain([&db])) {
        let seen = db
            .read(|at| async move {
                let first = count(&at).await?;
                // A single statement, and then a transaction: neither waits for the read, and both are committed.
                writer.execute("INSERT INTO t VALUES ($1, 0)", [(2 * before).into()]).await?;
                let insert = "INSERT INTO t VALUES ($1, 0)";
                writer.transaction(|tx| async move { tx.execute(insert, [(2 * before + 1).into()]).await }).await?;
                Ok::<_, DbError>((first, count(&at).await?))
            })
            .await?;
        let before = usize::try_from(2 * before - 1)?;
        check_eq!(seen, (before, before));
        check_eq!(db.read(|at| async move { count(&at).await }).await?, before + 2);
    }
    Ok(())
}

pub(super) async fn reads_run_side_by_side(Subject { db, .. }: Subject) -> Outcome {
    table(&db).await?;
    let nested = db
        .read(|outer| {
            let db = db.clone();
            async move {
                let first = count(&outer).await?;
                db.execute("INSERT INTO t VALUES (2, 0)", []).await?;
                let inner = db.read(|inner| async move { count(&inner).await }).await?;
                Ok::<_, DbError>((first, inner, count(&outer).await?))
            }
        })
        .await?;
    check_eq!(nested, (1, 2, 1));
    let many = future::join_all((0..20).map(|_| db.read(|at| async move { count(&at).await }))).await;
    check_eq!(many.into_iter().collect::<Result<Vec<_>, DbError>>()?, vec![2; 20]);
    Ok(())
}

pub(super) async fn a_read_changes_nothing(Subject { db, .. }: Subject) -> Outcome {
    table(&db).await?;
    for change in [
        "INSERT INTO t VALUES (2, 0) RETURNING id",
        "UPDATE t SET n = 1",
        "DELETE FROM t",
        "CREATE TABLE u (id INTEGER)",
        "WITH n (i) AS (SELECT CAST(7 AS BIGINT)) INSERT INTO t SELECT i, i FROM n",
    ] {
        let refused = db
            .read(|at| async move {
                count(&at).await?;
                at.query(change, []).await
            })
            .await;
        check_is!(refused, Err::<Vec<_>, _>(DbError::Statement(_)));
    }
    let with = "WITH n (i) AS (SELECT id FROM t) SELECT i FROM n";
    check_eq!(db.read(|at| async move { at.query(with, []).await }).await.map(|rows| rows.len()), Ok::<_, DbError>(1));
    check_eq!(db.query("SELECT id FROM t WHERE n = 0", []).await?.len(), 1);
    check_eq!(db.execute("INSERT INTO t VALUES (2, 0)", []).await?, 1);
    Ok(())
}

pub(super) async fn a_read_that_fails_or_is_dropped_leaves_nothing(Subject { db, .. }: Subject) -> Outcome {
    table(&db).await?;
    for _ in 0..3 {
        let failed = db
            .read(|at| async move {
                count(&at).await?;
                Err::<(), _>(Failure("on purpose".to_owned()))
            })
            .await;
        check_eq!(failed, Err(Failure("on purpose".to_owned())));
        let half_way = db.read(|at| async move {
            count(&at).await?;
            future::pending::<Result<(), DbError>>().await
        });
        let patience = async {
            for _ in 0..4 {
                drop(db.query("SELECT n FROM t", []).await);
            }
        };
        future::select(Box::pin(half_way), Box::pin(patience)).await;
        db.execute("INSERT INTO t SELECT max(id) + 1, 0 FROM t", []).await?;
    }
    check_eq!(db.read(|at| async move { count(&at).await }).await, Ok::<_, DbError>(4));
    Ok(())
}
