//! Delivering what is in the outbox, one event after another, by at most one drain of an instance at a time.
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, header};
use uuid::Uuid;

use crate::error::UploadError;
use crate::model::Outcome;
use crate::outbox::{self, Delivery, TRIES};
use crate::service::Upload;
use crate::store;

/// Starts work that goes on after the response has gone out.
pub type Spawn = Arc<dyn Fn(BoxFuture<'static, ()>) + Send + Sync>;

/// How long one drain begins further deliveries. A runtime may cut off work that goes on after a response (our host
/// does so after a minute), and a delivery that is cut off counts as a try that died: so a drain ends in time by itself,
/// and the next ring goes on where it stopped.
const LONGEST_DRAIN: Duration = Duration::from_secs(25);

const IDLE: u8 = 0;
const RUNNING: u8 = 1;
/// Running, and rung again since: what came in may have been overlooked.
const RUNG: u8 = 2;

/// The one drain of an instance. Clones are the same.
#[derive(Clone)]
pub(crate) struct Doorbell {
    upload: Upload,
    spawn: Spawn,
    state: Arc<AtomicU8>,
}

impl fmt::Debug for Doorbell {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Doorbell").field("state", &self.state).finish_non_exhaustive()
    }
}

/// The right to drain. Dropped in whatever way, it makes the doorbell work again.
struct Running {
    state: Arc<AtomicU8>,
    given_back: bool,
}

impl Running {
    /// Gives the right back, unless somebody has rung meanwhile: then the outbox is to be looked at once more.
    fn end(&mut self) -> bool {
        let turn = |state| Some(if state == RUNG { RUNNING } else { IDLE });
        let before = self.state.fetch_update(Ordering::SeqCst, Ordering::SeqCst, turn);
        self.given_back = before != Ok(RUNG);
        self.given_back
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.given_back {
            self.state.store(IDLE, Ordering::SeqCst);
        }
    }
}

impl Doorbell {
    pub(crate) fn new(upload: Upload, spawn: Spawn) -> Self {
        Self { upload, spawn, state: Arc::default() }
    }

    /// Has everything that is due delivered, after this returns. What is rung for while a drain runs, that drain
    /// delivers too.
    pub(crate) fn ring(&self) {
        let turn = |state| Some(if state == IDLE { RUNNING } else { RUNG });
        if self.state.fetch_update(Ordering::SeqCst, Ordering::SeqCst, turn) == Ok(IDLE) {
            let running = Running { state: Arc::clone(&self.state), given_back: false };
            (self.spawn)(Box::pin(drain(self.upload.clone(), running)));
        }
    }
}

async fn drain(upload: Upload, mut running: Running) {
    let begun = upload.clock.now();
    loop {
        if let Err(error) = upload.sweep().await {
            tracing::warn!(%error, "uploads that never ended could not be cleared away");
        }
        while upload.clock.now().since(begun) < LONGEST_DRAIN {
            match upload.deliver_next().await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return tracing::error!(%error, "the outbox could not be drained"),
            }
        }
        if upload.clock.now().since(begun) >= LONGEST_DRAIN || running.end() {
            return;
        }
    }
}

impl Upload {
    /// Delivers the event that is due longest. False if none is due.
    ///
    /// # Errors
    /// A failure of the database; the event is due again when its lease has run out.
    pub async fn deliver_next(&self) -> Result<bool, UploadError> {
        let Some(delivery) = outbox::claim(&self.db, self.clock.now()).await? else { return Ok(false) };
        match self.send(&delivery).await {
            Ok(()) if outbox::delivered(&self.db, &delivery, self.clock.now()).await? => {}
            Ok(()) => self.failed(&delivery, "it was acknowledged, but the photo has no result").await?,
            Err(error) => self.failed(&delivery, &error).await?,
        }
        Ok(true)
    }

    async fn send(&self, delivery: &Delivery) -> Result<(), String> {
        let settings = &self.settings;
        let request = Request::post(format!("{}/_events", settings.processor_url))
            .header(header::AUTHORIZATION, settings.processor_token.authorization())
            .header(header::CONTENT_TYPE, "application/cloudevents+json")
            // One id through all logs that an event passes.
            .header("x-request-id", delivery.id.to_string())
            .body(Bytes::from(delivery.to_json().map_err(|error| error.to_string())?))
            .map_err(|error| error.to_string())?;
        let response = self.out.send(request).await.map_err(|error| error.to_string())?;
        if response.status().is_success() {
            return Ok(());
        }
        let body: String = String::from_utf8_lossy(response.body()).chars().take(500).collect();
        Err(format!("{}: {body}", response.status()))
    }

    /// Puts a failed delivery back, or gives the event up and ends its photo, so that no photo waits for ever.
    async fn failed(&self, delivery: &Delivery, error: &str) -> Result<(), UploadError> {
        let (now, attempt) = (self.clock.now(), delivery.attempt);
        if attempt < TRIES {
            tracing::warn!(event = %delivery.id, photo = %delivery.subject, attempt, error, "a delivery failed");
            let pause = outbox::pause(attempt, &*self.random);
            return Ok(outbox::put_back(&self.db, delivery, now + pause, error).await?);
        }
        tracing::error!(event = %delivery.id, photo = %delivery.subject, attempt, error, "an event is given up");
        self.db
            .transaction(|tx| async move {
                if outbox::bury(&tx, delivery, now, error).await?
                    && let Ok(photo) = Uuid::try_parse(&delivery.subject)
                {
                    let reason = format!("The picture could not be processed in {TRIES} tries. Upload it again.");
                    store::finish(&tx, photo, &Outcome::Rejected { reason }).await?;
                }
                Ok(())
            })
            .await
    }
}
