//! Upload, relay, worker and engine wired together natively: the whole way of a photo in one process.
//!
//! The routers, the stores and the engine are the real ones; only Spin is not there. What the sandbox adds is tested by
//! the scenarios, more slowly.
#![forbid(unsafe_code)]

mod dying;
mod engine;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use image_processor_core::{Owner, Processor};
use images_core::Images;
use relay_core::{Ports, TOPOLOGY};
use tempfile::TempDir;
use upload_core::{MIGRATIONS, Settings, State, Tokens, Upload};
use uuid::Uuid;
use vitrine_blob::{Blobs, Keys, MemoryKeys};
use vitrine_clock::{Clock, SystemClock, TokioTimer};
use vitrine_db::{Db, Migration};
use vitrine_db_rusqlite::Sqlite;
use vitrine_events::{ChainedRing, Event, OUTBOX_SQL, Outbox, Spawn, outbox_router};
use vitrine_http_out::{HttpOut, HttpOutError, Limits, RouterHttpOut};
use vitrine_identity::{ACCESS_TOKEN_SECONDS, AUDIENCE, Claims, ServiceToken, Signer, Verifier};
use vitrine_random::{Ids, SystemRandom};

pub use dying::Dying;
pub use engine::{Deadly, Native};

const AUTH: &str = "http://auth.spin.internal";
const UPLOAD: &str = "http://upload.spin.internal";
const WORKER: &str = "http://image-processor.spin.internal";
const RELAY: &str = "http://relay.spin.internal";
const ACCOUNT: Uuid = Uuid::from_u128(1);
const SEED: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const AUTH_TOKEN: &str = "auth-auth-auth-auth-auth-auth-auth-auth-auth";
const REPORT_TOKEN: &str = "report-report-report-report-report-report-re";
const UPLOAD_TOKEN: &str = "upload-upload-upload-upload-upload-upload-up";
const WORKER_TOKEN: &str = "worker-worker-worker-worker-worker-worker-wo";
/// What rings from outside presents.
pub const RING_TOKEN: &str = "ring-ring-ring-ring-ring-ring-ring-ring-ring";
const RELAY_TOKEN: &str = "relay-relay-relay-relay-relay-relay-relay-re";
const ADMIN_TOKEN: &str = "admin-admin-admin-admin-admin-admin-admin-ad";

/// Every secret that opens a route, by the variable that holds it.
pub const TOKENS: [(&str, &str); 7] = [
    ("admin_token", ADMIN_TOKEN),
    ("auth_service_token", AUTH_TOKEN),
    ("image_processor_service_token", WORKER_TOKEN),
    ("relay_service_token", RELAY_TOKEN),
    ("ring_token", RING_TOKEN),
    ("upload_report_token", REPORT_TOKEN),
    ("upload_service_token", UPLOAD_TOKEN),
];

/// Anything that keeps the app from starting.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The app without its sandbox.
#[derive(Debug)]
pub struct App {
    /// The router of `upload`.
    pub router: Router,
    /// The router of `images`.
    pub images: Router,
    /// The router of the relay.
    pub relay: Router,
    /// The router of the worker.
    pub worker: Router,
    /// The service behind it.
    pub upload: Upload,
    /// What the worker has written.
    pub derivatives: Blobs,
    /// The database of auth: its outbox.
    accounts: Db,
    signer: Signer,
    _folder: TempDir,
}

/// Calls routers that are known only after their callers: everybody here calls somebody who calls back.
#[derive(Debug, Clone, Default)]
struct Later(Arc<Mutex<RouterHttpOut>>);

impl HttpOut for Later {
    fn send(&self, request: axum::http::Request<axum::body::Bytes>) -> Answer<'_, axum::body::Bytes> {
        let out = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Box::pin(async move { out.send(request).await })
    }

    fn stream(&self, request: axum::http::Request<vitrine_http_out::Body>) -> Answer<'_, vitrine_http_out::Body> {
        let out = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Box::pin(async move { out.stream(request).await })
    }
}

type Answer<'a, B> = std::pin::Pin<Box<dyn Future<Output = Result<axum::http::Response<B>, HttpOutError>> + Send + 'a>>;

impl App {
    /// Wires everything together, with this engine.
    ///
    /// # Errors
    /// If the database cannot be made.
    pub async fn start(engine: impl image_processor_core::Engine) -> Result<Self, Error> {
        Self::storing_in(engine, MemoryKeys::default()).await
    }

