//! Values of the port and of PostgreSQL.

use spin_sdk::pg::{DbValue, ParameterValue};
use std::sync::Arc;
use vitrine_db::{DbError, Row, Value};

/// PostgreSQL takes a parameter only in the type that it expects, so the type is always the widest of its kind.
pub(super) fn to_spin(value: Value) -> ParameterValue {
    match value {
        Value::Null => ParameterValue::DbNull,
        Value::Integer(value) => ParameterValue::Int64(value),
        Value::Real(value) => ParameterValue::Floating64(value),
        Value::Text(value) => ParameterValue::Str(value),
        Value::Blob(value) => ParameterValue::Binary(value),
    }
}

pub(super) fn row(columns: &Arc<[String]>, values: Vec<DbValue>) -> Result<Row, DbError> {
    let values = columns.iter().zip(values).map(|(name, value)| {
        let unportable = || DbError::Column {
            name: name.clone(),
            reason: "its type is not one of the portable ones; cast it to BIGINT, DOUBLE PRECISION or TEXT".to_owned(),
        };
        from_spin(value).ok_or_else(unportable)
    });
    Ok(Row::new(Arc::clone(columns), values.collect::<Result<_, _>>()?))
}

fn from_spin(value: DbValue) -> Option<Value> {
    Some(match value {
        DbValue::DbNull => Value::Null,
        DbValue::Boolean(value) => value.into(),
        DbValue::Int8(value) => Value::Integer(value.into()),
        DbValue::Int16(value) => Value::Integer(value.into()),
        DbValue::Int32(value) => Value::Integer(value.into()),
        DbValue::Int64(value) => Value::Integer(value),
        DbValue::Floating32(value) => Value::Real(value.into()),
        DbValue::Floating64(value) => Value::Real(value),
        DbValue::Str(value) | DbValue::Uuid(value) => Value::Text(value),
        DbValue::Binary(value) => Value::Blob(value),
        // Sums of whole numbers come so.
        DbValue::Decimal(value) => match value.parse() {
            Ok(whole) => Value::Integer(whole),
            Err(_) => Value::Real(value.parse().ok()?),
        },
        _ => return None,
    })
}
