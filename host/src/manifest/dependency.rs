//! The dependencies of components.

use semver::Version;

use super::component::file;
use super::{Component, Dependency, DependencySource, INHERITABLE, Inherit, Manifest, ManifestError};
use crate::compose::DependencyName;
use crate::document::{Field, Section};

/// Reads the dependencies of one component.
pub(super) fn read_all(section: &Section<'_>, manifest: &Manifest) -> Result<Vec<Dependency>, ManifestError> {
    let for_all = section.get("dependencies_inherit_configuration");
    let inherit_all = for_all.as_ref().map_or(Ok(false), |field| field.boolean())?;
    let Some(field) = section.get("dependencies") else { return Ok(Vec::new()) };
    let mut dependencies: Vec<(Dependency, DependencyName)> = Vec::new();
    for (name, field) in field.section()?.fields() {
        let (dependency, parsed) = read(name, &field, manifest, for_all.is_some(), inherit_all)?;
        if let Some((other, _)) = dependencies.iter().find(|(_, other)| overlap(&parsed, other)) {
            let (first, second) = (other.name.clone(), name.to_owned());
            return Err(ManifestError::OverlappingDependencies { place: field.place(), first, second });
        }
        dependencies.push((dependency, parsed));
    }
    Ok(dependencies.into_iter().map(|(dependency, _)| dependency).collect())
}

fn read(
    name: &str,
    field: &Field<'_>,
    manifest: &Manifest,
    set_for_all: bool,
    inherit_all: bool,
) -> Result<(Dependency, DependencyName), ManifestError> {
    let not_here = |feature| {
        let (place, key) = (field.place(), field.name().to_owned());
        Err(ManifestError::NotInTheHost { place, key, feature })
    };
    let parsed: DependencyName = name.parse().map_err(|error| ManifestError::BadName {
        place: field.place(),
        kind: "dependency",
        name: name.to_owned(),
        reason: format!("{error}"),
    })?;
    if field.is_text() {
        return not_here("dependencies from a registry");
    }
    let table = field.section()?;
    table.only(&[
        "component",
        "digest",
        "export",
        "inherit_configuration",
        "package",
        "path",
        "registry",
        "url",
        "version",
    ])?;
    if table.get("url").is_some() {
        return not_here("dependencies from a URL");
    }
    if let Some(digest) = table.get("digest") {
        // It says what a URL must give, and must not look as if it were checked.
        let (place, key) = (digest.place(), digest.name().to_owned());
        return Err(ManifestError::NotInTheHost { place, key, feature: "digests of files and components" });
    }
    if ["package", "registry", "version"].iter().any(|key| table.get(key).is_some()) {
        return not_here("dependencies from a registry");
    }
    let source = match (table.get("component"), table.get("path")) {
        (Some(id), None) => DependencySource::Component(id.text()?.to_owned()),
        (None, Some(path)) => DependencySource::Path(file(&path, manifest, "build it or correct the path".to_owned())?),
        (component, _) => {
            let how = if component.is_some() { "has both" } else { "has neither" };
            let what = format!("the dependency `{name}` {how} `component` and `path`");
            return Err(ManifestError::OneOf { place: field.place(), what });
        }
    };
    let export = table.get("export").map(|field| field.text().map(str::to_owned)).transpose()?;
    if let (Some(export), DependencyName::Package { interface: None, .. }) = (&export, &parsed) {
        let reason = "a dependency on a whole package takes every interface by its own name; remove `export` or name one interface";
        return Err(field.invalid(export, reason).into());
    }
    let own = table.get("inherit_configuration").map(|field| inherit(&field)).transpose()?;
    if let (Some(_), true) = (&own, set_for_all) {
        let what = format!(
            "the dependency `{name}` has `inherit_configuration` and its component has `dependencies_inherit_configuration`"
        );
        return Err(ManifestError::OneOf { place: field.place(), what });
    }
    let inherit = own.unwrap_or(if inherit_all { Inherit::All } else { Inherit::None });
    Ok((Dependency { name: name.to_owned(), source, export, inherit, line: field.line() }, parsed))
}

fn inherit(field: &Field<'_>) -> Result<Inherit, ManifestError> {
    if field.is_boolean() {
        return Ok(if field.boolean()? { Inherit::All } else { Inherit::None });
    }
    let mut keys = Vec::new();
    for field in field.list().map_err(|_| field.wrong_type("true, false or a list of keys"))? {
        let key = field.text()?;
        if !INHERITABLE.contains(&key) {
            return Err(field.invalid(key, format!("write one of: {}", INHERITABLE.join(", "))).into());
        }
        keys.push(key.to_owned());
    }
    Ok(if keys.is_empty() { Inherit::None } else { Inherit::Some(keys) })
}

/// Whether two dependencies could satisfy the same import.
fn overlap(one: &DependencyName, other: &DependencyName) -> bool {
    use DependencyName::Package;
    let (
        Package { package, interface, version },
        Package { package: other_package, interface: other_interface, version: other_version },
    ) = (one, other)
    else {
        return false;
    };
    let parted_by_version =
        matches!((version, other_version), (Some(one), Some(other)) if line_of(one) != line_of(other));
    let parted_by_interface = matches!((interface, other_interface), (Some(one), Some(other)) if one != other);
    package == other_package && !parted_by_version && !parted_by_interface
}

/// What semver-compatible versions have in common.
fn line_of(version: &Version) -> (u64, u64, u64, String) {
    match version {
        Version { pre, .. } if !pre.is_empty() => (version.major, version.minor, version.patch, pre.to_string()),
        Version { major: 0, minor: 0, patch, .. } => (0, 0, *patch, String::new()),
        Version { major: 0, minor, .. } => (0, *minor, 0, String::new()),
        Version { major, .. } => (*major, 0, 0, String::new()),
    }
}

/// Checks the dependencies between components, once all of them are known.
pub(super) fn check(manifest: &Manifest) -> Result<(), ManifestError> {
    for component in manifest.components.values() {
        for dependency in &component.dependencies {
            let DependencySource::Component(id) = &dependency.source else { continue };
            let place = manifest.place(dependency.line);
            let Some(target) = manifest.components.get(id) else {
                let key = format!("component.{}.dependencies.{}", component.id, dependency.name);
                return Err(ManifestError::UnknownComponent { place, key, name: id.clone() });
            };
            let grants = grants_of(target);
            if !grants.is_empty() {
                return Err(ManifestError::DependencyWithGrants {
                    place,
                    component: component.id.clone(),
                    dependency: id.clone(),
                    grants: grants.join(", "),
                });
            }
        }
    }
    Ok(())
}

/// What a component has that it would lose as a dependency; dependencies of its own are among it, since they are not
/// resolved transitively.
fn grants_of(component: &Component) -> Vec<&'static str> {
    [
        ("allowed_outbound_hosts", component.allowed_outbound_hosts.is_empty()),
        ("dependencies", component.dependencies.is_empty()),
        ("environment", component.environment.is_empty()),
        ("key_value_stores", component.key_value_stores.is_empty()),
        ("sqlite_databases", component.sqlite_databases.is_empty()),
        ("variables", component.variables.is_empty()),
    ]
    .into_iter()
    .filter_map(|(key, empty)| (!empty).then_some(key))
    .collect()
}
