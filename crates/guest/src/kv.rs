//! Which keyspace a service has, by its variables.

use crate::{
    RedisKv, StartError,
    server::{UrlVariable, unknown_backend},
    sqlite, variable,
};
use std::sync::Arc;
use vitrine_clock::SystemClock;
use vitrine_kv::{Kv, MIGRATIONS, SqlKv};

const BACKEND: &str = "kv_backend";

const REDIS: UrlVariable<'static> = UrlVariable::redis(BACKEND);

/// The keyspace for `purpose`, such as `sessions` (letters `a` to `z` and `-`), by the component's variables.
///
/// `kv_backend` is `sqlite` (a table in the database whose label is `kv-<purpose>`) or `redis` (the keys that begin with
/// `<purpose>:` on the server at `redis_url`, `redis://:password@host:port`; it must answer now).
///
/// # Errors
/// If a variable is missing or wrong, or the store cannot be used: one message that names the variable and the remedy.
pub async fn kv(purpose: &str) -> Result<Kv, StartError> {
    open(purpose, REDIS, true).await
}

/// The same for the component `name`, whose `redis_url` comes from the application's variable `<name>_redis_url`, and which
/// goes on without the server: it need not answer now, and what it is asked for while it is away fails with an error of its own.
///
/// # Errors
/// If a variable is missing or wrong, or a table cannot be made.
pub async fn lazy_kv(name: &str, purpose: &str) -> Result<Kv, StartError> {
    let application = format!("{}_redis_url", name.replace('-', "_"));
    open(purpose, UrlVariable { application: &application, ..REDIS }, false).await
}

async fn open(purpose: &str, url: UrlVariable<'_>, must_answer: bool) -> Result<Kv, StartError> {
    match variable(BACKEND).await?.trim() {
        "sqlite" => {
            let db = sqlite(&format!("kv-{purpose}"));
            db.migrate(MIGRATIONS).await?;
            Ok(SqlKv::new(db, Arc::new(SystemClock)).into())
        }
        "redis" => redis(purpose, url, must_answer).await,
        word => Err(unknown_backend(BACKEND, word, ["sqlite", "redis"])),
    }
}

async fn redis(purpose: &str, url: UrlVariable<'_>, must_answer: bool) -> Result<Kv, StartError> {
    let server = url.read().await?;
    let kv = RedisKv::new(&server.url, purpose)?;
    if must_answer && let Err(error) = kv.ping().await {
        return Err(url.unreachable(&server, &error.to_string()));
    }
    Ok(Kv::new(kv))
}
