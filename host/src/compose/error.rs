//! Why a component cannot be used or composed.

/// Each message says which component or dependency, and what to do; the caller adds the file.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// A module, without the types of a component.
    #[error(
        "it is a core WebAssembly module, not a component; build it for wasm32-wasip2, or make a component of it with `wasm-tools component new`"
    )]
    CoreModule,
    /// No WebAssembly at all.
    #[error("it is not WebAssembly ({0}); correct the path or build the component again")]
    NotWasm(&'static str),
    /// WebAssembly that is cut off or broken.
    #[error("it is a broken component ({0}); build it again")]
    Broken(String),
    /// A dependency's file cannot be used.
    #[error("the dependency `{dependency}` cannot be used: {source}")]
    Dependency {
        /// Its name.
        dependency: String,
        /// Why.
        source: Box<ComposeError>,
    },
    /// A dependency's name is not a name.
    #[error("`{dependency}` is not the name of a dependency: {source}")]
    Name {
        /// Its name.
        dependency: String,
        /// Why.
        source: super::NameError,
    },
    /// Nothing needs a dependency.
    #[error("the dependency `{dependency}` satisfies no import of the component; remove it, or name one of: {imports}")]
    Unneeded {
        /// Its name.
        dependency: String,
        /// What the component imports.
        imports: String,
    },
    /// Two dependencies satisfy the same import.
    #[error(
        "the dependencies `{first}` and `{second}` both satisfy the import `{import}`; name interfaces or versions that differ"
    )]
    Conflict {
        /// The import.
        import: String,
        /// One of them.
        first: String,
        /// The other.
        second: String,
    },
    /// A dependency does not have what is asked of it.
    #[error(
        "the dependency `{dependency}` does not export `{export}`, which the import `{import}` needs; it exports: {exports}"
    )]
    MissingExport {
        /// Its name.
        dependency: String,
        /// What it should export.
        export: String,
        /// What needs it.
        import: String,
        /// What it exports.
        exports: String,
    },
    /// An export has another type than the import.
    #[error(
        "the export `{export}` of the dependency `{dependency}` does not fit the import `{import}` ({reason}); build both from the same WIT"
    )]
    Mismatch {
        /// The dependency.
        dependency: String,
        /// Its export.
        export: String,
        /// The import.
        import: String,
        /// How the types differ.
        reason: String,
    },
    /// The composed component cannot be written.
    #[error(
        "the component and its dependencies cannot be put together ({0}); see that they import the same versions of shared interfaces"
    )]
    Graph(String),
}
