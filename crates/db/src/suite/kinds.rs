//! Values, parameters, counts and errors.

use super::{Failure, Outcome, Subject, check_eq, check_is};
use crate::{DbError, Value};

pub(super) async fn values_come_back_as_they_went_in(Subject { db, .. }: Subject) -> Outcome {
    db.execute("CREATE TABLE t (n INTEGER, i INTEGER, r DOUBLE PRECISION, s TEXT, b BLOB)", []).await?;
    let values =
        [Value::Null, i64::MIN.into(), 0.5.into(), "naïve 🦀 'quoted' end".into(), vec![0, 159, 146, 150].into()];
    db.execute("INSERT INTO t (n, i, r, s, b) VALUES ($1, $2, $3, $4, $5)", values).await?;
    let row = db.query_one("SELECT * FROM t", []).await?.ok_or_else(|| Failure("no row".to_owned()))?;
    check_eq!(row.get::<Option<i64>>("n")?, None);
    check_eq!(row.get::<i64>("i")?, i64::MIN);
    check_eq!(row.get::<f64>("r")?, 0.5);
    check_eq!(row.get::<String>("s")?, "naïve 🦀 'quoted' end");
    check_eq!(row.get::<Vec<u8>>("b")?, [0, 159, 146, 150]);
    Ok(())
}

pub(super) async fn parameters_are_numbered(Subject { db, .. }: Subject) -> Outcome {
    let sql = "SELECT $2 AS second, $1 AS first, $2 AS again, '$1' AS text";
    let rows = db.query(sql, ["a".into(), "b".into()]).await?;
    let row = rows.first().ok_or_else(|| Failure("no row".to_owned()))?;
    check_eq!(row.columns(), ["second", "first", "again", "text"]);
    check_eq!(row.get::<String>("first")?, "a");
    check_eq!(row.get::<String>("second")?, "b");
    check_eq!(row.get::<String>("again")?, "b");
    check_eq!(row.get::<String>("text")?, "$1");
    Ok(())
}

pub(super) async fn changes_are_counted(Subject { db, .. }: Subject) -> Outcome {
    check_eq!(db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)", []).await?, 0);
    check_eq!(db.execute("INSERT INTO t VALUES (1, 0), (2, 0), (3, 0)", []).await?, 3);
    check_eq!(db.execute("UPDATE t SET n = 1 WHERE id > $1", [1.into()]).await?, 2);
    check_eq!(db.execute("UPDATE t SET n = 1 WHERE id > $1", [9.into()]).await?, 0);
    check_eq!(db.execute("INSERT INTO t VALUES (3, 0) ON CONFLICT DO NOTHING", []).await?, 0);
    check_eq!(db.execute("DELETE FROM t", []).await?, 3);
    Ok(())
}

pub(super) async fn errors_are_told_apart(Subject { db, .. }: Subject) -> Outcome {
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT NOT NULL UNIQUE)", []).await?;
    db.execute("CREATE TABLE child (t INTEGER NOT NULL REFERENCES t (id))", []).await?;
    db.execute("INSERT INTO t VALUES (1, 'a')", []).await?;
    for refused in ["INSERT INTO t VALUES (2, 'a')", "INSERT INTO t VALUES (2, NULL)", "INSERT INTO child VALUES (9)"] {
        let error = db.execute(refused, []).await;
        check_is!(error, Err(DbError::Constraint(_)));
    }
    check_is!(db.query("SELEC 1", []).await, Err(DbError::Statement(_)));
    check_is!(db.query("SELECT * FROM absent", []).await, Err(DbError::Statement(_)));
    check_eq!(db.query("SELECT s FROM t", []).await?.len(), 1);
    Ok(())
}

pub(super) async fn large_answers_come_whole(Subject { db, .. }: Subject) -> Outcome {
    let sql = "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1)
        SELECT i FROM n ORDER BY i";
    let rows = db.query(sql, [5000.into()]).await?;
    check_eq!(rows.len(), 5000);
    check_eq!(rows.last().map(|row| row.get::<i64>("i")), Some(Ok(5000)));
    Ok(())
}

pub(super) async fn a_statement_that_changes_rows_may_answer_them(Subject { db, .. }: Subject) -> Outcome {
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)", []).await?;
    let rows = db.query("INSERT INTO t VALUES (1, 5), (2, 6) RETURNING id, n", []).await?;
    check_eq!(rows.len(), 2);
    let row = db.query_one("UPDATE t SET n = n + 1 WHERE id = $1 RETURNING n", [2.into()]).await?;
    check_eq!(row.map(|row| row.get::<i64>("n")), Some(Ok(7)));
    check_eq!(db.query("DELETE FROM t WHERE id > $1 RETURNING id", [0.into()]).await?.len(), 2);
    Ok(())
}
