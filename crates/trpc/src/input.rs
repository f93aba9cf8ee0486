//! Inputs that are JSON. They are read when a handler asks for one, so that a bad one fails its own call only.

use crate::{Call, Code, FromCall, TrpcError};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::value::RawValue;
use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};
use vitrine_edge::{Kind, Problem, parse_json_in};

/// The input of a call, as a `T`. An absent one is read as `null`, so `Option<T>` and `()` take it, or else as `{}`, so a struct
/// that needs no field takes it.
///
/// It refuses what is no JSON, is nested deeper than the 128 levels of serde_json, or is of another shape than `T`:
/// `BAD_REQUEST`, with the path of the field in the message and in `data.errors[0].field`.
#[derive(Debug, Clone, Copy)]
pub struct Input<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromCall<S> for Input<T> {
    async fn from_call(call: Call, _: &S) -> Result<Self, TrpcError> {
        match call.json()? {
            Some(text) => parse_json_in("input", text.as_bytes()).map(Self).map_err(bad_request),
            None => serde_json::from_str("null")
                .or_else(|_| serde_json::from_str("{}"))
                .map(Self)
                .map_err(|_| TrpcError::new(Code::BadRequest, "This procedure needs an input.")),
        }
    }
}

/// An input of another shape is a bad request to tRPC.
fn bad_request(problem: Problem) -> TrpcError {
    TrpcError::from(problem).with_code(Code::BadRequest).with_data("type", Kind::BadRequest.uri())
}

/// The inputs of all calls of a request, not parsed yet.
pub(crate) struct Inputs {
    text: Result<Option<String>, TrpcError>,
    batch: bool,
    parsed: OnceLock<Result<BTreeMap<usize, Box<RawValue>>, TrpcError>>,
}

impl Inputs {
    /// The inputs of a request: none, or a text of JSON, which for a batch is an object from the number of the call.
    pub(crate) fn new(bytes: Option<Vec<u8>>, batch: bool) -> Self {
        let text = match bytes {
            None => Ok(None),
            Some(bytes) => String::from_utf8(bytes)
                .map(|text| Some(text).filter(|text| !text.is_empty()))
                .map_err(|_| TrpcError::new(Code::BadRequest, "The input is not UTF-8.")),
        };
        Self { text, batch, parsed: OnceLock::new() }
    }

    /// Fails if it is no JSON, whatever the calls read of it.
    pub(crate) fn check(&self) -> Result<(), TrpcError> {
        let Some(text) = self.text.as_ref().map_err(Clone::clone)? else { return Ok(()) };
        parse_json_in::<IgnoredAny>("input", text.as_bytes())
            .map_err(|problem| TrpcError::from(problem).with_code(Code::ParseError))?;
        if self.batch { self.parsed().map(drop) } else { Ok(()) }
    }

    /// The input of one call, if it has one.
    fn get(&self, index: usize) -> Result<Option<&str>, TrpcError> {
        if self.batch {
            return Ok(self.parsed()?.get(&index).map(|value| value.get()));
        }
        self.text.as_ref().map(Option::as_deref).map_err(Clone::clone)
    }

    fn parsed(&self) -> Result<&BTreeMap<usize, Box<RawValue>>, TrpcError> {
        self.parsed.get_or_init(|| self.parse()).as_ref().map_err(Clone::clone)
    }

    fn parse(&self) -> Result<BTreeMap<usize, Box<RawValue>>, TrpcError> {
        let Some(text) = self.text.as_ref().map_err(Clone::clone)? else { return Ok(BTreeMap::new()) };
        let all: BTreeMap<Cow<'_, str>, &RawValue> =
            serde_json::from_str(text).map_err(|error| match error.is_data() {
                true => TrpcError::new(Code::BadRequest, r#""input" needs to be an object when doing a batch call"#),
                false => TrpcError::new(Code::BadRequest, format!("The input is no JSON: {error}.")),
            })?;
        // A name that is no number of a call belongs to no call, whatever it is.
        Ok(all.into_iter().filter_map(|(name, value)| Some((name.parse().ok()?, value.to_owned()))).collect())
    }
}

/// The input of one call.
pub(crate) struct Json {
    pub(crate) inputs: Arc<Inputs>,
    pub(crate) index: usize,
}

impl Json {
    /// The text, if there is an input.
    pub(crate) fn text(&self) -> Result<Option<&str>, TrpcError> {
        self.inputs.get(self.index)
    }

    /// The same with the id of the last event that a client has seen, as `lastEventId`, where the input is an object or none.
    pub(crate) fn resumed(self, last: Option<&str>) -> Self {
        let Some(last) = last else { return self };
        let merged = match self.text() {
            Ok(text) => merge(text.unwrap_or("null"), last),
            Err(_) => None,
        };
        match merged {
            Some(text) => {
                let inputs = Inputs { text: Ok(Some(text)), batch: false, parsed: OnceLock::new() };
                Self { inputs: Arc::new(inputs), index: 0 }
            }
            None => self,
        }
    }
}

/// The input with a member more; none where it is neither an object nor `null`.
fn merge(text: &str, last: &str) -> Option<String> {
    let members: Option<BTreeMap<Cow<'_, str>, &RawValue>> = serde_json::from_str(text).ok()?;
    let mut members = members.unwrap_or_default();
    let last = serde_json::value::to_raw_value(last).ok()?;
    members.insert(Cow::Borrowed("lastEventId"), &last);
    serde_json::to_string(&members).ok()
}
