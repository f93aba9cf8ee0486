//! Opens what the labels of the manifests are bound to, and gives each component what it was granted.

use super::Options;
use crate::capability::{Grants, key_value, postgres, redis, sqlite};
use crate::config::{Environment, RuntimeConfig, Variables};
use crate::grants::AllowedHosts;
use crate::guest::Guest;
use crate::manifest::{self, Component, Manifest};
use crate::metrics::Metrics;
use crate::pubsub::{self, Subscription};
use anyhow::{Context, Result};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An app with everything but its code.
pub(super) struct App {
    /// Its manifest.
    pub(super) manifest: Manifest,
    /// The components that a trigger leads to, by id. Mere dependencies are not among them.
    pub(super) guests: HashMap<String, Arc<Guest>>,
    /// The channels that its Redis triggers listen to.
    pub(super) subscriptions: Vec<Subscription>,
}

impl App {
    /// The component of this id.
    pub(super) fn guest(&self, id: &str) -> Result<&Arc<Guest>> {
        self.guests.get(id).with_context(|| format!("component {id} is not in {}", self.manifest.path.display()))
    }
}

/// Reads the manifests and everything that they are bound to.
pub(super) fn bind(options: &Options, metrics: &Arc<Metrics>) -> Result<Vec<App>> {
    let manifests: Vec<_> = options.manifests.iter().map(|path| manifest::load(path)).collect::<Result<_, _>>()?;
    manifest::check_together(&manifests)?;
    let config = RuntimeConfig::load(options.runtime_config.as_deref(), &options.state_dir)?;
    let environment = Environment::of_process();
    let mut opened = Opened::default();
    manifests.into_iter().map(|manifest| app(manifest, options, &config, &environment, &mut opened, metrics)).collect()
}

fn app(
    manifest: Manifest,
    options: &Options,
    config: &RuntimeConfig,
    environment: &Environment,
    opened: &mut Opened,
    metrics: &Arc<Metrics>,
) -> Result<App> {
    let env_file = options.env_file.clone().unwrap_or_else(|| manifest.dir.join(".env"));
    let variables = Variables::load(&manifest, config.providers(), &env_file, environment)?;
    let mut guests = HashMap::new();
    for component in manifest.components.values() {
        let id = &component.id;
        if !(manifest.answers_http(id) || manifest.is_scheduled(id) || manifest.is_subscribed(id)) {
            continue;
        }
        let grants = grants(&manifest, component, &variables, config, opened)?;
        let metrics = metrics.component(&component.id);
        let mut limits = component.limits.clone();
        if let Some(most) = config.max_instance_memory() {
            limits.memory_mib = limits.memory_mib.min(most >> 20);
        }
        let guest = Guest::new(component.id.clone(), grants, limits, manifest.tool.clone(), metrics);
        guests.insert(component.id.clone(), Arc::new(guest));
    }
    let subscriptions = pubsub::subscriptions(&manifest, &variables, &guests)?;
    Ok(App { manifest, guests, subscriptions })
}

fn grants(
    manifest: &Manifest,
    component: &Component,
    variables: &Variables,
    config: &RuntimeConfig,
    opened: &mut Opened,
) -> Result<Grants> {
    let mut grants = Grants {
        variables: variables.of_component(component)?,
        environment: component.environment.clone().into_iter().collect(),
        key_value: HashMap::new(),
        sqlite: HashMap::new(),
        outbound: AllowedHosts::of_component(manifest, component, variables)?,
        postgres: opened.postgres.clone(),
        redis: opened.redis.clone(),
    };
    for label in &component.key_value_stores {
        let path = config.key_value_store(manifest, component, label)?;
        grants.key_value.insert(label.clone(), opened.store(&path, label)?);
    }
    for label in &component.sqlite_databases {
        let path = config.sqlite_database(manifest, component, label)?;
        grants.sqlite.insert(label.clone(), opened.database(&path, label)?);
    }
    Ok(grants)
}

/// What is open already: two components may share it.
#[derive(Default)]
struct Opened {
    postgres: Arc<postgres::Pools>,
    redis: Arc<redis::Servers>,
    stores: HashMap<PathBuf, Arc<key_value::Backend>>,
    databases: HashMap<PathBuf, Arc<sqlite::Database>>,
}

impl Opened {
    fn store(&mut self, path: &Path, label: &str) -> Result<Arc<key_value::Backend>> {
        open(&mut self.stores, path, || key_value::Backend::open(path))
            .with_context(|| unusable("key-value store", label, path))
    }

    fn database(&mut self, path: &Path, label: &str) -> Result<Arc<sqlite::Database>> {
        open(&mut self.databases, path, || sqlite::Database::open(path))
            .with_context(|| unusable("SQLite database", label, path))
    }
}

fn unusable(kind: &str, label: &str, path: &Path) -> String {
    format!(
        "{kind} {label:?} cannot be opened at {}: see that its folder can be written, or bind the label elsewhere in the runtime config",
        path.display()
    )
}

fn open<T>(
    opened: &mut HashMap<PathBuf, Arc<T>>,
    path: &Path,
    open: impl FnOnce() -> rusqlite::Result<T>,
) -> Result<Arc<T>> {
    Ok(match opened.entry(path.to_owned()) {
        Entry::Occupied(entry) => entry.get().clone(),
        Entry::Vacant(entry) => {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            entry.insert(Arc::new(open()?)).clone()
        }
    })
}
