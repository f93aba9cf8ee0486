//! Takes orders: a row, an event and the answer under its `Idempotency-Key`, all in one transaction.
//!
//! It is the first half of the demo pair, on which events are shown, measured and put to the test. Nothing in its tables
//! keeps an order from being there twice: what takes effect twice is seen twice.

mod orders;

use orders::Orders;
use spin_sdk::http::{IntoResponse, Request};
use std::sync::Arc;
use vitrine_clock::SystemClock;
use vitrine_db::Migration;
use vitrine_events::{OUTBOX_SQL, Outbox, outbox_router};
use vitrine_guest::{Service, StartError, database, service_token};
use vitrine_idempotency::{IDEMPOTENCY_SQL, Idempotency};
use vitrine_random::{Ids, SystemRandom};

const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "orders",
        sql: "CREATE TABLE orders (id TEXT NOT NULL, amount BIGINT NOT NULL);
            CREATE INDEX orders_id ON orders (id)",
    },
    Migration { version: 2, name: "outbox", sql: OUTBOX_SQL },
    Migration { version: 3, name: "idempotency keys", sql: IDEMPOTENCY_SQL },
];

static SERVICE: Service = Service::new();

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl IntoResponse {
    SERVICE.serve(request, start).await
}

async fn start() -> Result<axum::Router, StartError> {
    let token = service_token("demo_orders_service_token").await?;
    let db = database("demo-orders").await?;
    db.migrate(MIGRATIONS).await?;
    let (clock, ids) = (Arc::new(SystemClock), Ids::system());
    let outbox = Outbox::new(db.clone(), clock.clone(), Arc::new(SystemRandom));
    let ring = vitrine_guest::ring().await?;
    let idempotency = Idempotency::new(db.clone(), clock.clone(), ids.clone());
    let orders = orders::router(Orders { db, idempotency, ring, clock, ids: ids.clone() });
    Ok(vitrine_edge::finish(orders.merge(outbox_router(outbox, &token)), ids))
}
