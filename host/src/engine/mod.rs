//! The Wasm engine: how code is compiled, kept, and given memory.

mod code;
mod link;

pub use code::{compile, validate};
pub use link::{CRON_EXPORT, REDIS_EXPORT, link};

use crate::instance::EPOCH;
use anyhow::{Context, Result};
use std::path::Path;
use std::thread;
use wasmtime::{Cache, CacheConfig, Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// What the pool of instances holds at most.
#[derive(Clone, Copy, Debug)]
pub struct PoolSize {
    /// Instances at the same time.
    pub instances: u32,
    /// The largest memory that a component may have, in bytes.
    pub memory: usize,
}

/// Memory of an instance slot that stays resident between two uses: it need not be cleared by the kernel.
const KEEP_RESIDENT: usize = 64 << 10;
/// Slots that stay as they are between two uses; the memory of the others is given back.
const WARM_SLOTS: u32 = 16;

/// Makes the engine. Compiled code is kept in `cache`, keyed by the engine's version, its settings and the code.
///
/// # Errors
/// When the cache folder cannot be made, or this machine cannot give the memory that the pool reserves.
pub fn engine(pool: PoolSize, cache: Option<&Path>) -> Result<Engine> {
    let mut config = Config::new();
    config
        .wasm_component_model_async(true)
        .epoch_interruption(true)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(allocation(pool)));
    if let Some(folder) = cache {
        let mut settings = CacheConfig::new();
        // The library takes absolute folders only.
        settings.with_directory(std::path::absolute(folder)?);
        let kept = Cache::new(settings)
            .map_err(anyhow::Error::from)
            .with_context(|| format!("the cache folder {} cannot be used", folder.display()))?;
        config.cache(Some(kept));
    }
    let engine = Engine::new(&config)
        .map_err(anyhow::Error::from)
        .context("the Wasm engine cannot be started on this machine")?;
    tick(&engine)?;
    Ok(engine)
}

fn allocation(pool: PoolSize) -> PoolingAllocationConfig {
    let mut allocation = PoolingAllocationConfig::new();
    let instances = pool.instances;
    allocation
        .total_component_instances(instances)
        // A composed component has several core instances, adapters included, and a memory for each part.
        .total_core_instances(instances.saturating_mul(8))
        .total_memories(instances.saturating_mul(2))
        .total_tables(instances.saturating_mul(4))
        .total_stacks(instances.saturating_mul(2))
        .max_memories_per_component(8)
        .max_tables_per_component(16)
        .max_core_instances_per_component(64)
        .max_component_instance_size(1 << 20)
        .max_core_instance_size(1 << 20)
        .table_elements(20_000)
        .max_memory_size(pool.memory)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(16 << 10)
        .max_unused_warm_slots(WARM_SLOTS);
    allocation
}

/// Advances the engine's epoch for as long as the engine lives.
fn tick(engine: &Engine) -> Result<()> {
    let weak = engine.weak();
    thread::Builder::new()
        .name("epoch".into())
        .spawn(move || {
            while let Some(engine) = weak.upgrade() {
                engine.increment_epoch();
                drop(engine);
                thread::sleep(EPOCH);
            }
        })
        .context("a thread could not be started")?;
    Ok(())
}
