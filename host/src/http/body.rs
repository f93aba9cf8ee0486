//! Bodies that stream, and the limit on how long they may stand still.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use parking_lot::Mutex;
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::time::Sleep;
use wasmtime_wasi_http::{Error, WasiBody};

/// The bodies that move in one direction: how many are open, and when one of them last moved.
#[derive(Default)]
pub struct Flow {
    open: AtomicUsize,
    moved: Mutex<Option<Instant>>,
    cut: AtomicBool,
}

impl Flow {
    /// A body begins.
    pub fn open(&self) {
        self.open.fetch_add(1, Ordering::Relaxed);
        self.note();
    }

    /// A body has moved on.
    pub fn note(&self) {
        *self.moved.lock() = Some(Instant::now());
    }

    /// A body has ended.
    pub fn close(&self) {
        self.note();
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whoever was sending these bodies has failed: those that have not ended yet are cut.
    pub fn cut(&self) {
        self.cut.store(true, Ordering::Release);
    }

    fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Acquire)
    }

    /// When a body last began, moved or ended, if there ever was one. That one is open says nothing by itself: its reader
    /// may have forgotten it.
    #[must_use]
    pub fn moved(&self) -> Option<Instant> {
        *self.moved.lock()
    }

    /// Whether a body is open and none has moved for `limit`.
    #[must_use]
    pub fn stalled(&self, limit: Duration) -> bool {
        self.open.load(Ordering::Relaxed) > 0 && self.moved().is_some_and(|moved| moved.elapsed() > limit)
    }
}

/// What is kept as long as a body moves.
pub trait Keep {
    /// The body has moved on.
    fn moved(&self) {}
}

impl Keep for () {}

pin_project! {
    /// A body that may stand still for `limit` at most, counted in `flow` while it moves.
    pub struct Moving<B, K> {
        #[pin]
        body: B,
        limit: Duration,
        timer: Option<Pin<Box<Sleep>>>,
        flow: Option<Arc<Flow>>,
        keep: Option<K>,
    }

    impl<B, K> PinnedDrop for Moving<B, K> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(flow) = this.project().flow.take() {
                flow.close();
            }
        }
    }
}

impl<B, K> Moving<B, K> {
    /// Wraps `body`; `keep` is dropped when it has ended.
    pub fn new(body: B, limit: Duration, flow: Option<Arc<Flow>>, keep: K) -> Self {
        if let Some(flow) = &flow {
            flow.open();
        }
        Self { body, limit, timer: None, flow, keep: Some(keep) }
    }
}

impl<B, K> Body for Moving<B, K>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Error>,
    K: Keep,
{
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = self.project();
        if let Poll::Ready(frame) = this.body.poll_frame(cx) {
            *this.timer = None;
            if let Some(flow) = &this.flow {
                flow.note();
            }
            if let Some(keep) = &this.keep {
                keep.moved();
            }
            let ended = !matches!(frame, Some(Ok(_)));
            if ended {
                let cut = this.flow.as_ref().is_some_and(|flow| flow.is_cut());
                if let Some(flow) = this.flow.take() {
                    flow.close();
                }
                *this.keep = None;
                // An instance that trapped leaves a stream that merely ends; to the client it must not look whole.
                if cut && frame.is_none() {
                    return Poll::Ready(Some(Err(Error::ConnectionTerminated)));
                }
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let limit = *this.limit;
        let timer = this.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Some(Err(Error::ConnectionReadTimeout)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body that is there at once.
pub fn full(bytes: impl Into<Bytes>) -> WasiBody {
    Full::new(bytes.into()).map_err(Error::from).boxed_unsync()
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;
    use http_body_util::StreamBody;

    #[tokio::test]
    async fn a_body_that_stands_still_ends_in_an_error() {
        let flow = Arc::new(Flow::default());
        let pending = StreamBody::new(stream::pending::<Result<Frame<Bytes>, Error>>());
        let body = Moving::new(pending, Duration::from_millis(5), Some(flow.clone()), ());
        assert!(!flow.stalled(Duration::from_secs(1)));
        assert!(body.collect().await.is_err());
        assert!(!flow.stalled(Duration::ZERO));
    }

    #[tokio::test]
    async fn a_body_that_nobody_reads_is_seen_to_stall() {
        let flow = Arc::new(Flow::default());
        let body = Moving::new(full("hello"), Duration::from_secs(1), Some(flow.clone()), ());
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert!(flow.stalled(Duration::from_millis(5)));
        drop(body);
        assert!(!flow.stalled(Duration::from_millis(5)));
    }

    #[tokio::test]
    async fn a_whole_body_passes_unchanged() {
        let body = Moving::new(full("hello"), Duration::from_secs(1), None, ());
        assert_eq!(body.collect().await.unwrap().to_bytes(), "hello");
    }
}
