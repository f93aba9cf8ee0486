//! What can be wrong with a TOML file before its meaning is looked at.

use std::path::PathBuf;

use super::Place;

/// A file that cannot be read as what it should be. Each message says what, where and what to do.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The file is missing, is not UTF-8, or may not be read.
    #[error("{}: cannot be read ({source}); check the path and its permissions", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The text is not TOML.
    #[error("{place}: not valid TOML: {message}; correct the line")]
    Syntax {
        /// Where the parser stopped.
        place: Place,
        /// What the parser said.
        message: String,
    },
    /// A key that has no meaning here.
    #[error("{place}: unknown key `{key}`{}; remove it or write one of: {known}", within(table))]
    UnknownKey {
        /// The line of the key.
        place: Place,
        /// The key.
        key: String,
        /// The table it stands in; empty at the top of the file.
        table: String,
        /// The keys that have a meaning here.
        known: String,
    },
    /// A key that must be there and is not.
    #[error("{place}: `{key}` is missing{}; add it", within(table))]
    MissingKey {
        /// The line of the table.
        place: Place,
        /// The key.
        key: String,
        /// The table it should stand in; empty at the top of the file.
        table: String,
    },
    /// A value of another type than the key takes.
    #[error("{place}: `{key}` is {found}; write {expected}")]
    WrongType {
        /// The line of the value.
        place: Place,
        /// The full name of the key.
        key: String,
        /// The type that it has.
        found: &'static str,
        /// The type that it should have.
        expected: &'static str,
    },
    /// A value of the right type that means nothing.
    #[error("{place}: `{key}` cannot be {value}: {reason}")]
    Invalid {
        /// The line of the value.
        place: Place,
        /// The full name of the key.
        key: String,
        /// The value as it was written.
        value: String,
        /// Why, and what to write instead.
        reason: String,
    },
}

fn within(table: &str) -> String {
    if table.is_empty() { " at the top of the file".to_owned() } else { format!(" in [{table}]") }
}
