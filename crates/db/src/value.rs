//! What a parameter or a column can hold.

use crate::DbError;
use uuid::Uuid;

/// One value of a row or a parameter.
///
/// Truth is stored as 0 or 1, a UUID as its hyphenated text, a moment as an integer or text that the service chooses.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// A signed whole number.
    Integer(i64),
    /// A floating-point number, not NaN, which SQLite would store as null.
    Real(f64),
    /// Unicode text without U+0000, which PostgreSQL cannot store.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl Value {
    /// The name of this value's type, for messages.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Integer(_) => "integer",
            Self::Real(_) => "real",
            Self::Text(_) => "text",
            Self::Blob(_) => "blob",
        }
    }
}

macro_rules! value_from {
    ($($from:ty => |$value:ident| $to:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $to
            }
        }
    )*};
}

value_from! {
    i64 => |value| Self::Integer(value);
    i32 => |value| Self::Integer(value.into());
    u32 => |value| Self::Integer(value.into());
    u8 => |value| Self::Integer(value.into());
    bool => |value| Self::Integer(value.into());
    f64 => |value| Self::Real(value);
    &str => |value| Self::Text(value.to_owned());
    String => |value| Self::Text(value);
    &String => |value| Self::Text(value.clone());
    Vec<u8> => |value| Self::Blob(value);
    &[u8] => |value| Self::Blob(value.to_vec());
    Uuid => |value| Self::Text(value.to_string());
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The parameters of a statement, unless one is what not every database can keep.
pub(crate) fn checked(params: impl IntoIterator<Item = Value>) -> Result<Vec<Value>, DbError> {
    let params: Vec<Value> = params.into_iter().collect();
    for (value, number) in params.iter().zip(1..) {
        let reason = match value {
            Value::Text(text) if text.contains('\0') => "a text with the character U+0000",
            Value::Real(real) if real.is_nan() => "no number (NaN)",
            _ => continue,
        };
        return Err(DbError::Statement(format!("parameter ${number} is {reason}, which not every database can keep")));
    }
    Ok(params)
}
