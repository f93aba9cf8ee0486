//! The envelope: CloudEvents 1.0 in JSON.

use serde::{Deserialize, Serialize, de::Error as _};
use serde_json::value::RawValue;
use std::str::FromStr;
use uuid::Uuid;
use vitrine_clock::{Clock, Timestamp};
use vitrine_db::{DbError, FromValue, Row};
use vitrine_random::Ids;

/// The media type of one event (CloudEvents 1.0.2, HTTP binding, structured mode).
pub const EVENT_TYPE: &str = "application/cloudevents+json";

/// The media type of a list of events (CloudEvents 1.0.2, HTTP binding, batched mode).
pub const BATCH_TYPE: &str = "application/cloudevents-batch+json";

/// The most bytes that the data of an event may have. An event says what happened and names what it happened to; whoever
/// needs more asks for it.
pub const LONGEST_DATA: usize = 16 << 10;

/// The longest source, type and subject, in bytes.
const LONGEST_ATTRIBUTE: usize = 200;

const SPECVERSION: &str = "1.0";
const DATA_TYPE: &str = "application/json";

/// Something that has happened (CloudEvents 1.0.2). Attributes that are not here are left alone, as CloudEvents asks of
/// consumers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    specversion: Specversion,
    /// UUIDv7; the same each time that the event is delivered.
    pub id: Uuid,
    /// Who emitted it, such as `/upload`.
    pub source: String,
    /// Such as `vitrine.photo.uploaded.v1`.
    pub r#type: String,
    /// When it happened.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub time: Timestamp,
    /// What it happened to, as its source names it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subject: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    datacontenttype: DataType,
    /// What is to be known about it, as it was when it happened: JSON of a shape that its type decides.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub data: Box<RawValue>,
}

/// Why something is no event that can be emitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEvent {
    /// An attribute is empty or too long.
    #[error("the attribute `{0}` of an event has 1 to {LONGEST_ATTRIBUTE} bytes")]
    Attribute(&'static str),
    /// The data is too long; says how long it is.
    #[error("the data of an event has {0} bytes; at most {LONGEST_DATA} are kept: name things, do not carry them")]
    Data(usize),
    /// The data cannot be written as JSON.
    #[error("the data of an event cannot be written as JSON: {0}")]
    Json(String),
}

impl From<InvalidEvent> for DbError {
    /// An event that cannot be appended fails the transaction that it belongs to.
    fn from(error: InvalidEvent) -> Self {
        Self::Statement(error.to_string())
    }
}

impl Event {
    /// A new event of `source`, which happens now.
    ///
    /// # Errors
    /// See [`InvalidEvent`].
    pub fn new(
        ids: &Ids,
        clock: &dyn Clock,
        source: &str,
        r#type: &str,
        subject: &str,
        data: &impl Serialize,
    ) -> Result<Self, InvalidEvent> {
        for (name, value) in [("source", source), ("type", r#type), ("subject", subject)] {
            if value.is_empty() || value.len() > LONGEST_ATTRIBUTE {
                return Err(InvalidEvent::Attribute(name));
            }
        }
        let data = serde_json::value::to_raw_value(data).map_err(|error| InvalidEvent::Json(error.to_string()))?;
        if data.get().len() > LONGEST_DATA {
            return Err(InvalidEvent::Data(data.get().len()));
        }
        Ok(Self {
            specversion: Specversion,
            id: ids.next(),
            source: source.to_owned(),
            r#type: r#type.to_owned(),
            time: clock.now(),
            subject: Some(subject.to_owned()),
            datacontenttype: DataType,
            data,
        })
    }

    /// The data as a `T`.
    ///
    /// # Errors
    /// If it has another shape.
    pub fn data<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.data.get())
    }

    /// An event of the outbox.
    pub(crate) fn from_row(row: &Row) -> Result<Self, DbError> {
        let data: String = row.get("data")?;
        Ok(Self {
            specversion: Specversion,
            id: row.get("id")?,
            source: row.get("source")?,
            r#type: row.get("type")?,
            time: Timestamp::from_millis(row.get("made_at")?),
            subject: row.get("subject")?,
            datacontenttype: DataType,
            data: RawValue::from_string(data)
                .map_err(|error| DbError::Column { name: "data".to_owned(), reason: error.to_string() })?,
        })
    }
}

