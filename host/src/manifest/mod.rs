//! `spin.toml`, version 2: read whole, checked whole, and refused by name and line wherever Spin would refuse it or the
//! host does not have what it asks for.

mod app;
mod component;
mod dependency;
mod error;
mod limits;
mod names;
mod trigger;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::config::Template;
use crate::document::{Document, Place};
use crate::route::Route;

pub use error::ManifestError;
pub use limits::{Amount, AppTool, Limits};

/// One app.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The file that it was read from.
    pub path: PathBuf,
    /// The folder of that file, from which its paths are read.
    pub dir: PathBuf,
    /// `application.name`.
    pub name: String,
    /// `application.version`; empty if it has none.
    pub version: String,
    /// `application.description`; empty if it has none.
    pub description: String,
    /// `[variables]`.
    pub variables: BTreeMap<String, VariableDecl>,
    /// `[[trigger.http]]`, in the order of the file.
    pub http: Vec<HttpTrigger>,
    /// `[[trigger.cron]]`, in the order of the file.
    pub cron: Vec<CronTrigger>,
    /// `[[trigger.redis]]`, in the order of the file.
    pub redis: Vec<RedisTrigger>,
    /// `[component.<id>]`.
    pub components: BTreeMap<String, Component>,
    /// `[application.tool.vitrine]`.
    pub tool: AppTool,
}

/// The declaration of an application variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableDecl {
    /// Its value if nothing gives it another. Either this is there or `required` is set.
    pub default: Option<String>,
    /// Whether the app cannot start without a value from outside.
    pub required: bool,
    /// Whether it must never be shown.
    pub secret: bool,
    /// The line of its declaration.
    pub line: usize,
}

/// What answers HTTP requests.
#[derive(Clone, Debug)]
pub struct HttpTrigger {
    /// Its id, given or made as Spin makes it.
    pub id: String,
    /// What it answers.
    pub route: Route,
    /// Who answers.
    pub target: Target,
    /// Its line.
    pub line: usize,
}

/// Who answers a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The component of that id.
    Component(String),
    /// The manifest itself.
    Static {
        /// The status code.
        status: http::StatusCode,
        /// The headers.
        headers: http::HeaderMap,
        /// The body; empty if it has none.
        body: String,
    },
}

/// What runs a component by the clock.
#[derive(Clone, Debug)]
pub struct CronTrigger {
    /// Its id, given or made as Spin makes it.
    pub id: String,
    /// The component that runs.
    pub component: String,
    /// When it runs, as it was written: seconds first, in UTC.
    pub expression: String,
    /// The same, parsed.
    pub schedule: croner::Cron,
    /// Its line.
    pub line: usize,
}

/// What runs a component for each message of a channel.
#[derive(Clone, Debug)]
pub struct RedisTrigger {
    /// Its id, given or made as Spin makes it.
    pub id: String,
    /// The component that runs.
    pub component: String,
    /// Where the server is: its own address, or that of `[application.trigger.redis]`.
    pub address: Template,
    /// The channel.
    pub channel: Template,
    /// Its line.
    pub line: usize,
}

/// A sandbox and all that it may touch.
#[derive(Clone, Debug)]
pub struct Component {
    /// Its id.
    pub id: String,
    /// Its binary: an existing file.
    pub source: PathBuf,
    /// What it is; empty if nothing is said.
    pub description: String,
    /// Its variables, made of the app's.
    pub variables: BTreeMap<String, Template>,
    /// Its environment variables.
    pub environment: BTreeMap<String, String>,
    /// The labels of its key-value stores.
    pub key_value_stores: Vec<String>,
    /// The labels of its SQLite databases.
    pub sqlite_databases: Vec<String>,
    /// Where it may connect to.
    pub allowed_outbound_hosts: Vec<Template>,
    /// What its imports are composed with.
    pub dependencies: Vec<Dependency>,
    /// Its bounds.
    pub limits: Limits,
    /// The keys of `[component.<id>.tool.vitrine]` that are there, with their lines.
    pub tuned: Vec<(String, usize)>,
    /// Its line.
    pub line: usize,
}

/// A component that satisfies imports of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// What it satisfies: `ns:pkg`, `ns:pkg/interface`, either with `@version`, or a plain name.
    pub name: String,
    /// Where its binary is.
    pub source: DependencySource,
    /// The export that satisfies it, if it is not named like the import.
    pub export: Option<String>,
    /// Which of its caller's grants it may use.
    pub inherit: Inherit,
    /// Its line.
    pub line: usize,
}

/// Where the binary of a dependency is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DependencySource {
    /// The component of that id in the same manifest.
    Component(String),
    /// An existing file.
    Path(PathBuf),
}

/// Which of its caller's grants a dependency may use (`inherit_configuration`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Inherit {
    /// None.
    #[default]
    None,
    /// All.
    All,
    /// Those of these keys, such as `key_value_stores`.
    Some(Vec<String>),
}

/// The keys that `inherit_configuration` may name.
pub const INHERITABLE: &[&str] = &[
    "ai_models",
    "allowed_outbound_hosts",
    "environment",
    "files",
    "key_value_stores",
    "sqlite_databases",
    "variables",
];

/// Reads one manifest and checks all of it.
pub fn load(path: &Path) -> Result<Manifest, ManifestError> {
    let document = Document::read(path)?;
    app::read(path, &document)
}

/// Checks what cannot hold between several manifests of one process: only one of them may have HTTP triggers, since all
/// would listen on the same address. Components of the same id do not clash, for apps are separate.
pub fn check_together(manifests: &[Manifest]) -> Result<(), ManifestError> {
    let mut with_http = manifests.iter().filter_map(|manifest| Some((manifest, manifest.http.first()?)));
    match (with_http.next(), with_http.next()) {
        (Some((first, _)), Some((second, trigger))) => {
            Err(ManifestError::TwoHttpApps { first: first.path.clone(), second: second.place(trigger.line) })
        }
        _ => Ok(()),
    }
}

impl Manifest {
    /// A line of this manifest, for messages.
    pub fn place(&self, line: usize) -> Place {
        Place { file: self.path.clone(), line }
    }

    /// Whether a component answers HTTP requests, publicly or privately, and so can be called by chaining.
    pub fn answers_http(&self, component: &str) -> bool {
        self.http.iter().any(|trigger| matches!(&trigger.target, Target::Component(id) if id == component))
    }

    /// Whether a component runs by the clock.
    pub fn is_scheduled(&self, component: &str) -> bool {
        self.cron.iter().any(|trigger| trigger.component == component)
    }

    /// Whether a component runs for messages.
    pub fn is_subscribed(&self, component: &str) -> bool {
        self.redis.iter().any(|trigger| trigger.component == component)
    }

    /// The file of a dependency's binary.
    pub fn dependency_path<'m>(&'m self, source: &'m DependencySource) -> Option<&'m Path> {
        match source {
            DependencySource::Path(path) => Some(path),
            DependencySource::Component(id) => self.components.get(id).map(|component| component.source.as_path()),
        }
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
