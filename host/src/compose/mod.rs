//! Components composed with their dependencies, each of which keeps only what it inherits.

mod binary;
mod deny;
mod error;
mod name;

use std::collections::BTreeMap;
use std::error::Error;

use wac_graph::types::{ItemKind, Package, WorldId};
use wac_graph::{CompositionGraph, EncodeOptions, InstantiationArgumentError, NodeId};

use crate::manifest::Dependency;

pub use binary::imports;
pub use deny::{DENIED_NAMESPACE, denied_origin};
pub use error::ComposeError;
pub use name::{DependencyName, NameError};

/// A dependency whose code is in the graph.
struct Part {
    name: String,
    export: Option<String>,
    world: WorldId,
    instance: NodeId,
}

/// Composes a component with its dependencies: each import that a dependency's name satisfies is wired to the export of
/// the same name, or to the one that the dependency names. What the dependency does not inherit is taken from it first.
///
/// # Errors
/// When bytes are not a component, a dependency satisfies nothing, two satisfy the same, or types do not fit.
pub fn compose(main: &[u8], dependencies: Vec<(Dependency, Vec<u8>)>) -> Result<Vec<u8>, ComposeError> {
    // The graph must not be given broken bytes.
    let main_imports = imports(main)?;
    let mut graph = CompositionGraph::new();
    let (world, instance) = register(&mut graph, "main", main.to_vec())?;
    let mut wired: BTreeMap<&str, String> = BTreeMap::new();
    for (number, (dependency, bytes)) in dependencies.into_iter().enumerate() {
        let name: DependencyName = dependency
            .name
            .parse()
            .map_err(|source| ComposeError::Name { dependency: dependency.name.clone(), source })?;
        let satisfied: Vec<_> = main_imports.iter().filter(|import| name.satisfies(import)).collect();
        if satisfied.is_empty() {
            return Err(ComposeError::Unneeded { dependency: dependency.name, imports: main_imports.join(", ") });
        }
        let (dependency_world, dependency_instance) = deny::deny(&bytes, &dependency.inherit)
            .and_then(|bytes| register(&mut graph, &format!("dependency-{number}"), bytes))
            .map_err(|source| ComposeError::Dependency {
                dependency: dependency.name.clone(),
                source: Box::new(source),
            })?;
        let part = Part {
            name: dependency.name,
            export: dependency.export,
            world: dependency_world,
            instance: dependency_instance,
        };
        for import in satisfied {
            if let Some(first) = wired.insert(import, part.name.clone()) {
                return Err(ComposeError::Conflict { import: import.clone(), first, second: part.name });
            }
            wire(&mut graph, instance, import, &part)?;
        }
    }
    for export in exports(&graph, world) {
        let node = graph.alias_instance_export(instance, &export).map_err(unbuildable)?;
        graph.export(node, &export).map_err(unbuildable)?;
    }
    graph.encode(EncodeOptions::default()).map_err(unbuildable)
}

fn register(graph: &mut CompositionGraph, name: &str, bytes: Vec<u8>) -> Result<(WorldId, NodeId), ComposeError> {
    let package = Package::from_bytes(name, None, bytes, graph.types_mut()).map_err(binary::broken)?;
    let world = package.ty();
    let package = graph.register_package(package).map_err(unbuildable)?;
    Ok((world, graph.instantiate(package)))
}

/// Gives one import of an instance the export of a dependency.
fn wire(graph: &mut CompositionGraph, instance: NodeId, import: &str, part: &Part) -> Result<(), ComposeError> {
    let export = part.export.as_deref().unwrap_or(import);
    if exported(graph, part.world, export).is_none() {
        return Err(ComposeError::MissingExport {
            dependency: part.name.clone(),
            export: export.to_owned(),
            import: import.to_owned(),
            exports: exports(graph, part.world).join(", "),
        });
    }
    let node = graph.alias_instance_export(part.instance, export).map_err(unbuildable)?;
    graph.set_instantiation_argument(instance, import, node).map_err(|error| match error {
        InstantiationArgumentError::ArgumentTypeMismatch { source, .. } => ComposeError::Mismatch {
            dependency: part.name.clone(),
            export: export.to_owned(),
            import: import.to_owned(),
            reason: format!("{source:#}"),
        },
        other => unbuildable(other),
    })
}

fn exported(graph: &CompositionGraph, world: WorldId, name: &str) -> Option<ItemKind> {
    graph.types()[world].exports.get(name).copied()
}

fn exports(graph: &CompositionGraph, world: WorldId) -> Vec<String> {
    graph.types()[world].exports.keys().cloned().collect()
}

/// An error with all of its causes, which say what the outermost does not.
fn unbuildable(error: impl Error) -> ComposeError {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        message = format!("{message}: {error}");
        cause = error.source();
    }
    ComposeError::Graph(message)
}

#[cfg(test)]
mod tests;
