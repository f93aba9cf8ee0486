//! One connection, from the runtime's pool and back to it when it is dropped.

use super::{error::db_error, value};
use crate::time::timeout;
use send_wrapper::SendWrapper;
use spin_sdk::pg;
use std::{sync::Arc, time::Duration};
use vitrine_db::{
    DbError, Row, Value,
    sql::{changes_rows, widen_types},
};

/// How long to wait for one of the runtime's connections: it sets no limit itself.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many connections to try whose server has gone away since they were last used.
const TRIES: u32 = 3;

pub(super) struct Connection(SendWrapper<pg::Connection>);

impl Connection {
    /// A connection without a transaction.
    pub(super) async fn open(address: &str) -> Result<Self, DbError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let connection = timeout(PATIENCE, pg::Connection::open(address)).await.ok_or(DbError::Busy)?;
            let connection = Self(SendWrapper::new(connection.map_err(db_error)?));
            match connection.run("ROLLBACK").await {
                Ok(()) => return Ok(connection),
                Err(DbError::Unavailable(_)) if tries < TRIES => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Runs a statement of this adapter's own.
    pub(super) async fn run(&self, sql: &str) -> Result<(), DbError> {
        self.0.execute(sql, Vec::new()).await.map(drop).map_err(db_error)
    }

    pub(super) async fn query(&self, sql: &str, params: Vec<Value>) -> Result<Vec<Row>, DbError> {
        let mut answer = self.0.query(widen_types(sql), to_spin(params)).await.map_err(db_error)?;
        let columns: Arc<[String]> = answer.columns().iter().map(|column| column.name.clone()).collect();
        let mut rows = Vec::new();
        // Rows that cannot be read are drained too, so that the connection is free afterwards.
        let mut unreadable = None;
        while let Some(values) = answer.rows().next().await {
            match value::row(&columns, values) {
                Ok(row) => rows.push(row),
                Err(error) => unreadable = Some(error),
            }
        }
        answer.result().await.map_err(db_error)?;
        unreadable.map_or(Ok(rows), Err)
    }

    pub(super) async fn execute(&self, sql: &str, params: Vec<Value>) -> Result<u64, DbError> {
        let rows = self.0.execute(widen_types(sql), to_spin(params)).await.map_err(db_error)?;
        // PostgreSQL counts the rows of an answer too.
        Ok(if changes_rows(sql) { rows } else { 0 })
    }
}

fn to_spin(params: Vec<Value>) -> Vec<pg::ParameterValue> {
    params.into_iter().map(value::to_spin).collect()
}
