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

/// The keyspace for `purpose`, such as `sessions`, by the component's variables.
///
/// `kv_backend` is `sqlite` (a table in the database whose label is `kv-<purpose>`) or `redis` (the keys that begin with
/// `<purpose>:` on the server at `redis_url`, `redis://:password@host:port`; it must answer now).
///
/// # Errors
/// If a variable is missing or wrong, or the store cannot be used: one message that names the variable and the remedy.
pub async fn kv(purpose: &str) -> Result<Kv, StartError> {
    open(purpose, true).await
}

/// The same for a service that goes on without it: the server need not answer now. What it is asked for while it is away
/// fails with an error of its own.
///
/// # Errors
/// If a variable is missing or wrong, or a table cannot be made.
pub async fn lazy_kv(purpose: &str) -> Result<Kv, StartError> {
    open(purpose, false).await
}

async fn open(purpose: &str, must_answer: bool) -> Result<Kv, StartError> {
    match variable(BACKEND).await?.trim() {
        "sqlite" => {
            let db = sqlite(&format!("kv-{purpose}"));
            db.migrate(MIGRATIONS).await?;
            Ok(SqlKv::new(db, Arc::new(SystemClock)).into())
        }
        "redis" => redis(purpose, must_answer).await,
        word => Err(unknown_backend(BACKEND, word, ["sqlite", "redis"])),
    }
}

async fn redis(purpose: &str, must_answer: bool) -> Result<Kv, StartError> {
    let server = REDIS.read().await?;
    let kv = RedisKv::new(&server.url, purpose);
    if must_answer && let Err(error) = kv.ping().await {
        return Err(REDIS.unreachable(&server, &error.to_string()));
    }
    Ok(Kv::new(kv))
}
