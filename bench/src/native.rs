//! The baselines: the routers of components in an ordinary program.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use auth_core::{Auth, Deployment, Doors, Hashing, Ports, RelyingParty, Settings};
use axum::Router;
use tokio::net::TcpListener;
use vitrine_clock::SystemClock;
use vitrine_db::Db;
use vitrine_db_rusqlite::Sqlite;
use vitrine_events::NoRing;
use vitrine_identity::{ServiceToken, Signer};
use vitrine_kv::{Kv, SqlKv};
use vitrine_mailer::Mailbox;
use vitrine_random::SystemRandom;
use vitrine_scenarios::harness::Secrets;
use vitrine_scenarios::token::base64url;

/// Memory in KiB and iterations of argon2id, as `spin.toml` has them.
pub const ARGON2: (u32, u32) = (19_456, 2);

/// Whose router is served.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
pub enum Core {
    /// That of `hello-core`.
    Hello,
    /// That of `auth-core`.
    Auth,
}

impl Core {
    /// The word for it on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Auth => "auth",
        }
    }
}

/// Serves until the process is killed.
///
/// # Errors
/// When the address or the database cannot be had.
#[tokio::main]
pub async fn run(core: Core, listen: SocketAddr, data: &Path) -> Result<()> {
    let router = match core {
        Core::Hello => hello(data).await?,
        Core::Auth => auth(data).await?,
    };
    axum::serve(TcpListener::bind(listen).await?, router).await?;
    Ok(())
}

async fn hello(data: &Path) -> Result<Router> {
    let db = Db::from(Sqlite::open(data.join("hello.db"))?);
    db.migrate(hello_core::MIGRATIONS).await?;
    Ok(hello_core::router(db))
}

/// What nobody is told in a benchmark.
const PUBLIC_URL: &str = "http://127.0.0.1";

/// Auth on SQLite files, with secrets that nobody else knows.
async fn auth(data: &Path) -> Result<Router> {
    let (db, kv) = (Db::from(Sqlite::open(data.join("auth.db"))?), Db::from(Sqlite::open(data.join("sessions.db"))?));
    db.migrate(auth_core::MIGRATIONS).await?;
    kv.migrate(vitrine_kv::MIGRATIONS).await?;
    let secrets = Secrets::fresh()?;
    let settings = Settings {
        hashing: hashing()?,
        signer: Signer::from_seed(&base64url(secrets.signing_key.as_bytes()))?,
        public_keys: Vec::new(),
        issuer: "vitrine".to_owned(),
        public_url: PUBLIC_URL.to_owned(),
        relying_party: RelyingParty::of(PUBLIC_URL)?,
        first_admin: None,
    };
    let mailbox = Mailbox::new(db.clone(), Arc::new(SystemClock));
    let ports = Ports {
        db,
        sessions: Kv::from(SqlKv::new(kv, Arc::new(SystemClock))),
        ring: Arc::new(NoRing),
        mailer: Arc::new(mailbox.clone()),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
    };
    let doors = Doors {
        admin: ServiceToken::new(&secrets.admin_token)?,
        exchange: ServiceToken::new(&secrets.auth_exchange_token)?,
        service: ServiceToken::new(&secrets.auth_service_token)?,
        mailbox: Some(mailbox),
        spawn: Arc::new(|work| drop(tokio::spawn(work))),
    };
    Ok(auth_core::router(Auth::new(ports, settings), doors))
}

/// Hashing at the cost of production.
///
/// # Errors
/// When that cost is refused.
pub fn hashing() -> Result<Hashing> {
    let (memory, iterations) = ARGON2;
    Ok(Hashing::new(memory, iterations, 1, Deployment::Production, &SystemRandom)?)
}
