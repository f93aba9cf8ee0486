//! Gives each component what it was granted, and opens what the labels of the manifests are bound to.
//!
//! Files are opened, and made where there are none, only once everything else is known to be right.

use super::Options;
use crate::capability::{Grants, key_value, postgres, redis, sqlite};
use crate::config::{Environment, RuntimeConfig, Variables};
use crate::grants::AllowedHosts;
use crate::guest::Guest;
use crate::manifest::{self, Component, Manifest};
use crate::metrics::Metrics;
use crate::pubsub::{self, Subscription};
use anyhow::{Context, Result, ensure};
use rustix::fs::Access;
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
    /// The values of its variables.
    variables: Variables,
    /// The files that the labels of each component are bound to, by the component's id.
    files: HashMap<String, Files>,
}

/// The files behind the labels of one component.
#[derive(Default)]
struct Files {
    stores: Vec<(String, PathBuf)>,
    databases: Vec<(String, PathBuf)>,
}

impl App {
    /// The component of this id.
    pub(super) fn guest(&self, id: &str) -> Result<&Arc<Guest>> {
        self.guests.get(id).with_context(|| format!("component {id} is not in {}", self.manifest.path.display()))
    }

    /// The channels that its Redis triggers listen to.
    pub(super) fn subscriptions(&self) -> Result<Vec<Subscription>> {
        pubsub::subscriptions(&self.manifest, &self.variables, &self.guests)
    }
}

/// Reads the manifests and everything that they are bound to. No label is open yet.
pub(super) fn bind(options: &Options, metrics: &Arc<Metrics>) -> Result<Vec<App>> {
    let manifests: Vec<_> = options.manifests.iter().map(|path| manifest::load(path)).collect::<Result<_, _>>()?;
    manifest::check_together(&manifests)?;
    let config = RuntimeConfig::load(options.runtime_config.as_deref(), &options.state_dir)?;
    let environment = Environment::of_process();
    // Connections to servers are shared by the components of the process; none is made yet.
    let shared = (Arc::default(), Arc::default());
    manifests.into_iter().map(|manifest| app(manifest, options, &config, &environment, &shared, metrics)).collect()
}

fn app(
    manifest: Manifest,
    options: &Options,
    config: &RuntimeConfig,
    environment: &Environment,
    shared: &Shared,
    metrics: &Arc<Metrics>,
) -> Result<App> {
    let env_file = options.env_file.clone().unwrap_or_else(|| manifest.dir.join(".env"));
    let variables = Variables::load(&manifest, config.providers(), &env_file, environment)?;
    let (mut guests, mut files) = (HashMap::new(), HashMap::new());
    for component in manifest.components.values() {
        let id = &component.id;
        if !(manifest.answers_http(id) || manifest.is_scheduled(id) || manifest.is_subscribed(id)) {
            continue;
        }
        let grants = grants(&manifest, component, &variables, shared)?;
        files.insert(id.clone(), Files::of(&manifest, component, config)?);
        let metrics = metrics.component(&component.id);
        let mut limits = component.limits.clone();
        if let Some(most) = config.max_instance_memory() {
            limits.memory_mib = limits.memory_mib.min(most >> 20);
        }
        let guest = Guest::new(component.id.clone(), grants, limits, manifest.tool.clone(), metrics);
        guests.insert(component.id.clone(), Arc::new(guest));
    }
    let app = App { manifest, guests, variables, files };
    app.subscriptions()?;
    Ok(app)
}

type Shared = (Arc<postgres::Pools>, Arc<redis::Servers>);

fn grants(manifest: &Manifest, component: &Component, variables: &Variables, shared: &Shared) -> Result<Grants> {
    let (postgres, redis) = shared;
    Ok(Grants {
        variables: variables.of_component(component)?,
        environment: component.environment.clone().into_iter().collect(),
        key_value: HashMap::new(),
        sqlite: HashMap::new(),
        outbound: AllowedHosts::of_component(manifest, component, variables)?,
        postgres: postgres.clone(),
        redis: redis.clone(),
    })
}

impl Files {
    fn of(manifest: &Manifest, component: &Component, config: &RuntimeConfig) -> Result<Self> {
        let mut files = Self::default();
        for label in &component.key_value_stores {
            files.stores.push((label.clone(), config.key_value_store(manifest, component, label)?));
        }
        for label in &component.sqlite_databases {
            files.databases.push((label.clone(), config.sqlite_database(manifest, component, label)?));
        }
        Ok(files)
    }
}

/// Opens every label, and gives it to the components that were granted it.
pub(super) fn open(apps: &mut [App]) -> Result<()> {
    let mut opened = Opened::default();
    for app in apps {
        for (id, guest) in &mut app.guests {
            let Some(files) = app.files.get(id) else { continue };
            let guest = Arc::get_mut(guest).with_context(|| format!("component {id} runs before its time"))?;
            for (label, path) in &files.stores {
                guest.grants.key_value.insert(label.clone(), opened.store(path, label)?);
            }
            for (label, path) in &files.databases {
                guest.grants.sqlite.insert(label.clone(), opened.database(path, label)?);
            }
        }
    }
    Ok(())
}

/// Checks that every label could be opened, and makes nothing.
pub(super) fn could_open(apps: &[App]) -> Result<()> {
    for files in apps.iter().flat_map(|app| app.files.values()) {
        for (kind, labels) in [(STORE, &files.stores), (DATABASE, &files.databases)] {
            for (label, path) in labels {
                writable(path).with_context(|| unusable(kind, label, path))?;
            }
        }
    }
    Ok(())
}

/// Whether a file can be written, or could be made with the folders that it needs.
fn writable(path: &Path) -> Result<()> {
    // Of a path that begins nowhere else, the beginning is the current folder.
    let here = |path: &Path| if path.as_os_str().is_empty() { PathBuf::from(".") } else { path.to_owned() };
    let existing = path.ancestors().map(here).find(|path| path.exists()).context("there is no such folder")?;
    if existing == path {
        fs::OpenOptions::new().read(true).write(true).open(path)?;
        return Ok(());
    }
    ensure!(existing.is_dir(), "{} is not a folder", existing.display());
    rustix::fs::access(&existing, Access::WRITE_OK | Access::EXEC_OK)
        .with_context(|| format!("nothing can be made in {}", existing.display()))
}

/// What is open already: two components may share it.
#[derive(Default)]
struct Opened {
    stores: HashMap<PathBuf, Arc<key_value::Backend>>,
    databases: HashMap<PathBuf, Arc<sqlite::Database>>,
}

const STORE: &str = "key-value store";
const DATABASE: &str = "SQLite database";

impl Opened {
    fn store(&mut self, path: &Path, label: &str) -> Result<Arc<key_value::Backend>> {
        once(&mut self.stores, path, || key_value::Backend::open(path)).with_context(|| unusable(STORE, label, path))
    }

    fn database(&mut self, path: &Path, label: &str) -> Result<Arc<sqlite::Database>> {
        once(&mut self.databases, path, || sqlite::Database::open(path))
            .with_context(|| unusable(DATABASE, label, path))
    }
}

fn unusable(kind: &str, label: &str, path: &Path) -> String {
    format!(
        "{kind} {label:?} cannot be opened at {}: see that its folder can be written, or bind the label elsewhere in the runtime config",
        path.display()
    )
}

fn once<T>(
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
