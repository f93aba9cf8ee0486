//! Orders: each POST adds one, and the same id twice is a conflict.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Request, StatusCode, header},
    routing::post,
};
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use tower::ServiceExt as _;
use vitrine_clock::{FixedClock, Timestamp};
use vitrine_db::{Db, DbError, Migration};
use vitrine_db_rusqlite::Sqlite;
use vitrine_edge::Problem;
use vitrine_idempotency::{Answer, Answered, IDEMPOTENCY_SQL, Idempotency, KeyedJson};
use vitrine_random::{Ids, SeededRandom};

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "orders", sql: "CREATE TABLE orders (id TEXT PRIMARY KEY, amount BIGINT NOT NULL)" },
    Migration { version: 2, name: "idempotency keys", sql: IDEMPOTENCY_SQL },
];

#[derive(Debug)]
enum Refusal {
    Taken,
    Key(vitrine_idempotency::Error),
    Db(DbError),
}

impl From<DbError> for Refusal {
    fn from(error: DbError) -> Self {
        if matches!(error, DbError::Constraint(_)) { Self::Taken } else { Self::Db(error) }
    }
}

impl From<vitrine_idempotency::Error> for Refusal {
    fn from(error: vitrine_idempotency::Error) -> Self {
        Self::Key(error)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Taken => Self::conflict("There is an order of that id."),
            Refusal::Key(error) => error.into(),
            Refusal::Db(error) => Self::internal(&error),
        }
    }
}

#[derive(Deserialize)]
struct Order {
    id: String,
    amount: i64,
}

pub(crate) struct App {
    pub(crate) router: Router,
    pub(crate) db: Db,
    pub(crate) clock: FixedClock,
    pub(crate) keys: Idempotency,
    _folder: tempfile::TempDir,
}

pub(crate) async fn app() -> App {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::from(Sqlite::open(folder.path().join("orders.db")).unwrap());
    db.migrate(MIGRATIONS).await.unwrap();
    let clock = FixedClock::at(Timestamp::from_millis(1_769_860_800_000));
    let ids = Ids::new(Arc::new(clock.clone()), Arc::new(SeededRandom::new(1)));
    let keys = Idempotency::new(db.clone(), Arc::new(clock.clone()), ids);
    let router = Router::new().route("/{shop}/orders", post(create)).with_state(keys.clone());
    App { router, db, clock, keys, _folder: folder }
}

async fn create(
    State(keys): State<Idempotency>,
    headers: HeaderMap,
    request: KeyedJson<Order>,
) -> Result<Answered, Problem> {
    let caller = headers.get("caller").map_or("", |caller| caller.to_str().unwrap());
    let (attempt, order) = request.by(caller);
    let answered = keys.once(&attempt, |tx| {
        let (id, amount) = (order.id.clone(), order.amount);
        async move {
            let location = format!("/orders/{id}");
            let body = json!({ "order": id, "amount": amount });
            tx.execute("INSERT INTO orders (id, amount) VALUES ($1, $2)", [id.into(), amount.into()]).await?;
            let answer = Answer::json(StatusCode::CREATED, &body)?;
            Ok::<_, Refusal>(answer.with_header(header::LOCATION, location))
        }
    });
    Ok(answered.await?)
}

/// Status, whether it is a replay, headers and body.
pub(crate) type Got = (StatusCode, bool, HeaderMap, Bytes);

impl App {
    pub(crate) async fn post(&self, caller: &str, key: Option<&str>, path: &str, body: &str) -> Got {
        let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json").header("caller", caller);
        if let Some(key) = key {
            request = request.header("idempotency-key", key.as_bytes());
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let replayed = parts.headers.get("idempotent-replayed").is_some_and(|value| value == "true");
        (parts.status, replayed, parts.headers, body.collect().await.unwrap().to_bytes())
    }

    /// An order of ada's.
    pub(crate) async fn order(&self, key: &str, id: &str) -> Got {
        self.post("ada", Some(key), "/a/orders", &json!({ "id": id, "amount": 5 }).to_string()).await
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        let row = self.db.query_one(&format!("SELECT COUNT(*) AS n FROM {table}"), []).await;
        row.unwrap().unwrap().get("n").unwrap()
    }
}
