//! Signs of life in a stream that is silent.

use crate::Streams;
use futures::{
    Stream, StreamExt as _,
    future::{Either, select},
    stream::{self, BoxStream},
};
use std::sync::Arc;

/// The same stream, with a `ping` whenever nothing came for as long as `streams` says.
pub(crate) fn with_pings<T: Send + 'static>(
    stream: BoxStream<'static, T>,
    streams: &Streams,
    ping: impl Fn() -> T + Clone + Send + 'static,
) -> impl Stream<Item = T> + Send + 'static {
    let (timer, after) = (Arc::clone(&streams.timer), streams.ping);
    stream::unfold(stream, move |mut stream| {
        let (timer, ping) = (Arc::clone(&timer), ping.clone());
        async move {
            let next = match select(stream.next(), timer.sleep(after)).await {
                Either::Left((next, _)) => next?,
                Either::Right(_) => ping(),
            };
            Some((next, stream))
        }
    })
}
