//! Tables and fields of a document, read by type.

use super::{Document, DocumentError, Node, Place, Value};

/// A table of a document.
#[derive(Clone, Debug)]
pub struct Section<'d> {
    document: &'d Document,
    name: String,
    line: usize,
    entries: &'d [(String, Node)],
}

impl<'d> Section<'d> {
    /// Its full name, such as `component.auth`; empty for the whole file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it begins.
    pub fn place(&self) -> Place {
        self.document.place(self.line)
    }

    /// Refuses the first key that is not one of `known`.
    pub fn only(&self, known: &[&str]) -> Result<(), DocumentError> {
        match self.entries.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            None => Ok(()),
            Some((key, node)) => Err(DocumentError::UnknownKey {
                place: self.document.place(node.line),
                key: key.clone(),
                table: self.name.clone(),
                known: known.join(", "),
            }),
        }
    }

    /// The field of that key, if it is there.
    pub fn get(&self, key: &str) -> Option<Field<'d>> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, node)| self.field(key, node))
    }

    /// The field of that key, refused when it is not there.
    pub fn need(&self, key: &str) -> Result<Field<'d>, DocumentError> {
        self.get(key).ok_or_else(|| DocumentError::MissingKey {
            place: self.place(),
            key: key.to_owned(),
            table: self.name.clone(),
        })
    }

    /// All its keys and fields, in the order of their lines.
    pub fn fields(&self) -> impl Iterator<Item = (&'d str, Field<'d>)> + '_ {
        self.entries.iter().map(|(key, node)| (key.as_str(), self.field(key, node)))
    }

    fn field(&self, key: &str, node: &'d Node) -> Field<'d> {
        let name = if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) };
        Field::new(self.document, name, node)
    }
}

/// One value of a document.
#[derive(Clone, Debug)]
pub struct Field<'d> {
    document: &'d Document,
    name: String,
    node: &'d Node,
}

impl<'d> Field<'d> {
    pub(super) fn new(document: &'d Document, name: String, node: &'d Node) -> Self {
        Self { document, name, node }
    }

    /// Its full name, such as `component.auth.source`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its line.
    pub fn line(&self) -> usize {
        self.node.line
    }

    /// Where it stands.
    pub fn place(&self) -> Place {
        self.document.place(self.node.line)
    }

    /// It as a string.
    pub fn text(&self) -> Result<&'d str, DocumentError> {
        match &self.node.value {
            Value::Text(text) => Ok(text),
            _ => Err(self.wrong_type("a string")),
        }
    }

    /// It as a boolean.
    pub fn boolean(&self) -> Result<bool, DocumentError> {
        match self.node.value {
            Value::Boolean(boolean) => Ok(boolean),
            _ => Err(self.wrong_type("true or false")),
        }
    }

    /// It as an integer within `range`.
    pub fn integer(&self, range: std::ops::RangeInclusive<i64>) -> Result<i64, DocumentError> {
        match self.node.value {
            Value::Integer(integer) if range.contains(&integer) => Ok(integer),
            Value::Integer(integer) => {
                let reason = format!("write an integer from {} to {}", range.start(), range.end());
                Err(self.invalid(integer, reason))
            }
            _ => Err(self.wrong_type("an integer")),
        }
    }

    /// It as a table.
    pub fn section(&self) -> Result<Section<'d>, DocumentError> {
        match &self.node.value {
            Value::Table(entries) => {
                Ok(Section { document: self.document, name: self.name.clone(), line: self.node.line, entries })
            }
            _ => Err(self.wrong_type("a table")),
        }
    }

    /// It as a list of anything.
    pub fn list(&self) -> Result<Vec<Field<'d>>, DocumentError> {
        match &self.node.value {
            Value::List(items) => Ok(items
                .iter()
                .enumerate()
                .map(|(index, node)| Field::new(self.document, format!("{}[{index}]", self.name), node))
                .collect()),
            _ => Err(self.wrong_type("a list")),
        }
    }

    /// Whether it is a string.
    pub fn is_text(&self) -> bool {
        matches!(self.node.value, Value::Text(_))
    }

    /// Whether it is a boolean.
    pub fn is_boolean(&self) -> bool {
        matches!(self.node.value, Value::Boolean(_))
    }

    /// Whether it is a table.
    pub fn is_table(&self) -> bool {
        matches!(self.node.value, Value::Table(_))
    }

    /// Whether it is an empty list or an empty table, which asks for nothing.
    pub fn is_empty(&self) -> bool {
        match &self.node.value {
            Value::List(items) => items.is_empty(),
            Value::Table(entries) => entries.is_empty(),
            _ => false,
        }
    }

    /// A refusal of its type.
    pub fn wrong_type(&self, expected: &'static str) -> DocumentError {
        DocumentError::WrongType {
            place: self.place(),
            key: self.name.clone(),
            found: self.node.value.kind(),
            expected,
        }
    }

    /// A refusal of its value; `reason` also says what to write instead.
    pub fn invalid(&self, value: impl std::fmt::Debug, reason: impl Into<String>) -> DocumentError {
        DocumentError::Invalid {
            place: self.place(),
            key: self.name.clone(),
            value: format!("{value:?}"),
            reason: reason.into(),
        }
    }
}
