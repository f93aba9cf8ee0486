//! What is measured on both sides of a comparison: in a component on a runtime, and natively as the baseline.
//!
//! `GET /hello` answers without touching anything; `GET /row` reads one row of a database by its primary key.
#![forbid(unsafe_code)]

pub mod blobs;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use vitrine_db::{Db, DbError, Migration};

/// The table that `/row` reads: a thousand rows.
pub const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "a thousand greetings",
    sql: "CREATE TABLE greetings (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
        WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 1000)
        INSERT INTO greetings SELECT id, 'good morning, number ' || id FROM n",
}];

/// The id of the row that is read.
const WANTED: i64 = 500;

/// The router, on a database that [`MIGRATIONS`] were applied to.
pub fn router(db: Db) -> Router {
    Router::new().route("/hello", get(async || "hello")).route("/row", get(row)).with_state(db)
}

async fn row(State(db): State<Db>) -> Result<String, (StatusCode, String)> {
    let failed = |error: DbError| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
    let row = db.query_one("SELECT text FROM greetings WHERE id = $1", [WANTED.into()]).await.map_err(failed)?;
    match row {
        Some(row) => row.get("text").map_err(failed),
        None => Err((StatusCode::NOT_FOUND, format!("there is no row {WANTED}"))),
    }
}
