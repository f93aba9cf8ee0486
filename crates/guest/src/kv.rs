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
    match variable(BACKEND).await?.trim() {
        "sqlite" => {
            let db = sqlite(&format!("kv-{purpose}"));
            db.migrate(MIGRATIONS).await?;
            Ok(SqlKv::new(db, Arc::new(SystemClock)).into())
        }
        "redis" => redis(purpose).await,
        word => Err(unknown_backend(BACKEND, word, ["sqlite", "redis"])),
    }
}

async fn redis(purpose: &str) -> Result<Kv, StartError> {
    let server = REDIS.read().await?;
    let kv = RedisKv::new(&server.url, purpose)?;
    match kv.ping().await {
        Ok(()) => Ok(Kv::new(kv)),
        Err(error) => Err(REDIS.unreachable(&server, &error.to_string())),
    }
}
