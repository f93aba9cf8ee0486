//! A shop with an outbox, a ledger that takes batches, a mailer that takes one event at a time, and relays.

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt};
use http_body_util::BodyExt as _;
use relay_core::{Consumer as Spec, Ports, Source, Topology, assemble, variables};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;
use tower::ServiceExt as _;
use uuid::Uuid;
use vitrine_clock::{Clock as _, FixedClock, Timer, Timestamp};
use vitrine_db::{Db, Migration, Transaction};
use vitrine_db_rusqlite::Sqlite;
use vitrine_events::{
    Consumer, Event, Handler, INBOX_SQL, Inbox, OUTBOX_SQL, Outbox, Refusal, consumer_router, outbox_router,
};
use vitrine_http_out::{HttpOut, HttpOutError, Limits, RouterHttpOut};
use vitrine_identity::ServiceToken;
use vitrine_random::{Ids, SeededRandom};

pub(crate) const PLACED: &str = "shop.order.placed.v1";
pub(crate) const TOKEN: &str = "token-token-token-token-token-token-token-to";
pub(crate) const RING: &str = "ring-ring-ring-ring-ring-ring-ring-ring-ring";
pub(crate) const ADMIN: &str = "admin-admin-admin-admin-admin-admin-admin-ad";

pub(crate) const LEDGER: Spec =
    Spec { name: "ledger", consumes: &[PLACED], parallel: 2, batch: 8, timeout: Duration::from_secs(5) };
pub(crate) const MAILER: Spec =
    Spec { name: "mailer", consumes: &[PLACED], parallel: 2, batch: 1, timeout: Duration::from_secs(5) };
const SHOP: Source = Source { name: "shop", emits: &[PLACED] };

/// Work that was started after responses and waits for the test to run it.
#[derive(Clone, Default)]
pub(crate) struct Queue(Arc<Mutex<Vec<BoxFuture<'static, ()>>>>);

impl Queue {
    pub(crate) fn take(&self) -> Vec<BoxFuture<'static, ()>> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// Runs all work, also what that starts.
    pub(crate) async fn run(&self) {
        loop {
            let work = self.take();
            if work.is_empty() {
                return;
            }
            futures::future::join_all(work).await;
        }
    }
}

/// Decides by a request's address and body whether nobody answers it.
type Hang = dyn Fn(&str, &str) -> bool + Send + Sync;

/// Calls routers that are known only after their callers. What hangs is given up after five seconds, as the consumers here
/// are given them.
#[derive(Clone)]
pub(crate) struct Network {
    out: Arc<Mutex<RouterHttpOut>>,
    hang: Arc<Mutex<Arc<Hang>>>,
    clock: FixedClock,
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Network").field("out", &self.out).finish_non_exhaustive()
    }
}

impl Network {
    fn new(clock: &FixedClock) -> Self {
        Self { out: Arc::default(), hang: Arc::new(Mutex::new(Arc::new(|_, _| false))), clock: clock.clone() }
    }

    /// Lets requests hang of which this says so.
    pub(crate) fn hang(&self, hang: impl Fn(&str, &str) -> bool + Send + Sync + 'static) {
        *self.hang.lock().unwrap() = Arc::new(hang);
    }

    /// What answers for `name`, also after another is added under it.
    pub(crate) fn router(&self, name: &'static str) -> Router {
        let out = self.out.lock().unwrap().clone();
        Router::new().fallback(move |request: axum::extract::Request| {
            let out = out.clone();
            async move {
                let (mut parts, body) = request.into_parts();
                let path = parts.uri.path_and_query().unwrap().to_string();
                parts.uri = format!("http://{name}.test{path}").parse().unwrap();
                let body = body.collect().await.unwrap().to_bytes();
                let (parts, body) = out.send(Request::from_parts(parts, body)).await.unwrap().into_parts();
                axum::http::Response::from_parts(parts, Body::from(body))
            }
        })
    }

    pub(crate) fn add(&self, name: &str, router: Router) {
        let mut out = self.out.lock().unwrap();
        *out = out.clone().with(&format!("http://{name}.test"), router);
    }
}

impl HttpOut for Network {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<axum::http::Response<Bytes>, HttpOutError>> {
        let (out, hang) = (self.out.lock().unwrap().clone(), self.hang.lock().unwrap().clone());
        async move {
            if !hang(&request.uri().to_string(), &String::from_utf8_lossy(request.body())) {
                return out.send(request).await;
            }
            // Requests that hang at the same time do so together.
            let over = self.clock.now() + Duration::from_secs(5);
            tokio::task::yield_now().await;
            self.clock.set(self.clock.now().max(over));
            Err(HttpOutError::Timeout)
        }
        .boxed()
    }

