//! What Spin and PostgreSQL say when something fails.

use spin_sdk::pg::{Error, PgError, QueryError};
use vitrine_db::DbError;

/// How the client library says that the connection is lost: its words, and the names of its kinds, since runtimes pass on
/// either the one or the other.
const LOST: [&str; 7] = [
    "connection closed",
    "communicating with the server",
    "connecting to server",
    "kind: Closed",
    "kind: Io",
    "kind: Connect",
    "kind: Timeout",
];

/// How runtimes and PostgreSQL say that every connection is taken.
const TAKEN: [&str; 4] = ["came free", "too many connections", "too many clients", "remaining connection slots"];

pub(super) fn db_error(error: Error) -> DbError {
    match error {
        Error::PgError(PgError::ConnectionFailed(text)) if holds(&text, &TAKEN) => DbError::Busy,
        Error::PgError(PgError::ConnectionFailed(text)) => DbError::Unavailable(one_line(&text)),
        Error::PgError(PgError::QueryFailed(QueryError::DbError(error))) => {
            DbError::from_sqlstate(&error.code, &error.message)
        }
        Error::PgError(PgError::QueryFailed(QueryError::Text(text))) if holds(&text, &LOST) => {
            DbError::Unavailable(text)
        }
        Error::PgError(PgError::Other(text)) => DbError::Unavailable(one_line(&text)),
        Error::PgError(
            PgError::QueryFailed(QueryError::Text(text))
            | PgError::BadParameter(text)
            | PgError::ValueConversionFailed(text),
        )
        | Error::Decode(text) => DbError::Statement(text),
    }
}

/// The text without the backtrace that Spin may add, in one line.
fn one_line(text: &str) -> String {
    let text = text.split("Stack backtrace:").next().unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn holds(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}
