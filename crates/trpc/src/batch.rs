//! Batches whose answers are sent as they come.

use crate::{
    Streams,
    answer::{Outcome, envelope},
    ping::with_pings,
};
use axum::body::Body;
use futures::{
    StreamExt as _,
    future::BoxFuture,
    stream::{self, FuturesUnordered},
};
use std::convert::Infallible;

/// How the answers of a batch are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// All together, as an array in the order of the calls.
    Array,
    /// In lines of JSON, as the streaming link of the client 11 reads them: a head that names a chunk for each call, then the
    /// chunks, in any order.
    Lines,
    /// As an object with a line for each call, as the streaming link of the client 10 reads it.
    Object,
}

/// In a head, what it stands for comes with the chunk of this number; `0` marks a promise.
fn promised(index: usize) -> String {
    format!(r#""{index}":[[0],[null,0,{index}]]"#)
}

impl Format {
    fn head(self, calls: usize) -> String {
        match self {
            Self::Array => "[".to_owned(),
            Self::Lines => format!("{{{}}}\n", (0..calls).map(promised).collect::<Vec<_>>().join(",")),
            Self::Object => "{".to_owned(),
        }
    }

    /// The answer of a call that is the `nth` to end. The `0` says that a promise is kept, not broken.
    fn chunk(self, nth: usize, index: usize, envelope: &str) -> String {
        let comma = if nth == 0 { "" } else { "," };
        match self {
            Self::Array => format!("{comma}{envelope}"),
            Self::Lines => format!("[{index},0,[[{envelope}]]]\n"),
            Self::Object => format!("{comma}\"{index}\":{envelope}\n"),
        }
    }

    fn end(self) -> &'static str {
        match self {
            Self::Array => "]",
            Self::Lines => "",
            Self::Object => "}",
        }
    }
}

/// A body of answers that are all there. In lines of JSON the head holds them itself.
pub(crate) fn finished(format: Format, paths: &[String], outcomes: &[Outcome]) -> Body {
    let envelopes = paths.iter().zip(outcomes).map(|(path, outcome)| envelope(path, outcome)).enumerate();
    if format == Format::Lines {
        let head: Vec<String> = envelopes.map(|(index, envelope)| format!("\"{index}\":[[{envelope}]]")).collect();
        return Body::from(format!("{{{}}}\n", head.join(",")));
    }
    let chunks: String = envelopes.map(|(index, envelope)| format.chunk(index, index, &envelope)).collect();
    Body::from(format!("{}{chunks}{}", format.head(paths.len()), format.end()))
}

/// The body of so many answers that are all the same, for the client 10 that streams: an object, and no other JSON.
pub(crate) fn repeated(calls: usize, envelope: &str) -> String {
    let format = Format::Object;
    let chunks: String = (0..calls).map(|index| format.chunk(index, index, envelope)).collect();
    format!("{}{chunks}{}", format.head(calls), format.end())
}

/// A body of answers as they come. All calls run at the same time, in the task of the request.
pub(crate) fn body(
    format: Format,
    paths: Vec<String>,
    calls: Vec<BoxFuture<'static, Outcome>>,
    streams: Option<&Streams>,
) -> Body {
    let head = format.head(paths.len());
    let running: FuturesUnordered<_> = paths
        .into_iter()
        .zip(calls)
        .enumerate()
        .map(|(index, (path, call))| async move { (index, envelope(&path, &call.await)) })
        .collect();
    let chunks = running.enumerate().map(move |(nth, (index, envelope))| format.chunk(nth, index, &envelope));
    // Space between lines means nothing to the client 11; the client 10 counts characters.
    let chunks = match streams.filter(|_| format == Format::Lines) {
        Some(streams) => with_pings(chunks.boxed(), streams, || " ".to_owned()).boxed(),
        None => chunks.boxed(),
    };
    let all = stream::iter([head]).chain(chunks).chain(stream::iter([format.end().to_owned()]));
    Body::from_stream(all.filter(|text| std::future::ready(!text.is_empty())).map(Ok::<_, Infallible>))
}
