//! `runtime-config.toml`: how a deployment binds what manifests only name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Provider, Secret};
use crate::document::{Document, DocumentError, Field, Place, Section};
use crate::manifest::{Component, Manifest};

/// The runtime configuration, or what holds without one.
#[derive(Clone, Debug)]
pub struct RuntimeConfig {
    path: Option<PathBuf>,
    state_dir: PathBuf,
    key_value_stores: BTreeMap<String, PathBuf>,
    sqlite_databases: BTreeMap<String, PathBuf>,
    providers: Vec<Provider>,
    max_instance_memory: Option<usize>,
}

/// A runtime configuration that the host will not run with.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeConfigError {
    /// The file, a key or a type is wrong.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Spin has this and the host does not.
    #[error("{place}: the host does not have {what}; {remedy}")]
    NotInTheHost {
        /// Where it is asked for.
        place: Place,
        /// What it is.
        what: String,
        /// What to do instead.
        remedy: &'static str,
    },
    /// A component uses a label that nothing binds.
    #[error(
        "{place}: the component `{component}` uses the {} \"{label}\", which is not bound; add [{table}.{label}] with `type = \"spin\"` and a `path` to {file}",
        kind(table)
    )]
    Unbound {
        /// The component.
        place: Place,
        /// Its id.
        component: String,
        /// The label.
        label: String,
        /// The table that binds it.
        table: &'static str,
        /// The file to add it to.
        file: String,
    },
}

/// The label that is bound without any configuration.
const DEFAULT_LABEL: &str = "default";
const STORES: &str = "key_value_store";
const DATABASES: &str = "sqlite_database";

/// What a label of that table stands for.
fn kind(table: &str) -> &'static str {
    if table == DATABASES { "SQLite database" } else { "key-value store" }
}

/// What else Spin reads here; asked for, it must not be ignored.
const SPIN_ONLY: &[&str] = &[
    "blocked_networks",
    "client_tls",
    "config_provider",
    "llm_compute",
    "log_dir",
    "outbound_http",
    "outbound_mqtt",
    "outbound_mysql",
    "outbound_networking",
    "outbound_pg",
    "outbound_redis",
];

impl RuntimeConfig {
    /// Reads the file, if there is one. Paths of key-value stores are read from the folder of the file, as in Spin; paths
    /// of SQLite databases from `state_dir`, where Spin reads them from the folder it is started in. A `state_dir` in the
    /// file gives way to the one given here, as in Spin.
    pub fn load(path: Option<&Path>, state_dir: &Path) -> Result<Self, RuntimeConfigError> {
        let mut config = Self {
            path: path.map(Path::to_owned),
            state_dir: state_dir.to_owned(),
            key_value_stores: BTreeMap::new(),
            sqlite_databases: BTreeMap::new(),
            providers: Vec::new(),
            max_instance_memory: None,
        };
        if let Some(path) = path {
            config.read(path, &Document::read(path)?)?;
        }
        Ok(config)
    }

    fn read(&mut self, path: &Path, document: &Document) -> Result<(), RuntimeConfigError> {
        let root = document.root()?;
        for key in SPIN_ONLY {
            if let Some(field) = root.get(key) {
                let remedy = match *key {
                    "config_provider" => "write [[variables_provider]]",
                    "log_dir" => "remove it, for all logs go to stderr",
                    _ => "remove it or run the app on Spin",
                };
                let (place, what) = (field.place(), format!("the setting `{key}`"));
                return Err(RuntimeConfigError::NotInTheHost { place, what, remedy });
            }
        }
        root.only(&[STORES, "max_instance_memory", DATABASES, "state_dir", "variables_provider"])?;
        root.get("state_dir").map(|field| field.text()).transpose()?;
        let folder = path.parent().unwrap_or(Path::new(""));
        self.key_value_stores = bindings(&root, STORES, folder, &["redis", "azure_cosmos", "aws_dynamo"])?;
        self.sqlite_databases = bindings(&root, DATABASES, &self.state_dir, &["libsql"])?;
        if let Some(field) = root.get("variables_provider") {
            self.providers = field.list()?.iter().map(provider).collect::<Result<_, _>>()?;
        }
        if let Some(field) = root.get("max_instance_memory") {
            self.max_instance_memory = usize::try_from(field.integer(1_048_576..=4_294_967_296)?).ok();
        }
        Ok(())
    }

