//! Statements whose length depends on how many rows they are about.

use vitrine_db::Value;

/// A statement that is put together from text and parameters.
#[derive(Debug, Default)]
pub(crate) struct Statement {
    pub(crate) sql: String,
    pub(crate) params: Vec<Value>,
}

impl Statement {
    pub(crate) fn new(sql: &str) -> Self {
        Self { sql: sql.to_owned(), params: Vec::new() }
    }

    /// Adds text.
    pub(crate) fn text(mut self, sql: &str) -> Self {
        self.sql.push_str(sql);
        self
    }

    /// Adds a parameter.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.params.push(value.into());
        self.sql.push('$');
        self.sql.push_str(&self.params.len().to_string());
        self
    }

    /// Adds `(…, …)`: a parameter for each value.
    pub(crate) fn list(self, values: impl IntoIterator<Item = Value>) -> Self {
        let mut statement = self.text("(");
        for (at, value) in values.into_iter().enumerate() {
            statement = if at == 0 { statement } else { statement.text(", ") }.bind(value);
        }
        statement.text(")")
    }

    /// Adds what `part` makes of each item, with `between` between them.
    pub(crate) fn each<T>(
        mut self,
        between: &str,
        items: impl IntoIterator<Item = T>,
        part: impl Fn(Self, T) -> Self,
    ) -> Self {
        for (at, item) in items.into_iter().enumerate() {
            self = part(if at == 0 { self } else { self.text(between) }, item);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_as_they_come() {
        let rows = [(1_i64, "a"), (2, "b")];
        let statement = Statement::new("INSERT INTO t (x, y) VALUES ")
            .each(", ", rows, |it, (x, y)| it.list([x.into(), y.into()]))
            .text(" RETURNING x");
        assert_eq!(statement.sql, "INSERT INTO t (x, y) VALUES ($1, $2), ($3, $4) RETURNING x");
        assert_eq!(statement.params, vec![1_i64.into(), "a".into(), 2_i64.into(), "b".into()]);
    }
}
