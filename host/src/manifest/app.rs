//! The whole manifest, its application table and its variables.

use std::collections::BTreeMap;
use std::path::Path;

use super::{AppTool, Manifest, ManifestError, VariableDecl, component, dependency, limits, names, trigger};
use crate::document::{Document, DocumentError, Field, Section};

/// Reads a manifest from its parsed file.
pub(super) fn read(path: &Path, document: &Document) -> Result<Manifest, ManifestError> {
    let root = document.root()?;
    root.only(&["spin_manifest_version", "application", "variables", "trigger", "component"])?;
    version(&root.need("spin_manifest_version")?)?;
    let application = root.need("application")?.section()?;
    let tool = application_table(&application)?;
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir.to_owned(),
        _ => ".".into(),
    };
    let mut manifest = Manifest {
        path: path.to_owned(),
        dir,
        name: application.need("name")?.text()?.to_owned(),
        version: text_or_empty(&application, "version")?,
        description: text_or_empty(&application, "description")?,
        variables: BTreeMap::new(),
        http: Vec::new(),
        cron: Vec::new(),
        redis: Vec::new(),
        components: BTreeMap::new(),
        tool,
    };
    if let Some(field) = root.get("variables") {
        manifest.variables = variables(&field.section()?)?;
    }
    if let Some(field) = root.get("component") {
        for (id, field) in field.section()?.fields() {
            let component = component::read(id, &field.section()?, &manifest)?;
            manifest.components.insert(id.to_owned(), component);
        }
    }
    dependency::check(&manifest)?;
    if let Some(field) = root.get("trigger") {
        let settings = application.get("trigger").map(|field| field.section()).transpose()?;
        trigger::read_all(&field.section()?, settings.as_ref(), &mut manifest)?;
    }
    if manifest.http.is_empty() && manifest.cron.is_empty() && manifest.redis.is_empty() {
        return Err(ManifestError::NoTrigger { place: root.place() });
    }
    limits::check(&manifest)?;
    Ok(manifest)
}

/// An optional string.
pub(super) fn text_or_empty(section: &Section<'_>, key: &str) -> Result<String, DocumentError> {
    section.get(key).map_or(Ok(String::new()), |field| field.text().map(str::to_owned))
}

/// The section of `tool.vitrine`; other tools are none of our business.
pub(super) fn tool<'d>(section: &Section<'d>) -> Result<Option<Section<'d>>, DocumentError> {
    let Some(field) = section.get("tool") else { return Ok(None) };
    field.section()?.get("vitrine").map(|field| field.section()).transpose()
}

fn version(field: &Field<'_>) -> Result<(), DocumentError> {
    field.integer(2..=2).map(|_| ()).map_err(|_| {
        field.invalid("anything but 2", "the host reads manifest version 2 only; write `spin_manifest_version = 2`")
    })
}

fn application_table(application: &Section<'_>) -> Result<AppTool, ManifestError> {
    application.only(&["name", "version", "description", "authors", "targets", "trigger", "tool"])?;
    for key in ["authors", "targets"] {
        application.get(key).map(|field| field.list()).transpose()?;
    }
    if let Some(field) = application.get("trigger") {
        for (kind, field) in field.section()?.fields() {
            if kind != "redis" && !field.is_empty() {
                return Err(ManifestError::NotInTheHost {
                    place: field.place(),
                    key: field.name().to_owned(),
                    feature: "settings for all triggers of this kind",
                });
            }
        }
    }
    tool(application)?.map_or(Ok(AppTool::default()), |section| AppTool::read(&section))
}

fn variables(section: &Section<'_>) -> Result<BTreeMap<String, VariableDecl>, ManifestError> {
    section.fields().map(|(name, field)| Ok((name.to_owned(), variable(name, &field)?))).collect()
}

fn variable(name: &str, field: &Field<'_>) -> Result<VariableDecl, ManifestError> {
    names::variable(name).map_err(|reason| ManifestError::BadName {
        place: field.place(),
        kind: "variable",
        name: name.to_owned(),
        reason,
    })?;
    let section = field.section()?;
    section.only(&["default", "description", "required", "secret"])?;
    section.get("description").map(|field| field.text()).transpose()?;
    let flag = |key| section.get(key).map_or(Ok(false), |field| field.boolean());
    let variable = VariableDecl {
        default: section.get("default").map(|field| field.text().map(str::to_owned)).transpose()?,
        required: flag("required")?,
        secret: flag("secret")?,
        line: field.line(),
    };
    if variable.required == variable.default.is_some() {
        return Err(ManifestError::RequiredOrDefault { place: field.place(), name: name.to_owned() });
    }
    Ok(variable)
}
