//! The body of an answer, broken on its way.

use bytes::Bytes;
use futures::{StreamExt, stream};
use http_body::Frame;
use http_body_util::{BodyExt, BodyStream, StreamBody, combinators::BoxBody};
use hyper::body::Incoming;
use std::{future, io, time::Duration};

/// What the proxy answers with.
pub(crate) type Answer = BoxBody<Bytes, io::Error>;

/// Nothing.
pub(crate) fn empty() -> Answer {
    http_body_util::Empty::new().map_err(|never| match never {}).boxed()
}

/// As it comes.
pub(crate) fn whole(body: Incoming) -> Answer {
    body.map_err(io::Error::other).boxed()
}

/// The first bytes, and then an error, which closes the connection.
pub(crate) fn truncated(body: Incoming, after: u64) -> Answer {
    let broken = stream::once(async {
        // What went before is on its way when the connection is closed.
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(io::Error::other("the proxy cuts the answer off"))
    });
    BodyExt::boxed(StreamBody::new(first(body, after).chain(broken)))
}

/// The first bytes, and then nothing any more.
pub(crate) fn stalled(body: Incoming, after: u64) -> Answer {
    BodyExt::boxed(StreamBody::new(first(body, after).chain(stream::pending())))
}

fn first(body: Incoming, bytes: u64) -> impl futures::Stream<Item = io::Result<Frame<Bytes>>> + Send + Sync {
    BodyStream::new(body).scan(bytes, |left, frame| {
        let part = match (*left, frame) {
            (0, _) => None,
            (_, Err(error)) => Some(Err(io::Error::other(error))),
            (_, Ok(frame)) => frame.into_data().ok().map(|mut data| {
                data.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= data.len() as u64;
                Ok(Frame::data(data))
            }),
        };
        future::ready(part)
    })
}
