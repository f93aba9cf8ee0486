//! Why a manifest is refused.

use std::path::PathBuf;

use crate::document::{DocumentError, Place};

/// A manifest that the host will not run. Each message says what, where and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file, a key or a type is wrong.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Spin has this and the host does not.
    #[error("{place}: the host does not have {feature}; run this app on Spin or remove `{key}`")]
    NotInTheHost {
        /// Where it is asked for.
        place: Place,
        /// The full name of the key.
        key: String,
        /// What it is.
        feature: &'static str,
    },
    /// A setting that would change nothing.
    #[error("{place}: `{key}` has no effect on this component, because {reason}; remove it")]
    WithoutEffect {
        /// Where it stands.
        place: Place,
        /// The full name of the key.
        key: String,
        /// Why it has none.
        reason: &'static str,
    },
    /// A name that Spin does not allow.
    #[error("{place}: `{name}` is not the name of a {kind}: {reason}")]
    BadName {
        /// Where the name stands.
        place: Place,
        /// What it should name.
        kind: &'static str,
        /// The name.
        name: String,
        /// What a good name is like.
        reason: String,
    },
    /// A file that a component or dependency is made of is not there.
    #[error("{place}: {} is not a file, and `{key}` needs it; {remedy}", path.display())]
    MissingFile {
        /// Where it is asked for.
        place: Place,
        /// The full name of the key.
        key: String,
        /// The path, from the manifest's folder.
        path: PathBuf,
        /// How it comes to be.
        remedy: String,
    },
    /// A variable is neither required nor has a default, or both.
    #[error(
        "{place}: the variable `{name}` must have either `default = \"…\"` or `required = true`; write one of them"
    )]
    RequiredOrDefault {
        /// Where the variable is declared.
        place: Place,
        /// The variable.
        name: String,
    },
    /// A template names a variable that the app does not declare.
    #[error("{place}: `{key}` uses the variable `{name}`, which is not declared; add it to [variables]")]
    UnknownVariable {
        /// Where the template stands.
        place: Place,
        /// The full name of the key.
        key: String,
        /// The variable.
        name: String,
    },
    /// A trigger or dependency names a component that is not there.
    #[error(
        "{place}: `{key}` names the component `{name}`, which does not exist; add [component.{name}] or correct the name"
    )]
    UnknownComponent {
        /// Where it is named.
        place: Place,
        /// The full name of the key.
        key: String,
        /// The component.
        name: String,
    },
    /// Two triggers match the same paths, or bear the same id.
    #[error("{place}: {what} is already that of the trigger at line {first}; give each trigger its own")]
    Duplicate {
        /// The second trigger.
        place: Place,
        /// What they share.
        what: String,
        /// The line of the first trigger.
        first: usize,
    },
    /// Two keys that exclude each other, or of which one is needed.
    #[error("{place}: {what}; write exactly one of them")]
    OneOf {
        /// Where they stand, or should stand.
        place: Place,
        /// The keys, and how they meet.
        what: String,
    },
    /// A response from the manifest that nobody could reach.
    #[error(
        "{place}: a private route is only reached by calls to its component, so it cannot have `static_response`; give it a `component` or a public `route`"
    )]
    PrivateStaticResponse {
        /// The trigger.
        place: Place,
    },
    /// A component is used as a dependency and has something that would be lost.
    #[error(
        "{place}: the component `{dependency}` cannot be a dependency of `{component}`, because a dependency runs with its caller's grants and it has its own: {grants}; remove those from [component.{dependency}]"
    )]
    DependencyWithGrants {
        /// Where the dependency is named.
        place: Place,
        /// The component that wants it.
        component: String,
        /// The component that it wants.
        dependency: String,
        /// The keys that would be lost.
        grants: String,
    },
    /// Two dependencies could satisfy the same import.
    #[error(
        "{place}: the dependencies `{first}` and `{second}` could satisfy the same import; name different interfaces or versions"
    )]
    OverlappingDependencies {
        /// The second one.
        place: Place,
        /// The name of the first.
        first: String,
        /// The name of the second.
        second: String,
    },
    /// There is nothing to run.
    #[error("{place}: the app has no trigger; add a [[trigger.http]], a [[trigger.cron]] or a [[trigger.redis]]")]
    NoTrigger {
        /// The manifest.
        place: Place,
    },
    /// Two manifests listen on the same address.
    #[error("{second}: only one manifest may have HTTP triggers, and {} has some already; run one of the two in a process of its own", first.display())]
    TwoHttpApps {
        /// The manifest that came first.
        first: PathBuf,
        /// The first HTTP trigger of the second.
        second: Place,
    },
}