    /// Likewise; the worker's renditions go into these keys.
    ///
    /// # Errors
    /// If the database cannot be made.
    pub async fn storing_in(engine: impl image_processor_core::Engine, keys: impl Keys) -> Result<Self, Error> {
        let folder = tempfile::tempdir()?;
        let db = Db::new(Sqlite::open(folder.path().join("upload.db"))?);
        db.migrate(MIGRATIONS).await?;
        let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        let blobs = |keys| Blobs::new(keys, Arc::clone(&random) as _);
        let (originals, derivatives) = (blobs(Arc::new(MemoryKeys::default())), blobs(Arc::new(keys)));
        let later = Later::default();
        let spawn: Spawn = Arc::new(|work| drop(tokio::spawn(work)));
        let relay_token = ServiceToken::new(RELAY_TOKEN)?;
        let upload = Upload {
            db,
            originals: originals.clone(),
            ring: Arc::new(ChainedRing::new(Arc::new(later.clone()), RELAY, relay_token, spawn.clone())),
            clock: Arc::clone(&clock) as _,
            random: Arc::clone(&random) as _,
            ids: Ids::system(),
            settings: Arc::new(Settings { max_bytes: 50 << 20, quota_bytes: 1 << 30, quota_photos: 1000 }),
        };
        let signer = Signer::from_seed(SEED)?;
        let verifier = Verifier::new(vec![signer.public_key().clone()], "vitrine", clock);
        let tokens = Tokens { report: ServiceToken::new(REPORT_TOKEN)?, service: ServiceToken::new(UPLOAD_TOKEN)? };
        let router = upload_core::router(State::new(upload.clone(), verifier, tokens, spawn.clone()));

        let to_upload = RouterHttpOut::new(Limits::default()).with(UPLOAD, router.clone());
        let owner = Owner::new(Arc::new(to_upload), UPLOAD.to_owned(), ServiceToken::new(REPORT_TOKEN)?);
        let processor = Processor::new(originals, derivatives.clone(), Arc::new(engine), owner);
        let worker = image_processor_core::router(processor, &ServiceToken::new(WORKER_TOKEN)?, Ids::system());
        let relay = relay(&later, spawn)?;
        let out = RouterHttpOut::new(Limits::default());
        // What the others know of auth is its outbox.
        let accounts = Db::new(Sqlite::open(folder.path().join("auth.db"))?);
        accounts.migrate(&[Migration { version: 1, name: "outbox", sql: OUTBOX_SQL }]).await?;
        let outbox = Outbox::new(accounts.clone(), Arc::new(SystemClock), Arc::new(SystemRandom));
        let out = out.with(AUTH, outbox_router(outbox, &ServiceToken::new(AUTH_TOKEN)?));
        let out = out.with(WORKER, worker.clone()).with(UPLOAD, router.clone()).with(RELAY, relay.clone());
        *later.0.lock().unwrap_or_else(PoisonError::into_inner) = out;
        let images = images_core::router(Images::new(derivatives.clone()), Ids::system());
        Ok(Self { router, images, relay, worker, upload, derivatives, accounts, signer, _folder: folder })
    }

    /// Deletes the account of [`App::token`], as auth does it: by an event. Nobody is rung.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn delete_account(&self) -> Result<(), Error> {
        let data = BTreeMap::from([("accountId", ACCOUNT)]);
        let (ids, kind) = (Ids::system(), upload_core::ACCOUNT_DELETED);
        let event = &Event::new(&ids, &SystemClock, "/auth", kind, &ACCOUNT.to_string(), &data)?;
        Ok(self.accounts.transaction(|tx| async move { Outbox::append(&tx, event).await }).await?)
    }

    /// Makes every delivery due whose process has died: its lease would be waited for.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn expire_leases(&self) -> Result<(), Error> {
        let sql = "UPDATE outbox_deliveries SET leased_until = NULL, next_at = 0 WHERE next_at IS NOT NULL";
        for db in [&self.upload.db, &self.accounts] {
            db.execute(sql, []).await?;
        }
        Ok(())
    }

    /// An access token of one account.
    #[must_use]
    pub fn token(&self) -> String {
        self.signer.sign(&self.claims())
    }

    /// Signs a token as auth does.
    #[must_use]
    pub fn sign(&self, claims: &Claims) -> String {
        self.signer.sign(claims)
    }

    /// What the token of one account says.
    #[must_use]
    pub fn claims(&self) -> Claims {
        let now = SystemClock.now().as_seconds();
        Claims {
            iss: "vitrine".to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: ACCOUNT,
            handle: "anna".to_owned(),
            roles: Vec::new(),
            iat: now,
            nbf: now,
            exp: now + i64::from(ACCESS_TOKEN_SECONDS),
            jti: Uuid::from_u128(2),
            sid: Uuid::from_u128(3),
            scopes: None,
        }
    }
}

/// The relay with the app's own topology.
fn relay(out: &Later, spawn: Spawn) -> Result<Router, Error> {
    let values = [("auth_url", AUTH), ("image_processor_url", WORKER), ("relay_url", RELAY), ("upload_url", UPLOAD)];
    let values = values.into_iter().chain(TOKENS).map(|(name, value)| (name.to_owned(), value.to_owned()));
    let values: BTreeMap<_, _> = values.collect();
    let out = out.clone();
    let ports = Ports {
        out: Box::new(move |_| Arc::new(out.clone())),
        clock: Arc::new(SystemClock),
        ids: Ids::system(),
        spawn,
        timer: Arc::new(TokioTimer),
    };
    Ok(relay_core::assemble(TOPOLOGY, &values, ports)?)
}
