//! Just enough reading of SQL to rewrite parameters and to part statements: what is text, name or comment is passed
//! over, the rest is left to the database.

use std::borrow::Cow;

/// A stretch of SQL text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    /// `$` and digits.
    Parameter(&'a str),
    /// A keyword or a plain name.
    Word(&'a str),
    /// `;`
    Semicolon,
    /// White space or a comment.
    Blank(&'a str),
    /// A string, a quoted name, an operator: anything that is none of the above.
    Other(&'a str),
}

impl<'a> Token<'a> {
    fn text(self) -> &'a str {
        match self {
            Self::Parameter(text) | Self::Word(text) | Self::Blank(text) | Self::Other(text) => text,
            Self::Semicolon => ";",
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// How many bytes at the start of `sql` belong to something that ends with `end` (or with the text).
fn until(sql: &str, opened: usize, end: &str) -> usize {
    sql.get(opened..).and_then(|rest| rest.find(end)).map_or(sql.len(), |at| opened + at + end.len())
}

/// The first token of `sql` and what follows it.
fn token<'a>(sql: &'a str) -> Option<(Token<'a>, &'a str)> {
    let first = sql.chars().next()?;
    let run = |belongs: fn(char) -> bool| sql.find(|c| !belongs(c)).unwrap_or(sql.len());
    let (length, make): (usize, fn(&'a str) -> Token<'a>) = match first {
        // A doubled quote inside a string reads as two strings side by side, which comes to the same here.
        '\'' => (until(sql, 1, "'"), Token::Other),
        '"' => (until(sql, 1, "\""), Token::Other),
        '`' => (until(sql, 1, "`"), Token::Other),
        '-' if sql.starts_with("--") => (until(sql, 2, "\n"), Token::Blank),
        '/' if sql.starts_with("/*") => (until(sql, 2, "*/"), Token::Blank),
        ';' => (1, |_| Token::Semicolon),
        '$' => {
            let digits = sql.get(1..).map_or(0, |rest| rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
            (1 + digits, if digits == 0 { Token::Other } else { Token::Parameter })
        }
        c if c.is_whitespace() => (run(char::is_whitespace), Token::Blank),
        c if is_word(c) => (run(is_word), Token::Word),
        c => (c.len_utf8(), Token::Other),
    };
    let (text, rest) = sql.split_at_checked(length)?;
    Some((make(text), rest))
}

fn tokens(sql: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = sql;
    std::iter::from_fn(move || {
        let (token, after) = token(rest)?;
        rest = after;
        Some(token)
    })
}

/// `sql` with each parameter `$n` written as `?n`.
///
/// To SQLite `$1` is a name, and names are numbered in the order in which they first appear, so that
/// `VALUES ($2, $1)` would swap its values. `?n` means the n-th parameter wherever it stands.
#[must_use]
pub fn number_parameters(sql: &str) -> Cow<'_, str> {
    if !sql.contains('$') {
        return Cow::Borrowed(sql);
    }
    let mut rewritten = String::with_capacity(sql.len());
    for token in tokens(sql) {
        match token {
            Token::Parameter(text) => {
                rewritten.push('?');
                rewritten.push_str(text.trim_start_matches('$'));
            }
            other => rewritten.push_str(other.text()),
        }
    }
    Cow::Owned(rewritten)
}

/// `sql` with the types of SQLite written as PostgreSQL calls them: `INTEGER` has 64 bits, a `BLOB` is a `BYTEA`, and a
/// `REAL` has double precision.
#[must_use]
pub fn widen_types(sql: &str) -> Cow<'_, str> {
    if !tokens(sql).any(|token| wider(token).is_some()) {
        return Cow::Borrowed(sql);
    }
    Cow::Owned(tokens(sql).map(|token| wider(token).unwrap_or_else(|| token.text())).collect())
}

fn wider(token: Token<'_>) -> Option<&'static str> {
    const TYPES: [(&str, &str); 4] =
        [("integer", "BIGINT"), ("int", "BIGINT"), ("blob", "BYTEA"), ("real", "DOUBLE PRECISION")];
    let Token::Word(word) = token else { return None };
    TYPES.iter().find(|(narrow, _)| word.eq_ignore_ascii_case(narrow)).map(|(_, wide)| *wide)
}

/// The first word of `sql`, as it is written; empty if it begins with none.
#[must_use]
pub fn first_word(sql: &str) -> &str {
    match tokens(sql).find(|token| !matches!(token, Token::Blank(_))) {
        Some(Token::Word(first)) => first,
        _ => "",
    }
}

/// Whether the first word of `sql` is one of `words`.
fn starts_with(sql: &str, words: &[&str]) -> bool {
    let first = first_word(sql);
    words.iter().any(|word| first.eq_ignore_ascii_case(word))
}

/// Whether `sql` only asks, going by its first word. `WITH` may introduce a change, so it counts as one.
#[must_use]
pub fn only_reads(sql: &str) -> bool {
    starts_with(sql, &["select", "values", "explain"])
}

/// Whether `sql` is of a kind that can change rows, going by its first word: neither a question, nor a change of the
/// schema, nor the beginning or the end of a transaction.
#[must_use]
pub fn changes_rows(sql: &str) -> bool {
    starts_with(sql, &["insert", "update", "delete", "replace", "with"])
}

/// The statements of a script, without the semicolons between them and without empty ones. The body of a trigger
/// belongs to its statement.
pub fn statements(script: &str) -> impl Iterator<Item = &str> {
    let mut rest = script;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let (statement, after, holds_anything) = split(rest);
            rest = after;
            if holds_anything {
                return Some(statement.trim());
            }
        }
    })
}

/// The first statement of `script`, what follows its semicolon, and whether it is more than blanks.
fn split(script: &str) -> (&str, &str, bool) {
    let (mut words, mut depth, mut length, mut holds_anything) = (0, 0_usize, 0, false);
    let (mut creates, mut is_trigger) = (false, false);
    for token in tokens(script) {
        match token {
            Token::Semicolon if depth == 0 => break,
            Token::Word(word) => {
                words += 1;
                // CREATE [TEMP | TEMPORARY] TRIGGER
                creates |= words == 1 && word.eq_ignore_ascii_case("create");
                is_trigger |= creates && words <= 3 && word.eq_ignore_ascii_case("trigger");
                if is_trigger && (word.eq_ignore_ascii_case("begin") || word.eq_ignore_ascii_case("case")) {
                    depth += 1;
                } else if is_trigger && word.eq_ignore_ascii_case("end") {
                    depth = depth.saturating_sub(1);
                }
            }
            _ => {}
        }
        holds_anything |= !matches!(token, Token::Blank(_));
        length += token.text().len();
    }
    let (statement, rest) = script.split_at_checked(length).unwrap_or((script, ""));
    (statement, rest.strip_prefix(';').unwrap_or(rest), holds_anything)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_get_their_numbers() {
        assert_eq!(number_parameters("VALUES ($2, $1, $10)"), "VALUES (?2, ?1, ?10)");
        assert_eq!(number_parameters("a=$1AND b=$2"), "a=?1AND b=?2");
        assert_eq!(number_parameters("SELECT 1"), "SELECT 1");
    }

    #[test]
    fn what_only_looks_like_a_parameter_is_left_alone() {
        for sql in [
            "SELECT '$1', 'it''s $2'",
            r#"SELECT "$1""#,
            "SELECT `$1`",
            "SELECT 1 -- costs $1\n",
            "SELECT /* $1 ' */ 1",
            "SELECT a$1 FROM t",
            "SELECT $name",
            "SELECT 'unclosed $1",
            "SELECT 1 /* unclosed $1",
        ] {
            assert_eq!(number_parameters(sql), sql);
        }
    }

    #[test]
    fn types_are_widened_outside_of_quotes() {
        assert_eq!(
            widen_types("CREATE TABLE t (a INTEGER, b blob, \"int\" TEXT DEFAULT 'INTEGER', c Real) -- int"),
            "CREATE TABLE t (a BIGINT, b BYTEA, \"int\" TEXT DEFAULT 'INTEGER', c DOUBLE PRECISION) -- int"
        );
        assert!(matches!(widen_types("SELECT integers, point FROM t"), Cow::Borrowed(_)));
    }

    #[test]
    fn text_beyond_ascii_survives() {
        assert_eq!(
            number_parameters("SELECT 'über', naïve FROM ünit WHERE a = $1 €"),
            "SELECT 'über', naïve FROM ünit WHERE a = ?1 €"
        );
    }

    #[test]
    fn scripts_part_at_semicolons_outside_of_text() {
        let script =
            "-- first; of all\nCREATE TABLE a (x TEXT DEFAULT ';');;\n /* ; */ ;INSERT INTO a VALUES ('b');\n-- end\n";
        let parts: Vec<_> = statements(script).collect();
        assert_eq!(parts, ["-- first; of all\nCREATE TABLE a (x TEXT DEFAULT ';')", "INSERT INTO a VALUES ('b')"]);
    }

    #[test]
    fn reading_and_writing_are_told_apart() {
        assert!(only_reads("-- why\n select 1"));
        assert!(!only_reads("INSERT INTO t VALUES (1) RETURNING id"));
        assert!(!only_reads("WITH n AS (SELECT 1) DELETE FROM t"));
        assert!(changes_rows("update t SET a = 1") && !changes_rows("CREATE TABLE t (a)"));
    }

    #[test]
    fn the_body_of_a_trigger_stays_whole() {
        let trigger = "CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN
            UPDATE a SET x = CASE WHEN x = '' THEN 1 ELSE 2 END; DELETE FROM b; END";
        let script = format!("{trigger}; BEGIN; SELECT 1; COMMIT");
        assert_eq!(statements(&script).collect::<Vec<_>>(), [trigger, "BEGIN", "SELECT 1", "COMMIT"]);
    }
}
