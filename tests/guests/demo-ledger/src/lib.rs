//! Writes an entry for each order that it hears of: inbox and entry in one transaction.
//!
//! It is the second half of the demo pair. Nothing in its tables keeps an entry from being there twice, but its inbox.

mod entries;

use entries::Bookkeeper;
use spin_sdk::http::{IntoResponse, Request};
use std::sync::Arc;
use vitrine_clock::SystemClock;
use vitrine_db::Migration;
use vitrine_events::{Consumer, INBOX_SQL, Inbox, consumer_router};
use vitrine_guest::{Service, StartError, database, service_token};
use vitrine_random::Ids;

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "inbox", sql: INBOX_SQL },
    Migration {
        version: 2,
        name: "entries",
        sql: "CREATE TABLE entries (order_id TEXT NOT NULL, amount BIGINT NOT NULL, event_id TEXT NOT NULL);
            CREATE INDEX entries_order ON entries (order_id)",
    },
];

static SERVICE: Service = Service::new();

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl IntoResponse {
    SERVICE.serve(request, start).await
}

async fn start() -> Result<axum::Router, StartError> {
    let token = service_token("demo_ledger_service_token").await?;
    let db = database("demo-ledger").await?;
    db.migrate(MIGRATIONS).await?;
    let consumer = Consumer::new(db.clone(), Inbox::new(Arc::new(SystemClock)), Arc::new(Bookkeeper));
    Ok(vitrine_edge::finish(entries::router(db).merge(consumer_router(consumer, &token)), Ids::system()))
}
