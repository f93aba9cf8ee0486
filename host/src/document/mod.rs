//! TOML files read with the place of everything in them, so that a refusal can say where.
//!
//! `spin.toml` and `runtime-config.toml` are read through this and not through derived serde types, because those
//! forget the line of a value once its type is right, and most refusals are about what a value means.

mod error;
mod section;

use std::fmt;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

pub use error::DocumentError;
pub use section::{Field, Section};

/// Where something stands: a file and a line of it, counted from 1. Shown as `spin.toml:12`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as its path was given.
    pub file: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// One parsed TOML file.
#[derive(Debug)]
pub struct Document {
    path: PathBuf,
    root: Node,
}

/// A value and the line it stands on.
#[derive(Debug)]
struct Node {
    line: usize,
    value: Value,
}

/// The TOML values that the files may hold; the last two are only ever refused.
#[derive(Debug)]
enum Value {
    Text(String),
    Integer(i64),
    Boolean(bool),
    List(Vec<Node>),
    Table(Vec<(String, Node)>),
    Number,
    Time,
}

impl Value {
    fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Integer(_) => "an integer",
            Self::Boolean(_) => "a boolean",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Number => "a number with a fraction, or beyond 64 bits",
            Self::Time => "a date or time",
        }
    }
}

impl Document {
    /// Reads and parses a file.
    pub fn read(path: &Path) -> Result<Self, DocumentError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| DocumentError::Unreadable { file: path.to_owned(), source })?;
        Self::parse(path, &text)
    }

    /// Parses the text of a file; `path` is only used to name it.
    pub fn parse(path: &Path, text: &str) -> Result<Self, DocumentError> {
        let lines = Lines::of(text);
        let table = DeTable::parse(text).map_err(|error| DocumentError::Syntax {
            place: Place { file: path.to_owned(), line: lines.at(error.span().map_or(0, |span| span.start)) },
            message: error.message().to_owned(),
        })?;
        let root = Node { line: 1, value: table_of(table.into_inner(), &lines) };
        Ok(Self { path: path.to_owned(), root })
    }

    /// The table that is the whole file.
    pub fn root(&self) -> Result<Section<'_>, DocumentError> {
        Field::new(self, String::new(), &self.root).section()
    }

    /// A line of this file.
    pub fn place(&self, line: usize) -> Place {
        Place { file: self.path.clone(), line }
    }
}

/// The offsets at which the lines of a text begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(offset, _)| offset + 1).collect())
    }

    fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset) + 1
    }
}

fn table_of(table: DeTable<'_>, lines: &Lines) -> Value {
    let mut entries: Vec<_> = table
        .into_iter()
        .map(|(key, value)| {
            let line = lines.at(key.span().start);
            (key.into_inner().into_owned(), Node { line, value: value_of(value.into_inner(), lines) })
        })
        .collect();
    entries.sort_by_key(|(_, node)| node.line);
    Value::Table(entries)
}

fn value_of(value: DeValue<'_>, lines: &Lines) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(integer) => {
            i64::from_str_radix(integer.as_str(), integer.radix()).map_or(Value::Number, Value::Integer)
        }
        DeValue::Float(_) => Value::Number,
        DeValue::Boolean(boolean) => Value::Boolean(boolean),
        DeValue::Datetime(_) => Value::Time,
        DeValue::Array(items) => Value::List(
            items
                .into_iter()
                .map(|item| Node { line: lines.at(item.span().start), value: value_of(item.into_inner(), lines) })
                .collect(),
        ),
        DeValue::Table(table) => table_of(table, lines),
    }
}

#[cfg(test)]
mod tests;
