//! Values on their way from the database to a guest. [`parameter`] goes the other way.

mod exotic;
mod parameter;

pub(super) use parameter::{Parameter, parameters, refer};

use super::{DbDataType, DbValue, Interval, RangeBoundKind, Row};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use exotic::{RangedDecimal, Raw};
use postgres_range::{BoundSided, BoundType, Normalizable, Range, RangeBound};
use rust_decimal::Decimal;
use tokio_postgres::types::{FromSql, Type};

/// The most that one statement may give back, in bytes.
pub(super) const MAX_RESULT: usize = 64 * 1024 * 1024;

/// The type of a column, as a guest is told.
pub(super) fn data_type(kind: &Type) -> DbDataType {
    match *kind {
        Type::BOOL => DbDataType::Boolean,
        Type::BYTEA => DbDataType::Binary,
        Type::INT2 => DbDataType::Int16,
        Type::INT4 => DbDataType::Int32,
        Type::INT8 => DbDataType::Int64,
        Type::FLOAT4 => DbDataType::Floating32,
        Type::FLOAT8 => DbDataType::Floating64,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR => DbDataType::Str,
        Type::DATE => DbDataType::Date,
        Type::TIME => DbDataType::Time,
        Type::TIMESTAMP | Type::TIMESTAMPTZ => DbDataType::Datetime,
        Type::INTERVAL => DbDataType::Interval,
        Type::UUID => DbDataType::Uuid,
        Type::JSONB => DbDataType::Jsonb,
        Type::NUMERIC => DbDataType::Decimal,
        Type::INT4_RANGE => DbDataType::RangeInt32,
        Type::INT8_RANGE => DbDataType::RangeInt64,
        Type::NUM_RANGE => DbDataType::RangeDecimal,
        Type::INT4_ARRAY => DbDataType::ArrayInt32,
        Type::INT8_ARRAY => DbDataType::ArrayInt64,
        Type::NUMERIC_ARRAY => DbDataType::ArrayDecimal,
        Type::TEXT_ARRAY | Type::VARCHAR_ARRAY | Type::BPCHAR_ARRAY => DbDataType::ArrayStr,
        _ => DbDataType::Other(kind.name().to_owned()),
    }
}

/// A row.
///
/// # Errors
/// When a value does not fit the type that guests know, such as a number of more than 28 digits; the reason names the
/// column.
pub(super) fn row(row: &tokio_postgres::Row) -> Result<Row, String> {
    (0..row.len()).map(|column| value(row, column)).collect()
}

fn value(row: &tokio_postgres::Row, column: usize) -> Result<DbValue, String> {
    let Some(kind) = row.columns().get(column).map(|column| column.type_()) else { return Ok(DbValue::DbNull) };
    let cell = Cell { row, column };
    match *kind {
        Type::BOOL => cell.map(DbValue::Boolean),
        Type::BYTEA => cell.map(DbValue::Binary),
        Type::INT2 => cell.map(DbValue::Int16),
        Type::INT4 => cell.map(DbValue::Int32),
        Type::INT8 => cell.map(DbValue::Int64),
        Type::FLOAT4 => cell.map(DbValue::Floating32),
        Type::FLOAT8 => cell.map(DbValue::Floating64),
        Type::TEXT | Type::VARCHAR | Type::BPCHAR => cell.map(DbValue::Str),
        Type::DATE => cell.map(|day: NaiveDate| DbValue::Date(date(&day))),
        Type::TIME => cell.map(|moment: NaiveTime| DbValue::Time(time(&moment))),
        Type::TIMESTAMP => cell.map(|moment: NaiveDateTime| datetime(&moment)),
        // The interface says that times are in UTC. (Spin 4.1 does not read this type at all.)
        Type::TIMESTAMPTZ => cell.map(|moment: DateTime<Utc>| datetime(&moment.naive_utc())),
        Type::INTERVAL => cell.map(|interval: exotic::Span| DbValue::Interval(Interval::from(interval))),
        Type::UUID => cell.map(|uuid: uuid::Uuid| DbValue::Uuid(uuid.to_string())),
        Type::JSONB => cell.map(|json: serde_json::Value| DbValue::Jsonb(json.to_string().into_bytes())),
        Type::NUMERIC => cell.map(|number: Decimal| DbValue::Decimal(number.to_string())),
        Type::INT4_RANGE => cell.map(|range: Range<i32>| DbValue::RangeInt32(bounds(&range, |end| *end))),
        Type::INT8_RANGE => cell.map(|range: Range<i64>| DbValue::RangeInt64(bounds(&range, |end| *end))),
        Type::NUM_RANGE => cell.map(|range: Range<RangedDecimal>| {
            DbValue::RangeDecimal(bounds(&range, |RangedDecimal(end)| end.to_string()))
        }),
        Type::INT4_ARRAY => cell.map(DbValue::ArrayInt32),
        Type::INT8_ARRAY => cell.map(DbValue::ArrayInt64),
        Type::NUMERIC_ARRAY => cell.map(|numbers: Vec<Option<Decimal>>| {
            DbValue::ArrayDecimal(numbers.iter().map(|number| number.map(|number| number.to_string())).collect())
        }),
        Type::TEXT_ARRAY | Type::VARCHAR_ARRAY | Type::BPCHAR_ARRAY => cell.map(DbValue::ArrayStr),
        _ => cell.map(|Raw(bytes)| DbValue::Unsupported(bytes)),
    }
}