    fn stream(
        &self,
        request: Request<vitrine_http_out::Body>,
    ) -> BoxFuture<'_, Result<axum::http::Response<vitrine_http_out::Body>, HttpOutError>> {
        let out = self.out.lock().unwrap().clone();
        async move { out.stream(request).await }.boxed()
    }
}

/// Does what it is told about an order, before it takes effect.
type Whim = dyn Fn(u32) -> BoxFuture<'static, Result<(), Refusal>> + Send + Sync;

/// Writes an entry for each order.
struct Bookkeeper(Arc<Mutex<Arc<Whim>>>);

impl std::fmt::Debug for Bookkeeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bookkeeper")
    }
}

#[derive(Deserialize)]
struct Placed {
    order: u32,
}

impl Handler for Bookkeeper {
    fn handle<'a>(&'a self, tx: &'a Transaction, events: &'a [Event]) -> BoxFuture<'a, Result<(), Refusal>> {
        async move {
            for event in events {
                let placed: Placed = event.data().map_err(|error| Refusal::NotUnderstood(error.to_string()))?;
                let whim = self.0.lock().unwrap().clone();
                whim(placed.order).await?;
                tx.execute("INSERT INTO entries (order_id) VALUES ($1)", [placed.order.into()]).await?;
            }
            Ok(())
        }
        .boxed()
    }
}

/// A consumer; its entries have no constraint, so what takes effect twice is seen twice.
pub(crate) struct Books {
    pub(crate) db: Db,
    whim: Arc<Mutex<Arc<Whim>>>,
    /// Requests that came, and the most at once.
    pub(crate) requests: Arc<AtomicUsize>,
    pub(crate) at_once: Arc<Mutex<(usize, usize)>>,
}

impl Books {
    pub(crate) fn whim<F>(&self, whim: impl Fn(u32) -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<(), Refusal>> + Send + 'static,
    {
        *self.whim.lock().unwrap() = Arc::new(move |order| whim(order).boxed());
    }

    pub(crate) async fn entries(&self) -> Vec<u32> {
        let rows = self.db.query("SELECT order_id FROM entries ORDER BY order_id", []).await.unwrap();
        rows.iter().map(|row| row.get("order_id").unwrap()).collect()
    }
}

/// Is done a moment later, whatever was asked.
#[derive(Debug)]
struct Nap;

impl Timer for Nap {
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(Duration::from_millis(1)).boxed()
    }
}

pub(crate) struct World {
    pub(crate) clock: FixedClock,
    pub(crate) network: Network,
    pub(crate) queue: Queue,
    pub(crate) shop: Outbox,
    pub(crate) shop_db: Db,
    pub(crate) ledger: Books,
    pub(crate) mailer: Books,
    pub(crate) relay: Router,
    ids: Ids,
    _folder: TempDir,
}

fn token() -> ServiceToken {
    ServiceToken::new(TOKEN).unwrap()
}

impl World {
    /// A world whose relay delivers to these.
    pub(crate) async fn new(consumers: &'static [Spec]) -> Self {
        let clock = FixedClock::at(Timestamp::from_millis(1_769_860_800_000));
        Self::with(consumers, clock.clone(), Arc::new(clock)).await
    }

    /// A world in which nobody who waits moves the clock, so that leases of others do not run out for it.
    pub(crate) async fn of_naps(consumers: &'static [Spec]) -> Self {
        let clock = FixedClock::at(Timestamp::from_millis(1_769_860_800_000));
        Self::with(consumers, clock, Arc::new(Nap)).await
    }

    async fn with(consumers: &'static [Spec], clock: FixedClock, timer: Arc<dyn Timer>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let open = |name: &str| Db::new(Sqlite::open(folder.path().join(name)).unwrap());
        let (shared, random) = (Arc::new(clock.clone()), Arc::new(SeededRandom::new(1)));
        let (network, queue) = (Network::new(&clock), Queue::default());
        let shop_db = open("shop.db");
        shop_db.migrate(&[Migration { version: 1, name: "outbox", sql: OUTBOX_SQL }]).await.unwrap();
        let shop = Outbox::new(shop_db.clone(), shared.clone(), random.clone());
        network.add("shop", outbox_router(shop.clone(), &token()));
        let ledger = books(open("ledger.db"), "ledger", &clock, &network).await;
        let mailer = books(open("mailer.db"), "mailer", &clock, &network).await;
        let relay = relay(consumers, &clock, timer, &network, &queue);
        network.add("relay", relay.clone());
        let ids = Ids::new(shared, random);
        Self { clock, network, queue, shop, shop_db, ledger, mailer, relay, ids, _folder: folder }
    }

