//! What a statement does to the state of its connection, read from its first words.
//!
//! The protocol that carries parameters takes one statement at a time, so its first words decide: nothing but `BEGIN`
//! and `START TRANSACTION` opens a transaction, whatever follows.

/// What a statement may leave behind in its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing beyond the transaction that it runs in.
    None,
    /// An open transaction.
    Opens,
    /// No transaction.
    Ends,
    /// No transaction, and nothing of what it did.
    RollsBack,
    /// Settings, locks, temporary tables, subscriptions: anything.
    Session,
}

impl Effect {
    /// The effect of a statement.
    pub(super) fn of(text: &str) -> Self {
        let text = start(text);
        let (word, rest) = word(text);
        let follows = |expected: &str| self::word(start(rest)).0.eq_ignore_ascii_case(expected);
        match word.to_ascii_uppercase().as_str() {
            "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "WITH" | "VALUES" | "TABLE" if !reaches(rest) => {
                Self::None
            }
            "LOCK" | "RELEASE" | "SAVEPOINT" => Self::None,
            "SET" if follows("LOCAL") || follows("TRANSACTION") || follows("CONSTRAINTS") => Self::None,
            "BEGIN" | "START" => Self::Opens,
            "ABORT" | "COMMIT" | "END" | "ROLLBACK" if follows("PREPARED") => Self::Session,
            "ROLLBACK" if to_savepoint(rest) => Self::None,
            "ABORT" | "COMMIT" | "END" | "ROLLBACK" if chains(rest) => Self::Opens,
            "ABORT" | "ROLLBACK" => Self::RollsBack,
            "COMMIT" | "END" => Self::Ends,
            _ => Self::Session,
        }
    }

    /// Whether statements of this kind come again and again, so that they are worth being kept prepared.
    pub(super) fn is_common(self) -> bool {
        self != Self::Session
    }
}

/// Whether a query calls something that outlives it: functions such as `pg_advisory_lock` and `set_config`, or a
/// temporary table (`SELECT … INTO TEMP`). Functions that users defined are not seen through.
fn reaches(rest: &str) -> bool {
    let mut names = rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    names.any(|name| {
        name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("pg_"))
            || ["set_config", "setseed", "temp", "temporary"].iter().any(|known| name.eq_ignore_ascii_case(known))
    })
}

/// `ROLLBACK [WORK | TRANSACTION] TO …`
fn to_savepoint(rest: &str) -> bool {
    words(rest).find(|word| !is_noise(word)).is_some_and(|word| word.eq_ignore_ascii_case("TO"))
}

/// `… [WORK | TRANSACTION] AND CHAIN`, but not `AND NO CHAIN`.
fn chains(rest: &str) -> bool {
    let mut words = words(rest).filter(|word| !is_noise(word));
    words.next().is_some_and(|word| word.eq_ignore_ascii_case("AND"))
        && words.next().is_some_and(|word| word.eq_ignore_ascii_case("CHAIN"))
}

fn is_noise(word: &str) -> bool {
    word.eq_ignore_ascii_case("WORK") || word.eq_ignore_ascii_case("TRANSACTION")
}

fn words(mut rest: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (found, after) = word(start(rest));
        rest = after;
        (!found.is_empty()).then_some(found)
    })
}

/// The first word, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    text.split_at(end)
}

/// The text from its first character that is neither space, comment nor empty statement.
fn start(mut text: &str) -> &str {
    loop {
        text = text.trim_start_matches(|c: char| c.is_whitespace() || c == ';');
        if let Some(comment) = text.strip_prefix("--") {
            text = comment.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(comment) = text.strip_prefix("/*") {
            text = after_comment(comment);
        } else {
            return text;
        }
    }
}

/// What follows a block comment, which may hold others.
fn after_comment(mut text: &str) -> &str {
    let mut depth = 1_u32;
    while depth > 0 {
        let Some(mark) = text.find(['*', '/']) else { return "" };
        let (_, rest) = text.split_at(mark);
        text = if let Some(after) = rest.strip_prefix("*/") {
            depth -= 1;
            after
        } else if let Some(after) = rest.strip_prefix("/*") {
            depth += 1;
            after
        } else {
            rest.get(1..).unwrap_or_default()
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_statements_leave_nothing() {
        for text in ["SELECT 1", "insert into t values ($1)", "WITH a AS (SELECT 1) SELECT * FROM a", "SAVEPOINT a"] {
            assert_eq!(Effect::of(text), Effect::None, "{text}");
        }
        // Names that only look like others.
        assert_eq!(Effect::of("SELECT attempt, template FROM my_pg_table"), Effect::None);
        for text in ["SET LOCAL work_mem = '1MB'", "set transaction isolation level serializable", "rollback to a"] {
            assert_eq!(Effect::of(text), Effect::None, "{text}");
        }
    }

    #[test]
    fn transactions_are_seen() {
        for text in
            ["BEGIN", " begin isolation level serializable", "START TRANSACTION", "/* a /* b */ */ -- c\n;BEGIN"]
        {
            assert_eq!(Effect::of(text), Effect::Opens, "{text}");
        }
        for text in ["COMMIT", "end;", "commit and no chain"] {
            assert_eq!(Effect::of(text), Effect::Ends, "{text}");
        }
        for text in ["ROLLBACK", "abort", "rollback work;", "ROLLBACK TRANSACTION"] {
            assert_eq!(Effect::of(text), Effect::RollsBack, "{text}");
        }
        for text in ["COMMIT AND CHAIN", "rollback work and chain"] {
            assert_eq!(Effect::of(text), Effect::Opens, "{text}");
        }
    }

    #[test]
    fn whatever_else_may_leave_anything() {
        for text in [
            "CREATE TABLE t ()",
            "SET search_path = a",
            "LISTEN a",
            "DO $$ BEGIN END $$",
            "ROLLBACK PREPARED 'a'",
            "SELECT pg_advisory_lock(1)",
            "SELECT set_config('a.b', 'c', false)",
            "SELECT 1 INTO TEMP t",
            "SELECT PG_TRY_ADVISORY_LOCK(1)",
            "/* never closed",
            "",
        ] {
            assert_eq!(Effect::of(text), Effect::Session, "{text}");
        }
    }
}
