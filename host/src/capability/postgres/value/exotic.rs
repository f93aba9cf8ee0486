//! Types of the database for which no crate has one that fits.

use super::super::Interval;
use bytes::{Buf as _, BufMut as _, BytesMut};
use postgres_range::{BoundSided, Normalizable, RangeBound};
use rust_decimal::Decimal;
use std::error::Error;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

type Failure = Box<dyn Error + Sync + Send>;

/// NULL of whatever type the statement asks for.
#[derive(Debug)]
pub(super) struct Null;

impl ToSql for Null {
    fn to_sql(&self, _: &Type, _: &mut BytesMut) -> Result<IsNull, Failure> {
        Ok(IsNull::Yes)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// The bytes of a value whose type guests have no name for.
pub(super) struct Raw(pub(super) Vec<u8>);

impl FromSql<'_> for Raw {
    fn from_sql(_: &Type, bytes: &[u8]) -> Result<Self, Failure> {
        Ok(Self(bytes.to_vec()))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// An interval.
#[derive(Debug)]
pub(super) struct Span {
    micros: i64,
    days: i32,
    months: i32,
}

impl From<Interval> for Span {
    fn from(Interval { micros, days, months }: Interval) -> Self {
        Self { micros, days, months }
    }
}

impl From<Span> for Interval {
    fn from(Span { micros, days, months }: Span) -> Self {
        Self { micros, days, months }
    }
}

/// The binary form of PostgreSQL (`interval_send`): microseconds, days and months, big-endian.
impl ToSql for Span {
    fn to_sql(&self, _: &Type, bytes: &mut BytesMut) -> Result<IsNull, Failure> {
        bytes.put_i64(self.micros);
        bytes.put_i32(self.days);
        bytes.put_i32(self.months);
        Ok(IsNull::No)
    }

    accepts!(INTERVAL);
    to_sql_checked!();
}

impl FromSql<'_> for Span {
    fn from_sql(_: &Type, mut bytes: &[u8]) -> Result<Self, Failure> {
        if bytes.len() != 16 {
            return Err("an interval has 16 bytes".into());
        }
        Ok(Self { micros: bytes.get_i64(), days: bytes.get_i32(), months: bytes.get_i32() })
    }

    accepts!(INTERVAL);
}

/// A decimal number as the end of a range.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(super) struct RangedDecimal(pub(super) Decimal);

impl ToSql for RangedDecimal {
    fn to_sql(&self, kind: &Type, bytes: &mut BytesMut) -> Result<IsNull, Failure> {
        self.0.to_sql(kind, bytes)
    }

    fn accepts(kind: &Type) -> bool {
        <Decimal as ToSql>::accepts(kind)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for RangedDecimal {
    fn from_sql(kind: &Type, bytes: &'a [u8]) -> Result<Self, Failure> {
        Decimal::from_sql(kind, bytes).map(Self)
    }

    fn accepts(kind: &Type) -> bool {
        <Decimal as FromSql>::accepts(kind)
    }
}

impl Normalizable for RangedDecimal {
    /// Decimal numbers have no next one, so that every bound stays as it is.
    fn normalize<S: BoundSided>(bound: RangeBound<S, Self>) -> RangeBound<S, Self> {
        bound
    }
}
