//! The ledger: how an event becomes an entry, and how entries are read.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use vitrine_db::{Db, DbError, Row, Transaction, Value};
use vitrine_edge::{Path, Problem, Query};
use vitrine_events::{Event, Handler, Refusal};

/// Entries of one page.
const PAGE: i64 = 1000;
const CHUNK: usize = 250;
/// When a database that is busy or away is worth another try.
const RETRY: Duration = Duration::from_secs(1);

#[derive(Debug, Deserialize)]
struct Placed {
    id: String,
    amount: i64,
}

/// Writes an entry for each order.
#[derive(Debug)]
pub(crate) struct Bookkeeper;

impl Handler for Bookkeeper {
    fn handle<'a>(&'a self, tx: &'a Transaction, events: &'a [Event]) -> BoxFuture<'a, Result<(), Refusal>> {
        Box::pin(async move {
            for events in events.chunks(CHUNK) {
                let mut values: Vec<Value> = Vec::with_capacity(3 * events.len());
                for event in events {
                    let placed: Placed = event.data().map_err(|error| Refusal::NotUnderstood(error.to_string()))?;
                    values.extend([placed.id.into(), placed.amount.into(), event.id.into()]);
                }
                let places: Vec<_> =
                    (0..events.len()).map(|n| format!("(${}, ${}, ${})", 3 * n + 1, 3 * n + 2, 3 * n + 3)).collect();
                let insert = format!("INSERT INTO entries (order_id, amount, event_id) VALUES {}", places.join(", "));
                tx.execute(&insert, values).await?;
            }
            Ok(())
        })
    }
}

#[derive(Debug, Serialize)]
struct Entry {
    order: String,
    amount: i64,
    event: String,
}

#[derive(Debug, Serialize)]
struct Entries {
    items: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct Count {
    count: u64,
}

#[derive(Debug, Deserialize)]
struct After {
    /// The id of the last event of the page before.
    #[serde(default)]
    after: String,
}

/// `GET /ledger?after=` lists entries by their event's id, `GET /ledger/{order}` those of one order, `GET /ledger/count` counts.
pub(crate) fn router(db: Db) -> Router {
    Router::new()
        .route("/ledger", get(list))
        .route("/ledger/{order}", get(of_order))
        .route("/ledger/count", get(count))
        .with_state(db)
}

async fn list(State(db): State<Db>, Query(After { after }): Query<After>) -> Result<Json<Entries>, Problem> {
    let sql = "SELECT order_id, amount, event_id FROM entries WHERE event_id > $1 ORDER BY event_id LIMIT $2";
    read(db.query(sql, [after.into(), PAGE.into()]).await)
}

async fn of_order(State(db): State<Db>, Path(order): Path<String>) -> Result<Json<Entries>, Problem> {
    let sql = "SELECT order_id, amount, event_id FROM entries WHERE order_id = $1 ORDER BY event_id LIMIT $2";
    read(db.query(sql, [order.into(), PAGE.into()]).await)
}

async fn count(State(db): State<Db>) -> Result<Json<Count>, Problem> {
    let row = db.query_one("SELECT COUNT(*) AS n FROM entries", []).await.map_err(|error| away(&error))?;
    let count = row.map(|row| row.get("n")).transpose().map_err(|error: DbError| away(&error))?;
    Ok(Json(Count { count: count.unwrap_or(0) }))
}

fn read(rows: Result<Vec<Row>, DbError>) -> Result<Json<Entries>, Problem> {
    let entry =
        |row: Row| Ok(Entry { order: row.get("order_id")?, amount: row.get("amount")?, event: row.get("event_id")? });
    let items = rows.and_then(|rows| rows.into_iter().map(entry).collect::<Result<_, DbError>>());
    Ok(Json(Entries { items: items.map_err(|error| away(&error))? }))
}

fn away(error: &DbError) -> Problem {
    Problem::unavailable(RETRY, error)
}
