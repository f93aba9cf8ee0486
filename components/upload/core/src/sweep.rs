//! Clearing away what was cut off, when somebody asks for events anyway.
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use vitrine_events::{Bell, Spawn};

use crate::service::Upload;

/// How often an instance looks.
const EVERY: Duration = Duration::from_secs(60);

/// Sweeps after a response, one at a time and not too often. Clones are the same.
#[derive(Clone)]
pub(crate) struct Broom {
    upload: Upload,
    spawn: Spawn,
    bell: Bell,
    next: Arc<AtomicI64>,
}

impl fmt::Debug for Broom {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Broom").field("next", &self.next).finish_non_exhaustive()
    }
}

impl Broom {
    pub(crate) fn new(upload: Upload, spawn: Spawn) -> Self {
        Self { upload, spawn, bell: Bell::default(), next: Arc::new(AtomicI64::new(i64::MIN)) }
    }

    fn sweep(&self) {
        let now = self.upload.clock.now();
        if now.as_millis() < self.next.load(Ordering::Relaxed) {
            return;
        }
        let Some(turn) = self.bell.ring() else { return };
        self.next.store((now + EVERY).as_millis(), Ordering::Relaxed);
        let upload = self.upload.clone();
        (self.spawn)(Box::pin(async move {
            if let Err(error) = upload.sweep().await {
                tracing::warn!(%error, "uploads that never ended could not be cleared away");
            }
            drop(turn);
        }));
    }
}

/// Sweeps after the response of any route that it is put before.
pub(crate) async fn layer(State(broom): State<Broom>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    broom.sweep();
    response
}