/// One value of a row.
struct Cell<'r> {
    row: &'r tokio_postgres::Row,
    column: usize,
}

impl<'r> Cell<'r> {
    /// Null, or the value by its constructor.
    fn map<T: FromSql<'r>>(&self, make: impl FnOnce(T) -> DbValue) -> Result<DbValue, String> {
        let value: Option<T> = self.row.try_get(self.column).map_err(|error| super::error::text(&error))?;
        Ok(value.map_or(DbValue::DbNull, make))
    }
}

/// Parts of a date or time, all of which are small.
fn small(part: u32) -> u8 {
    u8::try_from(part).unwrap_or(u8::MAX)
}

fn date(day: &impl Datelike) -> (i32, u8, u8) {
    (day.year(), small(day.month()), small(day.day()))
}

fn time(moment: &impl Timelike) -> (u8, u8, u8, u32) {
    (small(moment.hour()), small(moment.minute()), small(moment.second()), moment.nanosecond())
}

fn datetime(moment: &NaiveDateTime) -> DbValue {
    let ((year, month, day), (hour, minute, second, nanosecond)) = (date(moment), time(moment));
    DbValue::Datetime((year, month, day, hour, minute, second, nanosecond))
}

type Bound<T> = Option<(T, RangeBoundKind)>;

fn bounds<T: Normalizable + PartialOrd, U>(range: &Range<T>, value: impl Fn(&T) -> U) -> (Bound<U>, Bound<U>) {
    let lower = range.lower().map(|bound| (value(&bound.value), kind(bound)));
    let upper = range.upper().map(|bound| (value(&bound.value), kind(bound)));
    (lower, upper)
}

fn kind<S: BoundSided, T>(bound: &RangeBound<S, T>) -> RangeBoundKind {
    match bound.type_ {
        BoundType::Inclusive => RangeBoundKind::Inclusive,
        BoundType::Exclusive => RangeBoundKind::Exclusive,
    }
}

/// Roughly how much memory a value takes, in bytes.
pub(super) fn size(value: &DbValue) -> usize {
    let beyond = match value {
        DbValue::Str(text) | DbValue::Uuid(text) | DbValue::Decimal(text) => text.len(),
        DbValue::Binary(bytes) | DbValue::Jsonb(bytes) | DbValue::Unsupported(bytes) => bytes.len(),
        DbValue::ArrayInt32(items) => items.len() * 8,
        DbValue::ArrayInt64(items) => items.len() * 16,
        DbValue::ArrayDecimal(items) | DbValue::ArrayStr(items) => {
            items.iter().map(|item| size_of::<Option<String>>() + item.as_ref().map_or(0, String::len)).sum()
        }
        _ => 0,
    };
    size_of::<DbValue>() + beyond
}
