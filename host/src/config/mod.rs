//! What an app is given from outside its manifest: variables, and how its labels are bound.

mod environment;
mod runtime;
mod secret;
mod template;
mod variables;

pub use environment::{EnvFileError, Environment, NotText};
pub use runtime::{RuntimeConfig, RuntimeConfigError};
pub use secret::Secret;
pub use template::{Part, Template, TemplateError};
pub use variables::{DEFAULT_PREFIX, Provider, ResolvedComponentVariables, VariableError, Variables};