    /// Appends the event of an order, without ringing.
    pub(crate) async fn order(&self, order: u32) -> Uuid {
        let data = json!({ "order": order });
        let event = Event::new(&self.ids, &self.clock, "/shop", PLACED, &order.to_string(), &data).unwrap();
        let one = &event;
        self.shop_db.transaction(|tx| async move { Outbox::append(&tx, one).await }).await.unwrap();
        event.id
    }

    pub(crate) async fn orders(&self, orders: std::ops::Range<u32>) {
        for order in orders {
            self.order(order).await;
        }
    }

    /// Rings as a service does, and does not run the work.
    pub(crate) async fn ring(&self) {
        let (status, _) = send(&self.relay, "POST", "/_ring", TOKEN, &Value::Null).await;
        assert_eq!(status, StatusCode::ACCEPTED);
    }

    /// Rings and runs all work.
    pub(crate) async fn sweep(&self) {
        let (status, _) = send(&self.relay, "POST", "/api/v1/ring", RING, &Value::Null).await;
        assert_eq!(status, StatusCode::ACCEPTED);
        self.queue.run().await;
    }

    /// Another relay with the same topology, and its work.
    pub(crate) fn second_relay(&self, consumers: &'static [Spec]) -> (Router, Queue) {
        let queue = Queue::default();
        (relay(consumers, &self.clock, Arc::new(Nap), &self.network, &queue), queue)
    }

    pub(crate) async fn stats(&self, consumer: &str) -> vitrine_events::wire::ConsumerStats {
        self.shop.stats().await.unwrap().consumers[consumer]
    }
}

fn relay(
    consumers: &'static [Spec],
    clock: &FixedClock,
    timer: Arc<dyn Timer>,
    network: &Network,
    queue: &Queue,
) -> Router {
    let topology = Topology { sources: &[SHOP], consumers };
    let value = |name: String| match name.strip_suffix("_url") {
        Some(peer) => (name.clone(), format!("http://{peer}.test")),
        None if name == "admin_token" => (name, ADMIN.to_owned()),
        None if name == "ring_token" => (name, RING.to_owned()),
        None => (name, TOKEN.to_owned()),
    };
    let values: BTreeMap<_, _> = variables(&topology).into_iter().map(value).collect();
    let (network, queue) = (network.clone(), queue.clone());
    let ports = Ports {
        out: Box::new(move |_: Limits| Arc::new(network.clone())),
        clock: Arc::new(clock.clone()),
        ids: Ids::system(),
        spawn: Arc::new(move |work| queue.0.lock().unwrap().push(work)),
        timer,
    };
    assemble(topology, &values, ports).unwrap()
}

async fn books(db: Db, name: &str, clock: &FixedClock, network: &Network) -> Books {
    let migrations = [
        Migration { version: 1, name: "inbox", sql: INBOX_SQL },
        Migration { version: 2, name: "entries", sql: "CREATE TABLE entries (order_id BIGINT NOT NULL)" },
    ];
    db.migrate(&migrations).await.unwrap();
    let whim: Arc<Mutex<Arc<Whim>>> = Arc::new(Mutex::new(Arc::new(|_| futures::future::ready(Ok(())).boxed())));
    let handler = Arc::new(Bookkeeper(whim.clone()));
    let consumer = Consumer::new(db.clone(), Inbox::new(Arc::new(clock.clone())), handler);
    let (requests, at_once) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new((0, 0))));
    let count = {
        let (requests, at_once) = (requests.clone(), at_once.clone());
        move |request: axum::extract::Request, next: axum::middleware::Next| {
            let (requests, at_once) = (requests.clone(), at_once.clone());
            async move {
                requests.fetch_add(1, Ordering::SeqCst);
                {
                    let mut it = at_once.lock().unwrap();
                    it.0 += 1;
                    it.1 = it.1.max(it.0);
                }
                tokio::task::yield_now().await;
                let response = next.run(request).await;
                at_once.lock().unwrap().0 -= 1;
                response
            }
        }
    };
    network.add(name, consumer_router(consumer, &token()).layer(axum::middleware::from_fn(count)));
    Books { db, whim, requests, at_once }
}

pub(crate) async fn send(router: &Router, method: &str, path: &str, token: &str, body: &Value) -> (StatusCode, String) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}
