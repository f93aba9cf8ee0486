//! Values on their way from a guest to the database.

use super::super::{ParameterValue, RangeBoundKind};
use super::exotic::{Null, RangedDecimal, Span};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use postgres_range::{BoundSided, BoundType, Normalizable, Range, RangeBound};
use rust_decimal::Decimal;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// A value that the client library can send.
pub(in super::super) type Parameter = Box<dyn ToSql + Send + Sync>;

/// What the client library takes.
pub(in super::super) fn refer(parameters: &[Parameter]) -> impl ExactSizeIterator<Item = &(dyn ToSql + Sync)> {
    parameters.iter().map(|parameter| -> &(dyn ToSql + Sync) { parameter.as_ref() })
}

/// The values of a statement.
///
/// # Errors
/// When one is not what its type promises, such as a date that is in no calendar; the reason names it.
pub(in super::super) fn parameters(values: Vec<ParameterValue>) -> Result<Vec<Parameter>, String> {
    values
        .into_iter()
        .enumerate()
        .map(|(index, value)| parameter(value).map_err(|reason| format!("parameter ${}: {reason}", index + 1)))
        .collect()
}

fn parameter(value: ParameterValue) -> Result<Parameter, String> {
    Ok(match value {
        ParameterValue::Boolean(value) => Box::new(value),
        ParameterValue::Int8(value) => Box::new(value),
        ParameterValue::Int16(value) => Box::new(value),
        ParameterValue::Int32(value) => Box::new(value),
        ParameterValue::Int64(value) => Box::new(value),
        ParameterValue::Floating32(value) => Box::new(value),
        ParameterValue::Floating64(value) => Box::new(value),
        ParameterValue::Str(value) => Box::new(value),
        ParameterValue::Binary(value) => Box::new(value),
        ParameterValue::Date((year, month, day)) => Box::new(date(year, month, day)?),
        ParameterValue::Time((hour, minute, second, nanosecond)) => Box::new(time(hour, minute, second, nanosecond)?),
        ParameterValue::Datetime((year, month, day, hour, minute, second, nanosecond)) => {
            Box::new(NaiveDateTime::new(date(year, month, day)?, time(hour, minute, second, nanosecond)?))
        }
        ParameterValue::Timestamp(seconds) => Box::new(
            DateTime::from_timestamp(seconds, 0).ok_or_else(|| format!("{seconds} s is no time that can be kept"))?,
        ),
        ParameterValue::Uuid(text) => {
            Box::new(Uuid::parse_str(&text).map_err(|error| format!("{text:?} is no UUID: {error}"))?)
        }
        ParameterValue::Jsonb(bytes) => Box::new(
            serde_json::from_slice::<serde_json::Value>(&bytes).map_err(|error| format!("this is no JSON: {error}"))?,
        ),
        ParameterValue::Decimal(text) => Box::new(decimal(&text)?),
        ParameterValue::RangeInt32((lower, upper)) => Box::new(range(lower, upper, Ok)?),
        ParameterValue::RangeInt64((lower, upper)) => Box::new(range(lower, upper, Ok)?),
        ParameterValue::RangeDecimal((lower, upper)) => {
            Box::new(range(lower, upper, |text: String| decimal(&text).map(RangedDecimal))?)
        }
        ParameterValue::ArrayInt32(items) => Box::new(items),
        ParameterValue::ArrayInt64(items) => Box::new(items),
        ParameterValue::ArrayDecimal(items) => {
            let items = items.into_iter().map(|item| item.as_deref().map(decimal).transpose());
            Box::new(items.collect::<Result<Vec<_>, _>>()?)
        }
        ParameterValue::ArrayStr(items) => Box::new(items),
        ParameterValue::Interval(interval) => Box::new(Span::from(interval)),
        ParameterValue::DbNull => Box::new(Null),
    })
}

fn date(year: i32, month: u8, day: u8) -> Result<NaiveDate, String> {
    NaiveDate::from_ymd_opt(year, month.into(), day.into())
        .ok_or_else(|| format!("{year}-{month:02}-{day:02} is no date"))
}

fn time(hour: u8, minute: u8, second: u8, nanosecond: u32) -> Result<NaiveTime, String> {
    NaiveTime::from_hms_nano_opt(hour.into(), minute.into(), second.into(), nanosecond)
        .ok_or_else(|| format!("{hour:02}:{minute:02}:{second:02} and {nanosecond} ns is no time"))
}

fn decimal(text: &str) -> Result<Decimal, String> {
    Decimal::from_str_exact(text).map_err(|error| format!("{text:?} is no decimal number that can be kept: {error}"))
}

type Bound<T> = Option<(T, RangeBoundKind)>;

fn range<T, U: Normalizable + PartialOrd>(
    lower: Bound<T>,
    upper: Bound<T>,
    value: impl Fn(T) -> Result<U, String>,
) -> Result<Range<U>, String> {
    Ok(Range::new(bound(lower, &value)?, bound(upper, &value)?))
}

fn bound<S: BoundSided, T, U: PartialOrd>(
    end: Bound<T>,
    value: &impl Fn(T) -> Result<U, String>,
) -> Result<Option<RangeBound<S, U>>, String> {
    let Some((end, kind)) = end else { return Ok(None) };
    let kind = match kind {
        RangeBoundKind::Inclusive => BoundType::Inclusive,
        RangeBoundKind::Exclusive => BoundType::Exclusive,
    };
    Ok(Some(RangeBound::new(value(end)?, kind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_kept_is_refused_by_its_number() {
        let refused = [
            ParameterValue::Date((2026, 2, 30)),
            ParameterValue::Time((24, 0, 0, 0)),
            ParameterValue::Datetime((2026, 13, 1, 0, 0, 0, 0)),
            ParameterValue::Timestamp(i64::MAX),
            ParameterValue::Uuid("ann".to_owned()),
            ParameterValue::Jsonb(b"{".to_vec()),
            ParameterValue::Decimal("1e".to_owned()),
            ParameterValue::RangeDecimal((Some(("x".to_owned(), RangeBoundKind::Inclusive)), None)),
            ParameterValue::ArrayDecimal(vec![None, Some(String::new())]),
        ];
        for value in refused {
            let shown = format!("{value:?}");
            let reason = parameters(vec![ParameterValue::DbNull, value]).err().unwrap();
            assert!(reason.starts_with("parameter $2: "), "{shown}: {reason}");
        }
    }
}
