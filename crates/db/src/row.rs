//! A row whose columns are read by name and type.

use crate::{DbError, Value};
use std::sync::Arc;
use uuid::Uuid;

/// One row of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    columns: Arc<[String]>,
    values: Vec<Value>,
}

impl Row {
    /// A row of `values` in the order of `columns`, which all rows of an answer share.
    #[must_use]
    pub fn new(columns: Arc<[String]>, values: Vec<Value>) -> Self {
        Self { columns, values }
    }

    /// The names of the columns, in order.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The column `name` as a `T`.
    ///
    /// # Errors
    /// [`DbError::Column`], which names the column, if there is none of that name or it holds something else.
    pub fn get<T: FromValue>(&self, name: &str) -> Result<T, DbError> {
        let index = self.columns.iter().position(|column| column == name);
        let value = index.and_then(|index| self.values.get(index));
        let value = value.ok_or_else(|| DbError::column(name, "there is no such column in the answer"))?;
        T::from_value(value)
            .ok_or_else(|| DbError::column(name, &format!("expected {}, found {}", T::EXPECTED, value.type_name())))
    }
}

/// A Rust type that a column can be read as.
pub trait FromValue: Sized {
    /// What the column should have held, for messages.
    const EXPECTED: &'static str;

    /// The value as this type, if it is one.
    fn from_value(value: &Value) -> Option<Self>;
}

macro_rules! from_value {
    ($($type:ty, $expected:literal, $pattern:pat => $to:expr;)*) => {$(
        impl FromValue for $type {
            const EXPECTED: &'static str = $expected;
            fn from_value(value: &Value) -> Option<Self> {
                match value {
                    $pattern => $to,
                    _ => None,
                }
            }
        }
    )*};
}

from_value! {
    i64, "an integer", Value::Integer(value) => Some(*value);
    u64, "an integer that is not negative", Value::Integer(value) => u64::try_from(*value).ok();
    u32, "an integer from 0 to 4294967295", Value::Integer(value) => u32::try_from(*value).ok();
    bool, "0 or 1", Value::Integer(value @ 0..=1) => Some(*value == 1);
    f64, "a real number", Value::Real(value) => Some(*value);
    String, "text", Value::Text(value) => Some(value.clone());
    Vec<u8>, "a blob", Value::Blob(value) => Some(value.clone());
    Uuid, "a UUID", Value::Text(value) => Uuid::try_parse(value).ok();
}

impl<T: FromValue> FromValue for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        let columns = ["id", "title", "ready", "note"].map(String::from);
        Row::new(columns.into(), vec![7_i64.into(), "dunes".into(), true.into(), Value::Null])
    }

    #[test]
    fn columns_are_read_by_name_and_type() {
        assert_eq!(row().get::<u32>("id"), Ok(7));
        assert_eq!(row().get::<String>("title"), Ok("dunes".to_owned()));
        assert_eq!(row().get::<bool>("ready"), Ok(true));
        assert_eq!(row().get::<Option<String>>("note"), Ok(None));
        assert_eq!(row().get::<Option<i64>>("id"), Ok(Some(7)));
    }

    #[test]
    fn errors_name_the_column() {
        let absent = row().get::<i64>("size").unwrap_err().to_string();
        assert!(absent.contains("`size`"), "{absent}");
        let mistyped = row().get::<i64>("title").unwrap_err().to_string();
        assert!(mistyped.contains("`title`") && mistyped.contains("expected an integer, found text"), "{mistyped}");
        assert!(row().get::<String>("note").is_err());
        assert!(row().get::<bool>("id").is_err());
    }
}
