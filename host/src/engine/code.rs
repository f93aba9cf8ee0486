//! From a component's file, and those of its dependencies, to machine code.

use crate::capability;
use crate::compose;
use crate::manifest::{Component, DependencySource, Manifest};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use wasmparser::{Validator, WasmFeatures};
use wasmtime::Engine;

/// Reads, composes and compiles a component of the manifest.
///
/// # Errors
/// When a file is missing or no component, a dependency does not fit, or something is imported that the host does
/// not have; the message names the component and the interface.
pub fn compile(engine: &Engine, manifest: &Manifest, spec: &Component) -> Result<wasmtime::component::Component> {
    let id = &spec.id;
    let mut bytes = read(id, &spec.source)?;
    own_names(id, &bytes)?;
    if !spec.dependencies.is_empty() {
        let mut dependencies = Vec::new();
        for dependency in &spec.dependencies {
            let source = match &dependency.source {
                DependencySource::Path(path) => path.clone(),
                DependencySource::Component(name) => manifest
                    .components
                    .get(name)
                    .with_context(|| format!("component {id} depends on {name}, which is not in the manifest"))?
                    .source
                    .clone(),
            };
            let bytes = read(id, &source)?;
            own_names(id, &bytes)?;
            dependencies.push((dependency.clone(), bytes));
        }
        bytes = compose::compose(&bytes, dependencies)
            .with_context(|| format!("component {id} cannot be composed with its dependencies"))?;
    }
    known_imports(spec, &bytes)?;
    wasmtime::component::Component::new(engine, &bytes)
        .map_err(anyhow::Error::from)
        .with_context(|| format!("component {id} ({}) cannot be compiled", spec.source.display()))
}

/// Checks a component that no trigger leads to: whether it is one, whole and valid, and imports nothing that the host
/// does not have.
///
/// # Errors
/// When it is not; the message names the component and the interface.
pub fn validate(spec: &Component) -> Result<()> {
    let id = &spec.id;
    let bytes = read(id, &spec.source)?;
    own_names(id, &bytes)?;
    Validator::new_with_features(WasmFeatures::all())
        .validate_all(&bytes)
        .with_context(|| format!("component {id}: {} is no component", spec.source.display()))?;
    // Where it has dependencies of its own, what they give it is not for the host to have.
    let imports = imports(spec, &bytes)?;
    let names =
        spec.dependencies.iter().filter_map(|dependency| dependency.name.parse::<compose::DependencyName>().ok());
    let names: Vec<_> = names.collect();
    known(id, imports.iter().filter(|import| !names.iter().any(|name| name.satisfies(import))))
}

/// Refuses what imports something that the host does not have.
fn known_imports(spec: &Component, bytes: &[u8]) -> Result<()> {
    known(&spec.id, imports(spec, bytes)?.iter())
}

fn imports(spec: &Component, bytes: &[u8]) -> Result<Vec<String>> {
    compose::imports(bytes).with_context(|| format!("component {}: {}", spec.id, spec.source.display()))
}

fn known<'a>(id: &str, mut imports: impl Iterator<Item = &'a String>) -> Result<()> {
    match imports.find(|import| !capability::known(import)) {
        None => Ok(()),
        Some(unknown) => bail!(
            "component {id} imports {unknown}, which the host does not have: run the app on Spin, or build the component without it"
        ),
    }
}

fn read(id: &str, path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| {
        format!("component {id}: {} cannot be read; build it with `cargo xtask build`", path.display())
    })
}

/// Refuses a file that imports a name which only composing gives.
fn own_names(id: &str, bytes: &[u8]) -> Result<()> {
    let imports = compose::imports(bytes).unwrap_or_default();
    match imports.iter().find(|import| compose::denied_origin(import).is_some()) {
        Some(import) => bail!("component {id} imports {import}, a name that the host keeps for itself"),
        None => Ok(()),
    }
}
