//! What a request asks for, before any of it is done.

use crate::{
    Code, ConnectionParams, Dialect, Kind, Media, Router, TrpcError, batch::Format, options::Options, query::first,
};
use axum::http::{HeaderMap, request::Parts};
use percent_encoding::percent_decode_str;

/// What a request asks for.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) media: Media,
    /// The path of each call.
    pub(crate) paths: Vec<String>,
    /// None if it is a single call.
    pub(crate) batch: Option<Format>,
    /// The kind of all procedures, if any is known.
    pub(crate) kind: Option<Kind>,
    pub(crate) params: ConnectionParams,
    /// The id of the last event that the client has seen.
    pub(crate) last_event: Option<String>,
}

fn refuse<T>(message: impl Into<String>) -> Result<T, TrpcError> {
    Err(TrpcError::new(Code::BadRequest, message))
}

impl Plan {
    /// Reads the head of a request.
    pub(crate) fn of<S>(parts: &Parts, router: &Router<S>) -> Result<Self, TrpcError> {
        let options = &router.options;
        let query = parts.uri.query().unwrap_or_default();
        let Ok(path) = percent_decode_str(parts.uri.path().trim_matches('/')).decode_utf8() else {
            return refuse("The path is not UTF-8.");
        };
        let strict = options.dialect == Dialect::V11;
        let media = Media::of(&parts.method, &parts.headers, strict)?;
        let is_batch = media == Media::Json && is_batch(query, options.dialect);
        // Decoded before it is split: a client may write the comma as %2C.
        let paths: Vec<String> = if is_batch { split(&path, options)? } else { vec![path.into_owned()] };
        let kind = common(&paths, router)?;
        repeated(&paths, router)?;
        let params = match first(query, "connectionParams").map(String::from_utf8).transpose() {
            Ok(text) => ConnectionParams::parse(text.as_deref())?,
            Err(_) => return Err(TrpcError::new(Code::ParseError, "Not JSON-parsable query params")),
        };
        let lines = wants_lines(&parts.headers);
        if lines && !is_batch {
            return refuse("Streaming requests must be batched (you can do a batch of 1)");
        }
        let old = wants_object(&parts.headers);
        let format = if lines {
            Format::Lines
        } else if old {
            Format::Object
        } else {
            Format::Array
        };
        let last_event = last_event(&parts.headers, query)?;
        Ok(Self { media, paths, batch: is_batch.then_some(format), kind, params, last_event })
    }
}

fn is_batch(query: &str, dialect: Dialect) -> bool {
    first(query, "batch").is_some_and(|batch| match dialect {
        Dialect::V10 => !batch.is_empty(),
        Dialect::V11 => batch == b"1",
    })
}

fn split(path: &str, options: &Options) -> Result<Vec<String>, TrpcError> {
    let Some(most) = options.batch_calls else {
        return refuse("Batching is not enabled on the server");
    };
    // Counted first, so that a long list is not made.
    if path.split(',').count() > most {
        return refuse("Batch call exceeds maximum size");
    }
    Ok(path.split(',').map(str::to_owned).collect())
}

/// The kind of all procedures of these paths. Unknown ones have none, and fail by themselves.
fn common<S>(paths: &[String], router: &Router<S>) -> Result<Option<Kind>, TrpcError> {
    let mut kinds: Vec<Kind> = Vec::new();
    for kind in paths.iter().filter_map(|path| router.procedures.get(path)).map(|procedure| procedure.kind) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    if kinds.len() > 1 {
        let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
        return refuse(format!("Cannot mix procedure types in call: {}", names.join(", ")));
    }
    Ok(kinds.first().copied())
}

/// Refuses two calls of a procedure of which a request may hold one.
fn repeated<S>(paths: &[String], router: &Router<S>) -> Result<(), TrpcError> {
    let mut seen: Vec<&str> = Vec::new();
    for path in paths.iter().filter(|path| router.procedures.get(*path).is_some_and(|procedure| procedure.once)) {
        if seen.contains(&path.as_str()) {
            return refuse(format!("A request may hold one call of \"{path}\""));
        }
        seen.push(path);
    }
    Ok(())
}

/// Whether the answers are wanted as they come, in lines of JSON.
fn wants_lines(headers: &HeaderMap) -> bool {
    const LINES: &str = "application/jsonl";
    match headers.get("trpc-accept") {
        Some(accept) => accept == LINES,
        None => headers
            .get_all("accept")
            .iter()
            .filter_map(|accept| accept.to_str().ok())
            .flat_map(|accept| accept.split(','))
            .any(|accept| accept.trim() == LINES),
    }
}

/// Whether the answers are wanted as they come, in an object with a line for each.
fn wants_object(headers: &HeaderMap) -> bool {
    headers.get("trpc-batch-mode").is_some_and(|mode| mode == "stream")
}

/// How many calls a request to `path` makes, if its client reads answers in lines of an object only, also where the request is
/// refused as a whole. None for more than anybody would answer.
pub(crate) fn calls_in_an_object(headers: &HeaderMap, path: &str) -> Option<usize> {
    const MOST: usize = 100;
    let is_old = wants_object(headers) && !wants_lines(headers);
    let calls = percent_decode_str(path).filter(|byte| *byte == b',').count() + 1;
    (is_old && calls <= MOST).then_some(calls)
}

fn last_event(headers: &HeaderMap, query: &str) -> Result<Option<String>, TrpcError> {
    let header = headers.get("last-event-id").map(|id| id.as_bytes().to_vec());
    let id = header.or_else(|| first(query, "lastEventId")).or_else(|| first(query, "Last-Event-Id"));
    match id.map(String::from_utf8).transpose() {
        Ok(id) => Ok(id.filter(|id| !id.is_empty())),
        Err(_) => refuse("The id of the last event is not UTF-8."),
    }
}
