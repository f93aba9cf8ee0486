//! How long an exchange that streams may stand still.

use crate::{Body, HttpOutError};
use futures::{
    FutureExt, StreamExt,
    future::{self, BoxFuture, Either},
    stream,
};
use http::{Request, Response};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use vitrine_clock::{Timer, timeout};

/// What an adapter holds every exchange to whose bodies stream. As long as bytes move it may take any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamLimits {
    /// From the last piece of the request's body that was taken to the head of the response.
    pub head: Duration,
    /// From one piece of the response's body to the next, where it is read here.
    pub idle: Duration,
}

impl Default for StreamLimits {
    /// Ten seconds each.
    fn default() -> Self {
        Self { head: Duration::from_secs(10), idle: Duration::from_secs(10) }
    }
}

/// How often within `head` it is seen whether the request still moves: an exchange that stands still is given up after
/// `head` and a quarter at most.
const LOOKS: u32 = 4;

/// Holds the exchange that `send` makes to `limits`. Adapters build their [`crate::HttpOut::stream`] with it.
///
/// # Errors
/// [`HttpOutError::Timeout`] if nothing moves for too long, and whatever `send` fails with.
pub async fn hold<F>(
    timer: &Arc<dyn Timer>,
    limits: StreamLimits,
    request: Request<Body>,
    send: impl FnOnce(Request<Body>) -> F,
) -> Result<Response<Body>, HttpOutError>
where
    F: Future<Output = Result<Response<Body>, HttpOutError>>,
{
    let moved = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&moved);
    let request = request.map(|body| {
        let length = body.length();
        Body::stream(body.inspect(move |_| _ = seen.fetch_add(1, Ordering::Relaxed)), length)
    });
    let exchange = std::pin::pin!(send(request));
    let stalled = std::pin::pin!(stalled(&**timer, limits.head, &moved));
    let response = match future::select(exchange, stalled).await {
        Either::Left((response, _)) => response?,
        Either::Right(((), _)) => return Err(HttpOutError::Timeout),
    };
    Ok(response.map(|body| idle(Arc::clone(timer), limits.idle, body)))
}

/// Is done when `moved` has stood still for `limit`.
async fn stalled(timer: &dyn Timer, limit: Duration, moved: &AtomicU64) {
    let (mut last, mut still) = (moved.load(Ordering::Relaxed), 0);
    while still < LOOKS {
        timer.sleep(limit / LOOKS).await;
        let now = moved.load(Ordering::Relaxed);
        still = if now == last { still + 1 } else { 0 };
        last = now;
    }
}

/// `body`, which fails if its next piece takes longer than `limit`.
fn idle(timer: Arc<dyn Timer>, limit: Duration, body: Body) -> Body {
    let (length, unread) = (body.length(), body.unread().cloned());
    let pieces = stream::unfold(Some(body), move |body| -> BoxFuture<'static, _> {
        let timer = Arc::clone(&timer);
        async move {
            let mut body = body?;
            match timeout(&*timer, limit, body.next()).await {
                Some(Some(Ok(piece))) => Some((Ok(piece), Some(body))),
                Some(Some(Err(error))) => Some((Err(error), None)),
                Some(None) => None,
                None => Some((Err(HttpOutError::Timeout), None)),
            }
        }
        .boxed()
    });
    let body = Body::stream(pieces, length);
    match unread {
        Some(unread) => body.or_unread(unread),
        None => body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use vitrine_clock::TokioTimer;

    const LIMIT: Duration = Duration::from_millis(80);
    const LIMITS: StreamLimits = StreamLimits { head: LIMIT, idle: LIMIT };

    fn timer() -> Arc<dyn Timer> {
        Arc::new(TokioTimer)
    }

    fn request() -> Request<Body> {
        Request::new(Body::empty())
    }

    #[tokio::test]
    async fn a_head_that_does_not_come_is_given_up() {
        let answer = hold(&timer(), LIMITS, request(), |_| future::pending()).await;
        assert_eq!(answer.unwrap_err(), HttpOutError::Timeout);
    }

    #[tokio::test]
    async fn a_request_that_moves_may_take_its_time() {
        let slow = stream::iter(0..10).then(|_| async {
            TokioTimer.sleep(LIMIT / 4).await;
            Ok(Bytes::from_static(b"x"))
        });
        let request = Request::new(Body::stream(slow, None));
        let send =
            |request: Request<Body>| async move { Ok(Response::new(request.into_body().collect(10).await?.into())) };
        let answer = hold(&timer(), LIMITS, request, send).await.unwrap();
        assert_eq!(answer.into_body().collect(10).await.unwrap(), "xxxxxxxxxx");
    }

    #[tokio::test]
    async fn a_body_that_stands_still_is_given_up() {
        let pieces = stream::iter([Ok(Bytes::from_static(b"x"))]).chain(stream::pending());
        let send = |_| async { Ok(Response::new(Body::stream(pieces, Some(2)))) };
        let mut body = hold(&timer(), LIMITS, request(), send).await.unwrap().into_body();
        assert_eq!(body.length(), Some(2));
        assert_eq!(body.next().await, Some(Ok(Bytes::from_static(b"x"))));
        assert_eq!(body.next().await, Some(Err(HttpOutError::Timeout)));
        assert_eq!(body.next().await, None);
    }
}
