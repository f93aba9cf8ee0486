//! Every type of the interface.

use spin_sdk::pg::{Connection, DbValue, Error, Interval, ParameterValue, RangeBoundKind};

/// A value as text: as it is where it is text or a number, else as Rust shows it.
pub(crate) fn show(value: &DbValue) -> String {
    match value {
        DbValue::Str(text) | DbValue::Decimal(text) | DbValue::Uuid(text) => text.clone(),
        DbValue::Int32(number) => number.to_string(),
        DbValue::Int64(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

/// The rows of a statement.
pub(crate) async fn fetch(
    connection: &Connection,
    statement: String,
    values: Vec<ParameterValue>,
) -> Result<Vec<Vec<DbValue>>, Error> {
    let (_, mut rows, done) = connection.query(statement, values).await?.into_inner();
    let mut found = Vec::new();
    while let Some(row) = rows.next().await {
        found.push(row);
    }
    done.await?;
    Ok(found)
}

/// Sends a value of each type, and tells which come back different.
pub(crate) async fn there_and_back(connection: &Connection) -> Result<String, Error> {
    let values = values();
    let mut count = 0;
    let mut wrong = String::new();
    for (kind, value) in values {
        // The two enumerations show their values alike.
        let sent = format!("{value:?}");
        let rows = fetch(connection, format!("SELECT $1::{kind}, NULL::{kind}"), vec![value]).await?;
        let got: Vec<_> = rows.iter().flatten().map(|value| format!("{value:?}")).collect();
        count += 1;
        let expected = [sent.replace("ParameterValue", "DbValue"), "DbValue::DbNull".to_owned()];
        if got != expected {
            wrong.push_str(&format!("{kind}: sent {expected:?}, got {got:?}\n"));
        }
    }
    Ok(if wrong.is_empty() { format!("{count} types come back as they went") } else { wrong })
}

fn values() -> Vec<(&'static str, ParameterValue)> {
    let half_open = |from, to| (Some((from, RangeBoundKind::Inclusive)), Some((to, RangeBoundKind::Exclusive)));
    let text = |text: &str| text.to_owned();
    vec![
        ("boolean", ParameterValue::Boolean(true)),
        ("smallint", ParameterValue::Int16(-7)),
        ("integer", ParameterValue::Int32(i32::MIN)),
        ("bigint", ParameterValue::Int64(i64::MAX)),
        ("real", ParameterValue::Floating32(1.5)),
        ("double precision", ParameterValue::Floating64(-2.25)),
        ("text", ParameterValue::Str(text("zwölf 🐘"))),
        ("varchar(9)", ParameterValue::Str(text("short"))),
        ("bytea", ParameterValue::Binary(vec![0, 1, 255])),
        ("date", ParameterValue::Date((2026, 2, 28))),
        ("time", ParameterValue::Time((23, 59, 58, 123_456_000))),
        ("timestamp", ParameterValue::Datetime((1999, 12, 31, 23, 59, 59, 1_000))),
        ("uuid", ParameterValue::Uuid(text("0191f0c4-7d4e-7b3a-8f00-6f2b1c9d8e7f"))),
        ("jsonb", ParameterValue::Jsonb(br#"{"a":[1,null,"b"]}"#.to_vec())),
        ("numeric", ParameterValue::Decimal(text("-12345678901234567890.12345678"))),
        ("int4range", ParameterValue::RangeInt32(half_open(1, 5))),
        ("int8range", ParameterValue::RangeInt64((None, Some((9, RangeBoundKind::Exclusive))))),
        ("numrange", ParameterValue::RangeDecimal((Some((text("1.5"), RangeBoundKind::Exclusive)), None))),
        ("integer[]", ParameterValue::ArrayInt32(vec![Some(1), None])),
        ("bigint[]", ParameterValue::ArrayInt64(vec![Some(i64::MIN), None])),
        ("numeric[]", ParameterValue::ArrayDecimal(vec![Some(text("0.10")), None])),
        ("text[]", ParameterValue::ArrayStr(vec![Some(String::new()), None, Some(text("c"))])),
        ("interval", ParameterValue::Interval(Interval { micros: -1, days: 2, months: 13 })),
    ]
}
