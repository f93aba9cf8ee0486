//! The baseline: the router of `hello-core` in an ordinary program.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Result;
use tokio::net::TcpListener;
use vitrine_db::Db;
use vitrine_db_rusqlite::Sqlite;

/// Serves until the process is killed.
///
/// # Errors
/// When the address or the database cannot be had.
#[tokio::main]
pub async fn run(listen: SocketAddr, data: &Path) -> Result<()> {
    let db = Db::from(Sqlite::open(data.join("hello.db"))?);
    db.migrate(hello_core::MIGRATIONS).await?;
    axum::serve(TcpListener::bind(listen).await?, hello_core::router(db)).await?;
    Ok(())
}
