//! The database port: portable SQL, typed rows, transactions and migrations.
//!
//! A service writes SQL that SQLite and PostgreSQL both understand ([`portable`] says which), with parameters `$1`, `$2`,
//! …; a [`Backend`] makes it run on one of them. Queries are read whole into memory, so they carry a `LIMIT`.
//!
//! ```
//! # use vitrine_db::{Db, DbError};
//! async fn rename(db: &Db, id: i64, title: &str) -> Result<bool, DbError> {
//!     db.transaction(|tx| async move {
//!         let changed = tx.execute("UPDATE photos SET title = $1 WHERE id = $2", [title.into(), id.into()]).await?;
//!         tx.execute("INSERT INTO renames (photo) VALUES ($1)", [id.into()]).await?;
//!         Ok(changed == 1)
//!     })
//!     .await
//! }
//! ```
#![forbid(unsafe_code)]

mod backend;
mod db;
mod error;
mod migrate;
#[doc = include_str!("../PORTABLE.md")]
pub mod portable {
    #[cfg(doc)]
    use crate::Db;
}
mod retry;
mod row;
mod snapshot;
pub mod sql;
#[cfg(feature = "suite")]
pub mod suite;
mod transaction;
mod value;

pub use backend::{Backend, BackendTransaction};
pub use db::Db;
pub use error::DbError;
pub use migrate::Migration;
pub use row::{FromValue, Row};
pub use snapshot::Snapshot;
pub use transaction::Transaction;
pub use value::Value;
