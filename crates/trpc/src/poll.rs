//! Events that are looked up.

use crate::Event;
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use std::{sync::Arc, time::Duration};
use vitrine_clock::Timer;

/// Events from a table, for subscriptions: `read` is asked for those after `after`, and gives the place to go on from with
/// them; when there are none, it is asked again after `every`.
///
/// Requests of one instance do not wake each other, and the one that makes an event may be served by another instance, so a
/// subscription looks for events where they are kept. An error of `read` ends it.
pub fn poll<C, T, E, F, Fut>(
    timer: Arc<dyn Timer>,
    every: Duration,
    after: C,
    read: F,
) -> impl Stream<Item = Result<Event<T>, E>> + Send + 'static
where
    C: Clone + Send + 'static,
    T: Send + 'static,
    E: Send + 'static,
    F: FnMut(C) -> Fut + Send + 'static,
    Fut: Future<Output = Result<(Vec<Event<T>>, C), E>> + Send + 'static,
{
    let pages = stream::try_unfold((after, read, false), move |(after, mut read, wait)| {
        let timer = Arc::clone(&timer);
        async move {
            if wait {
                timer.sleep(every).await;
            }
            let (events, after) = read(after).await?;
            let none = events.is_empty();
            Ok(Some((stream::iter(events).map(Ok), (after, read, none))))
        }
    });
    pages.try_flatten()
}
