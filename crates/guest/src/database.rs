//! Which database a service has, by its variables.

use crate::{
    SpinPostgres, StartError,
    server::{UrlVariable, unknown_backend},
    sqlite, variable,
};
use vitrine_db::{Db, DbError};

const BACKEND: &str = "db_backend";

/// The database of the component `name`, by its variables.
///
/// `db_backend` is `sqlite` (the database whose label is the component's name) or `postgres` (the one at `postgres_url`,
/// `postgres://user:password@host:port/database`, which comes from the application's variable `<name>_postgres_url`; the
/// server must answer now). Its migrations are for the caller to apply.
///
/// # Errors
/// If a variable is missing or wrong, or the server cannot be used: one message that names the variable and the remedy.
pub async fn database(name: &str) -> Result<Db, StartError> {
    match variable(BACKEND).await?.trim() {
        "sqlite" => Ok(sqlite(name)),
        "postgres" => postgres(name).await,
        word => Err(unknown_backend(BACKEND, word, ["sqlite", "postgres"])),
    }
}

async fn postgres(name: &str) -> Result<Db, StartError> {
    let application = format!("{}_postgres_url", name.replace('-', "_"));
    let variable = UrlVariable {
        name: "postgres_url",
        application: &application,
        chosen: (BACKEND, "postgres"),
        schemes: &["postgres", "postgresql"],
        example: "postgres://user:password@host:port/database",
        grant: "postgres_host",
    };
    let server = variable.read().await?;
    if !server.has_user {
        return Err(variable.wrong("names no user"));
    }
    if server.path.is_empty() {
        return Err(variable.wrong("names no database"));
    }
    let postgres = SpinPostgres::new(&server.url);
    match postgres.ping().await {
        // That every connection is taken shows that it is there.
        Ok(()) | Err(DbError::Busy) => Ok(Db::new(postgres)),
        Err(error) => Err(variable.unreachable(&server, &error.to_string())),
    }
}
