//! One view of the database, as [`crate::Db::read`] lends it.

use crate::{
    DbError, Row, Transaction, Value,
    sql::{first_word, only_reads},
};

/// The database as it was at the first statement. Clones are the same one; after one of its statements has failed, each
/// further one fails.
#[derive(Debug, Clone)]
pub struct Snapshot(Transaction);

impl Snapshot {
    pub(crate) fn new(transaction: Transaction) -> Self {
        Self(transaction)
    }

    /// The rows of one statement.
    ///
    /// # Errors
    /// See [`DbError`]; [`DbError::Statement`] if it would change something.
    pub async fn query(&self, sql: &str, params: impl IntoIterator<Item = Value>) -> Result<Vec<Row>, DbError> {
        // What `WITH` introduces only the database can tell.
        if !only_reads(sql) && !first_word(sql).eq_ignore_ascii_case("with") {
            return Err(refused());
        }
        match self.0.query(sql, params).await {
            // How SQLite refuses a change here. That the file cannot be written would hinder no reader.
            Err(DbError::Unavailable(said)) if said.contains("readonly database") => Err(refused()),
            rows => rows,
        }
    }

    /// The first row of one statement, if it has any.
    ///
    /// # Errors
    /// See [`Snapshot::query`].
    pub async fn query_one(&self, sql: &str, params: impl IntoIterator<Item = Value>) -> Result<Option<Row>, DbError> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }
}

fn refused() -> DbError {
    DbError::Statement("a read changes nothing: use a transaction".to_owned())
}