    /// The providers of variables, in their order.
    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }

    /// The most memory that any instance may have, in bytes, if there is such a bound.
    pub fn max_instance_memory(&self) -> Option<usize> {
        self.max_instance_memory
    }

    /// The folder of the state.
    pub fn state_dir(&self) -> &Path {
        &self.state_dir
    }

    /// The file behind a key-value store that a component uses. The label `default` needs no binding.
    pub fn key_value_store(
        &self,
        manifest: &Manifest,
        component: &Component,
        label: &str,
    ) -> Result<PathBuf, RuntimeConfigError> {
        let default = (label == DEFAULT_LABEL).then(|| self.state_dir.join("sqlite_key_value.db"));
        let bound = self.key_value_stores.get(label).cloned().or(default);
        bound.ok_or_else(|| self.unbound(manifest, component, label, STORES))
    }

    /// The file behind a SQLite database that a component uses. The label `default` needs no binding.
    pub fn sqlite_database(
        &self,
        manifest: &Manifest,
        component: &Component,
        label: &str,
    ) -> Result<PathBuf, RuntimeConfigError> {
        let default = (label == DEFAULT_LABEL).then(|| self.state_dir.join("sqlite_db.db"));
        let bound = self.sqlite_databases.get(label).cloned().or(default);
        bound.ok_or_else(|| self.unbound(manifest, component, label, DATABASES))
    }

    fn unbound(
        &self,
        manifest: &Manifest,
        component: &Component,
        label: &str,
        table: &'static str,
    ) -> RuntimeConfigError {
        RuntimeConfigError::Unbound {
            place: manifest.place(component.line),
            component: component.id.clone(),
            label: label.to_owned(),
            table,
            file: self
                .path
                .as_ref()
                .map_or_else(|| "a file given by --runtime-config-file".to_owned(), |path| path.display().to_string()),
        }
    }
}

/// The bindings of one kind: label to file.
fn bindings(
    root: &Section<'_>,
    table: &'static str,
    folder: &Path,
    spin_only: &[&str],
) -> Result<BTreeMap<String, PathBuf>, RuntimeConfigError> {
    let Some(field) = root.get(table) else { return Ok(BTreeMap::new()) };
    let mut bindings = BTreeMap::new();
    for (label, field) in field.section()?.fields() {
        let binding = field.section()?;
        known_type(&binding, "spin", spin_only)?;
        binding.only(&["allow_attach_file", "path", "type"])?;
        if let Some(field) = binding.get("allow_attach_file")
            && (table != DATABASES || field.boolean()?)
        {
            return Err(RuntimeConfigError::NotInTheHost {
                place: field.place(),
                what: "attached database files".to_owned(),
                remedy: "remove `allow_attach_file`",
            });
        }
        bindings.insert(label.to_owned(), folder.join(binding.need("path")?.text()?));
    }
    Ok(bindings)
}

/// Refuses any type but the one that the host has.
fn known_type(section: &Section<'_>, own: &str, spin_only: &[&str]) -> Result<(), RuntimeConfigError> {
    let field = section.need("type")?;
    let kind = field.text()?;
    if kind == own {
        return Ok(());
    }
    if spin_only.contains(&kind) {
        return Err(RuntimeConfigError::NotInTheHost {
            place: field.place(),
            what: format!("the type \"{kind}\""),
            remedy: "bind the label with `type = \"spin\"` and a `path`, or run the app on Spin",
        });
    }
    Err(field.invalid(kind, format!("write \"{own}\"")).into())
}

fn provider(field: &Field<'_>) -> Result<Provider, RuntimeConfigError> {
    let section = field.section()?;
    let kind = section.need("type")?;
    match kind.text()? {
        "static" => {
            section.only(&["type", "values"])?;
            let values = section.need("values")?.section()?;
            let values = values.fields().map(|(name, value)| Ok((name.to_owned(), Secret::new(value.text()?))));
            Ok(Provider::Static(values.collect::<Result<_, DocumentError>>()?))
        }
        "env" => {
            section.only(&["dotenv_path", "prefix", "type"])?;
            let text = |key| section.get(key).map(|field| field.text()).transpose();
            Ok(Provider::Env {
                prefix: text("prefix")?.map(str::to_owned),
                dotenv: text("dotenv_path")?.map(PathBuf::from),
            })
        }
        other @ ("vault" | "azure_key_vault") => Err(RuntimeConfigError::NotInTheHost {
            place: kind.place(),
            what: format!("variables from \"{other}\""),
            remedy: "give them by `type = \"env\"` or `type = \"static\"`, or run the app on Spin",
        }),
        other => Err(kind.invalid(other, "write \"env\" or \"static\"").into()),
    }
}

#[cfg(test)]
mod tests;
