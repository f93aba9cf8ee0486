//! What a guest is told when something fails. As on Spin, an error of the server carries its SQLSTATE.

use super::{DbError, Error, QueryError};
use std::error::Error as _;
use tokio_postgres::error;

/// A statement that failed.
pub(super) fn query(error: &tokio_postgres::Error) -> Error {
    Error::QueryFailed(match error.as_db_error() {
        Some(database) => QueryError::DbError(DbError {
            as_text: text(error),
            severity: database.severity().to_owned(),
            code: database.code().code().to_owned(),
            message: database.message().to_owned(),
            detail: database.detail().map(str::to_owned),
            extras: extras(database),
        }),
        None => QueryError::Text(text(error)),
    })
}

/// The error and what caused it, in one line.
pub(super) fn text(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

fn extras(error: &error::DbError) -> Vec<(String, String)> {
    let line = error.line().map(|line| line.to_string());
    let fields = [
        ("column", error.column()),
        ("constraint", error.constraint()),
        ("routine", error.routine()),
        ("hint", error.hint()),
        ("table", error.table()),
        ("datatype", error.datatype()),
        ("schema", error.schema()),
        ("file", error.file()),
        ("line", line.as_deref()),
        ("where_", error.where_()),
    ];
    fields.iter().filter_map(|(name, value)| Some(((*name).to_owned(), (*value)?.to_owned()))).collect()
}
