//! The rows that the app has really kept, read without it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use rusqlite::Connection;
use vitrine_servers::sql;

use crate::Row;

const BUSY: Duration = Duration::from_secs(20);

/// The databases of both services.
#[derive(Debug, Clone)]
pub enum Tables {
    /// SQLite files in this folder.
    Folder(PathBuf),
    /// The URLs of the databases of orders and ledger.
    Postgres(String, String),
}

impl Tables {
    /// All orders.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn orders(&self) -> Result<Vec<Row>> {
        self.rows(true, "SELECT id, amount FROM orders")
    }

    /// All entries of the ledger.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn entries(&self) -> Result<Vec<Row>> {
        self.rows(false, "SELECT order_id, amount FROM entries")
    }

    /// How much of the outbox is left to be delivered: events that have no deliveries yet, and deliveries that are due, wait for
    /// their time, or are leased.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn undelivered(&self) -> Result<i64> {
        let select = "SELECT (SELECT COUNT(*) FROM outbox_events WHERE routed_at IS NULL)
            + (SELECT COUNT(*) FROM outbox_deliveries WHERE next_at IS NOT NULL)";
        match self {
            Self::Folder(_) => Ok(self.open(true)?.query_row(select, [], |row| row.get(0))?),
            Self::Postgres(orders, _) => Ok(sql(orders, select)?.trim().parse()?),
        }
    }

    /// Lets every delivery that waits for its next try be due now, as if time had passed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn let_time_pass(&self) -> Result<()> {
        let update = "UPDATE outbox_deliveries SET next_at = 0 WHERE next_at IS NOT NULL AND leased_until IS NULL";
        match self {
            Self::Folder(_) => self.open(true)?.execute(update, []).map(drop)?,
            Self::Postgres(orders, _) => sql(orders, update).map(drop)?,
        }
        Ok(())
    }

    fn open(&self, orders: bool) -> Result<Connection> {
        let Self::Folder(folder) = self else { anyhow::bail!("not on SQLite") };
        let file = folder.join(if orders { "demo-orders.db" } else { "demo-ledger.db" });
        ensure!(file.is_file(), "{} is not there", file.display());
        let connection = Connection::open(file)?;
        connection.busy_timeout(BUSY)?;
        Ok(connection)
    }

    fn rows(&self, orders: bool, select: &str) -> Result<Vec<Row>> {
        match self {
            Self::Folder(_) => {
                let connection = self.open(orders)?;
                let mut statement = connection.prepare(select)?;
                let rows = statement.query_map([], |row| Ok(Row { order: row.get(0)?, amount: row.get(1)? }))?;
                Ok(rows.collect::<Result<_, _>>()?)
            }
            Self::Postgres(of_orders, of_ledger) => {
                sql(if orders { of_orders } else { of_ledger }, select)?.lines().map(parse).collect()
            }
        }
    }
}

/// A line of `psql`.
fn parse(line: &str) -> Result<Row> {
    let (order, amount) = line.split_once('|').with_context(|| format!("no row: {line}"))?;
    Ok(Row { order: order.to_owned(), amount: amount.parse()? })
}
