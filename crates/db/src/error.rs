//! How a database can fail a service.

/// Why a statement, a transaction or a migration did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DbError {
    /// Someone else held the lock, or every connection, for longer than the adapter waits. Nothing was changed; trying
    /// again later may work.
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

    /// Whether the same work may succeed when it is tried again a little later. A database that cannot be reached may be
    /// back in a moment.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy | Self::Conflict | Self::Unavailable(_))
    }

    /// Reads what SQLite says when a statement fails; its messages are the same through every runtime.
    #[must_use]
    pub fn from_sqlite_message(message: &str) -> Self {
        if message.contains("is locked") || message.contains("database is busy") {
            Self::Busy
        } else if ["is full", "disk I/O error", "readonly database", "unable to open"]
            .iter()
            .any(|m| message.contains(m))
        {
            Self::Unavailable(message.to_owned())
        } else if message.contains("constraint failed") {
            Self::Constraint(message.to_owned())
        } else {
            Self::Statement(message.to_owned())
        }
    }
}

impl DbError {
    /// Reads what PostgreSQL says when a statement fails: its SQLSTATE (appendix A of its manual) and its message,
    /// without the detail, which may hold somebody's data.
    #[must_use]
    pub fn from_sqlstate(code: &str, message: &str) -> Self {
        let said = || format!("{message} (SQLSTATE {code})");
        match code {
            // Serialisation failure, deadlock.
            "40001" | "40P01" => Self::Conflict,
            // A statement that was prepared before its tables changed, or that is prepared no more: to a transaction,
            // whoever changed the tables got in between, and when it is tried again the statement is prepared anew.
            "26000" => Self::Conflict,
            "0A000" if message.contains("cached plan") => Self::Conflict,
            // Lock not available; cancelled, as by a time limit; every connection is taken.
            "55P03" | "57014" | "53300" => Self::Busy,
            _ => match code.get(..2) {
                // Integrity constraints.
                Some("23") => Self::Constraint(said()),
                // Connections; credentials; the database's name; resources such as the disk; the operator or the system; a
                // transaction that stood idle too long, whose connection is closed.
                Some("08" | "28" | "3D" | "53" | "57" | "58") => Self::Unavailable(said()),
                Some("25") if code == "25P03" => Self::Unavailable(said()),
                _ => Self::Statement(said()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_of_postgres_are_told_apart() {
        let error = |code| DbError::from_sqlstate(code, "said");
        assert_eq!([error("40001"), error("40P01")], [DbError::Conflict, DbError::Conflict]);
        assert_eq!([error("55P03"), error("57014"), error("53300")], [DbError::Busy, DbError::Busy, DbError::Busy]);
        for code in ["23502", "23503", "23505", "23514"] {
            assert!(matches!(error(code), DbError::Constraint(_)), "{code}");
        }
        for code in ["08006", "57P01", "57P03", "53100", "28P01", "3D000", "25P03"] {
            assert!(matches!(error(code), DbError::Unavailable(_)), "{code}");
        }
        let outdated = DbError::from_sqlstate("0A000", "cached plan must not change result type");
        assert_eq!([outdated, error("26000")], [DbError::Conflict, DbError::Conflict]);
        for code in ["42601", "42P01", "22003", "25P02", "0A000", "", "4"] {
            assert!(matches!(error(code), DbError::Statement(_)), "{code}");
        }
    }

    #[test]
    fn messages_of_sqlite_are_told_apart() {
        assert_eq!(DbError::from_sqlite_message("database is locked"), DbError::Busy);
        let unique = DbError::from_sqlite_message("UNIQUE constraint failed: accounts.email");
        assert!(matches!(unique, DbError::Constraint(_)));
        let syntax = DbError::from_sqlite_message("near \"SELEC\": syntax error");
        assert!(matches!(syntax, DbError::Statement(_)));
    }
}
