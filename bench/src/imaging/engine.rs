//! The engine in a component on the host.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::runtime::Runtime as Tokio;
use vitrine_scenarios::client::{Client, Fetch as _, list_at, number_at, text_at};
use vitrine_scenarios::harness::{Deployment, Running, Runtime, repository};

use super::photos::Photo;
use crate::server::{most_resident_bytes, resident_bytes};

/// What the thumbnail is called, which sharp does not make.
const THUMB: &str = "thumb";
/// By then a host that has just started holds what it will hold when idle.
const SETTLED: Duration = Duration::from_secs(1);

/// What came of one photo.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work {
    /// How long it took.
    pub(super) milliseconds: f64,
    /// Bytes of the four sizes together.
    pub(super) bytes: u64,
}

/// A host with the engine, composed into a component that does nothing but call it.
pub(super) struct Engine {
    running: Running,
    client: Client,
    tokio: Tokio,
}

impl Engine {
    pub(super) fn start() -> Result<Self> {
        let mut deployment = Deployment::of(Runtime::Host, &repository().join("bench/pictures.toml"), "")?;
        deployment.log("warn");
        // The first start compiles, where the cache does not hold the code yet, and that takes memory.
        drop(deployment.start()?);
        let running = deployment.start()?.keeping(deployment);
        let client = Client::new(&running.base())?;
        let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { running, client, tokio })
    }

    /// How long the engine takes, by the clock of the component that calls it.
    pub(super) fn render(&self, photo: &Photo) -> Result<Work> {
        let request = self.client.post("/").body(photo.bytes.clone());
        let answer = self.tokio.block_on(request.fetch()).context("the component does not answer")?.expect(200)?;
        let done = answer.json()?;
        let milliseconds = done.get("milliseconds").and_then(serde_json::Value::as_f64).context("no time is told")?;
        let mut bytes = 0;
        for rendition in list_at(&done, "/renditions")? {
            if text_at(rendition, "/name")? != THUMB {
                bytes += number_at(rendition, "/bytes")?;
            }
        }
        Ok(Work { milliseconds, bytes })
    }

    /// What one job adds to the memory of the host at most: the request, the photo in two guests, and all that is made of it.
    pub(super) fn peak_of(&self, photo: &Photo) -> Result<u64> {
        let id = self.running.id();
        std::thread::sleep(SETTLED);
        let before = resident_bytes(id)?;
        // From now on the kernel counts the most anew (proc_pid_clear_refs(5)).
        fs::write(format!("/proc/{id}/clear_refs"), "5").context("the most that was held cannot be forgotten")?;
        self.render(photo)?;
        Ok(most_resident_bytes(id)?.saturating_sub(before))
    }
}