/// An attribute that has one value only.
macro_rules! constant {
    ($name:ident, $value:ident, $what:literal) => {
        #[derive(Debug, Clone, Copy, Default)]
        struct $name;

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str($value)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                match String::deserialize(deserializer)? {
                    text if text == $value => Ok(Self),
                    text => {
                        let known = $value;
                        Err(D::Error::custom(format_args!("{} is `{text}`; only {known} is understood", $what)))
                    }
                }
            }
        }
    };
}

constant!(Specversion, SPECVERSION, "specversion");
constant!(DataType, DATA_TYPE, "datacontenttype");

/// The lower end of all ids that were made at `moment` or later.
pub(crate) fn first_id_at(moment: Timestamp) -> Uuid {
    let millis = u64::try_from(moment.as_millis()).unwrap_or(0);
    Uuid::from_u128(u128::from(millis) << 80)
}

/// The column `name` of each row.
pub(crate) fn column<T: FromValue>(rows: &[Row], name: &str) -> Result<Vec<T>, DbError> {
    rows.iter().map(|row| row.get(name)).collect()
}

impl FromStr for Event {
    type Err = serde_json::Error;

    fn from_str(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::sync::Arc;
    use vitrine_clock::FixedClock;
    use vitrine_random::SeededRandom;

    fn event(r#type: &str, data: &Value) -> Result<Event, InvalidEvent> {
        let clock = FixedClock::at(Timestamp::from_millis(1_769_860_800_000));
        let ids = Ids::new(Arc::new(clock.clone()), Arc::new(SeededRandom::new(1)));
        Event::new(&ids, &clock, "/shop", r#type, "7", data)
    }

    #[test]
    fn written_as_cloudevents_say_and_read_back() {
        let event = event("shop.order.placed.v1", &json!({ "amount": 5 })).unwrap();
        let json = serde_json::to_value(&event).unwrap();
        for (name, value) in [
            ("specversion", json!("1.0")),
            ("id", json!(event.id)),
            ("source", json!("/shop")),
            ("type", json!("shop.order.placed.v1")),
            ("time", json!("2026-01-31T12:00:00.000Z")),
            ("subject", json!("7")),
            ("datacontenttype", json!("application/json")),
            ("data", json!({ "amount": 5 })),
        ] {
            assert_eq!(json[name], value, "{name}");
        }
        let read: Event = json.to_string().parse().unwrap();
        assert_eq!((read.id, read.time), (event.id, event.time));
        assert_eq!(read.data::<Value>().unwrap(), json!({ "amount": 5 }));
    }

    #[test]
    fn what_others_add_is_left_alone_and_what_is_not_understood_is_refused() {
        let mut json = serde_json::to_value(event("a", &json!(1)).unwrap()).unwrap();
        json["traceparent"] = json!("00-1");
        json.as_object_mut().unwrap().remove("subject");
        json.as_object_mut().unwrap().remove("datacontenttype");
        assert!(json.to_string().parse::<Event>().is_ok());
        for (name, value) in [("specversion", "0.3"), ("datacontenttype", "text/xml"), ("id", "7"), ("time", "today")] {
            let mut broken = json.clone();
            broken[name] = json!(value);
            assert!(broken.to_string().parse::<Event>().is_err(), "{name}");
        }
    }

    #[test]
    fn what_is_too_large_is_not_emitted() {
        assert_eq!(event("", &json!(1)).unwrap_err(), InvalidEvent::Attribute("type"));
        assert_eq!(event(&"x".repeat(201), &json!(1)).unwrap_err(), InvalidEvent::Attribute("type"));
        let data = json!("x".repeat(LONGEST_DATA));
        assert_eq!(event("a", &data).unwrap_err(), InvalidEvent::Data(LONGEST_DATA + 2));
    }

    #[test]
    fn ids_sort_by_their_moment() {
        let event = event("a", &json!(1)).unwrap();
        assert!(first_id_at(event.time) <= event.id);
        assert!(first_id_at(event.time + std::time::Duration::from_millis(1)) > event.id);
    }
}
