//! What must mean the same in SQLite and in PostgreSQL. The crate's `PORTABLE.md` lists it.

use super::{Failure, Outcome, Subject, check_eq, check_is};
use crate::{Db, DbError, Row, Value};

async fn one(db: &Db, sql: &str, params: impl IntoIterator<Item = Value>) -> Result<Row, Failure> {
    db.query_one(sql, params).await?.ok_or_else(|| Failure("no row".to_owned()))
}

pub(super) async fn whole_numbers_have_64_bits(Subject { db, .. }: Subject) -> Outcome {
    db.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b INT NOT NULL, c BIGINT NOT NULL)", []).await?;
    let large = [i64::MAX.into(), i64::MIN.into(), i64::MAX.into()];
    db.execute("INSERT INTO t (a, b, c) VALUES ($1, $2, $3)", large).await?;
    let row = one(&db, "SELECT a, b, c FROM t WHERE a = $1 AND b < $2 LIMIT $3", [i64::MAX.into(), 0.into(), 1.into()]);
    let row = row.await?;
    check_eq!(row.get::<i64>("a")?, i64::MAX);
    check_eq!(row.get::<i64>("b")?, i64::MIN);
    check_eq!(one(&db, "SELECT CAST($1 AS INTEGER) AS a", [i64::MAX.into()]).await?.get::<i64>("a")?, i64::MAX);
    Ok(())
}

pub(super) async fn nulls_fit_every_column(Subject { db, .. }: Subject) -> Outcome {
    db.execute("CREATE TABLE t (i BIGINT, r DOUBLE PRECISION, s TEXT, b BLOB)", []).await?;
    let nulls = [Value::Null, Value::Null, Value::Null, Value::Null];
    db.execute("INSERT INTO t (i, r, s, b) VALUES ($1, $2, $3, $4)", nulls).await?;
    let row = one(&db, "SELECT * FROM t WHERE i IS NULL", []).await?;
    check_eq!(row.get::<Option<i64>>("i")?, None);
    check_eq!(row.get::<Option<f64>>("r")?, None);
    check_eq!(row.get::<Option<String>>("s")?, None);
    check_eq!(row.get::<Option<Vec<u8>>>("b")?, None);
    Ok(())
}

pub(super) async fn sums_and_counts_are_whole_numbers(Subject { db, .. }: Subject) -> Outcome {
    db.execute("CREATE TABLE t (n BIGINT NOT NULL)", []).await?;
    db.execute("INSERT INTO t VALUES (4000000000), (4000000000)", []).await?;
    let sql =
        "SELECT count(*) AS count, sum(n) AS sum, min(n) AS least, coalesce(sum(n), 0) AS sure, 7 AS seven FROM t";
    let row = one(&db, sql, []).await?;
    check_eq!(row.get::<i64>("count")?, 2);
    check_eq!(row.get::<i64>("sum")?, 8_000_000_000);
    check_eq!(row.get::<i64>("least")?, 4_000_000_000);
    check_eq!(row.get::<i64>("sure")?, 8_000_000_000);
    check_eq!(row.get::<u32>("seven")?, 7);
    Ok(())
}

pub(super) async fn truth_is_0_or_1(Subject { db, .. }: Subject) -> Outcome {
    db.execute("CREATE TABLE t (ready BIGINT NOT NULL DEFAULT 0)", []).await?;
    db.execute("INSERT INTO t VALUES ($1)", [true.into()]).await?;
    let row = one(&db, "SELECT ready, ready = 1 AS same, EXISTS (SELECT 1 FROM t) AS any FROM t", []).await;
    let row = row?;
    check_eq!(row.get::<bool>("ready")?, true);
    check_eq!(row.get::<bool>("same")?, true);
    check_eq!(row.get::<bool>("any")?, true);
    Ok(())
}

pub(super) async fn a_text_with_a_nul_is_refused(Subject { db, .. }: Subject) -> Outcome {
    db.execute("CREATE TABLE t (s TEXT NOT NULL)", []).await?;
    check_is!(db.execute("INSERT INTO t VALUES ($1)", ["a\0b".into()]).await, Err(DbError::Statement(_)));
    let inside = db.transaction(|tx| async move { tx.execute("INSERT INTO t VALUES ($1)", ["\0".into()]).await }).await;
    check_is!(inside, Err(DbError::Statement(_)));
    check_eq!(db.query("SELECT s FROM t", []).await?.len(), 0);
    Ok(())
}

pub(super) async fn indexes_may_be_partial(Subject { db, .. }: Subject) -> Outcome {
    db.execute("CREATE TABLE t (id BIGINT PRIMARY KEY, email TEXT, gone BIGINT)", []).await?;
    db.execute("CREATE UNIQUE INDEX t_email ON t (email) WHERE gone IS NULL", []).await?;
    db.execute("INSERT INTO t VALUES (1, 'a', 5), (2, 'a', NULL)", []).await?;
    check_is!(db.execute("INSERT INTO t VALUES (3, 'a', NULL)", []).await, Err(DbError::Constraint(_)));
    Ok(())
}

pub(super) async fn an_insert_may_become_an_update(Subject { db, .. }: Subject) -> Outcome {
    db.execute("CREATE TABLE t (id TEXT PRIMARY KEY, n BIGINT NOT NULL)", []).await?;
    let sql = "INSERT INTO t (id, n) VALUES ($1, $2)
        ON CONFLICT (id) DO UPDATE SET n = t.n + excluded.n WHERE t.n < $3 RETURNING n";
    for (by, now) in [(2, Some(2)), (3, Some(5)), (4, None)] {
        let row = db.query_one(sql, ["a".into(), by.into(), 5.into()]).await?;
        check_eq!(row.map(|row| row.get::<i64>("n")).transpose()?, now);
    }
    Ok(())
}
