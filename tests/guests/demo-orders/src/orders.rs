//! What can be ordered, and how it is answered.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use vitrine_clock::Clock;
use vitrine_db::{Db, DbError, Transaction, Value};
use vitrine_edge::{Json as EdgeJson, Problem};
use vitrine_events::{Event, Outbox, Ring, committed};
use vitrine_idempotency::{Answer, Answered, Error as KeyError, Idempotency, KeyedJson};
use vitrine_random::Ids;

/// The type of the event about a new order.
const PLACED: &str = "demo.order.placed.v1";
const SOURCE: &str = "/demo-orders";

/// Orders that one request may hold.
const AT_ONCE: usize = 500;
/// The longest body of such a request, in bytes.
const LONGEST_BODY: usize = 256 << 10;
const CHUNK: usize = 250;

/// When a database that is busy or away is worth another try.
const RETRY: Duration = Duration::from_secs(1);

/// What the routes need.
#[derive(Debug, Clone)]
pub(crate) struct Orders {
    pub(crate) db: Db,
    pub(crate) idempotency: Idempotency,
    pub(crate) ring: Arc<dyn Ring>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Ids,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Order {
    id: String,
    amount: i64,
}

#[derive(Debug)]
enum Error {
    Db(DbError),
    Key(KeyError),
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Db(error) => Self::unavailable(RETRY, &error),
            Error::Key(KeyError::Db(error)) => Self::unavailable(RETRY, &error),
            Error::Key(error) => error.into(),
        }
    }
}

/// `POST /orders` places one order, with `Idempotency-Key` where there is one; `POST /orders/many` places a list of them in
/// one transaction; `GET /orders/count` counts.
pub(crate) fn router(orders: Orders) -> Router {
    Router::new()
        .route("/orders", post(place))
        .route("/orders/many", post(place_many))
        .route("/orders/count", get(count))
        .with_state(orders)
}

async fn place(State(orders): State<Orders>, request: KeyedJson<Order>) -> Result<Answered, Problem> {
    let (attempt, order) = request.by("anybody");
    let event = orders.event(&order)?;
    let work = |tx: Transaction| {
        let (order, event) = (&order, &event);
        async move {
            keep(&tx, std::slice::from_ref(order), std::slice::from_ref(event)).await?;
            Ok::<_, Error>(Answer::json(StatusCode::CREATED, order)?)
        }
    };
    let answered = orders.idempotency.once(&attempt, work).await.map_err(Problem::from)?;
    if answered.replayed {
        // Whoever placed it the first time may have ended before it rang.
        orders.ring.ring();
    } else {
        committed(&*orders.ring, [&event]);
    }
    Ok(answered)
}

async fn place_many(
    State(orders): State<Orders>,
    EdgeJson(list): EdgeJson<Vec<Order>, LONGEST_BODY>,
) -> Result<StatusCode, Problem> {
    if list.len() > AT_ONCE {
        return Err(Problem::unprocessable(&format!("Send at most {AT_ONCE} orders at once.")));
    }
    let events = list.iter().map(|order| orders.event(order)).collect::<Result<Vec<_>, _>>()?;
    let (list, events) = (&list, &events);
    let work = |tx: Transaction| async move { keep(&tx, list, events).await };
    orders.db.transaction(work).await.map_err(|error: DbError| Problem::from(Error::Db(error)))?;
    committed(&*orders.ring, events);
    Ok(StatusCode::CREATED)
}

/// Writes orders and their events.
async fn keep(tx: &Transaction, orders: &[Order], events: &[Event]) -> Result<(), DbError> {
    for orders in orders.chunks(CHUNK) {
        let places: Vec<_> = (0..orders.len()).map(|n| format!("(${}, ${})", 2 * n + 1, 2 * n + 2)).collect();
        let values: Vec<Value> =
            orders.iter().flat_map(|order| [order.id.as_str().into(), order.amount.into()]).collect();
        tx.execute(&format!("INSERT INTO orders (id, amount) VALUES {}", places.join(", ")), values).await?;
    }
    Outbox::append_all(tx, events).await
}

impl Orders {
    fn event(&self, order: &Order) -> Result<Event, Problem> {
        Event::new(&self.ids, &*self.clock, SOURCE, PLACED, &order.id, order)
            .map_err(|error| Problem::unprocessable(&format!("The order cannot be placed: {error}.")))
    }
}

async fn count(State(orders): State<Orders>) -> Result<Json<Count>, Problem> {
    let failed = |error: DbError| Problem::from(Error::Db(error));
    let row = orders.db.query_one("SELECT COUNT(*) AS n FROM orders", []).await.map_err(failed)?;
    let count = row.map(|row| row.get("n")).transpose().map_err(failed)?;
    Ok(Json(Count { count: count.unwrap_or(0) }))
}

#[derive(Serialize)]
struct Count {
    count: u64,
}
