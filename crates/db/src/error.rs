//! How a database can fail a service.

/// Why a statement, a transaction or a migration did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DbError {
    /// Someone else held the lock for longer than the adapter waits. Nothing was changed; trying again later may work.
    #[error("the database is busy; try again later")]
    Busy,
    /// A concurrent transaction got in between. Nothing was changed; [`crate::Db::transaction`] tries again by itself.
    #[error("the transaction lost against a concurrent one")]
    Conflict,
    /// A constraint (unique, foreign key, check, not null) refused the change.
    #[error("a constraint refused the change: {0}")]
    Constraint(String),
    /// The statement is wrong, or the database could not run it.
    #[error("the statement failed: {0}")]
    Statement(String),
    /// A column is absent or holds something else than was asked for.
    #[error("column `{name}`: {reason}")]
    Column {
        /// The column that was asked for.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The database cannot be reached or opened, or this component has no grant for it.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The migrations of this program do not continue those that were applied.
    #[error("migration {version}: {reason}")]
    Migration {
        /// The version that does not fit.
        version: u32,
        /// Why it does not fit.
        reason: String,
    },
}

impl DbError {
    pub(crate) fn column(name: &str, reason: &str) -> Self {
        Self::Column { name: name.to_owned(), reason: reason.to_owned() }
    }

    /// Whether the same work may succeed when it is tried again a little later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy | Self::Conflict)
    }

    /// Reads what SQLite says when a statement fails; its messages are the same through every runtime.
    #[must_use]
    pub fn from_sqlite_message(message: &str) -> Self {
        if message.contains("is locked") || message.contains("database is busy") {
            Self::Busy
        } else if message.contains("constraint failed") {
            Self::Constraint(message.to_owned())
        } else {
            Self::Statement(message.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_sqlite_are_told_apart() {
        assert_eq!(DbError::from_sqlite_message("database is locked"), DbError::Busy);
        let unique = DbError::from_sqlite_message("UNIQUE constraint failed: accounts.email");
        assert!(matches!(unique, DbError::Constraint(_)));
        let syntax = DbError::from_sqlite_message("near \"SELEC\": syntax error");
        assert!(matches!(syntax, DbError::Statement(_)));
    }
}
