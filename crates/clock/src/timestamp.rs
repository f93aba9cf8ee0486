//! A moment in UTC.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{
    fmt,
    ops::{Add, Sub},
    str::FromStr,
    time::Duration,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// A moment in UTC, as whole milliseconds since 1970-01-01T00:00:00Z, between the years 1 and 9999.
///
/// It is written as RFC 3339 with exactly three digits of fraction and `Z`, so that the order of the texts is the order
/// of the moments. Arithmetic stops at the ends of the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);
    const MIN: i64 = -62_135_596_800_000;
    const MAX: i64 = 253_402_300_799_999;

    /// The moment `millis` milliseconds after the epoch; what lies outside the range becomes its nearest end.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(if millis < Self::MIN {
            Self::MIN
        } else if millis > Self::MAX {
            Self::MAX
        } else {
            millis
        })
    }

    /// The moment `seconds` seconds after the epoch (the NumericDate of RFC 7519).
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1000))
    }

    /// Whole milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// How long after `earlier` this is; zero if it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0).try_into().unwrap_or(0))
    }
}

fn millis(duration: Duration) -> i64 {
    duration.as_millis().try_into().unwrap_or(i64::MAX)
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, after: Duration) -> Self {
        Self::from_millis(self.0.saturating_add(millis(after)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, before: Duration) -> Self {
        Self::from_millis(self.0.saturating_sub(millis(before)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let utc = OffsetDateTime::from_unix_timestamp(self.as_seconds()).map_err(|_| fmt::Error)?;
        let (date, (hour, minute, second)) = (utc.date(), utc.to_hms());
        let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
        let millis = self.0.rem_euclid(1000);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }
}

/// The text is no RFC 3339 date and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidTimestamp;

impl fmt::Display for InvalidTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a date and time such as 2026-01-31T12:00:00.000Z (RFC 3339)")
    }
}

impl std::error::Error for InvalidTimestamp {}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    /// Any offset and any number of digits are read; what is finer than a millisecond is cut off.
    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let parsed = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| InvalidTimestamp)?;
        let millis = parsed.unix_timestamp_nanos().div_euclid(1_000_000);
        Ok(Self::from_millis(millis.try_into().map_err(|_| InvalidTimestamp)?))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_with_three_digits_and_read_back() {
        let moment = Timestamp::from_millis(1_769_860_800_007);
        assert_eq!(moment.to_string(), "2026-01-31T12:00:00.007Z");
        assert_eq!("2026-01-31T12:00:00.007Z".parse(), Ok(moment));
        assert_eq!(serde_json::to_string(&moment).unwrap(), r#""2026-01-31T12:00:00.007Z""#);
    }

    #[test]
    fn other_offsets_and_fractions_are_read() {
        let moment = Timestamp::from_millis(1_769_860_800_000);
        assert_eq!("2026-01-31T13:00:00+01:00".parse(), Ok(moment));
        assert_eq!("2026-01-31T12:00:00.0009Z".parse(), Ok(moment));
        assert_eq!("yesterday".parse::<Timestamp>(), Err(InvalidTimestamp));
    }

    #[test]
    fn before_the_epoch_and_at_the_ends() {
        assert_eq!(Timestamp::from_millis(-1).to_string(), "1969-12-31T23:59:59.999Z");
        assert_eq!(Timestamp::from_millis(i64::MIN).to_string(), "0001-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::from_millis(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!((Timestamp::EPOCH + Duration::MAX).to_string(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn the_distance_to_a_later_moment_is_zero() {
        let later = Timestamp::EPOCH + Duration::from_millis(1500);
        assert_eq!(later.since(Timestamp::EPOCH), Duration::from_millis(1500));
        assert_eq!(Timestamp::EPOCH.since(later), Duration::ZERO);
    }
}
