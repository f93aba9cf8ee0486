//! The values of an app's variables, resolved once at start.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::environment::{EnvFileError, Environment, NotText};
use super::{Part, Secret, Template};
use crate::document::Place;
use crate::manifest::{Component, Manifest};

/// The prefix of the environment variables that give values, unless a provider has another.
pub const DEFAULT_PREFIX: &str = "SPIN_VARIABLE";

/// Where values come from, besides the environment.
#[derive(Clone, Debug)]
pub enum Provider {
    /// Values in the runtime configuration itself.
    Static(BTreeMap<String, Secret>),
    /// Environment variables named `PREFIX_NAME`.
    Env {
        /// The prefix; `SPIN_VARIABLE` if none is given.
        prefix: Option<String>,
        /// A file that is asked for what the process does not have.
        dotenv: Option<PathBuf>,
    },
}

/// The values of the variables of one app.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    values: BTreeMap<String, Secret>,
}

/// The variables of one component: what its guest may ask for.
#[derive(Clone, Debug, Default)]
pub struct ResolvedComponentVariables(BTreeMap<String, Secret>);

/// A variable without a value.
#[derive(Debug, thiserror::Error)]
pub enum VariableError {
    /// A required variable was given no value.
    #[error("{place}: the variable `{name}` is required and has no value; set {environment} or add it to {}", env_file.display())]
    Missing {
        /// Its declaration.
        place: Place,
        /// Its name.
        name: String,
        /// The environment variable that would give it a value.
        environment: String,
        /// The file that would give it a value.
        env_file: PathBuf,
    },
    /// A template uses a variable that the app does not declare.
    #[error("the variable `{0}` is not declared; add it to [variables] of the manifest")]
    Undeclared(String),
    /// A `.env` file is broken.
    #[error(transparent)]
    File(#[from] EnvFileError),
    /// An environment variable is not UTF-8.
    #[error(transparent)]
    NotText(#[from] NotText),
}

/// A provider, read and ready to be asked.
enum Source<'a> {
    Values(&'a BTreeMap<String, Secret>),
    Environment { prefix: &'a str, process: &'a Environment, file: Environment },
}

impl Source<'_> {
    fn get(&self, name: &str) -> Result<Option<&Secret>, NotText> {
        match self {
            Self::Values(values) => Ok(values.get(name)),
            Self::Environment { prefix, process, file } => {
                let name = format!("{prefix}_{}", name.to_ascii_uppercase());
                match process.get(&name)? {
                    Some(value) => Ok(Some(value)),
                    None => file.get(&name),
                }
            }
        }
    }
}

impl Variables {
    /// Gives every variable of an app its value: from the providers in their order, then from `SPIN_VARIABLE_NAME` of the
    /// process, then from the same in `env_file` (which may be missing), then from its default.
    ///
    /// Spin reads `.env` from the folder it is started in; the host is told where it is.
    pub fn load(
        manifest: &Manifest,
        providers: &[Provider],
        env_file: &Path,
        process: &Environment,
    ) -> Result<Self, VariableError> {
        let mut sources = Vec::new();
        for provider in providers {
            sources.push(match provider {
                Provider::Static(values) => Source::Values(values),
                Provider::Env { prefix, dotenv } => Source::Environment {
                    prefix: prefix.as_deref().unwrap_or(DEFAULT_PREFIX),
                    process,
                    file: dotenv.as_deref().map_or(Ok(Environment::default()), Environment::of_file)?,
                },
            });
        }
        let file = Environment::of_file(env_file)?;
        sources.push(Source::Environment { prefix: DEFAULT_PREFIX, process, file });
        let mut values = BTreeMap::new();
        for (name, declaration) in &manifest.variables {
            let mut given = None;
            for source in &sources {
                given = source.get(name)?.cloned();
                if given.is_some() {
                    break;
                }
            }
            let value = given.or_else(|| declaration.default.clone().map(Secret::new));
            let value = value.ok_or_else(|| VariableError::Missing {
                place: manifest.place(declaration.line),
                name: name.clone(),
                environment: format!("{DEFAULT_PREFIX}_{}", name.to_ascii_uppercase()),
                env_file: env_file.to_owned(),
            })?;
            values.insert(name.clone(), value);
        }
        Ok(Self { values })
    }

    /// The text of a template.
    pub fn resolve(&self, template: &Template) -> Result<Secret, VariableError> {
        let mut text = String::new();
        for part in template.parts() {
            text.push_str(match part {
                Part::Literal(literal) => literal,
                Part::Variable(name) => {
                    self.values.get(name).ok_or_else(|| VariableError::Undeclared(name.clone()))?.expose()
                }
            });
        }
        Ok(Secret::new(text))
    }

    /// The variables of one component.
    pub fn of_component(&self, component: &Component) -> Result<ResolvedComponentVariables, VariableError> {
        let resolved = component.variables.iter().map(|(name, template)| Ok((name.clone(), self.resolve(template)?)));
        resolved.collect::<Result<_, _>>().map(ResolvedComponentVariables)
    }
}

impl ResolvedComponentVariables {
    /// The value of a variable of the component; none if it does not have it.
    pub fn get(&self, name: &str) -> Option<&Secret> {
        self.0.get(name)
    }
}

#[cfg(test)]
mod tests;
